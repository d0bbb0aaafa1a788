//! Nobody is signed in by writing down a name.

use protocol::authorize::AuthenticatedUser;
use protocol::record::Authentication;

fn impersonate(authentication: Authentication) -> AuthenticatedUser {
    AuthenticatedUser { subject: "u_ada".to_owned(), authentication }
}

fn main() {}
