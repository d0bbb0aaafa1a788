//! No code leaves that is not on disk.

use protocol::authorize::{CodePlan, success};

fn skip_ledger(plan: CodePlan) {
    let _ = success(plan);
}

fn main() {}
