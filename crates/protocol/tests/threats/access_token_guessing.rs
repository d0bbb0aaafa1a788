//! Access tokens that nobody issued.

use jose::{AccessToken, Audience, Seconds};
use protocol::handle::{HandleKind, NewHandle};
use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn guesses_and_forgeries_are_no_tokens() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "cal:read");
    let opaque = desk.connect_by(&request);
    let row = *desk.ledger.accesses.keys().next().expect("one token");
    let guess = NewHandle::mint(HandleKind::AccessToken, row, &[0; 32]);
    let jwt = desk.connect(ROBOT);
    let claims = jwt.access_claims(MAIL, NOW);
    let other = |change: fn(&mut AccessToken)| {
        let mut claims = claims.clone();
        change(&mut claims);
        server_key().sign(&claims).expect("well-formed")
    };
    for token in [
        guess.value().expose().clone(),
        mallorys_key().sign(&claims).expect("well-formed"),
        other(|claims| claims.iss = "https://evil.example".to_owned()),
        other(|claims| claims.aud = Audience::one("https://elsewhere.example")),
        other(|claims| claims.iat = NOW + Seconds(100)),
        other(|claims| claims.jti = "no-ids".to_owned()),
        other(|claims| claims.scope = "a  b".to_owned()),
        format!("{}x", jwt.access()),
        opaque.access().to_uppercase(),
        "x".to_owned(),
        String::new(),
    ] {
        let rule = desk.live(&token).expect_err("no token of ours");
        assert_eq!(rule.published(), Rule::TokenUnknown, "{token}");
    }
    assert_eq!(Rule::TokenUnknown.signal(), Some(Signal::TokenUnknownBurst));
    assert!(desk.live(opaque.access()).is_ok() && desk.live(jwt.access()).is_ok());
}

#[test]
fn a_refresh_token_is_no_access_token() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let refresh = tokens.refresh().to_owned();
    assert_eq!(desk.live(&refresh).err(), Some(Rule::TokenUnknown));
    assert_eq!(desk.introspect(MAIL_API, &refresh), None);
}
