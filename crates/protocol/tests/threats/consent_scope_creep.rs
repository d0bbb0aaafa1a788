//! Ada allowed a little, and the client takes it for more.

use protocol::authorize::{NextStep, Why};
use protocol::record::ConsentRecord;
use protocol::scope::ScopeSet;

use crate::cast::*;

fn step(desk: &Desk, request: &Form, consent: &ConsentRecord) -> NextStep {
    desk.check(request).expect("honest").next_step(Some(&desk.session), Some(consent), None, desk.now)
}

#[test]
fn remembered_consent_covers_itself_and_no_more() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid mail:read").with("resource", MAIL);
    desk.connect_by(&request);
    let consent = desk.ledger.consents[0].clone();
    assert_eq!(step(&desk, &request, &consent), NextStep::Approve);
    assert_eq!(step(&desk, &request.clone().with("scope", "openid"), &consent), NextStep::Approve, "less is covered");

    let new = NextStep::Consent(Why::New);
    for (name, value) in
        [("scope", "openid mail:read mail:send"), ("resource", CALENDAR), ("claims", r#"{"userinfo":{"email":null}}"#)]
    {
        assert_eq!(step(&desk, &request.clone().with(name, value), &consent), new, "{name}");
    }
    for (change, why) in [
        ((|c: &mut ConsentRecord| c.subject = "u_bob".to_owned()) as fn(&mut ConsentRecord), "another person"),
        (|c| c.client_id = MALLORY.to_owned(), "another client"),
        (|c| c.redirect_uri = "https://robot.example/old".to_owned(), "another address"),
        (|c| c.expires = NOW, "too long ago"),
        (|c| c.scope = ScopeSet::EMPTY, "nothing"),
    ] {
        let mut changed = consent.clone();
        change(&mut changed);
        assert_eq!(step(&desk, &request, &changed), new, "{why}");
    }
    let asked = request.clone().with("prompt", "consent");
    assert_eq!(step(&desk, &asked, &consent), NextStep::Consent(Why::Asked), "the client wants it asked");
}

#[test]
fn the_form_cannot_widen_what_was_asked() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid mail:read");
    desk.allow_only(&request, ScopeSet::parse("openid mail:read mail:send cal:read profile").expect("scope"));
    assert_eq!(desk.grant().scope.as_str(), "openid mail:read");
    assert_eq!(desk.ledger.consents[0].scope.as_str(), "openid mail:read");
}

#[test]
fn what_was_unticked_is_asked_again() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("scope", "openid mail:read mail:send");
    desk.allow_only(&request, ScopeSet::parse("mail:read").expect("scope"));
    let consent = desk.ledger.consents[0].clone();
    assert_eq!(step(&desk, &request, &consent), NextStep::Consent(Why::New));
}
