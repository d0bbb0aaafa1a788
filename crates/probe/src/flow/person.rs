//! The browser of a person: cookies, and who sits in front of it.

use crate::http::jar::Jar;
pub use crate::person::driver::Intent;
use crate::target::User;

/// A browser and its person.
#[derive(Debug, Clone)]
pub struct Person {
    /// The cookies.
    pub jar: Jar,
    /// Who signs in when asked; nobody, for a stranger.
    pub user: Option<User>,
    /// Whether its session is the one that cases share.
    pub(crate) shared_session: bool,
}
