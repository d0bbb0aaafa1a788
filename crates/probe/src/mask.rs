//! Keeps secrets out of what a run leaves behind.

use crate::exchange::Exchange;
use crate::target::Target;

/// The secrets of a target.
#[derive(Debug, Default)]
pub struct Mask {
    known: Vec<(String, String)>,
}

impl Mask {
    /// Those of the target file.
    #[must_use]
    pub fn of_target(target: &Target) -> Self {
        let mut known = Vec::new();
        for (role, client) in &target.clients {
            for secret in client.client_secret.iter().chain(&client.key) {
                known.push((secret.clone(), format!("[secret of {role}]")));
            }
        }
        for user in target.user.iter().chain(&target.second_user) {
            known.push((user.password.clone(), "[password]".to_owned()));
        }
        Self { known }
    }

    /// Masks exchanges and the sentence that goes with them.
    #[must_use]
    pub fn apply(&self, mut exchanges: Vec<Exchange>, because: &str) -> (Vec<Exchange>, String) {
        let clean = |text: &str| self.known.iter().fold(text.to_owned(), |text, (secret, label)| text.replace(secret, label));
        for exchange in &mut exchanges {
            exchange.request = clean(&exchange.request);
            exchange.response = clean(&exchange.response);
        }
        (exchanges, clean(because))
    }
}
