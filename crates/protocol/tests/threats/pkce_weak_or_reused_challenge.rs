//! Challenges and verifiers that are too short to be secret, or not of the right form.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn a_challenge_is_43_characters_of_base64url() {
    let desk = Desk::open();
    let right = challenge(VERIFIER);
    let padded = format!("{right}=");
    let long = format!("{right}A");
    let foreign = format!("{}+", &right[..42]);
    // 43 characters whose last one says more than 32 bytes could.
    let loose = format!("{}B", &right[..42]);
    for challenge in ["a", &right[..42], &padded, &long, &foreign, &loose] {
        let request = desk.request(ROBOT).with("code_challenge", challenge);
        assert_eq!(desk.sent_back(&request), Rule::PkceChallengeMalformed, "{challenge}");
    }
    assert!(desk.check(&desk.request(ROBOT).with("code_challenge", &right)).is_ok());
}

#[test]
fn a_verifier_has_43_to_128_unreserved_characters() {
    for (verifier, fits) in [
        ("a".repeat(42), false),
        ("a".repeat(43), true),
        ("~._-".repeat(32), true),
        ("a".repeat(129), false),
        (format!("{}+", "a".repeat(43)), false),
        (format!("{} ", "a".repeat(43)), false),
        (format!("{}\u{e9}", "a".repeat(43)), false),
    ] {
        let mut desk = Desk::open();
        // The client hashed what it sends, so only the form can be wrong.
        let request = desk.request(ROBOT).with("code_challenge", &challenge(&verifier));
        let code = desk.code(&request);
        let redemption = desk.redemption(ROBOT, &code).with("code_verifier", &verifier);
        match desk.token(ROBOT, redemption) {
            Ok(_) => assert!(fits, "{verifier}"),
            Err(refused) => assert_eq!((refused.rule, fits), (Rule::PkceMismatch, false), "{verifier}"),
        }
    }
}

#[test]
fn the_challenge_is_there_to_be_remembered() {
    // The server reports one that comes twice; for that it has to see it.
    let desk = Desk::open();
    let checked = desk.check(&desk.request(ROBOT)).expect("honest");
    assert_eq!(checked.challenge(), Some(challenge(VERIFIER).as_str()));
}
