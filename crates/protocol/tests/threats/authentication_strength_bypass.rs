//! The client wants a fresh or stronger sign-in, and gets the one that happens to be there.

use jose::Seconds;
use protocol::authorize::{NextStep, Why};
use protocol::rules::Rule;
use serde_json::json;

use crate::cast::*;

/// The next step for a person who signed in so many seconds ago, of a request that was made `since`.
fn step(desk: &Desk, request: &Form, signed_in: u32, since: Option<u32>) -> NextStep {
    let session = session_of(ADA, NOW - Seconds(signed_in));
    let parked = since.map(|ago| parked(NOW - Seconds(ago)));
    desk.check(request).expect("honest").next_step(Some(&session), None, parked.as_ref(), NOW)
}

const CONSENT: NextStep = NextStep::Consent(Why::New);

#[test]
fn max_age_counts_from_the_request() {
    let desk = Desk::open();
    let request = desk.request(ROBOT).with("max_age", "60");
    assert_eq!(step(&desk, &request, 60, None), CONSENT);
    assert_eq!(step(&desk, &request, 61, None), NextStep::SignIn);
    assert_eq!(step(&desk, &request, 90, Some(40)), CONSENT, "a slow reader does not sign in twice");
    assert_eq!(step(&desk, &request, 101, Some(40)), NextStep::SignIn);
    let silent = request.with("prompt", "none");
    assert_eq!(step(&desk, &silent, 61, None), NextStep::Refuse(Rule::LoginRequired));
    let at_once = desk.request(ROBOT).with("max_age", "0");
    assert_eq!(step(&desk, &at_once, 0, None), NextStep::SignIn, "any session is older than a fresh request");
    assert_eq!(step(&desk, &at_once, 11, Some(10)), NextStep::SignIn);
    assert_eq!(step(&desk, &at_once, 5, Some(10)), CONSENT);
}

#[test]
fn a_registered_max_age_holds_where_the_request_names_none() {
    let mut desk = Desk::open();
    desk.clients.add(&with(web("strict"), "default_max_age", 30));
    assert_eq!(step(&desk, &desk.request("strict"), 31, None), NextStep::SignIn);
    assert_eq!(step(&desk, &desk.request("strict").with("max_age", "100"), 31, None), CONSENT);
    for bad in ["-1", "1.5", "1e3", " 1", "99999999999", "4294967296", "x"] {
        assert_eq!(desk.sent_back(&desk.request(ROBOT).with("max_age", bad)), Rule::ParameterMalformed, "{bad}");
    }
}

#[test]
fn prompt_login_wants_a_sign_in_after_the_request() {
    let desk = Desk::open();
    for prompt in ["login", "select_account", "login consent"] {
        let request = desk.request(ROBOT).with("prompt", prompt);
        assert_eq!(step(&desk, &request, 0, None), NextStep::SignIn, "{prompt}");
        assert_eq!(step(&desk, &request, 11, Some(10)), NextStep::SignIn);
        assert!(matches!(step(&desk, &request, 9, Some(10)), NextStep::Consent(_)));
    }
    for bad in ["none login", "none none consent", "LOGIN", "login  consent", " login", "create"] {
        assert_eq!(desk.sent_back(&desk.request(ROBOT).with("prompt", bad)), Rule::PromptMalformed, "{bad}");
    }
}

#[test]
fn a_session_that_is_over_is_none() {
    let desk = Desk::open();
    let mut session = session();
    session.expires = NOW;
    let checked = desk.check(&desk.request(ROBOT)).expect("honest");
    assert_eq!(checked.next_step(Some(&session), None, None, NOW), NextStep::SignIn);
}

#[test]
fn an_essential_acr_that_cannot_be_reached_is_an_error() {
    let desk = Desk::open();
    let claims =
        |acr: serde_json::Value| desk.request(ROBOT).with("claims", &json!({ "id_token": { "acr": acr } }).to_string());
    for acr in [
        json!({ "essential": true, "values": ["urn:mace:incommon:iap:silver"] }),
        json!({ "essential": true, "value": "gold" }),
        json!({ "essential": true, "value": 1 }),
    ] {
        assert_eq!(desk.sent_back(&claims(acr)), Rule::AcrUnmet);
    }
    for acr in [
        json!(null),
        json!({ "essential": true }),
        json!({ "values": ["gold"] }),
        json!({ "essential": true, "values": ["gold", protocol::oidc::ACR_PASSWORD] }),
    ] {
        assert!(desk.check(&claims(acr.clone())).is_ok(), "{acr}");
    }
    // acr_values is a wish: the token tells what was reached.
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("acr_values", "gold");
    assert_eq!(desk.connect_by(&request).id_claims(ROBOT, NOW).acr.as_deref(), Some(protocol::oidc::ACR_PASSWORD));
}
