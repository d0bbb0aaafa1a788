//! Threats on devices where apps share a browser, schemes and ports.

macro_rules! native_app {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            NativeApp {
                EmbeddedBrowserCredentialTheft = "embedded-browser-credential-theft", seen Outside,
                    does "An app shows the sign-in in a browser it controls, reads the password and presses Allow itself.",
                    safe "Known embedded browsers are sent to the system browser, passkeys are offered, and sensitive scopes ask for a credential again.",
                    source "RFC 6819 section 4.1.4; RFC 8252 sections 8.7, 8.8, 8.11 and 8.12; the native apps talk";
                CustomSchemeHijack = "custom-scheme-hijack", seen Outside,
                    does "Another app on the device claims the same private scheme and receives the code.",
                    safe "Public clients must use PKCE, so the code is worth nothing without the verifier; claimed https redirects are preferred.",
                    source "RFC 8252 section 8.1; RFC 7636 section 1; the native apps talk; the mobile attestation article";
                ClaimedHttpsRedirectUnproven = "claimed-https-redirect-unproven", seen Inside,
                    does "An https redirect whose site does not vouch for the app can be claimed by another app, and consent is skipped on its strength.",
                    safe "Such a redirect proves identity only while the site's association files can be fetched and list that app; PKCE is required all the same.",
                    source "RFC 8252 sections 7.2, 8.4 and 8.6; the native apps talk";
                CrossAppRequestForgery = "cross-app-request-forgery", seen Outside,
                    does "A link carries the attacker's code into the victim's app, which then works in the attacker's account.",
                    safe "PKCE stops a foreign code, and state and iss come back in every answer for the app to check.",
                    source "RFC 8252 section 8.9; RFC 6819 section 5.3.5; the native apps talk";
                LoopbackRedirectAbuse = "loopback-redirect-abuse", seen Outside,
                    does "A process on the same machine, or a host that only resembles loopback, receives the code.",
                    safe "Plain http is for native clients on literal loopback addresses with PKCE; the port may vary and nothing else.",
                    source "RFC 8252 sections 7.3 and 8.3; CVE-2024-8883; CVE-2020-15233";
                NativeClientImpersonation = "native-client-impersonation", seen Outside,
                    does "A rebuilt app with the identifier and redirect of the genuine one collects grants in its name.",
                    safe "Identifier, scheme and embedded secret prove nothing: the user is asked, rights stay small, and attestation can be required.",
                    source "RFC 8252 section 8.6; RFC 6819 section 5.2.3.1; the mobile attestation article; the native apps talk";
                StolenOrClonedDevice = "stolen-or-cloned-device", seen Outside,
                    does "A stolen or copied device goes on using the refresh token stored on it.",
                    safe "Refresh tokens can be bound to a hardware key, rotation exposes a clone, and the user can end one device.",
                    source "RFC 6819 sections 4.1.2, 5.2.2.5 and 5.3.4";
            }
        }
    };
}
