//! Metadata that names other endpoints, or weaker methods, than there are.

use jose::Algorithm;

use crate::cast::*;

#[test]
fn every_endpoint_begins_with_the_issuer_and_nothing_weak_is_offered() {
    for issuer in [ISSUER, "https://as.example/tenant"] {
        let mut policy = policy();
        policy.issuer = issuer.to_owned();
        let document = protocol::wire::metadata::document(&policy, &[Algorithm::Es256, Algorithm::EdDsa]);
        assert_eq!(document["issuer"], issuer);
        let endpoints: Vec<_> = document
            .as_object()
            .expect("an object")
            .iter()
            .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
            .collect();
        assert_eq!(endpoints.len(), 6);
        for (name, url) in endpoints {
            let url = url.as_str().expect("a URL");
            assert!(url.starts_with(&format!("{issuer}/")) && !url[8..].contains("//"), "{name}: {url}");
        }
        assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(document["response_types_supported"], serde_json::json!(["code"]));
        assert_eq!(document["id_token_signing_alg_values_supported"], serde_json::json!(["ES256", "EdDSA"]));
        let text = document.to_string();
        for weak in ["plain", "implicit", "password\"", "HS256", "fragment", "client_secret_jwt"] {
            assert!(!text.contains(&format!("\"{weak}")), "{weak}");
        }
        let algs = document["token_endpoint_auth_signing_alg_values_supported"].as_array().expect("a list");
        assert!(algs.iter().all(|alg| alg != "none" && !alg.as_str().expect("a name").starts_with("HS")));
    }
}

#[test]
fn introspection_needs_a_client_that_authenticates() {
    let document = protocol::wire::metadata::document(&policy(), &[]);
    let methods = document["introspection_endpoint_auth_methods_supported"].as_array().expect("a list");
    assert!(methods.iter().all(|method| method != "none") && methods.len() == 3);
}

#[test]
fn a_client_believes_no_other_issuer_and_no_endpoint_that_reads_in_two_ways() {
    use protocol::relying::{MetadataError, ServerMetadata};
    let honest = protocol::wire::metadata::document(&policy(), &[Algorithm::Es256]);
    let parse = |document: &serde_json::Value| ServerMetadata::parse(document.to_string().as_bytes(), ISSUER).err();
    assert_eq!(parse(&honest), None);
    assert_eq!(parse(&with(honest.clone(), "issuer", "https://evil.example")), Some(MetadataError::IssuerMismatch));
    let without_pkce = with(honest.clone(), "code_challenge_methods_supported", serde_json::json!(["plain"]));
    assert_eq!(parse(&without_pkce), Some(MetadataError::NoS256));
    for address in [
        "http://as.example/token",
        "https:/as.example/token",
        "https:as.example/token",
        "https:///as.example/token",
        "https://as.example\\@evil.example/token",
        "https://user@as.example/token",
        "https://as.example/token#x",
        "ftp://as.example/token",
        "/token",
        "",
    ] {
        let refused = parse(&with(honest.clone(), "token_endpoint", address));
        assert_eq!(refused, Some(MetadataError::Endpoint("token_endpoint")), "{address}");
    }
}
