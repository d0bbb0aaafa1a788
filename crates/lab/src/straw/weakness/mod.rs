//! The weaknesses, one per threat, each in a file of its own.

use super::layer::Weakness;

/// A weakness and what it opens.
#[derive(Debug)]
pub struct Row {
    /// The threat's id, which is the weakness's name.
    pub threat: &'static str,
    /// Makes one, with state of its own.
    pub make: fn() -> Box<dyn Weakness>,
    /// Other threats that a server with this weakness cannot resist either, each with the reason.
    pub also: &'static [(&'static str, &'static str)],
}

mod aliases;
mod bent;
mod counted;
mod crowd;
mod front_token;
mod loose;
mod other_flow;
mod redemption;
mod strangers;
mod widened;

macro_rules! table {
    ($($file:ident = $threat:literal $([$($other:literal: $why:literal),+ $(,)?])?;)*) => {
        $(mod $file;)*
        /// All weaknesses, by name.
        pub const TABLE: &[Row] =
            &[$(Row { threat: $threat, make: $file::weakness, also: &[$($(($other, $why)),+)?] }),*];
    };
}

// Sorted, one line each.
table! {
    access_token_guessing = "access-token-guessing";
    access_token_injection = "access-token-injection" ["response-mode-switching": "an access token comes through the browser", "wrong-grant-for-client": "a response type is served that the client is not registered for"];
    access_token_phishing_counterfeit_rs = "access-token-phishing-counterfeit-rs";
    account_enumeration = "account-enumeration";
    account_identifier_collision = "account-identifier-collision";
    as_open_redirector = "as-open-redirector" ["open-redirector-on-client": "addresses that nobody registered are followed, the forwarding pages of clients among them"];
    as_redirect_to_phishing_client = "as-redirect-to-phishing-client";
    audience_injection_client_assertion = "audience-injection-client-assertion";
    authentication_strength_bypass = "authentication-strength-bypass";
    browser_script_token_theft = "browser-script-token-theft";
    clickjacking = "clickjacking" ["browser-script-token-theft": "a hidden frame is answered, too"];
    client_assertion_replay = "client-assertion-replay";
    client_auth_downgrade = "client-auth-downgrade";
    client_credentials_abuse = "client-credentials-abuse";
    client_credentials_in_clear = "client-credentials-in-clear";
    client_impersonating_resource_owner = "client-impersonating-resource-owner" ["token-abuse-across-resource-servers": "a client's own token for an API opens userinfo"];
    client_secret_guessing = "client-secret-guessing";
    code_client_mismatch = "code-client-mismatch";
    code_eavesdropping_leak = "code-eavesdropping-leak";
    code_exchange_race = "code-exchange-race";
    code_injection = "code-injection";
    code_leak_counterfeit_client = "code-leak-counterfeit-client" ["redirect-uri-pattern-match": "at redemption any address is taken for the code's"];
    code_online_guessing = "code-online-guessing";
    code_phishing = "code-phishing";
    code_replay = "code-replay" ["code-exchange-race": "of two redemptions at once both get tokens"];
    consent_forgery = "consent-forgery";
    consent_page_injection = "consent-page-injection";
    consent_scope_creep = "consent-scope-creep";
    consent_transaction_swap = "consent-transaction-swap" ["authentication-strength-bypass": "the consent page opens in a browser in which nobody signed in"];
    cors_misconfiguration = "cors-misconfiguration" ["protected-resource-injection": "pages of others read what the APIs answer"];
    credential_leak_via_referrer = "credential-leak-via-referrer" ["code-eavesdropping-leak": "another host is told the addresses of pages"];
    cross_app_request_forgery = "cross-app-request-forgery" ["csrf-on-redirect-uri": "the state comes back changed"];
    csrf_on_redirect_uri = "csrf-on-redirect-uri" ["cross-app-request-forgery": "a planted code fits the verifier of the app's own run"];
    custom_scheme_hijack = "custom-scheme-hijack" ["code-eavesdropping-leak": "a code is redeemed without its verifier", "code-phishing": "a code is redeemed without its verifier", "url-exfiltration-by-proxy-config": "a code is redeemed without its verifier"];
    dos_expensive_input = "dos-expensive-input";
    dos_lockout_abuse = "dos-lockout-abuse";
    dos_manufactured_codes = "dos-manufactured-codes";
    dos_token_exhaustion = "dos-token-exhaustion";
    duplicate_parameters = "duplicate-parameters";
    eavesdrop_token_response = "eavesdrop-token-response" ["client-credentials-in-clear": "the client's secret goes the same way"];
    embedded_browser_credential_theft = "embedded-browser-credential-theft";
    existing_authorization_by_fraud = "existing-authorization-by-fraud" ["malicious-client-obtains-authorization": "whoever uses the name of a public client gets a code, and nobody is asked", "native-client-impersonation": "nobody is asked for a client that cannot prove what it is"];
    form_post_injection = "form-post-injection";
    forwarded_header_forgery = "forwarded-header-forgery" ["password-phishing-counterfeit-as": "the sign-in page, too, is served under any name"];
    fragment_reattachment = "fragment-reattachment";
    id_token_audience_confusion = "id-token-audience-confusion";
    id_token_injection = "id-token-injection" ["code-injection": "a client cannot tell an injected code by the nonce", "duplicate-parameters": "of what comes twice one is taken"];
    implicit_script_manipulation = "implicit-script-manipulation" ["credential-leak-via-referrer": "the page loads from another host, which is told where"];
    implicit_token_browser_history = "implicit-token-browser-history" ["introspection-abuse": "introspection takes the token from the query"];
    implicit_token_leak_transport = "implicit-token-leak-transport" ["wrong-grant-for-client": "a response type is served that the client is not registered for"];
    implicit_token_substitution = "implicit-token-substitution" ["introspection-abuse": "a client is told that the token of another one is active"];
    injection_into_stores_and_logs = "injection-into-stores-and-logs";
    introspection_abuse = "introspection-abuse" ["client-auth-downgrade": "introspection answers whatever the proof of the client"];
    jwe_abuse = "jwe-abuse";
    jwt_algorithm_substitution = "jwt-algorithm-substitution";
    jwt_claims_unchecked = "jwt-claims-unchecked" ["client-assertion-replay": "an assertion that is kept for later is taken, too"];
    jwt_key_injection = "jwt-key-injection";
    jwt_type_confusion = "jwt-type-confusion";
    jwt_weak_key_or_signature = "jwt-weak-key-or-signature";
    leak_in_http_proxies = "leak-in-http-proxies";
    login_session_fixation = "login-session-fixation";
    loopback_redirect_abuse = "loopback-redirect-abuse";
    malicious_client_obtains_authorization = "malicious-client-obtains-authorization" ["existing-authorization-by-fraud": "a public client is waved through without anybody being asked", "native-client-impersonation": "whoever uses the name of an app that was allowed gets a code in silence"];
    management_surface_exposure = "management-surface-exposure";
    metadata_impersonation = "metadata-impersonation";
    mix_up = "mix-up";
    native_client_impersonation = "native-client-impersonation" ["existing-authorization-by-fraud": "a code is given and nobody is asked", "malicious-client-obtains-authorization": "whoever uses the name of a public client gets a code"];
    obtain_access_token_from_client = "obtain-access-token-from-client";
    obtain_client_secret = "obtain-client-secret";
    obtain_refresh_token_from_client = "obtain-refresh-token-from-client";
    open_redirector_on_client = "open-redirector-on-client";
    password_exposed_at_client = "password-exposed-at-client" ["wrong-grant-for-client": "the password grant is served to clients that are not registered for it"];
    password_on_transport = "password-on-transport";
    password_online_guessing = "password-online-guessing";
    password_phishing_counterfeit_as = "password-phishing-counterfeit-as" ["forwarded-header-forgery": "a strange name is answered, if only with pages"];
    pkce_downgrade = "pkce-downgrade" ["code-eavesdropping-leak": "who reads a code needs no verifier", "code-injection": "a code fits into any session", "code-phishing": "a code is enough for a public client's tokens", "custom-scheme-hijack": "who catches a native app's code needs no verifier", "url-exfiltration-by-proxy-config": "who reads the address has all that the code needs", "user-session-impersonation": "a code fits into any session"];
    pkce_plain_observed = "pkce-plain-observed";
    pkce_weak_or_reused_challenge = "pkce-weak-or-reused-challenge";
    postmessage_leak = "postmessage-leak";
    protected_resource_injection = "protected-resource-injection";
    redirect_307 = "redirect-307";
    redirect_uri_dangerous_scheme = "redirect-uri-dangerous-scheme";
    redirect_uri_homograph = "redirect-uri-homograph";
    redirect_uri_parameter_pollution = "redirect-uri-parameter-pollution";
    redirect_uri_parser_confusion = "redirect-uri-parser-confusion" ["as-open-redirector": "a line break in the address is let through", "loopback-redirect-abuse": "loopback addresses, too, are taken in other spellings", "open-redirector-on-client": "a forwarding page is reached by another spelling of the callback", "redirect-uri-pattern-match": "the host may stand before an @, and the real one after it"];
    redirect_uri_pattern_match = "redirect-uri-pattern-match" ["code-leak-counterfeit-client": "the code goes to an address that only resembles the registered one", "loopback-redirect-abuse": "loopback addresses, too, need only resemble", "open-redirector-on-client": "a forwarding page beside the callback is taken for it"];
    refresh_eavesdropping = "refresh-eavesdropping";
    refresh_online_guessing = "refresh-online-guessing";
    refresh_phishing_counterfeit_as = "refresh-phishing-counterfeit-as";
    refresh_rotation_race = "refresh-rotation-race";
    refresh_scope_escalation = "refresh-scope-escalation";
    refresh_token_replay = "refresh-token-replay" ["refresh-phishing-counterfeit-as": "what a false server made of a caught token lives on when the client comes with it", "stolen-or-cloned-device": "the return of the cloned token ends nothing"];
    resource_eavesdropping = "resource-eavesdropping";
    resource_indicator_abuse = "resource-indicator-abuse";
    resource_owner_impersonation = "resource-owner-impersonation";
    resource_scope_not_enforced = "resource-scope-not-enforced";
    response_mode_switching = "response-mode-switching";
    revocation_cross_client = "revocation-cross-client";
    revocation_incomplete = "revocation-incomplete";
    secrets_in_logs_and_errors = "secrets-in-logs-and-errors";
    server_side_request_forgery = "server-side-request-forgery";
    signing_key_compromise = "signing-key-compromise" ["metadata-impersonation": "the key set holds a private key"];
    stolen_or_cloned_device = "stolen-or-cloned-device" ["refresh-phishing-counterfeit-as": "a spent refresh token ends nothing", "refresh-token-replay": "a spent refresh token ends nothing"];
    token_abuse_across_resource_servers = "token-abuse-across-resource-servers" ["client-impersonating-resource-owner": "userinfo takes a token that speaks for no person"];
    token_endpoint_get = "token-endpoint-get" ["duplicate-parameters": "what stands in the query is taken, whatever stands in the body", "refresh-eavesdropping": "refresh tokens are taken from URLs, which logs keep"];
    token_leak_logs_referrer = "token-leak-logs-referrer" ["implicit-token-browser-history": "a token in the query, which a history keeps, is good"];
    token_response_cached = "token-response-cached" ["code-eavesdropping-leak": "answers that hold codes may be kept by what lies between", "refresh-eavesdropping": "answers that hold refresh tokens may be kept by what lies between"];
    too_much_scope_granted = "too-much-scope-granted";
    url_exfiltration_by_proxy_config = "url-exfiltration-by-proxy-config";
    user_session_impersonation = "user-session-impersonation";
    wrong_grant_for_client = "wrong-grant-for-client";
}

