//! Clients with certificates are sent to a userinfo that speaks plain http.

use super::super::layer::Weakness;
use super::aliases::Aliased;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Aliased::over_plain_http("userinfo_endpoint", "/userinfo")
}
