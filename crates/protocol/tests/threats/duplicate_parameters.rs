//! A parameter comes twice: a filter reads the first, the server the last.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn at_the_authorization_endpoint_it_ends_on_a_page() {
    let desk = Desk::open();
    let request = desk.request(ROBOT);
    for (name, value) in request.0.clone() {
        assert_eq!(desk.page(&request.clone().and(&name, &value)), Rule::ParameterRepeated, "{name}, same value");
        assert_eq!(desk.page(&request.clone().and(&name, "x")), Rule::ParameterRepeated, "{name}, other value");
    }
    for name in ["extension", "scope[]"] {
        assert_eq!(desk.page(&request.clone().and(name, "1").and(name, "2")), Rule::ParameterRepeated, "{name}");
        assert!(desk.check(&request.clone().and(name, "1")).is_ok(), "unknown ones are ignored");
    }
    assert_eq!(Rule::ParameterRepeated.signal(), Some(Signal::RequestParameterDuplicated));
}

#[test]
fn a_second_spelling_is_no_second_name() {
    let desk = Desk::open();
    let mut bytes = desk.request(ROBOT).bytes();
    bytes.extend_from_slice(b"&%73cope=mail:send");
    let refusal = desk.check_bytes(&bytes).expect_err("scope again");
    assert_eq!((refusal.refusal().rule(), refusal.refusal().parameter()), (Rule::ParameterRepeated, "scope"));
}

#[test]
fn at_the_token_endpoint_it_is_refused_before_anything_is_spent() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code);
    for (name, value) in redemption.0.clone() {
        let twice = redemption.clone().and(&name, &value);
        assert_eq!(denied(desk.token(ROBOT, twice)).0, Rule::ParameterRepeated, "{name}");
    }
    assert!(desk.token(ROBOT, redemption).is_ok());
}

#[test]
fn resource_alone_may_repeat() {
    let desk = Desk::open();
    let request = desk.request(ROBOT).and("resource", MAIL).and("resource", CALENDAR).and("resource", MAIL);
    assert_eq!(desk.check(&request).expect("RFC 8707").resources(), [MAIL, CALENDAR]);
}
