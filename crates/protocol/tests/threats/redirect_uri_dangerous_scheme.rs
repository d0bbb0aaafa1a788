//! A redirect URI that runs script, reads a file, or travels in clear.

use serde_json::json;

use crate::cast::*;

#[test]
fn only_https_loopback_and_schemes_with_a_period() {
    for uri in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "about:blank",
        "blob:https://a.example/x",
        "filesystem:https://a.example/x",
        "ftp://a.example/cb",
        "ws://a.example/cb",
        "http://a.example/cb",
        "http://localhost/cb",
        "http://127.0.0.2/cb",
        "http://0.0.0.0/cb",
        "http://[::]/cb",
        "urn:ietf:wg:oauth:2.0:oob",
        "cb",
        "/cb",
        "",
    ] {
        for metadata in [web("w"), native("n")] {
            assert_eq!(refused(&with(metadata, "redirect_uris", json!([uri]))).0, "redirect_uris", "{uri}");
        }
    }
    let private = json!(["com.example.app:/cb"]);
    assert_eq!(
        refused(&with(web("w"), "redirect_uris", private.clone())).0,
        "redirect_uris",
        "for native clients only"
    );
    assert!(register(&with(native("n"), "redirect_uris", private)).is_ok());
}
