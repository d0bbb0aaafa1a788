//! What the person left ticked is fixed once it is given.

use protocol::authorize::Approval;
use protocol::scope::ScopeSet;

fn widen(approval: &mut Approval, more: &ScopeSet) {
    approval.scope = approval.scope.union(more);
}

fn main() {}
