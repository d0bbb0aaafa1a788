//! A person is never asked about a request whose rules nobody looked at.

use protocol::authorize::{AuthenticatedUser, BoundAuthorizationRequest, Consent};

fn skip_check(request: BoundAuthorizationRequest, user: AuthenticatedUser, consent: Consent) {
    let _ = request.approve(user, consent);
}

fn main() {}
