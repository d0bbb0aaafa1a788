//! Letters that look alike, or that some layer folds together.

use protocol::rules::Rule;
use serde_json::json;

use crate::cast::*;

#[test]
fn hosts_are_ascii_and_compared_as_octets() {
    for host in ["r\u{043e}bot.example", "b\u{fc}cher.example", "ＲＯＢＯＴ.example", "ro\u{200d}bot.example"] {
        let uri = format!("https://{host}/cb");
        assert_eq!(refused(&with(web("w"), "redirect_uris", json!([uri]))).0, "redirect_uris", "{uri}");
        let desk = Desk::open();
        assert_eq!(desk.page(&desk.request(ROBOT).with("redirect_uri", &uri)), Rule::RedirectUriUnregistered);
    }
    assert!(register(&with(web("w"), "redirect_uris", json!(["https://xn--bcher-kva.example/cb"]))).is_ok());
}
