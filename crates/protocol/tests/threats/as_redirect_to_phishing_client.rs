//! Mallory registers a client whose redirect URI is a phishing page and mails links that are wrong on purpose.

use protocol::authorize::{denial, refusal};
use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn before_the_person_has_acted_only_a_vouched_client_is_answered() {
    let desk = Desk::open();
    for (name, value) in [("scope", "no:such"), ("response_type", "token"), ("prompt", "bad")] {
        let Err(Stopped::Redirect(rejection)) = desk.check(&desk.request(STRANGER).with(name, value)) else {
            panic!("must be refused after the redirect is known")
        };
        let kept = rejection.trust_by_vouching().expect_err("nobody vouches for it");
        assert_eq!(kept.redirect().as_str(), "https://stranger.example/cb", "the page can name the target");
        // The person's own press may follow it, with iss and state like any answer.
        let answer = refusal(kept.behind_a_button(), &desk.policy);
        assert_eq!((field(&answer, "iss"), field(&answer, "state")), (ISSUER.to_owned(), "honest-state".to_owned()));

        let Err(Stopped::Redirect(rejection)) = desk.check(&desk.request(ROBOT).with(name, value)) else {
            panic!("must be refused after the redirect is known")
        };
        assert!(rejection.trust_by_vouching().is_ok(), "an operator registered the robot");
    }
}

#[test]
fn silence_does_not_carry_the_browser_there_either() {
    let desk = Desk::open();
    let checked = desk.check(&desk.request(STRANGER).with("prompt", "none")).expect("well-formed");
    let rejection = checked.reject(Rule::LoginRequired.refuse());
    assert!(rejection.trust_by_vouching().is_err());
}

#[test]
fn the_persons_own_no_goes_back() {
    let desk = Desk::open();
    let checked = desk.check(&desk.request(STRANGER)).expect("honest");
    let answer = denial(checked, &desk.policy);
    assert_eq!(field(&answer, "error"), "access_denied");
    assert_eq!(fields(&answer).0, "https://stranger.example/cb");
}
