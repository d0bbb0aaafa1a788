//! What the server says of itself (RFC 8414, OpenID Connect Discovery): built from what it does.

use serde_json::{Value, json};

use crate::oidc::ACR_PASSWORD;
use crate::oidc::claims::standard_claims;
use crate::policy::Policy;
use crate::registration::GrantType;
use crate::scope::OPENID_SCOPES;
use crate::wire::response::{ResponseMode, auth_methods};

/// The one metadata document, the same at both well-known addresses.
///
/// `algorithms` are those the server has a signing key for. Every URL begins with the configured issuer, never with what a
/// request says of the host.
pub fn document(policy: &Policy, algorithms: &[jose::Algorithm]) -> Value {
    let assertion_algs: Vec<&str> = jose::Algorithm::ALL.iter().map(|alg| alg.name()).collect();
    let id_token_algs: Vec<&str> = algorithms.iter().map(|alg| alg.name()).collect();
    let mut scopes: Vec<&str> = OPENID_SCOPES.to_vec();
    scopes.extend(policy.resources.iter().flat_map(|resource| &resource.scopes).map(|scope| scope.value.as_str()));
    let mut claims = vec!["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"];
    claims.extend(standard_claims());
    // No plain, no none, and the promise of iss in every answer.  defends: metadata-impersonation, mix-up
    json!({
        "issuer": policy.issuer,
        "authorization_endpoint": policy.url("/authorize"),
        "token_endpoint": policy.url("/token"),
        "revocation_endpoint": policy.url("/revoke"),
        "introspection_endpoint": policy.url("/introspect"),
        "userinfo_endpoint": policy.url("/userinfo"),
        "jwks_uri": policy.url("/jwks"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::ALL.iter().map(|mode| mode.as_str()).collect::<Vec<_>>(),
        "grant_types_supported": GrantType::ALL.iter().map(|grant| grant.as_str()).collect::<Vec<_>>(),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": auth_methods(),
        "token_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "revocation_endpoint_auth_methods_supported": auth_methods(),
        "revocation_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "introspection_endpoint_auth_methods_supported": auth_methods().into_iter().filter(|m| *m != "none").collect::<Vec<_>>(),
        "introspection_endpoint_auth_signing_alg_values_supported": assertion_algs,
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": id_token_algs,
        "acr_values_supported": [ACR_PASSWORD],
        "claims_supported": claims,
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "ui_locales_supported": ["en", "de"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
    })
}
