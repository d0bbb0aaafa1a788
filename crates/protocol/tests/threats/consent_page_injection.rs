//! Client metadata that lies or runs on the consent page.

use serde_json::json;

use crate::cast::*;

#[test]
fn names_have_no_control_characters_and_links_are_https() {
    for name in ["", "a\nb", "a\u{0}b", "a\u{9b}b", &"x".repeat(121)] {
        assert_eq!(refused(&with(web("w"), "client_name", name)).0, "client_name", "{name:?}");
    }
    for member in ["client_uri", "policy_uri", "tos_uri", "logo_uri"] {
        for uri in [
            "javascript:alert(1)",
            "http://w.example/",
            "data:text/html,x",
            "w",
            "",
            "https://w.example/\n",
            "HTTPS://w.example/",
        ] {
            assert_eq!(refused(&with(web("w"), member, uri)).0, member, "{uri:?}");
        }
        assert!(register(&with(web("w"), member, "https://w.example/")).is_ok());
    }
    let crowd: Vec<String> = (0..9).map(|n| format!("{n}@w.example")).collect();
    assert_eq!(refused(&with(web("w"), "contacts", json!(crowd))).0, "contacts");
    assert_eq!(refused(&with(web("w"), "contacts", json!(["a\u{7}"]))).0, "contacts");
}
