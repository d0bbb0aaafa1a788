//! Threats that start at the client: what it keeps, what it is registered for, and which server it believes.

macro_rules! client {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Client {
                ObtainClientSecret = "obtain-client-secret", seen Outside,
                    does "Somebody digs a client secret out of a shipped app, a repository or a configuration file and can then act as that client at the token endpoint.",
                    safe "Public clients neither get nor need a secret; others can use a key instead, and an operator can replace one secret in a single step.",
                    source "RFC 6819 section 4.1.1; RFC 8252 section 8.5; the cheat sheet; the mobile attestation article";
                ObtainRefreshTokenFromClient = "obtain-refresh-token-from-client", seen Outside,
                    does "A breached web application or a nosy neighbour app gives up refresh tokens, and the thief makes fresh access tokens for weeks.",
                    safe "A refresh token works for one client alone, and for its key if it has one; public clients get a new one at every use, and reuse ends them all.",
                    source "RFC 6819 section 4.1.2; RFC 10017 sections 5.2.1 and 8; the native apps talk";
                ObtainAccessTokenFromClient = "obtain-access-token-from-client", seen Outside,
                    does "An access token is copied from an app's memory, storage or crash report and used at the API until it runs out.",
                    safe "Access tokens live minutes, carry only the scope that was granted, and can be bound to a key the copy does not include.",
                    source "RFC 6819 section 4.1.3; the cheat sheet";
                OpenRedirectorOnClient = "open-redirector-on-client", seen Outside,
                    does "Using a forwarding page on the client's own host as redirect URI, the attacker lets the client itself pass the code or token on.",
                    safe "The whole redirect URI, query included, must equal a registered one, so the forwarding page is never reached.",
                    source "RFC 9700 section 4.11.1; RFC 6819 section 4.1.5";
                WrongGrantForClient = "wrong-grant-for-client", seen Outside,
                    does "Knowing a client_id, the attacker switches that client to a weaker grant or response type than it was made for.",
                    safe "Each client has a list of grants and response types and everything else is refused first; implicit and password are off.",
                    source "RFC 9700 sections 2.1.2 and 2.4; RFC 8252 section 8.2; the cheat sheet";
                MixUp = "mix-up", seen Outside,
                    does "A client that trusts several servers is led to send the honest server's code to the attacker's token endpoint.",
                    safe "Every authorization response, errors too, names its issuer in iss, so that a client can refuse an answer from the wrong server.",
                    source "RFC 9700 section 4.4; RFC 9207; RFC 10017 section 9.3";
                MetadataImpersonation = "metadata-impersonation", seen Outside,
                    does "A false metadata document under an honest name points clients to the attacker's endpoints or talks them out of PKCE.",
                    safe "The document is served over TLS at the place its issuer dictates, names exactly that issuer, and never lists none or plain.",
                    source "RFC 8414 section 6.2; RFC 9728 section 7.3; RFC 9700 section 2.6";
                AudienceInjectionClientAssertion = "audience-injection-client-assertion", seen Outside,
                    does "A hostile server has a client sign an assertion addressed to an honest server's token endpoint and then logs in there as the client.",
                    safe "Client assertions are accepted only when their sole audience is this server's issuer.",
                    source "CVE-2025-27370; CVE-2025-27371; RFC 7523 section 3; draft-ietf-oauth-security-topics-update section 2.1";
            }
        }
    };
}
