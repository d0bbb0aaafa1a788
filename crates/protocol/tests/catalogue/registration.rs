//! Client metadata: each member with each defect, and the member that the refusal names.

use serde_json::{Value, json};

use crate::cast::*;

/// Each row breaks one rule of registration: the metadata, and the member that is named.
fn rows() -> Vec<(Value, &'static str)> {
    let jwks = json!({ "keys": [client_key().public_jwk()] });
    let private: Value = serde_json::from_str(client_key().to_private_jwk().expose()).expect("JSON");
    let keyed = with(with(web("k"), "token_endpoint_auth_method", "private_key_jwt"), "jwks", jwks.clone());
    let own = |grants: Value| json!({ "client_id": "o", "grant_types": grants });
    let many: Vec<String> = (0..33).map(|n| format!("https://w.example/{n}")).collect();
    vec![
        (with(web("w"), "client_id", ""), "client_id"),
        (with(web("w"), "client_id", "a b"), "client_id"),
        (with(web("w"), "client_id", "x".repeat(129)), "client_id"),
        (with(web("w"), "client_id", "u_someone"), "client_id"),
        (with(web("w"), "client_name", ""), "client_name"),
        (with(web("w"), "client_name", "x".repeat(121)), "client_name"),
        (with(web("w"), "client_name", "a\nb"), "client_name"),
        (with(native("n"), "token_endpoint_auth_method", "client_secret_basic"), "token_endpoint_auth_method"),
        (with(native("n"), "token_endpoint_auth_method", "client_secret_post"), "token_endpoint_auth_method"),
        (with(web("w"), "token_endpoint_auth_method", "private_key_jwt"), "jwks"),
        (with(web("w"), "jwks", jwks), "jwks"),
        (with(keyed.clone(), "jwks", json!({ "keys": [] })), "jwks"),
        (with(keyed.clone(), "jwks", json!({ "keys": [private] })), "jwks"),
        (with(keyed.clone(), "jwks", json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] })), "jwks"),
        (with(keyed.clone(), "jwks", json!("x")), "jwks"),
        (own(json!([])), "grant_types"),
        (own(json!(["refresh_token"])), "grant_types"),
        (own(json!(["client_credentials", "refresh_token"])), "grant_types"),
        (with(native("n"), "grant_types", json!(["authorization_code", "client_credentials"])), "grant_types"),
        (own(json!(["authorization_code"])), "redirect_uris"),
        (with(web("w"), "redirect_uris", json!([])), "redirect_uris"),
        (with(own(json!(["client_credentials"])), "redirect_uris", json!(["https://o.example/"])), "redirect_uris"),
        (with(web("w"), "redirect_uris", json!(many)), "redirect_uris"),
        (with(web("w"), "redirect_uris", json!(["x"])), "redirect_uris"),
        (with(web("w"), "response_types", json!(["token"])), "response_types"),
        (with(web("w"), "response_types", json!([])), "response_types"),
        (with(own(json!(["client_credentials"])), "response_types", json!(["code"])), "response_types"),
        (with(own(json!(["client_credentials"])), "refresh_token_policy", "rotate"), "refresh_token_policy"),
        (with(native("n"), "refresh_token_policy", "reuse"), "refresh_token_policy"),
        (with(native("n"), "danger_allow_missing_pkce", true), "danger_allow_missing_pkce"),
        (with(native("n"), "remember_consent", true), "remember_consent"),
        (with(native("n"), "introspect_resources", json!([MAIL])), "introspect_resources"),
        (with(web("w"), "introspect_resources", json!(["https://unknown.example"])), "introspect_resources"),
        (with(web("w"), "resources", json!(["https://unknown.example"])), "resources"),
        (with(web("w"), "access_token_lifetime", 9), "access_token_lifetime"),
        (with(web("w"), "access_token_lifetime", 3601), "access_token_lifetime"),
        (with(web("w"), "scope", "openid nothing"), "scope"),
        (with(with(web("w"), "resources", json!([MAIL])), "scope", "cal:read"), "scope"),
        (with(web("w"), "client_uri", "http://w.example/"), "client_uri"),
        (with(web("w"), "policy_uri", "javascript:x"), "policy_uri"),
        (with(web("w"), "tos_uri", "x"), "tos_uri"),
        (with(web("w"), "logo_uri", "https://w.example"), "logo_uri"),
        (with(web("w"), "contacts", json!([""])), "contacts"),
        (with(web("w"), "contacts", json!(vec!["a@w.example"; 9])), "contacts"),
    ]
}

#[test]
fn every_rule_of_registration_names_its_member_and_repeats_nothing() {
    for (metadata, member) in rows() {
        let error = register(&metadata).expect_err(&metadata.to_string());
        assert_eq!(error.member(), member, "{metadata}");
        assert_eq!(error.code() == "invalid_redirect_uri", member == "redirect_uris");
        let text = error.to_string();
        for received in ["unknown.example", "someone", "javascript", "AAAA"] {
            assert!(!text.contains(received), "{text}");
        }
    }
}

#[test]
fn the_honest_controls_are_registered_with_safe_defaults() {
    let client = register(&json!({ "redirect_uris": ["https://w.example/cb"] })).expect("the least there is");
    assert_eq!(client.id(), "made-up");
    assert!(!client.is_public() && client.is_vouched_for() && !client.danger_accepts_endpoint_audience());
    assert_eq!(client.pkce(), protocol::registration::PkceDemand::Required);
    let app = register(&native("n")).expect("an app");
    assert!(app.is_public() && !app.may_remember_consent());
    assert_eq!(app.refresh_policy(), protocol::registration::RefreshPolicy::Rotate);
}

#[test]
fn unknown_members_and_wrong_types_are_refused() {
    for (name, value) in [
        ("redirect_uri", json!("https://w.example/cb")),
        ("require_pkce", json!(false)),
        ("redirect_uris", json!("https://w.example/cb")),
        ("grant_types", json!(["implicit"])),
        ("scope", json!(["openid"])),
        ("scope", json!("a  b")),
        ("application_type", json!("desktop")),
        ("token_endpoint_auth_method", json!("client_secret_jwt")),
        ("id_token_signed_response_alg", json!("HS256")),
        ("id_token_signed_response_alg", json!("none")),
        ("default_max_age", json!(-1)),
        ("access_token_lifetime", json!("300")),
        ("danger_allow_missing_pkce", json!("true")),
    ] {
        let metadata = with(web("w"), name, value);
        let read = serde_json::from_value::<protocol::registration::ClientMetadata>(metadata.clone());
        assert!(read.is_err(), "{metadata}");
    }
}
