//! Threats to OpenID Connect: ID tokens, logout, login strength and account names.

macro_rules! oidc {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Oidc {
                IdTokenInjection = "id-token-injection", seen Outside,
                    does "An old or foreign ID token is combined with another code or access token and accepted as a login.",
                    safe "nonce is echoed exactly, at_hash and c_hash tie the parts together, and ID tokens live minutes.",
                    source "OpenID Connect Core sections 3.1.3.7, 3.2.2.11 and 3.3.2.11; RFC 9700 sections 4.5.3.2 and 4.6";
                IdTokenAudienceConfusion = "id-token-audience-confusion", seen Outside,
                    does "A correctly signed ID token or userinfo answer meant for another client, issuer or user passes as this one's.",
                    safe "aud is this client alone, iss is exact, and sub is stable, never reused and the same in both answers.",
                    source "OpenID Connect Core sections 3.1.3.7, 5.3.2 and 16.15; RFC 8725 section 2.7";
                LogoutAbuse = "logout-abuse", seen Outside,
                    does "The logout endpoint is used to redirect, to sign people out unasked, or to forge notices.",
                    safe "It redirects only to registered addresses, asks the user unless the request proves itself, and ends tokens with the session.",
                    source "OpenID Connect RP-Initiated Logout sections 2 and 6; OpenID Connect Back-Channel Logout sections 2.6 and 4";
                AuthenticationStrengthBypass = "authentication-strength-bypass", seen Outside,
                    does "A client's demand for a new or stronger login is ignored, stripped or answered with an untrue claim.",
                    safe "prompt and max_age force a new login, acr and auth_time state what happened, and no step can be skipped.",
                    source "OpenID Connect Core sections 3.1.2.1 and 15.1; RFC 9470";
                AccountIdentifierCollision = "account-identifier-collision", seen Outside,
                    does "Another spelling of a name or address finds the victim's account, or prepares one for the victim to fall into.",
                    safe "Names and addresses are compared in one exact form, mail goes to the stored address, and subjects are random.",
                    source "OpenID Connect Core section 5.7; RFC 8265; Sudhodanan and Paverd 2022";
            }
        }
    };
}
