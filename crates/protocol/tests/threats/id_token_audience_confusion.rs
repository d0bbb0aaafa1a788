//! An ID token made for one client is shown by another, or by somebody else altogether.

use jose::IdToken;
use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn a_hint_is_an_id_token_of_this_server_for_this_client() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let own = tokens.0["id_token"].as_str().expect("an ID token").to_owned();
    let foreign = desk.connect(MALLORY).0["id_token"].as_str().expect("an ID token").to_owned();
    let claims = IdToken { aud: jose::Audience::one(ROBOT), ..tokens.id_claims(ROBOT, NOW) };
    let forged = mallorys_key().sign(&claims).expect("well-formed");
    let elsewhere =
        server_key().sign(&IdToken { iss: "https://evil.example".to_owned(), ..claims }).expect("well-formed");
    for hint in [foreign.as_str(), &forged, &elsewhere, tokens.access(), "x", "a.b.c"] {
        assert_eq!(desk.sent_back(&desk.request(ROBOT).with("id_token_hint", hint)), Rule::IdTokenHintInvalid);
    }
    // It only says whom the client expects, so it may be old.
    desk.wait(86_400 * 365);
    assert!(desk.check(&desk.request(ROBOT).with("id_token_hint", &own)).is_ok());
}

#[test]
fn an_id_token_is_no_access_token() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    assert_eq!(desk.live(tokens.0["id_token"].as_str().expect("an ID token")).err(), Some(Rule::TokenKind));
}
