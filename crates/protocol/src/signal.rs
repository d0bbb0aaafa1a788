//! Security events: what the server tells its operators, and what it has already done about it.
//!
//! One row per event, so that the audit log, the metrics and the operator's guide cannot disagree about a name.
//! Events that belong to a threat carry the word the threat catalogue uses for it; the rest are ordinary audit
//! events, kept here because a log that lacks the ordinary day cannot show what was unusual about another.

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

macro_rules! signals {
    ($($variant:ident = $name:literal, $severity:ident, says $says:literal, response $response:literal;)+) => {
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

            /// What the server does by itself, before anybody reads the log.
            pub const fn response(self) -> &'static str {
                match self { $(Signal::$variant => $response,)+ }
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
        says "An account stopped accepting passwords after too many wrong ones, which may be somebody shutting its owner out.",
        response "Browsers the owner has used before get a challenge instead of the lock, and the owner is told.";
    AppLinkCheckFailed = "app-link-check-failed", Warning,
        says "The web site behind an app's https redirect does not vouch for that app.",
        response "The client counts as unverified: it asks for consent every time, and the operator is warned.";
    ApprovalFlood = "approval-flood", High,
        says "One user is being sent approval prompts faster than anybody would ask for them.",
        response "No more prompts on that channel until the user signs in with a passkey or password; the user is told.";
    AttestationInstanceMismatch = "attestation-instance-mismatch", High,
        says "A code or refresh token of one app installation was presented by another installation.",
        response "The request is refused, the code or token family dies, and both installations are marked.";
    AttestationRejected = "attestation-rejected", Warning,
        says "A client attestation was missing, forged, out of date or made by an attester that is not trusted.",
        response "The client is refused or held to lesser rights by policy; distrusting an attester or version ends its grants.";
    AttestationReplayed = "attestation-replayed", Warning,
        says "A proof of possession that comes with an attestation was seen a second time.",
        response "Refused with a fresh challenge to answer; a key that keeps replaying is blocked.";
    AuthorizationFramed = "authorization-framed", Notice,
        says "A browser asked for a sign-in or consent page, or a silent answer, inside a frame.",
        response "The page offers only to open itself in a tab; silent requests get login_required unless framing is allowed.";
    ClientAssertionInvalid = "client-assertion-invalid", Warning,
        says "A client assertion failed its checks; a good signature made for another audience means a hostile server relays it.",
        response "Answered invalid_client and the client is slowed down; a relayed assertion is raised as an alarm.";
    ClientAssertionReplayed = "client-assertion-replayed", High,
        says "A valid client assertion was used a second time.",
        response "Refused, and the owner of the client is told.";
    ClientAuthFailedBurst = "client-auth-failed-burst", Warning,
        says "A client failed to authenticate many times in a short while.",
        response "Answers to that client from that address slow down, then stop for a while; a code sent along is burnt.";
    ClientAuthMethodViolation = "client-auth-method-violation", Warning,
        says "A client authenticated in a way it is not registered for, or in two ways at once.",
        response "Refused, and counted as a failed authentication.";
    ClientChanged = "client-changed", Info,
        says "A client was registered, edited, disabled or deleted.",
        response "Recorded; consent remembered for the older registration no longer counts where the change touches it.";
    ClientErrorRedirectBurst = "client-error-redirect-burst", Warning,
        says "Most authorization requests for one client end in an error sent to its site.",
        response "The client's redirects go through a page that names the target first, and the operator is told.";
    CodeClientMismatch = "code-client-mismatch", High,
        says "A client presented an authorization code that belongs to another client.",
        response "Refused; the presenting client loses automatic approval until an operator has looked.";
    CodeExpiredUse = "code-expired-use", Notice,
        says "An authorization code arrived after its lifetime.",
        response "Answered invalid_grant; the code stays dead.";
    CodeRedirectMismatch = "code-redirect-mismatch", High,
        says "A code was redeemed with a redirect_uri other than the one it was sent to.",
        response "The code is burnt.";
    CodeReplayed = "code-replayed", High,
        says "An authorization code that had been redeemed came back.",
        response "Every token that grew from the code is revoked, and the user is told if the operator wants that.";
    CodeUnknownBurst = "code-unknown-burst", Warning,
        says "Many authorization codes that were never issued arrived in a short while.",
        response "The client and address are slowed down, then blocked for a while, without closing the door to genuine codes.";
    ConsentForgery = "consent-forgery", High,
        says "A consent form arrived without proof that the user's own page had sent it.",
        response "The pending request is dropped, the session stays, and the user sees that a site acted in their name.";
    ConsentRemembered = "consent-remembered", Info,
        says "A request was approved without a page because the user had approved the same before.",
        response "Recorded, with the consent it relied on.";
    ConsentSessionMismatch = "consent-session-mismatch", High,
        says "A pending authorization request came back in another browser or session than the one that started it.",
        response "The pending request is dropped for both browsers; hand-over between devices needs the user's confirmation.";
    ConsentTooFast = "consent-too-fast", Warning,
        says "Consent was given faster than a person can read the page.",
        response "A second proof of presence is asked for, and the user gets a notice with a link that undoes the approval.";
    CredentialInUrl = "credential-in-url", Warning,
        says "A code or client secret arrived in a URL, where logs and histories keep it.",
        response "Refused; the exposed code is burnt and the secret is marked to be replaced.";
    CrossSiteRequestRefused = "cross-site-request-refused", Notice,
        says "Another site tried to drive a cookie-authenticated endpoint.",
        response "Refused; nothing changes.";
    DeviceApprovalAnomaly = "device-approval-anomaly", High,
        says "A device sign-in was approved far from where it was started, or a user reported one.",
        response "Asks for stronger proof or refuses; after a report, all grants begun by that source end.";
    DeviceCodeClientMismatch = "device-code-client-mismatch", High,
        says "A client polled with a device code that belongs to another client.",
        response "The device request ends and the poller is slowed down.";
    DeviceUserCodeGuessing = "device-user-code-guessing", Warning,
        says "Somebody is trying user codes.",
        response "Code entry slows down and then closes for that account and address.";
    DisabledSubjectUse = "disabled-subject-use", Warning,
        says "A token or grant of a disabled user or client was used.",
        response "Refused, and the token family is revoked.";
    DpopBindingMismatch = "dpop-binding-mismatch", High,
        says "A token bound to one key was presented with another key, or with none.",
        response "Refused; a token that keeps meeting foreign keys takes its whole family down.";
    DpopProofReplayed = "dpop-proof-replayed", Warning,
        says "A DPoP proof was seen a second time.",
        response "Refused, and from then on that key must put a server nonce into every proof.";
    EmbeddedUserAgent = "embedded-user-agent", Notice,
        says "The sign-in page was opened in a browser that an app controls.",
        response "Offers to continue in the system browser; where that cannot be required, asks for a second factor.";
    EnumerationSuspected = "enumeration-suspected", Warning,
        says "Sign-ins or sign-ups look like a walk through a list of account names.",
        response "The address is slowed down, then challenged; answers stay the same for known and unknown names.";
    EventDeliveryFailing = "event-delivery-failing", High,
        says "Security events do not reach the configured receiver.",
        response "Events are kept locally and the other channels carry the alarm.";
    FlowStepSkipped = "flow-step-skipped", Warning,
        says "A browser asked for a later step of the sign-in than it has earned.",
        response "The request starts again at sign-in.";
    ForwardedHeaderRejected = "forwarded-header-rejected", Warning,
        says "A forwarding or certificate header came from an address that is not a trusted proxy.",
        response "The header is ignored and its source recorded; a forged certificate header is refused outright.";
    GatewayBypassAttempt = "gateway-bypass-attempt", High,
        says "Somebody tried to reach a protected backend around the gateway.",
        response "Refused, the connection closed and the source slowed down.";
    GrantCreated = "grant-created", Info,
        says "A user, or a client for itself, obtained a new grant.",
        response "Recorded; the grant appears among the user's grants and can be ended there.";
    GrantEnded = "grant-ended", Info,
        says "A grant was revoked or ran out, and its tokens with it.",
        response "Recorded; no token of the grant is accepted any more where the server is asked.";
    GrantNotAllowed = "grant-not-allowed", Notice,
        says "A client asked for a grant type, response type or response mode it is not registered for.",
        response "Refused before any other work; a client that tries several is slowed down.";
    InsufficientScopeBurst = "insufficient-scope-burst", Notice,
        says "A token is being tried against many things its scope does not cover.",
        response "Each call is answered insufficient_scope.";
    IntrospectionRefused = "introspection-refused", Warning,
        says "A caller asked about tokens that are not meant for it, or about many that do not exist.",
        response "Answered as inactive, without detail; the caller is slowed down.";
    JwtAlgorithmRejected = "jwt-algorithm-rejected", High,
        says "A signed object named an algorithm its key is not for, or none at all, or had a signature of the wrong kind.",
        response "Refused before any other claim is read.";
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
        response "Recorded; the published key set follows, and old keys verify until what they signed has expired.";
    KeyUnusable = "key-unusable", High,
        says "A signing or sealing key cannot be used: unreadable, too weak, exposed or withdrawn.",
        response "Nothing is signed with it; an emergency rotation also ends whatever it had signed or sealed.";
    LoginFailedBurst = "login-failed-burst", Warning,
        says "Many sign-ins failed for one account or from one address.",
        response "Answers slow down, then ask for a challenge, then pause the account briefly and tell its owner.";
    LoginNewLocation = "login-new-location", Notice,
        says "A user signed in from a browser or network not seen before.",
        response "Asks for a second factor where the user has one, and tells the user.";
    LoginSucceeded = "login-succeeded", Info,
        says "A user signed in.",
        response "Recorded; a fresh session replaces whatever session the browser brought.";
    LogoutRedirectRejected = "logout-redirect-rejected", Notice,
        says "A logout request named a return address that its client has not registered.",
        response "The logout page is shown and the browser stays here.";
    ManagementAccessRefused = "management-access-refused", High,
        says "Somebody without the right to do so called a management function.",
        response "Refused, slowed down and reported.";
    OutboundFetchBlocked = "outbound-fetch-blocked", Warning,
        says "A client's metadata pointed the server at an address it must not fetch from.",
        response "Nothing is fetched, now or later, for that client; its metadata is marked as hostile.";
    PkceChallengeReused = "pkce-challenge-reused", Warning,
        says "A client used one code_challenge for two authorization requests.",
        response "The second request is refused; when it happens again the client's owner is told.";
    PkceDowngradeAttempt = "pkce-downgrade-attempt", High,
        says "PKCE was left out, weakened to plain, or brought by only one half of a flow.",
        response "Refused; a code redeemed that way is burnt.";
    PkceMismatch = "pkce-mismatch", High,
        says "A code_verifier did not fit its code: the code came from somebody else's run of the flow.",
        response "The code is burnt and anything it produced is revoked; several in a day for one client alert the operator.";
    PlaintextRequest = "plaintext-request", High,
        says "A request for a protected endpoint arrived without TLS.",
        response "Refused before credentials are read; whatever crossed in clear is revoked or marked to be replaced.";
    RedirectUriRejected = "redirect-uri-rejected", Warning,
        says "An authorization request named a redirect_uri that its client has not registered.",
        response "An error page on this origin, never a redirect; several different values for one client raise an alarm.";
    RefreshClientMismatch = "refresh-client-mismatch", High,
        says "A client presented a refresh token that belongs to another client.",
        response "Refused; if the presenter proved who it is, the token's whole family is revoked.";
    RefreshReanswered = "refresh-reanswered", Info,
        says "A client repeated a refresh within the retry window and got the same answer again.",
        response "Recorded; no second line of tokens was made.";
    RefreshScopeEscalation = "refresh-scope-escalation", Notice,
        says "A refresh asked for more than the user had granted.",
        response "Answered invalid_scope; the refresh token is not spent.";
    RefreshTokenReplayed = "refresh-token-replayed", High,
        says "A refresh token that had already been replaced was used again, outside the retry window.",
        response "The whole family is revoked, with its access tokens, and the user is told.";
    RefreshUnknownBurst = "refresh-unknown-burst", Warning,
        says "Many refresh tokens that were never issued arrived in a short while.",
        response "The client and address are slowed down, then blocked for a while.";
    RegistrationFlood = "registration-flood", Warning,
        says "Clients are being registered faster than anybody needs them.",
        response "Open registration closes for that source, then for everybody, for a while; the operator is told.";
    RegistrationMetadataRejected = "registration-metadata-rejected", Notice,
        says "Client metadata held something unsafe: a dangerous redirect URI, a disguised name or a borrowed identity.",
        response "The registration is refused; a stored client like that is disabled or loses its display until reviewed.";
    RegistrationTokenMismatch = "registration-token-mismatch", High,
        says "A registration access token was used on a client it does not manage.",
        response "Refused, and the token is revoked.";
    RequestObjectRejected = "request-object-rejected", Warning,
        says "A signed authorization request was missing where required, or failed its checks.",
        response "Refused; a bad signature under a known client's name is held to be an attack on it.";
    RequestParameterDuplicated = "request-parameter-duplicated", Warning,
        says "A request carried one parameter twice.",
        response "Refused; it counts as hostile if the two values differ.";
    RequestTooLarge = "request-too-large", Notice,
        says "A request was larger or more deeply nested than the server reads.",
        response "Refused, the connection closed and the source slowed down.";
    RequestUriClientMismatch = "request-uri-client-mismatch", Warning,
        says "A pushed request was used by another client, a second time, or never existed.",
        response "Refused; the owner's handle stays good, and an address that tries several is slowed down.";
    RequestValueHostile = "request-value-hostile", Warning,
        says "A parameter held markup, control characters or another payload meant for somebody's parser.",
        response "Answered with an error that repeats nothing; the source is slowed down.";
    RevocationClientMismatch = "revocation-client-mismatch", High,
        says "A client tried to revoke a token of another client, so it holds a token it should not have.",
        response "The token is left as it is and the operator is told who holds whose token.";
    RevokedTokenUse = "revoked-token-use", Notice,
        says "A revoked token was used.",
        response "Refused; repeated use is reported with client and address.";
    ScopeNotAllowed = "scope-not-allowed", Notice,
        says "A client asked for a scope or resource beyond what it may have.",
        response "Narrowed or refused by policy, and kept in the client's history.";
    SealedRecordMismatch = "sealed-record-mismatch", High,
        says "A sealed secret of the vault does not belong to the record it was found in, or was altered.",
        response "It is not used and the operator is alerted; one command seals again and revokes upstream.";
    SessionEnded = "session-ended", Info,
        says "A session ended by logout, age, replacement or an operator's command.",
        response "Recorded; its cookie opens nothing any more.";
    SessionFixationRejected = "session-fixation-rejected", Warning,
        says "A browser brought a session identifier that it was not given here, or an older one kept across sign-in.",
        response "The session ends and the user signs in again.";
    SessionStarted = "session-started", Info,
        says "A browser got a new signed-in session.",
        response "Recorded; the session appears among the user's sessions and can be ended there.";
    SilentAuthorizationRefused = "silent-authorization-refused", Notice,
        says "An unverifiable client tried to use an earlier consent without showing a page.",
        response "The consent page is shown, or prompt=none is answered with consent_required or interaction_required.";
    TokenAudienceMismatch = "token-audience-mismatch", Warning,
        says "A token meant for one resource server was presented to another.",
        response "Answered invalid_token; a token that keeps turning up elsewhere is revoked, by audience if the operator asks.";
    TokenExchangeRefused = "token-exchange-refused", Warning,
        says "A client tried to exchange a token for rights it may not have.",
        response "Refused; a client that keeps bringing other clients' tokens loses its exchange right.";
    TokenExpiredUseBurst = "token-expired-use-burst", Notice,
        says "Expired access tokens are being used in numbers.",
        response "Each is answered invalid_token.";
    TokenInQuery = "token-in-query", Warning,
        says "An access token arrived in a URL, where logs and histories keep it.",
        response "Refused, and the exposed token is revoked.";
    TokenQuotaExceeded = "token-quota-exceeded", Notice,
        says "A client or user holds as many live tokens or pending requests as allowed.",
        response "Only that owner is asked to wait (429 with Retry-After), and dead records are cleared.";
    TokenUnknownBurst = "token-unknown-burst", Warning,
        says "Many access tokens that were never issued arrived in a short while.",
        response "The address is slowed down, then blocked for a while.";
    UpstreamAccountLinkRefused = "upstream-account-link-refused", High,
        says "An upstream login claimed an existing local account without proof that both have one owner.",
        response "Not linked; the user must sign in locally, and the local account is told.";
    UpstreamIssuerMismatch = "upstream-issuer-mismatch", High,
        says "An upstream answer came from another issuer than the one that was asked.",
        response "The login is dropped before any token endpoint is called; an upstream that lies about itself is suspended.";
    UpstreamPolicyWeak = "upstream-policy-weak", Warning,
        says "An upstream provider offers less protection than the operator requires.",
        response "It is not used below that level; above it, what it lacks is made up for here and reported.";
    UserChanged = "user-changed", Info,
        says "A user was created, edited, disabled, deleted or given a new password.",
        response "Recorded; a disabled user's sessions and grants end, and a new password ends other sessions.";
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn every_signal_explains_itself_in_sentences() {
        for &signal in Signal::ALL {
            for text in [signal.says(), signal.response()] {
                assert!(text.ends_with('.') && !text.contains('\n'), "{}: {text}", signal.name());
            }
            assert!(!signal.says().trim_end_matches('.').contains(". "), "{}: one sentence", signal.name());
        }
    }
}
