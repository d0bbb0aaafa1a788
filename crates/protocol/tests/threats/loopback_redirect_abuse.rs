//! Another program listens on the device, or on another address that sounds like it.

use protocol::redirect_uri::RedirectProof;
use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn only_the_port_may_vary_and_only_for_native_clients() {
    let mut desk = Desk::open();
    for uri in ["http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "http://127.0.0.1:65535/cb"] {
        let checked = desk.check(&desk.request(APP).with("redirect_uri", uri)).expect("RFC 8252 section 7.3");
        assert_eq!((checked.redirect().as_str(), checked.redirect().proof()), (uri, RedirectProof::Loopback));
    }
    for uri in [
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:080/cb",
        "http://127.0.0.1:+80/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1:51004\\@evil.example/cb",
        "http://localhost:51004/cb",
        "http://127.1:51004/cb",
        "http://[::1]:51004/cb",
        "https://127.0.0.1:51004/cb",
    ] {
        assert_eq!(desk.page(&desk.request(APP).with("redirect_uri", uri)), Rule::RedirectUriUnregistered, "{uri}");
    }
    desk.clients.add(&with(web("dev"), "redirect_uris", serde_json::json!(["http://127.0.0.1:8082/cb"])));
    assert!(desk.check(&desk.request("dev")).is_ok());
    let moved = desk.request("dev").with("redirect_uri", "http://127.0.0.1:9999/cb");
    assert_eq!(desk.page(&moved), Rule::RedirectUriUnregistered, "a web application has one port");
}

#[test]
fn whoever_listens_there_has_no_verifier() {
    let mut desk = Desk::open();
    let request = desk.request(APP).with("redirect_uri", "http://127.0.0.1:51004/cb");
    let code = desk.code(&request);
    let redemption = desk.redemption(APP, &code).with("redirect_uri", "http://127.0.0.1:51004/cb");
    // The port of the request is part of what is compared when the code is redeemed.
    let moved = redemption.clone().with("redirect_uri", APP_CB);
    assert_eq!(denied(desk.token(APP, moved)).0, Rule::CodeRedirectMismatch);
    let code = desk.code(&request);
    assert!(desk.token(APP, redemption.with("code", &code)).is_ok());
}
