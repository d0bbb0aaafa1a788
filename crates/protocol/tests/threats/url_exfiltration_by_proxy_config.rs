//! A proxy script is shown every URL: Mallory knows the request and the response.

use protocol::rules::Rule;
use protocol::wire::response::BrowserAnswer;

use crate::cast::*;

#[test]
fn all_that_stands_in_urls_is_not_enough() {
    let mut desk = Desk::open();
    let request = desk.request(APP);
    let code = desk.code(&request);
    let seen: Vec<String> = request.0.iter().map(|(_, value)| value.clone()).collect();
    let redemption = desk.redemption(APP, &code);
    assert!(!seen.contains(&VERIFIER.to_owned()));
    assert_eq!(denied(desk.token(APP, redemption.clone().without("code_verifier"))).0, Rule::PkceVerifierMissing);
    for value in seen {
        let code = desk.code(&request);
        let guess = redemption.clone().with("code", &code).with("code_verifier", &value);
        assert_eq!(denied(desk.token(APP, guess)).0, Rule::PkceMismatch);
    }
}

#[test]
fn form_post_keeps_the_code_out_of_the_url() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT).with("response_mode", "form_post");
    let BrowserAnswer::FormPost { action, .. } = desk.allow(&request) else { panic!("form_post") };
    assert_eq!(action, ROBOT_CB);
}