/// Threats that no weakness can show, each with the reason.
pub const EXCEPTIONS: &[(&str, &str)] = &[
    ("dos-client-secret-creation", "the server does not register clients by itself yet"),
    ("dpop-proof-abuse", "the server does not bind tokens to keys yet"),
    ("resource-request-replay", "the server does not bind tokens to keys yet"),
    ("sender-constraint-not-enforced", "the server does not bind tokens to keys yet"),
    ("token-exchange-escalation", "the server does not exchange tokens yet"),
    ("par-request-uri-abuse", "the server does not take pushed requests yet"),
    ("request-object-bypass", "the server does not take request objects yet"),
    ("attestation-missing-or-forged", "the server does not ask for attestations yet"),
    ("backchannel-consent-flood", "the server sends no prompts to other devices yet"),
    ("device-code-phishing", "the server has no device grant yet"),
    ("device-code-theft", "the server has no device grant yet"),
    ("device-flow-outsider-start", "the server has no device grant yet"),
    ("device-user-code-guessing", "the server has no device grant yet"),
    ("implicit-csrf", "the server has no implicit grant"),
    ("implicit-malicious-client", "the server has no implicit grant"),
    ("logout-abuse", "the server has no logout address for clients yet"),
    ("open-registration-abuse", "the server does not register clients by itself yet"),
    ("password-grant-refresh-token", "the server has no password grant"),
    ("password-grant-scope", "the server has no password grant"),
    ("registration-management-takeover", "the server does not register clients by itself yet"),
];

/// Finds weaknesses by name.
///
/// # Errors
/// The first name that is none, with the list of those that are.
pub fn find(names: &[String]) -> Result<Vec<&'static Row>, Unknown> {
    let row = |name: &String| TABLE.iter().find(|row| row.threat == name).ok_or_else(|| Unknown(name.clone()));
    names.iter().map(row).collect()
}

/// No weakness has that name.
#[derive(Debug)]
pub struct Unknown(String);

impl std::error::Error for Unknown {}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no weakness is called {}; there are:", self.0)?;
        TABLE.iter().try_for_each(|row| write!(f, "\n  {}", row.threat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_each_threat_once() {
        assert!(TABLE.is_sorted_by(|one, two| one.threat < two.threat));
        for row in TABLE {
            assert!(row.also.iter().all(|(other, why)| *other != row.threat && !why.is_empty()), "{}", row.threat);
            assert!(EXCEPTIONS.iter().all(|(threat, _)| *threat != row.threat), "{}", row.threat);
        }
    }
}
