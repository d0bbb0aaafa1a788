//! Quotes and markup in what the auto-submitting form repeats.

use protocol::rules::Rule;
use protocol::wire::response::BrowserAnswer;

use crate::cast::*;

#[test]
fn state_stays_a_value() {
    let mut desk = Desk::open();
    let state = "\"><script>alert(1)</script>&quot;";
    let request = desk.request(ROBOT).with("state", state).with("response_mode", "form_post");
    let BrowserAnswer::FormPost { action, fields } = desk.allow(&request) else { panic!("form_post") };
    assert_eq!(action, ROBOT_CB);
    assert!(fields.contains(&("state", state.to_owned())), "one value, for the page to escape");
    assert_eq!(fields.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["code", "state", "iss"]);

    let BrowserAnswer::Redirect(location) = desk.allow(&request.with("response_mode", "query")) else {
        panic!("query")
    };
    assert!(location.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>'".contains(&b)), "{location}");
}

#[test]
fn control_characters_never_get_in() {
    let desk = Desk::open();
    for state in ["a\r\nSet-Cookie: x=y", "a\u{0}", "a\u{85}"] {
        assert_eq!(desk.page(&desk.request(ROBOT).with("state", state)), Rule::ParameterMalformed);
    }
}
