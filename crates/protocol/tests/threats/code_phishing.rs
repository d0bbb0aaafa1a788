//! Mallory gets Ada's code by a web site that looks like the client's, and redeems it by himself.

use protocol::rules::Rule;
use protocol::token::Consequence;

use crate::cast::*;

#[test]
fn without_the_clients_credentials_the_code_is_of_no_use() {
    let mut desk = Desk::open();
    let request = desk.request(ROBOT);
    let code = desk.code(&request);
    let redemption = desk.redemption(ROBOT, &code);

    // As himself; as the client without its secret; with a secret of his own under its name.
    assert_eq!(denied(desk.token(MALLORY, redemption.clone())), (Rule::CodeForeign, Consequence::Nothing));
    let named = redemption.clone().and("client_id", ROBOT);
    assert_eq!(denied(desk.token_raw(None, &named.bytes())).0, Rule::ClientAuthMissing);
    let borrowed = basic(ROBOT, &desk.clients.secrets[MALLORY]);
    assert_eq!(denied(desk.token_raw(Some(&borrowed), &redemption.bytes())).0, Rule::ClientSecretWrong);

    assert!(desk.token(ROBOT, redemption).is_ok(), "the code is as it was");
}
