//! An error is not sent to a redirect that is registered but that nobody vouches for.

use protocol::authorize::{RedirectRejection, refusal};
use protocol::policy::Policy;

fn follow(rejection: RedirectRejection, policy: &Policy) {
    let _ = refusal(rejection, policy);
}

fn main() {}
