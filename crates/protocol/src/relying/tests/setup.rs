//! Metadata and the client's identity.

use super::*;

#[test]
fn metadata_impersonation_other_issuer_is_refused() {
    for named in ["https://login.example/", "https://LOGIN.example", "https://evil.example"] {
        assert_eq!(parse(&document(named), ISSUER), Err(MetadataError::IssuerMismatch), "{named}");
    }
}

#[test]
fn metadata_impersonation_without_s256_no_flow_starts() {
    for methods in [json!([]), json!(["plain"]), json!(["s256"])] {
        let mut read = document(ISSUER);
        read["code_challenge_methods_supported"] = methods;
        assert_eq!(parse(&read, ISSUER), Err(MetadataError::NoS256));
    }
    let mut read = document(ISSUER);
    read.as_object_mut().unwrap().remove("code_challenge_methods_supported");
    assert_eq!(parse(&read, ISSUER), Err(MetadataError::NoS256));
}

#[test]
fn eavesdrop_token_response_plain_http_endpoints_are_refused() {
    for address in [
        "http://login.example/token",
        "http://127.0.0.1/token",
        "http://localhost/token",
        "https://user@login.example/token",
        "https://login.example\\@evil.example/token",
        "https://login.example/token#x",
        "ftp://login.example/token",
        "/token",
    ] {
        let mut read = document(ISSUER);
        read["token_endpoint"] = json!(address);
        assert_eq!(parse(&read, ISSUER), Err(MetadataError::Endpoint("token_endpoint")), "{address}");
    }
    let loopback = "http://127.0.0.1:8080";
    assert!(parse(&document(loopback), loopback).is_ok());
    for issuer in ["http://localhost:8080", "http://login.example", "https://login.example?x=1", "login"] {
        assert_eq!(parse(&document(issuer), issuer), Err(MetadataError::Issuer), "{issuer}");
    }
}

#[test]
fn metadata_documents_that_are_none_are_refused() {
    for text in ["", "[]", "{}", "{\"issuer\":\"https://login.example\",\"issuer\":\"https://login.example\"}"] {
        assert_eq!(ServerMetadata::parse(text.as_bytes(), ISSUER), Err(MetadataError::Document), "{text}");
    }
    assert_eq!(ServerMetadata::parse(&vec![b' '; 70_000], ISSUER), Err(MetadataError::Document));
}

#[test]
fn well_known_addresses_insert_and_append_the_path() {
    assert_eq!(
        ServerMetadata::well_known("https://login.example/tenant").unwrap(),
        [
            "https://login.example/.well-known/oauth-authorization-server/tenant",
            "https://login.example/tenant/.well-known/openid-configuration",
        ]
    );
}

#[test]
fn obtain_client_secret_native_clients_cannot_have_one() {
    let native = json!({ "client_id": "a", "application_type": "native", "token_endpoint_auth_method": "none" });
    assert!(ClientIdentity::from_information(native.to_string().as_bytes()).is_ok());
    let with_secret = json!({ "client_id": "a", "application_type": "native", "client_secret": "s" });
    let refused = ClientIdentity::from_information(with_secret.to_string().as_bytes());
    assert_eq!(refused.unwrap_err(), ClientIdentityError::NativeSecret);
    let no_secret = json!({ "client_id": "a", "token_endpoint_auth_method": "client_secret_basic" });
    assert_eq!(
        ClientIdentity::from_information(no_secret.to_string().as_bytes()).unwrap_err(),
        ClientIdentityError::Method
    );
}

#[test]
fn audience_injection_client_assertion_names_the_issuer_alone() {
    let key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    let keys = JwkSet::from_keys([key.public_jwk().clone()]).unwrap();
    let client = Arc::new(ClientIdentity::web("app", ClientAuthentication::PrivateKeyJwt(key)));
    let start = AuthorizationStart::new(server(), client, REDIRECT);
    let (url, pending) = start.begin(&random(), NOW).unwrap();
    let state = form::parse(url.split_once('?').unwrap().1).unwrap().into_iter().find(|(name, _)| name == "state");
    let code = pending.accept(&good_callback(&state.unwrap().1), NOW).unwrap();
    let (request, _) = code.token_request(MOMENT).unwrap();
    let pairs = form::parse(request.body().expose()).unwrap();
    let assertion = &pairs.iter().find(|(name, _)| name == "client_assertion").unwrap().1;
    let issuer = [ISSUER];
    let expect = jose::Expectation::new("app", jose::ExpectedAudience::SoleString(&issuer), &Algorithm::ALL, NOW)
        .max_lifetime(Seconds(60));
    let claims = jose::verify::<jose::ClientAssertion>(assertion, &keys, &expect).unwrap().into_claims();
    assert_eq!((claims.sub.as_str(), claims.aud.sole()), ("app", Some(ISSUER)));
}
