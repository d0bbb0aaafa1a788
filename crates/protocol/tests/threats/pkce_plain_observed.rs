//! Whoever sees a plain challenge holds the verifier.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn the_method_is_s256_and_nothing_else() {
    let desk = Desk::open();
    for client in [ROBOT, APP, LEGACY] {
        for method in ["plain", "s256", "S512", "S256 ", "none"] {
            let request = desk.request(client).with("code_challenge_method", method);
            assert_eq!(desk.sent_back(&request), Rule::PkceMethodUnsupported, "{method}");
        }
        // Without a method the default would be plain.
        let request = desk.request(client).without("code_challenge_method");
        assert_eq!(desk.sent_back(&request), Rule::PkceMethodUnsupported);
    }
}

#[test]
fn the_challenge_itself_is_no_verifier() {
    let mut desk = Desk::open();
    let request = desk.request(APP);
    let code = desk.code(&request);
    let observed = desk.redemption(APP, &code).with("code_verifier", &challenge(VERIFIER));
    assert_eq!(denied(desk.token(APP, observed)).0, Rule::PkceMismatch);
}
