//! Reading a code gives no right to anything.

use protocol::record::PeekedCode;
use protocol::token::{Signer, TokenResponse};

fn skip_decision(peeked: PeekedCode, signer: &dyn Signer) {
    let _ = TokenResponse::sign(peeked, signer);
}

fn main() {}
