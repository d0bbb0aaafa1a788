//! An app on Ada's device calls another app's redirect URI with a code of Mallory's account.

use protocol::rules::Rule;

use crate::cast::*;

#[test]
fn a_planted_code_does_not_fit_the_apps_verifier() {
    let mut desk = Desk::open();
    let mallorys = desk.request(APP).with("code_challenge", &challenge(MALLORYS_VERIFIER));
    let planted = desk.code(&mallorys);
    let redemption = desk.redemption(APP, &planted);
    assert_eq!(denied(desk.token(APP, redemption)).0, Rule::PkceMismatch);
    let request = desk.request(APP);
    let own = desk.code(&request);
    let redemption = desk.redemption(APP, &own);
    assert!(desk.token(APP, redemption).is_ok());
}
