//! Nothing can be checked, and no error can travel, before client and redirect URI are known.

use protocol::authorize::{HintKeys, UnverifiedAuthorizationRequest};
use protocol::policy::Policy;

fn skip_bind(request: UnverifiedAuthorizationRequest, policy: &Policy, hint: &HintKeys) {
    let _ = request.check(policy, hint);
}

fn main() {}
