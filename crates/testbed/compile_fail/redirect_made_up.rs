//! No redirect is trusted by saying so.

use protocol::redirect_uri::{TrustedRedirect, VerifiedRedirect};

fn trust(redirect: VerifiedRedirect) -> TrustedRedirect {
    TrustedRedirect::assertion(redirect)
}

fn main() {}
