//! An access token comes beside the code, and no ID token that is bound to it.

use super::super::layer::Weakness;
use super::front_token::FrontToken;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(FrontToken(|client, kind| client.role == "web" && kind == "code id_token token"))
}
