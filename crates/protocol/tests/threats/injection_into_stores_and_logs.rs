//! Values made for somebody's parser: a query, a header, a terminal, a log.

use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn control_characters_end_every_request() {
    let mut desk = Desk::open();
    for hostile in ["a\u{0}", "a\nb", "a\rb", "a\u{1b}[31m", "a\u{7f}", "a\u{9b}31m"] {
        for (name, _) in desk.request(ROBOT).0 {
            let request = desk.request(ROBOT).with(&name, hostile);
            assert_eq!(desk.page(&request), Rule::ParameterMalformed, "{name}");
        }
        let body = Desk::refreshing(hostile);
        assert_eq!(denied(desk.token(ROBOT, body)).0, Rule::ParameterMalformed);
        assert_eq!(denied(desk.token_raw(Some(&basic(hostile, "x")), b"grant_type=x")).0, Rule::BasicMalformed);
    }
    assert_eq!(Rule::ParameterMalformed.signal(), Some(Signal::RequestValueHostile));
}

#[test]
fn quotes_and_marks_are_values_like_any_other() {
    let mut desk = Desk::open();
    for hostile in ["' OR 1=1 --", "\"; DROP TABLE grants; --", "{{7*7}}", "${jndi:ldap://x}", "%s%n", "<b>"] {
        assert_eq!(desk.page(&desk.request(ROBOT).with("client_id", hostile)), Rule::ClientUnknown, "{hostile}");
        let refused = desk.token(ROBOT, Desk::refreshing(hostile)).expect_err("no token");
        assert_eq!(refused.rule, Rule::RefreshUnknown);
        assert!(!refused.wire.contains(hostile), "nothing received is ever repeated");
        assert_eq!(refused_id(hostile), "client_id");
    }
}

fn refused_id(id: &str) -> &'static str {
    refused(&with(web("w"), "client_id", id)).0
}

#[test]
fn client_ids_are_plain() {
    for id in ["", "a b", "a\"b", "a'b", "a<b", "\u{e9}", &"x".repeat(129)] {
        assert_eq!(refused_id(id), "client_id", "{id:?}");
    }
    for id in ["w", "https://w.example/app", "com.example.app", "a~b_c-d:1"] {
        assert!(register(&with(web("w"), "client_id", id)).is_ok(), "{id}");
    }
}
