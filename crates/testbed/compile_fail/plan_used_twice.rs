//! One plan is committed once.

use protocol::token::IssuePlan;

fn commit(_: IssuePlan) {}

fn twice(plan: IssuePlan) {
    commit(plan);
    commit(plan);
}

fn main() {}
