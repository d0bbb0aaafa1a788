//! A client trusts several servers, and Mallory's makes it take an answer of this one for its own.

use protocol::authorize::{denial, refusal};

use crate::cast::*;

#[test]
fn every_answer_names_the_issuer_whatever_it_says_and_however_it_travels() {
    let mut desk = Desk::open();
    for mode in ["query", "form_post"] {
        let request = desk.request(ROBOT).with("response_mode", mode);
        let success = desk.allow(&request);
        let denied = denial(desk.check(&request).expect("honest"), &desk.policy);
        let Err(Stopped::Redirect(rejection)) = desk.check(&request.with("scope", "no:such")) else {
            panic!("refused")
        };
        let Ok(trusted) = rejection.trust_by_vouching() else { panic!("vouched for") };
        let failed = refusal(trusted, &desk.policy);
        for answer in [success, denied, failed] {
            assert_eq!(field(&answer, "iss"), ISSUER);
            assert_eq!(field(&answer, "state"), "honest-state");
        }
    }
}

#[test]
fn one_issuer_everywhere() {
    let mut desk = Desk::open();
    let metadata = protocol::wire::metadata::document(&desk.policy, &[jose::Algorithm::Es256]);
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    let tokens = desk.connect(ROBOT);
    assert_eq!(tokens.id_claims(ROBOT, NOW).iss, ISSUER);
    assert_eq!(tokens.access_claims(MAIL, NOW).iss, ISSUER);
    assert_eq!(desk.introspect(MAIL_API, tokens.access()).expect("its own")["iss"], ISSUER);
}
