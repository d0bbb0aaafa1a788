//! Threats to a server in the middle: gateway, broker, vault of upstream tokens.

macro_rules! mediator {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Mediator {
                MediatorConfusedDeputy = "mediator-confused-deputy", seen Inside,
                    does "A hostile client behind a mediator profits from the consent the user once gave the mediator upstream.",
                    safe "The mediator asks for its own consent per client and redirect URI before it goes upstream.",
                    source "MCP security best practices (confused deputy); CVE-2026-27124; the mobile attestation article";
                MediatorTokenPassthrough = "mediator-token-passthrough", seen Inside,
                    does "A gateway forwards tokens it has not checked to a backend that trusts whatever comes through it.",
                    safe "The gateway checks audience, expiry, scope and binding, replaces the token by an inner one, and refuses unlisted routes.",
                    source "MCP security best practices (token passthrough); RFC 9700 sections 2.3 and 4.9; the mobile attestation article";
                MediatorWeakUpstream = "mediator-weak-upstream", seen Inside,
                    does "An upstream without PKCE, exact matching or rotation passes its weakness on to the mediator's clients.",
                    safe "The rules towards clients stay strict whatever upstream does, and what it lacks is made up for or reported.",
                    source "the mobile attestation article; RFC 9700 section 2.1.1";
                MediatorUpstreamSecretLeak = "mediator-upstream-secret-leak", seen Inside,
                    does "One copied database or tenant mix-up exposes every upstream secret and token the mediator keeps.",
                    safe "The key that seals each record is kept apart from the database; a record is tied to tenant and user and opened only when needed.",
                    source "RFC 6819 section 5.1.4.1.4; RFC 10017 section 6.1.2.2; the mobile attestation article";
                MediatorBypass = "mediator-bypass", seen Inside,
                    does "A backend is called directly, or by a path that the gateway reads differently.",
                    safe "Backends take only the gateway's authenticated requests, and it forwards exactly the normalised request it checked.",
                    source "RFC 9700 section 4.13; RFC 9112 section 11.2; the mobile attestation article";
                AccountLinkingTakeover = "account-linking-takeover", seen Inside,
                    does "An account the attacker made upstream under the victim's address is joined to the victim's local account.",
                    safe "Only issuer and subject identify an upstream account, and linking takes a fresh local login.",
                    source "OpenID Connect Core section 5.7; CVE-2026-9087; CVE-2026-14781; IEEE S&P 2025 on brokered single sign-on";
                CrossToolkitAccountTakeover = "cross-toolkit-account-takeover", seen Inside,
                    does "On a platform with many tools, a hostile tool's flow collects the code meant for an honest one.",
                    safe "Each tool, provider and tenant has a redirect URI of its own, which must agree with the stored transaction.",
                    source "draft-ietf-oauth-security-topics-update section 2.2; USENIX Security 2025, Universal Cross-app Attacks";
                CrossUserSessionFixation = "cross-user-session-fixation", seen Inside,
                    does "The victim finishes a linking flow begun under the attacker's session and joins their data to it.",
                    safe "The user who starts must be the user who finishes, shown by a session at both ends and never by a URL.",
                    source "draft-ietf-oauth-security-topics-update section 2.3; RFC 9700 section 4.7";
            }
        }
    };
}
