//! Two readers see two hosts in one URI.

use protocol::rules::Rule;
use serde_json::json;

use crate::cast::*;

const CONFUSING: &[&str] = &[
    "https://robot.example@evil.example/cb",
    "https://evil.example\\@robot.example/cb",
    "https://robot.example%00.evil.example/cb",
    "https://robot.example\t.evil.example/cb",
    "https://robot.example\n/cb",
    "//evil.example/cb",
    "https:robot.example/cb",
    "https:///robot.example/cb",
    "https://robot.example/cb/../go",
    "https://robot.example/cb/%2e%2e/go",
    "https://robot.example/./cb",
    "https://[::1]@robot.example/cb",
    "https://0x7f.0.0.1/cb",
    "https://user:pass@robot.example/cb",
    "https://",
];

#[test]
fn none_of_them_is_registrable() {
    for uri in CONFUSING {
        for metadata in [web("w"), native("n")] {
            assert_eq!(refused(&with(metadata, "redirect_uris", json!([uri]))).0, "redirect_uris", "{uri}");
        }
    }
    assert!(register(&web("w")).is_ok());
}

#[test]
fn none_of_them_passes_for_a_registered_one() {
    let desk = Desk::open();
    for uri in CONFUSING {
        let rule = desk.page(&desk.request(ROBOT).with("redirect_uri", uri));
        assert!(matches!(rule, Rule::RedirectUriUnregistered | Rule::ParameterMalformed), "{uri}: {rule:?}");
    }
}
