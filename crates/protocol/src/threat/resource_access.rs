//! Threats where tokens are used: at resource servers and on the way to them.

macro_rules! resource_access {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            ResourceAccess {
                ResourceEavesdropping = "resource-eavesdropping", seen Outside,
                    does "A bearer token copied on the way to an API works from any machine.",
                    safe "APIs require TLS, tokens are short-lived, and a bound token needs a key the copy lacks.",
                    source "RFC 6819 section 4.6.1";
                ResourceRequestReplay = "resource-request-replay", seen Outside,
                    does "A recorded API request, proof included, is sent again or with another body and takes effect again.",
                    safe "A DPoP proof counts once within its window; sensitive APIs add server nonces or signed messages.",
                    source "RFC 6819 sections 4.6.2 and 5.4.3; RFC 9449 sections 11.1 and 11.7";
                AccessTokenGuessing = "access-token-guessing", seen Outside,
                    does "Access tokens are guessed from a pattern, or edited and signed with a weak or absent key.",
                    safe "Opaque tokens have 256 random bits; JWTs follow RFC 9068 with a strong asymmetric signature.",
                    source "RFC 6819 section 4.6.3";
                AccessTokenPhishingCounterfeitRs = "access-token-phishing-counterfeit-rs", seen Outside,
                    does "A client pointed at a false API sends it a token, which is then used at the real one.",
                    safe "A token names the one resource it was requested for, and unknown resources get none.",
                    source "RFC 9700 sections 4.9.1 and 4.10.2; RFC 6819 section 4.6.4";
                TokenAbuseAcrossResourceServers = "token-abuse-across-resource-servers", seen Outside,
                    does "A token made for one API is tried at a second one that accepts anything from the issuer.",
                    safe "One audience per token, and each resource server refuses every audience but its own.",
                    source "RFC 6819 section 4.6.5; RFC 9700 section 2.3; RFC 8725 section 2.7";
                LeakInHttpProxies = "leak-in-http-proxies", seen Outside,
                    does "A shared cache stores one user's protected answer and serves it to another.",
                    safe "Tokens travel in the Authorization header, and protected answers say no-store or private.",
                    source "RFC 6819 sections 4.6.6 and 5.4.1";
                TokenLeakLogsReferrer = "token-leak-logs-referrer", seen Outside,
                    does "A token in a query string ends in logs, histories and Referer headers, where others pick it up.",
                    safe "Query tokens are refused everywhere, and logs keep neither queries nor Authorization headers.",
                    source "RFC 6819 section 4.6.7; RFC 6750 section 5.3; the cheat sheet";
                CompromisedResourceServer = "compromised-resource-server", seen Inside,
                    does "From a breached API the attacker takes the tokens it received and uses them there and elsewhere.",
                    safe "Audience and key binding confine a token to its API and caller, and all tokens for one resource server can be ended together.",
                    source "RFC 9700 sections 4.9.2 and 4.10; RFC 6819 section 5.1.5.10; the cheat sheet";
                SenderConstraintNotEnforced = "sender-constraint-not-enforced", seen Outside,
                    does "A stolen token works because it is a plain bearer token or because the API does not ask for the key it is bound to.",
                    safe "A bound token is refused without a fitting proof or certificate, and binding can be required.",
                    source "RFC 9700 sections 4.10.1 and 2.2.1; RFC 9449 sections 7.1 and 7.2; RFC 8705 sections 3 and 7.2";
                DpopProofAbuse = "dpop-proof-abuse", seen Outside,
                    does "A DPoP proof is replayed, signed in advance, or lacks a nonce or claim nobody checks.",
                    safe "Every claim of a proof is checked, each jti counts once, nonces given must be used, and codes can be bound to the key.",
                    source "RFC 9449 sections 4.3 and 11";
                IntrospectionAbuse = "introspection-abuse", seen Outside,
                    does "Strangers or other clients ask introspection which tokens are alive and whose they are.",
                    safe "Only authenticated resource servers get answers, and only about tokens for their audience; all else is inactive.",
                    source "RFC 7662 section 4; RFC 9701 section 8";
                ProtectedResourceInjection = "protected-resource-injection", seen Outside,
                    does "An API answer is made to run as script, or to be read by other sites, in the victim's browser.",
                    safe "Answers state type and nosniff with a closed content policy; there is no JSONP, and cross-origin access is listed per route.",
                    source "the cheat sheet";
                ResourceScopeNotEnforced = "resource-scope-not-enforced", seen Outside,
                    does "A genuine token opens what its scope, user or login strength does not cover.",
                    safe "Every route states scope, kind of caller and login level, and refuses what it does not name.",
                    source "RFC 9700 section 2.3; RFC 6750 section 3.1; RFC 6819 section 5.1.5.7; RFC 9470";
                CuckoosToken = "cuckoos-token", seen Inside,
                    does "A hostile server hands a client a stolen token of another issuer, and the client fetches the victim's data for the attacker.",
                    safe "Users are known by issuer and subject together, clients use a key per issuer, and answers name their issuer.",
                    source "RFC 9700 section 4.4; Fett, Hosseyni and Kuesters 2019";
            }
        }
    };
}
