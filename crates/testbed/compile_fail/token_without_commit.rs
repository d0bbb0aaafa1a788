//! No token is signed for a grant that was not spent.

use protocol::token::{IssuePlan, Signer, TokenResponse};

fn skip_ledger(plan: IssuePlan, signer: &dyn Signer) {
    let _ = TokenResponse::sign(plan, signer);
}

fn main() {}
