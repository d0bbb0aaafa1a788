//! A native app gets its access token through the browser.

use super::super::layer::Weakness;
use super::front_token::FrontToken;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(FrontToken(|client, kind| client.method() == "none" && kind == "token"))
}
