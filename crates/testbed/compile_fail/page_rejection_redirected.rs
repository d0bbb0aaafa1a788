//! A refusal from before the redirect was known holds no address, so it cannot be sent anywhere.

use protocol::authorize::{PageRejection, refusal};
use protocol::policy::Policy;

fn follow(rejection: PageRejection, policy: &Policy) {
    let _ = refusal(rejection, policy);
}

fn main() {}
