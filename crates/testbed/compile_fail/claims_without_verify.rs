//! There is no way from a token to verified claims but verifying it.

use jose::{AccessToken, Algorithm, Verified};

fn believe(claims: AccessToken) -> Verified<AccessToken> {
    Verified::assertion(claims, String::new(), Algorithm::Es256)
}

fn main() {}
