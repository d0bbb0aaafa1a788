//! One request is approved once.

use protocol::authorize::{AuthenticatedUser, CheckedAuthorizationRequest, Consent};

fn twice(request: CheckedAuthorizationRequest, people: [AuthenticatedUser; 2], consents: [Consent; 2]) {
    let [ada, bob] = people;
    let [first, second] = consents;
    let _ = request.approve(ada, first);
    let _ = request.approve(bob, second);
}

fn main() {}
