//! No client is authenticated by being loaded.

use std::sync::Arc;

use protocol::client_auth::AuthenticatedClient;
use protocol::registration::RegisteredClient;

fn believe(client: Arc<RegisteredClient>) -> AuthenticatedClient {
    AuthenticatedClient { client }
}

fn main() {}
