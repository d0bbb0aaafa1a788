//! Threats at the token endpoint: client authentication, stored credentials, exchange and resources.

macro_rules! token_endpoint {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            TokenEndpoint {
                EavesdropTokenResponse = "eavesdrop-token-response", seen Outside,
                    does "Someone on the path reads the token response because TLS is missing, outdated or unchecked.",
                    safe "Every endpoint speaks modern TLS only, and a POST over plain http is refused instead of redirected.",
                    source "RFC 6819 section 4.3.1; the cheat sheet";
                AccessTokenFromAsDatabase = "access-token-from-as-database", seen Inside,
                    does "Live access tokens are read from the server's database or a backup and used at the APIs.",
                    safe "Opaque tokens are stored as hashes and self-contained ones not at all.",
                    source "RFC 6819 section 4.3.2; the cheat sheet; the native apps talk";
                ClientCredentialsInClear = "client-credentials-in-clear", seen Outside,
                    does "A client secret is read on an unprotected hop and used from anywhere.",
                    safe "Credentials are refused without TLS, and keys are offered so that no secret needs to travel.",
                    source "RFC 6819 section 4.3.3";
                ClientSecretFromAsDatabase = "client-secret-from-as-database", seen Inside,
                    does "A copied client table yields secrets that open every client account.",
                    safe "Generated secrets are stored only as hashes; methods that need a readable secret are off, and public keys are preferred.",
                    source "RFC 6819 section 4.3.4; the native apps talk";
                ClientSecretGuessing = "client-secret-guessing", seen Outside,
                    does "Secrets are tried against a known client_id, spread over endpoints and addresses to stay below limits.",
                    safe "Secrets are made here with 256 bits, compared in constant time, and all endpoints share one count of failures.",
                    source "RFC 6819 section 4.3.5";
                ClientAuthDowngrade = "client-auth-downgrade", seen Outside,
                    does "The attacker gets in with a weaker proof than the client was registered for: an old secret, two methods at once, or only its name.",
                    safe "One registered method per client; any other, or a second beside it, is invalid_client at every endpoint.",
                    source "RFC 6749 sections 2.3 and 3.2.1; CVE-2026-16093";
                ClientAssertionReplay = "client-assertion-replay", seen Outside,
                    does "A captured client assertion is sent again, or a stale or ill-formed one is let through.",
                    safe "Assertions need issuer, subject, audience, expiry and jti, live minutes, and each jti is accepted once.",
                    source "RFC 7523 sections 3 and 6; RFC 7521 section 8";
                TokenEndpointGet = "token-endpoint-get", seen Outside,
                    does "Codes or credentials in the query of a token request settle in every log on the way.",
                    safe "The token endpoint takes a POST form body only and refuses OAuth parameters in its URL.",
                    source "RFC 6749 sections 3.2 and 2.3.1";
                TokenResponseCached = "token-response-cached", seen Outside,
                    does "A cache keeps a token response, or is tricked into it by a path, and hands it to the next caller.",
                    safe "Answers that carry credentials, errors and redirects included, say no-store, and paths match exactly.",
                    source "RFC 6749 section 5.1; RFC 6819 section 4.4.2.2";
                LockedAccountTokenIssuance = "locked-account-token-issuance", seen Inside,
                    does "After a user or client is disabled, a code, refresh token or other grant that nobody rechecks goes on yielding tokens.",
                    safe "One decision at every issuance asks whether user, client and grant are still good, and disabling ends what is outstanding.",
                    source "CVE-2026-88770; CVE-2026-9798; the native apps talk";
                TokenExchangeEscalation = "token-exchange-escalation", seen Outside,
                    does "A client trades somebody's token for one with more scope, another audience or another identity.",
                    safe "Exchange is off unless configured; the subject token must belong to the caller, and the result never exceeds it.",
                    source "RFC 8693 section 5; RFC 9700 section 2.3; CVE-2026-9704";
                ResourceIndicatorAbuse = "resource-indicator-abuse", seen Outside,
                    does "A hostile API has the client fetch a token for an honest API, or one good everywhere, and uses it there.",
                    safe "Only registered resources get tokens, each with one audience, within what the client may reach and the user granted.",
                    source "RFC 8707 sections 2 and 3; RFC 9700 section 4.10.2; RFC 9728 section 7";
            }
        }
    };
}
