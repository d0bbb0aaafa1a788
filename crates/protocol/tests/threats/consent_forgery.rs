//! A request that claims to be allowed already.

use protocol::authorize::{NextStep, Why};

use crate::cast::*;

#[test]
fn no_parameter_stands_for_consent_or_for_a_person() {
    let desk = Desk::open();
    let mut request = desk.request(ROBOT);
    for (name, value) in [
        ("approve", "true"),
        ("decision", "allow"),
        ("consent", "1"),
        ("approval_prompt", "auto"),
        ("user", "ada"),
        ("username", "ada"),
        ("password", "hunter2"),
        ("session", "x"),
    ] {
        request = request.and(name, value);
    }
    let checked = desk.check(&request).expect("unknown parameters are ignored");
    assert_eq!(checked.next_step(None, None, None, NOW), NextStep::SignIn);
    assert_eq!(checked.next_step(Some(&desk.session), None, None, NOW), NextStep::Consent(Why::New));
}
