//! One waiting request is finished twice, or for another person than the one who was asked.

use protocol::authorize::{AuthenticatedUser, Consent, NextStep};
use protocol::handle::Id;
use protocol::scope::ScopeSet;

use crate::cast::*;

#[test]
fn a_parked_request_yields_one_code() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let parked = Id(55);
    desk.ledger.parked.insert(parked);
    let mut press = || {
        let checked = desk.check(&request).expect("honest");
        let consent = Consent::given(ScopeSet::parse("mail:read").expect("scope"));
        let approval = checked.approve(AuthenticatedUser::assertion(&desk.session), consent);
        let plan = approval.mint(&desk.policy, Some(parked), &mut desk.draw, NOW);
        assert_eq!(plan.take_parked, Some(parked));
        desk.ledger.commit_code(plan).is_some()
    };
    assert!(press());
    assert!(!press(), "of two presses on allow one wins");
    assert_eq!(desk.ledger.codes.len(), 1);
}

#[test]
fn a_client_that_names_its_person_gets_no_other() {
    let mut desk = Desk::open();
    let tokens = desk.connect(ROBOT);
    let hint = tokens.0["id_token"].as_str().expect("an ID token").to_owned();
    let hinted = desk.request(ROBOT).with("id_token_hint", &hint);
    let by_claims = desk.request(ROBOT).with("claims", r#"{"id_token":{"sub":{"value":"u_ada"}}}"#);
    let bob = session_of("u_bob", NOW);
    for request in [hinted, by_claims] {
        let checked = desk.check(&request).expect("honest");
        assert_eq!(checked.next_step(Some(&bob), None, Some(&parked(NOW - jose::Seconds(5))), NOW), NextStep::SignIn);
        assert!(matches!(checked.next_step(Some(&desk.session), None, None, NOW), NextStep::Consent(_)));
    }
}

#[test]
fn a_subject_that_cannot_be_met_is_not_ignored() {
    let desk = Desk::open();
    for claims in [
        r#"{"id_token":{"sub":{"value":7}}}"#,
        r#"{"id_token":{"sub":null},"userinfo":{"sub":{"value":"u_bob"}}}"#,
        r#"{"id_token":{"sub":{"value":"u_ada"}},"userinfo":{"sub":{"value":"u_bob"}}}"#,
    ] {
        let checked = desk.check(&desk.request(ROBOT).with("claims", claims)).expect("well-formed");
        assert_eq!(checked.next_step(Some(&desk.session), None, None, NOW), NextStep::SignIn, "{claims}");
    }
    let either = r#"{"id_token":{"sub":{"values":["u_bob","u_ada"]}}}"#;
    let checked = desk.check(&desk.request(ROBOT).with("claims", either)).expect("well-formed");
    assert!(matches!(checked.next_step(Some(&desk.session), None, None, NOW), NextStep::Consent(_)));
}
