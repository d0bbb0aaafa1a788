//! The redirect URI of a token request is not compared with the one that the code went to.

use super::super::layer::Weakness;
use super::redemption::Accepts;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Accepts(|_, _, redemption| {
        let named_once = redemption.form.all("redirect_uri").count() == 1;
        named_once && !redemption.right_redirect() && redemption.right_client() && redemption.right_verifier()
    }))
}
