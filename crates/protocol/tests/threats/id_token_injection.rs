//! An ID token of another sign-in, or a code of one, is planted at the client.

use crate::cast::*;

#[test]
fn an_id_token_is_bound_to_client_request_and_sign_in() {
    let mut desk = Desk::open();
    let claims = desk.connect(ROBOT).id_claims(ROBOT, NOW);
    assert_eq!(claims.nonce.as_deref(), Some("honest-nonce"));
    assert_eq!(claims.aud.sole(), Some(ROBOT));
    assert_eq!((claims.iss.as_str(), claims.sub.as_str()), (ISSUER, ADA));
    assert_eq!(claims.auth_time, Some(desk.session.authentication.time));
    assert_eq!(claims.acr.as_deref(), Some(protocol::oidc::ACR_PASSWORD));
    assert_eq!((claims.iat, claims.exp), (NOW, NOW + jose::Seconds(300)));

    let without = desk.request(ROBOT).without("nonce");
    assert_eq!(desk.connect_by(&without).id_claims(ROBOT, NOW).nonce, None, "no nonce is made up");
}

#[test]
fn a_refreshed_id_token_speaks_of_the_same_sign_in_and_carries_no_nonce() {
    let mut desk = Desk::open();
    let first = desk.connect(ROBOT);
    let before = first.id_claims(ROBOT, NOW);
    desk.wait(1000);
    let now = desk.now;
    let after = desk.token(ROBOT, Desk::refreshing(first.refresh())).expect("rotates").id_claims(ROBOT, now);
    assert_eq!((after.sub, after.aud, after.auth_time), (before.sub, before.aud, before.auth_time));
    assert_eq!((after.iat, after.nonce), (now, None));
}

#[test]
fn without_openid_there_is_none() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "mail:read");
    assert!(desk.connect_by(&request).0.get("id_token").is_none());
}

#[test]
fn no_persons_record_writes_the_servers_claims() {
    let mut desk = Desk::open();
    desk.ledger.owners.get_mut(ADA).expect("Ada").claims =
        r#"{"sub":"u_bob","iss":"https://evil.example","nonce":"x","auth_time":1,"acr":"x","name":"Ada"}"#.to_owned();
    let claims = r#"{"id_token":{"sub":null,"nonce":null,"auth_time":null,"iss":null,"name":null}}"#;
    let request = desk.request(ROBOT).with("claims", claims);
    let token = desk.connect_by(&request).id_claims(ROBOT, NOW);
    assert_eq!((token.sub.as_str(), token.iss.as_str()), (ADA, ISSUER));
    assert_eq!(token.nonce.as_deref(), Some("honest-nonce"));
    assert_eq!(token.extra.keys().collect::<Vec<_>>(), ["name"]);
}
