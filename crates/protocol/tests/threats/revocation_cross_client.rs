//! A client gives back tokens of another, to shut its people out.

use protocol::inspect::Revocation;

use crate::cast::*;

#[test]
fn foreign_tokens_stay_alive_whatever_their_form() {
    for scope in ["mail:read", "cal:read"] {
        let mut desk = Desk::open();
        let request = desk.request(ROBOT).with("scope", scope);
        let tokens = desk.connect_by(&request);
        for token in [tokens.refresh(), tokens.access()] {
            assert_eq!(desk.revoke(MALLORY, token), Revocation::Foreign, "{scope}");
        }
        assert!(desk.live(tokens.access()).is_ok());
        assert!(desk.token(ROBOT, Desk::refreshing(tokens.refresh())).is_ok());
    }
}

#[test]
fn what_is_no_token_leads_to_nothing() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let guess = format!("{}A", &tokens.refresh()[..tokens.refresh().len() - 1]);
    for token in ["x", guess.as_str(), "sc_at.x", "a.b.c"] {
        assert_eq!(desk.revoke(ROBOT, token), Revocation::Nothing, "{token}");
    }
    assert_eq!(desk.grant().ended, None);
}
