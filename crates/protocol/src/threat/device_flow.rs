//! Threats of flows that start on one device and are approved on another.

macro_rules! device_flow {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            DeviceFlow {
                DeviceUserCodeGuessing = "device-user-code-guessing", seen Outside,
                    does "Somebody types user codes until one hits another person's pending device.",
                    safe "User codes have enough bits and little time; entry comes after sign-in, and failures slow it down.",
                    source "RFC 8628 section 5.1";
                DeviceCodeTheft = "device-code-theft", seen Outside,
                    does "A device code read or guessed by a stranger is polled until the user approves.",
                    safe "Device codes are random, stored hashed, bound to their client and used once, and polling too fast is slowed.",
                    source "RFC 8628 sections 3.5, 5.2, 5.5, 5.6 and 5.7";
                DeviceCodePhishing = "device-code-phishing", seen Outside,
                    does "The victim is talked into entering the attacker's user code on the genuine page.",
                    safe "The user sees which device asks, from where and since when, must say that it is at hand, and grants little for a short time.",
                    source "RFC 8628 sections 5.3 and 5.4; draft-ietf-oauth-cross-device-security section 4.1.1";
                BackchannelConsentFlood = "backchannel-consent-flood", seen Outside,
                    does "Prompt after prompt, or a persuasive caller, wears the user down until one approval or code slips out.",
                    safe "Prompts are few, go quiet after refusals and must be matched with the starting screen.",
                    source "draft-ietf-oauth-cross-device-security sections 4.1.2, 4.1.3 and 4.2; CIBA Core section 14; RFC 6819 section 4.4.1.10";
                DeviceFlowOutsiderStart = "device-flow-outsider-start", seen Outside,
                    does "Anybody starts device flows in a known client's name, to deceive its users or fill the table.",
                    safe "The client must be registered for the flow, authenticate if it can, and stay within limits before anything is stored.",
                    source "RFC 8628 sections 3.1 and 5.6";
            }
        }
    };
}
