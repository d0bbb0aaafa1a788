//! A right assertion is not enough: somebody must be the first to see it.

use protocol::client_auth::{AuthenticatedClient, VerifiedAssertion};

fn skip_ledger(assertion: VerifiedAssertion) -> AuthenticatedClient {
    AuthenticatedClient::from_first_use(assertion)
}

fn main() {}
