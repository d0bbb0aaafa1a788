//! Threats of tokens that travel through the browser.

macro_rules! implicit {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Implicit {
                ImplicitTokenLeakTransport = "implicit-token-leak-transport", seen Outside,
                    does "A token in the redirect fragment is read by another app, a script or the network, with no second step to prove anything.",
                    safe "Implicit is off; a code with PKCE takes its place.",
                    source "RFC 6819 section 4.4.2.1; RFC 9700 section 2.1.2; the native apps talk";
                ImplicitTokenBrowserHistory = "implicit-token-browser-history", seen Outside,
                    does "An access token left in a URL is found in history, session restore or logs.",
                    safe "No token is put into a URL, and one that arrives in a query is refused.",
                    source "RFC 6819 section 4.4.2.2; RFC 9700 section 4.3.2; RFC 10017 section 7.2.3.2";
                ImplicitMaliciousClient = "implicit-malicious-client", seen Outside,
                    does "An unauthenticated client in another's name asks for a token directly and has it at once.",
                    safe "Implicit is off; where an operator must allow it, the redirect is exact and the user is asked every time.",
                    source "RFC 6819 section 4.4.2.3; RFC 9700 section 4.1.2";
                ImplicitScriptManipulation = "implicit-script-manipulation", seen Outside,
                    does "The client's script is replaced on its way to the browser and copies tokens or passwords.",
                    safe "Pages come over TLS with HSTS and a strict content policy, without scripts from elsewhere.",
                    source "RFC 6819 section 4.4.2.4; RFC 10017 section 7.2.3.3; the cheat sheet";
                ImplicitCsrf = "implicit-csrf", seen Outside,
                    does "The victim is sent to the client's callback with the attacker's token, and the data flows into the attacker's account.",
                    safe "state returns in every answer; implicit is off, and any client excepted must send state or nonce.",
                    source "RFC 6819 section 4.4.2.5; RFC 9700 section 4.7; the native apps talk";
                ImplicitTokenSubstitution = "implicit-token-substitution", seen Outside,
                    does "A token collected by a hostile app is handed to another app's backend, which takes it as a login.",
                    safe "Tokens name client and audience, userinfo refuses tokens made for other APIs, and login rests on the ID token.",
                    source "RFC 6819 section 4.4.2.6; OpenID Connect Core sections 16.8 and 16.11; the native apps talk";
                AccessTokenInjection = "access-token-injection", seen Outside,
                    does "A stolen access token is swapped into the attacker's own front-channel answer at a client that cannot tell.",
                    safe "No access token travels through the browser; a hybrid answer has an ID token whose nonce and at_hash tie the parts together.",
                    source "RFC 9700 section 4.6";
                FragmentReattachment = "fragment-reattachment", seen Outside,
                    does "A browser carries a fragment with a token across a redirect that sets none, on to a host never meant to have it.",
                    safe "Redirects end in a fixed fragment of their own, and errors end on a page that leads nowhere.",
                    source "RFC 9700 sections 4.1.2 and 4.1.3; the cheat sheet";
            }
        }
    };
}
