//! A code is not made without a person's consent.

use protocol::authorize::CheckedAuthorizationRequest;
use protocol::handle::Draw;
use protocol::policy::Policy;
use protocol::UnixTime;

fn skip_consent(request: CheckedAuthorizationRequest, policy: &Policy, draw: &mut dyn Draw, now: UnixTime) {
    let _ = request.mint(policy, None, draw, now);
}

fn main() {}
