//! Security events: what the server tells its operators, and what it has already done about it.
//!
//! One row per event, so that the audit log, the metrics and the operator's guide cannot disagree about a name.
//! Events that belong to a threat carry the word the threat catalogue uses for it; the rest are ordinary audit
//! events, kept here because a log that lacks the ordinary day cannot show what was unusual about another.

mod markdown;

pub use markdown::events_table;

use serde::{Deserialize, Serialize};

/// How soon somebody should look at a [`Signal`]. Ordered: `Info` is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// An ordinary event, kept for the record.
    Info,
    /// A refusal that honest mistakes also cause; worth counting.
    Notice,
    /// Probably an attack or a fault; look at it the same day.
    Warning,
    /// Honest software does not do this, or users are at risk now; wake somebody.
    High,
}

macro_rules! first {
    () => {
        None
    };
    ($value:literal) => {
        Some($value)
    };
}

macro_rules! signals {
    ($($variant:ident = $name:literal, $severity:ident, says $says:literal $(, response $response:literal)?;)+) => {
        /// A security or audit event. Serialized as its [`name`](Signal::name).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Signal {
            $(#[doc = $says] #[serde(rename = $name)] $variant,)+
        }

        impl Signal {
            /// Every signal, in alphabetical order.
            pub const ALL: &[Signal] = &[$(Signal::$variant),+];

            /// The kebab-case name used in logs, metrics and documents. Renaming one breaks operators' alerts.
            pub const fn name(self) -> &'static str {
                match self { $(Signal::$variant => $name,)+ }
            }

            /// How soon somebody should look.
            pub const fn severity(self) -> Severity {
                match self { $(Signal::$variant => Severity::$severity,)+ }
            }

            /// One sentence for operators: what happened.
            pub const fn says(self) -> &'static str {
                match self { $(Signal::$variant => $says,)+ }
            }

            /// What this release does by itself before anybody reads the log, in Markdown. `None`: nothing raises the signal
            /// yet, because what it speaks of is not built.
            pub const fn raised(self) -> Option<&'static str> {
                match self { $(Signal::$variant => first!($($response)?),)+ }
            }

            /// The same for reading.
            pub const fn response(self) -> &'static str {
                match self.raised() {
                    Some(response) => response,
                    None => "Nothing raises it in this release.",
                }
            }

            /// The signal of that exact name, or `None`.
            pub fn from_name(name: &str) -> Option<Signal> {
                match name { $($name => Some(Signal::$variant),)+ _ => None }
            }
        }
    };
}

