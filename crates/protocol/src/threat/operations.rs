//! Threats to the way a server is run: proxies, logs, keys and management.

macro_rules! operations {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Operations {
                ForwardedHeaderForgery = "forwarded-header-forgery", seen Outside,
                    does "A forged proxy, host or certificate header gives the sender a false address, issuer or identity.",
                    safe "Own URLs come from configuration, and forwarding headers count only from configured proxies.",
                    source "RFC 9700 section 4.13; RFC 9440 section 4; RFC 8705 sections 7.4 and 7.5";
                SecretsInLogsAndErrors = "secrets-in-logs-and-errors", seen Outside,
                    does "Codes, tokens or passwords are picked up from logs, error pages, metrics or crash reports.",
                    safe "Secret types cannot print themselves, logs keep neither queries nor bodies, and errors are fixed texts.",
                    source "RFC 6819 sections 4.6.7 and 4.4.3.1; RFC 9700 section 4.9.2; the cheat sheet";
                InjectionIntoStoresAndLogs = "injection-into-stores-and-logs", seen Outside,
                    does "Quotes, line breaks or control codes in a value alter a query, a header or the log.",
                    safe "Queries bind their values, headers and logs refuse or escape control characters, and identifiers are checked before lookup.",
                    source "RFC 6819 sections 5.1.4.1.2 and 4.3.4; RFC 8725 section 2.9; RFC 9112 section 11.1";
                AttackGoesUnnoticed = "attack-goes-unnoticed", seen Inside,
                    does "Attacks are refused but leave no trace, so nobody learns who was hit.",
                    safe "The code that refuses raises the event, responses work without delivery, and delivery is queued and retried.",
                    source "RFC 6819 sections 5.1.3 and 5.2.2.3; RFC 9700 section 4.14.2; the native apps talk";
                SigningKeyCompromise = "signing-key-compromise", seen Outside,
                    does "A leaked, stale or published private key lets its holder mint tokens for everybody.",
                    safe "Private keys stay in owner-only storage with one purpose each, rotate on schedule, and can be replaced at once.",
                    source "RFC 6819 section 5.1.4.1.5; RFC 8725 section 3.5; RFC 9700 section 2.6; OpenID Connect Core section 10.1.1";
                ManagementSurfaceExposure = "management-surface-exposure", seen Outside,
                    does "A management, debug or metrics interface, or a default password, gives control to strangers.",
                    safe "Management listens locally with its own credentials, nothing has a default password, and a production start refuses test settings.",
                    source "RFC 6819 sections 5.1.4.1.1 and 5.3.2; RFC 9700 section 2.6";
            }
        }
    };
}
