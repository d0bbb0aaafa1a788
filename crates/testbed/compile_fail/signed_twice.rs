//! One commitment gives one answer.

use protocol::proofs::Committed;
use protocol::token::{IssuePlan, Signer, TokenResponse};

fn twice(done: Committed<IssuePlan>, signer: &dyn Signer) {
    let _ = TokenResponse::sign(done, signer);
    let _ = TokenResponse::sign(done, signer);
}

fn main() {}