signals! {
    AccountLocked = "account-locked", Warning,
        says "Strangers to an account must wait after too many wrong passwords; somebody may want to shut its owner out.",
        response "Sign-in answers 429 to strangers of that account for `throttle.longest_delay_account` at most. A \
            signed-in browser and an address known to the account are not slowed.";
    AppLinkCheckFailed = "app-link-check-failed", Warning,
        says "The web site behind an app's https redirect does not vouch for that app.";
    ApprovalFlood = "approval-flood", High,
        says "One user is being sent approval prompts faster than anybody would ask for them.";
    AttestationInstanceMismatch = "attestation-instance-mismatch", High,
        says "A code or refresh token of one app installation was presented by another installation.";
    AttestationRejected = "attestation-rejected", Warning,
        says "A client attestation was missing, forged, out of date or made by an attester that is not trusted.";
    AttestationReplayed = "attestation-replayed", Warning,
        says "A proof of possession that comes with an attestation was seen a second time.";
    AuthorizationFramed = "authorization-framed", Notice,
        says "A browser asked for a sign-in or consent page, or a silent answer, inside a frame.",
        response "403, our page.";
    ClientAssertionInvalid = "client-assertion-invalid", Warning,
        says "A client assertion failed its checks; a good signature made for another audience means a hostile server relays it.",
        response "401; counted by the tar pit.";
    ClientAssertionReplayed = "client-assertion-replayed", High,
        says "A valid client assertion was used a second time.",
        response "401; counted by the tar pit.";
    ClientAuthFailedBurst = "client-auth-failed-burst", Notice,
        says "A client failed to authenticate, or went on trying after too many failures.",
        response "401, from the first failure on; after `throttle.free_attempts_client`, 429 for that client and \
            address.";
    ClientAuthMethodViolation = "client-auth-method-violation", Warning,
        says "A client authenticated in a way it is not registered for, or in two ways at once.",
        response "401 (400 for two methods at once); 401 is counted by the tar pit.";
    ClientChanged = "client-changed", Info,
        says "A client was registered, edited, disabled or deleted.",
        response "A command of the operator did it; the detail says what.";
    ClientErrorRedirectBurst = "client-error-redirect-burst", Warning,
        says "Many authorization requests for one client, from one address, ended in an error sent to its site.",
        response "After 60 errors in ten minutes for one client and address: a page with a button instead of the \
            redirect.";
    CodeClientMismatch = "code-client-mismatch", High,
        says "A client presented an authorization code that belongs to another client.",
        response "`invalid_grant`. The code stays good for its own client.";
    CodeExpiredUse = "code-expired-use", Notice,
        says "An authorization code arrived after its lifetime.",
        response "`invalid_grant`.";
    CodeRedirectMismatch = "code-redirect-mismatch", High,
        says "A code was redeemed with a redirect_uri other than the one it was sent to.",
        response "`invalid_grant`; the code is burned.";
    CodeReplayed = "code-replayed", High,
        says "An authorization code that had been redeemed came back.",
        response "`invalid_grant`. `rule` tells more: `code-replayed`, the grant has ended; `code-lost-race` and \
            `code-burned`, nothing else happened.";
    CodeUnknownBurst = "code-unknown-burst", Notice,
        says "An authorization code arrived that was never issued.",
        response "`invalid_grant`, from the first on; after 60 in a minute from one address, 429. A spent code without \
            its proofs counts, too.";
    ConsentForgery = "consent-forgery", Warning,
        says "A consent form arrived without proof that the user's own page had sent it.",
        response "403. A consent form without a right token also loses its waiting request.";
    ConsentRemembered = "consent-remembered", Info,
        says "A request was approved without a page because the user had approved the same before.";
    ConsentSessionMismatch = "consent-session-mismatch", Warning,
        says "A pending authorization request came back in another browser or session than the one that started it.",
        response "403; the request stays with the browser that began it.";
    ConsentTooFast = "consent-too-fast", Warning,
        says "Consent was given faster than a person can read the page.",
        response "Nothing: it is reported only.";
    CredentialInUrl = "credential-in-url", Warning,
        says "A code or client secret arrived in a URL, where logs and histories keep it.",
        response "400 for a POST with a query, 405 for another method. What stood in the URL is not touched: roll the \
            secret yourself.";
    CrossSiteRequestRefused = "cross-site-request-refused", Notice,
        says "Another site tried to drive a cookie-authenticated endpoint.";
    DeviceApprovalAnomaly = "device-approval-anomaly", High,
        says "A device sign-in was approved far from where it was started, or a user reported one.";
    DeviceCodeClientMismatch = "device-code-client-mismatch", High,
        says "A client polled with a device code that belongs to another client.";
    DeviceUserCodeGuessing = "device-user-code-guessing", Warning,
        says "Somebody is trying user codes.";
    DisabledSubjectUse = "disabled-subject-use", Warning,
        says "A token or grant of a disabled user or client was used.",
        response "Refused. At the token endpoint, a locked person's grant ends.";
    DpopBindingMismatch = "dpop-binding-mismatch", High,
        says "A token bound to one key was presented with another key, or with none.",
        response "The resource kit refuses every token that is bound to a key (401). The server does not raise it.";
    DpopProofReplayed = "dpop-proof-replayed", Warning,
        says "A DPoP proof was seen a second time.";
    EmbeddedUserAgent = "embedded-user-agent", Notice,
        says "The sign-in page was opened in a browser that an app controls.",
        response "Refused, for native clients, with a page that says to go on in the browser.";
    EnumerationSuspected = "enumeration-suspected", Warning,
        says "Sign-ins or sign-ups look like a walk through a list of account names.",
        response "429 for that address.";
    EventDeliveryFailing = "event-delivery-failing", High,
        says "Security events do not reach the store.",
        response "Counted in metrics only: events were dropped because 4096 were waiting, or the store could not keep \
            one. The events were logged.";
    FlowStepSkipped = "flow-step-skipped", Notice,
        says "A browser asked for a later step of the sign-in than it has earned.",
        response "303 to sign-in.";
    ForwardedHeaderRejected = "forwarded-header-rejected", Warning,
        says "A forwarding or certificate header came from an address that is not a trusted proxy.",
        response "The header is ignored; a client-certificate header is refused with 400. At most 20 a second are \
            stored.";
    GatewayBypassAttempt = "gateway-bypass-attempt", High,
        says "Somebody tried to reach a protected backend around the gateway.";
    GrantCreated = "grant-created", Info,
        says "A user, or a client for itself, obtained a new grant.",
        response "A person pressed Allow, or signed in where consent was remembered. Not raised where nobody saw a \
            page, nor for client credentials.";
    GrantEnded = "grant-ended", Info,
        says "A grant was ended, and its tokens with it.",
        response "The detail says by what. Not raised when a grant runs out.";
    GrantNotAllowed = "grant-not-allowed", Notice,
        says "A client asked for a grant type, response type or response mode it is not registered for.",
        response "Refused.";
    InsufficientScopeBurst = "insufficient-scope-burst", Notice,
        says "A token was used for something that its scope does not cover.",
        response "403 at userinfo, from the first on.";
    IntrospectionRefused = "introspection-refused", Warning,
        says "A client that may not introspect asked about a token.",
        response "403: the client has no `introspect_resources`. An unknown token raises `token-unknown-burst` \
            instead.";
    JwtAlgorithmRejected = "jwt-algorithm-rejected", High,
        says "A signed object named an algorithm its key is not for, or none at all, or had a signature of the wrong kind.",
        response "Refused.";
    JwtClaimsRejected = "jwt-claims-rejected", Notice,
        says "A correctly signed object had the wrong issuer, audience or times, or lacked one of them.",
        response "Refused.";
    JwtKeyHeaderRejected = "jwt-key-header-rejected", High,
        says "A signed object tried to bring its own verification key, or a place to fetch it from.",
        response "Refused; nothing is fetched.";
    JwtTypeMismatch = "jwt-type-mismatch", Warning,
        says "A signed object of one kind was presented where another kind belongs.",
        response "Refused.";
    KeyRotated = "key-rotated", Info,
        says "A signing key was created, became the active one, or was retired.",
        response "By age, or by a command. The old key stays published until what it signed has expired, unless it was \
            discarded.";
    KeyUnusable = "key-unusable", High,
        says "A signing or sealing key cannot be used: unreadable, too weak, exposed or withdrawn.",
        response "The log names the file. Keys in memory go on signing.";
    LoginFailedBurst = "login-failed-burst", Warning,
        says "Many sign-ins failed for one account or from one address.",
        response "429 for that source; the delay doubles up to `throttle.longest_delay`.";
    LoginNewLocation = "login-new-location", Notice,
        says "A person signed in from an address that is new for the account.",
        response "Nothing: it is reported only. What is known is forgotten when the server restarts.";
    LoginSucceeded = "login-succeeded", Info,
        says "A user signed in.",
        response "A new session replaces the one that was there.";
    LogoutRedirectRejected = "logout-redirect-rejected", Notice,
        says "A logout request named a return address that its client has not registered.";
    ManagementAccessRefused = "management-access-refused", High,
        says "Somebody without the right to do so called a management function.",
        response "421 from the admin listener. At most 20 a second are stored.";
    OutboundFetchBlocked = "outbound-fetch-blocked", Warning,
        says "A client's metadata pointed the server at an address it must not fetch from.";
    PkceChallengeReused = "pkce-challenge-reused", Warning,
        says "A client used one code_challenge for two authorization requests.",
        response "Nothing: a reload repeats it honestly.";
    PkceDowngradeAttempt = "pkce-downgrade-attempt", Warning,
        says "PKCE was left out, weakened to plain, or brought by only one half of a flow.",
        response "Refused; at the token endpoint the code is burned. A client that was never taught PKCE causes it, \
            too.";
    PkceMismatch = "pkce-mismatch", High,
        says "A code_verifier did not fit its code: the code came from somebody else's run of the flow.",
        response "`invalid_grant`; the code is burned.";
    PlaintextRequest = "plaintext-request", Warning,
        says "A request for a protected endpoint arrived without TLS.",
        response "403. At most 20 a second are stored.";
    RedirectUriRejected = "redirect-uri-rejected", Warning,
        says "An authorization request named an unknown client, or a redirect_uri that its client has not registered.",
        response "Our page, never a redirect. An unknown `client_id` raises it, too.";
    RefreshClientMismatch = "refresh-client-mismatch", High,
        says "A client presented a refresh token that belongs to another client.",
        response "`invalid_grant`. The token stays good for its own client.";
    RefreshReanswered = "refresh-reanswered", Info,
        says "A client repeated a refresh whose answer it had not used, and was answered again.",
        response "A new successor was issued, the unused one is superseded.";
    RefreshScopeEscalation = "refresh-scope-escalation", Notice,
        says "A refresh asked for more than the user had granted.",
        response "`invalid_scope` or `invalid_target`; nothing is spent.";
    RefreshTokenReplayed = "refresh-token-replayed", High,
        says "A refresh token that had been replaced for good was used again.",
        response "`invalid_grant`; the grant has ended.";
    RefreshUnknownBurst = "refresh-unknown-burst", Notice,
        says "A refresh token arrived that was never issued.",
        response "`invalid_grant`, from the first on; after 60 in a minute from one address, 429.";
    RegistrationFlood = "registration-flood", Warning,
        says "Clients are being registered faster than anybody needs them.";
    RegistrationMetadataRejected = "registration-metadata-rejected", Notice,
        says "Client metadata held something unsafe: a dangerous redirect URI, a disguised name or a borrowed identity.";
    RegistrationTokenMismatch = "registration-token-mismatch", High,
        says "A registration access token was used on a client it does not manage.";
    RequestObjectRejected = "request-object-rejected", Notice,
        says "An authorization request came as a request object, which is not supported here.",
        response "Refused with the error of OpenID Connect Core section 6.";
    RequestParameterDuplicated = "request-parameter-duplicated", Warning,
        says "A request carried one parameter twice.",
        response "Refused.";
    RequestTooLarge = "request-too-large", Notice,
        says "A request was larger or more deeply nested than the server reads.",
        response "413 for a body, 431 for headers, else the error of the endpoint.";
    RequestUriClientMismatch = "request-uri-client-mismatch", Warning,
        says "A pushed request was used by another client, a second time, or never existed.";
    RequestValueHostile = "request-value-hostile", Warning,
        says "A parameter held markup, control characters or another payload meant for somebody's parser.",
        response "Refused; the value is repeated nowhere.";
    RevocationClientMismatch = "revocation-client-mismatch", High,
        says "A client tried to revoke a token of another client, so it holds a token it should not have.",
        response "200 to the client; the token stays.";
    RevokedTokenUse = "revoked-token-use", Notice,
        says "A revoked token was used.",
        response "Refused, or inactive at introspection.";
    ScopeNotAllowed = "scope-not-allowed", Notice,
        says "A client asked for a scope or resource beyond what it may have.",
        response "Refused.";
    SealedRecordMismatch = "sealed-record-mismatch", High,
        says "A sealed secret of the vault does not belong to the record it was found in, or was altered.";
    SessionEnded = "session-ended", Info,
        says "A person ended the session of a browser.",
        response "The person pressed \"Switch account\". Sessions ended by commands stand in `user-changed`.";
    SessionFixationRejected = "session-fixation-rejected", Warning,
        says "A browser brought a session identifier that it was not given here, or an older one kept across sign-in.",
        response "The session cookie came twice; neither is believed.";
    SessionStarted = "session-started", Info,
        says "A browser got a new signed-in session.";
    SilentAuthorizationRefused = "silent-authorization-refused", Notice,
        says "An unverifiable client tried to use an earlier consent without showing a page.",
        response "`consent_required`.";
    TokenAudienceMismatch = "token-audience-mismatch", Warning,
        says "A token meant for one resource server was presented to another.",
        response "401 at userinfo.";
    TokenExchangeRefused = "token-exchange-refused", Warning,
        says "A client tried to exchange a token for rights it may not have.";
    TokenExpiredUseBurst = "token-expired-use-burst", Notice,
        says "An expired access token was used.",
        response "Refused, or inactive at introspection, from the first on.";
    TokenInQuery = "token-in-query", Warning,
        says "An access token arrived in a URL, where logs and histories keep it.",
        response "400 at userinfo. The token is not revoked: end its grant yourself.";
    TokenQuotaExceeded = "token-quota-exceeded", Warning,
        says "More requests wait for a person than may wait.",
        response "503 page: within ten minutes 300 requests of one address or 5,000 of one IPv6 network (/48) were \
            left waiting, or 50,000 wait in all.";
    TokenUnknownBurst = "token-unknown-burst", Notice,
        says "An access token arrived that was never issued.",
        response "Refused, or inactive at introspection, from the first on.";
    UpstreamAccountLinkRefused = "upstream-account-link-refused", High,
        says "An upstream login claimed an existing local account without proof that both have one owner.";
    UpstreamIssuerMismatch = "upstream-issuer-mismatch", High,
        says "An upstream answer came from another issuer than the one that was asked.",
        response "The client kit stops before the token request. The server does not raise it.";
    UpstreamPolicyWeak = "upstream-policy-weak", Warning,
        says "An upstream provider offers less protection than the operator requires.";
    UserChanged = "user-changed", Info,
        says "A user was created, edited, disabled, deleted or given a new password.",
        response "A command of the operator did it; the detail says what, and how many sessions ended.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rule;

    #[test]
    fn names_are_kebab_case_sorted_and_round_trip() {
        for pair in Signal::ALL.windows(2) {
            assert!(pair[0].name() < pair[1].name(), "{} is out of order", pair[1].name());
        }
        for &signal in Signal::ALL {
            let name = signal.name();
            assert!(name.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())));
            assert_eq!(name.replace('-', ""), format!("{signal:?}").to_lowercase());
            assert_eq!(Signal::from_name(name), Some(signal));
            assert_eq!(serde_json::to_value(signal).ok(), Some(name.into()));
            assert_eq!(serde_json::from_value::<Signal>(name.into()).ok(), Some(signal));
        }
        assert_eq!(Signal::from_name("no-such-signal"), None);
    }

    #[test]
    fn what_a_rule_raises_is_said_to_be_raised() {
        for &rule in Rule::ALL {
            assert!(rule.signal().is_none_or(|signal| signal.raised().is_some()), "{rule:?}");
        }
    }

    #[test]
    fn every_signal_explains_itself_in_sentences() {
        for &signal in Signal::ALL {
            for text in [signal.says(), signal.response()] {
                assert!(text.ends_with('.') && !text.contains('\n'), "{}: {text}", signal.name());
            }
            assert!(!signal.says().trim_end_matches('.').contains(". "), "{}: one sentence", signal.name());
        }
    }
}
