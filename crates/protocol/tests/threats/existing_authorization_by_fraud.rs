//! Ada allowed an app before, and another program starts a flow under that app's name.

use protocol::authorize::{Consent, NextStep, Why};
use protocol::record::ConsentRecord;
use protocol::rules::Rule;
use protocol::scope::ScopeSet;
use protocol::signal::Signal;
use serde_json::json;

use crate::cast::*;

/// Consent to everything, for any client and address.
fn remembered(client: &str, redirect_uri: &str) -> ConsentRecord {
    ConsentRecord {
        subject: ADA.to_owned(),
        client_id: client.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        scope: ScopeSet::parse("openid profile mail:read mail:send cal:read").expect("scope"),
        resources: vec![MAIL.to_owned(), CALENDAR.to_owned()],
        expires: NOW + jose::Seconds(1000),
    }
}

#[test]
fn a_public_client_always_asks() {
    let mut desk = Desk::open();
    desk.clients.add(&with(native("claimed"), "redirect_uris", json!(["https://claimed.example/cb"])));
    desk.clients.add(&with(web("spa"), "token_endpoint_auth_method", "none"));
    for client in [APP, "claimed", "spa"] {
        let request = desk.request(client);
        let consent = remembered(client, request.get("redirect_uri"));
        let step = |prompt: Option<&str>| {
            let request = prompt.map_or(request.clone(), |prompt| request.clone().with("prompt", prompt));
            desk.check(&request).expect("honest").next_step(Some(&desk.session), Some(&consent), None, NOW)
        };
        assert_eq!(step(None), NextStep::Consent(Why::Unproven), "{client}");
        assert_eq!(step(Some("none")), NextStep::Refuse(Rule::ConsentRequired));
    }
    assert_eq!(Rule::ConsentRequired.signal(), Some(Signal::SilentAuthorizationRefused));
    assert_eq!(refused(&with(native("n"), "remember_consent", true)).0, "remember_consent");
}

#[test]
fn a_client_that_authenticates_may_be_remembered() {
    let desk = Desk::open();
    for client in [ROBOT, KEYED] {
        let request = desk.request(client);
        let consent = remembered(client, request.get("redirect_uri"));
        let checked = desk.check(&request.with("prompt", "none")).expect("honest");
        let step = checked.next_step(Some(&desk.session), Some(&consent), None, NOW);
        assert_eq!(step, NextStep::Approve);
        assert!(Consent::remembered(step, &checked).is_some());
        for other in [NextStep::SignIn, NextStep::Consent(Why::New), NextStep::Refuse(Rule::ConsentRequired)] {
            assert!(Consent::remembered(other, &checked).is_none());
        }
    }
}

#[test]
fn consent_to_a_public_client_is_not_even_written_down() {
    let mut desk = Desk::open();
    desk.connect(APP);
    assert!(desk.ledger.consents.is_empty());
    desk.connect(ROBOT);
    assert_eq!(desk.ledger.consents.len(), 1);
    // Nor where the operator said no.
    desk.clients.add(&with(web("forgetful"), "remember_consent", false));
    desk.connect("forgetful");
    assert_eq!(desk.ledger.consents.len(), 1);
}
