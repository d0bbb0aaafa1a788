//! Passwords on their way from the operator to the hash, and passwords made here.

use protocol::Secret;
use serde::{Deserialize, Serialize, Serializer};

use crate::entropy::{Entropy, EntropyFailed};

/// Letters and digits that are not taken for one another (Crockford's base 32): five bits each.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A password as it travels to a running server: over a socket that only its owner can open. `Debug` shows nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Password(Secret<String>);

impl Password {
    /// Takes up a password.
    pub fn new(text: String) -> Password {
        Password(Secret::new(text))
    }

    pub(crate) fn secret(&self) -> &Secret<String> {
        &self.0
    }
}

impl Serialize for Password {
    // The one place that writes a password: into the control socket's request line.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// A new password: the operator's, or one made here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewPassword {
    /// Made here, and told once in the answer.
    Generate,
    /// The operator's own. It must pass the rules for new passwords.
    Given(Password),
}

/// A password that people can read aloud: 16 characters in groups of four, 80 random bits.
///
/// # Errors
/// When the random source fails.
// defends: password-online-guessing
pub fn generate_password(entropy: &Entropy) -> Result<Secret<String>, EntropyFailed> {
    let text = random_text::<16>(entropy)?;
    let groups: Vec<&str> = [&text[..4], &text[4..8], &text[8..12], &text[12..]].into();
    Ok(Secret::new(groups.join("-")))
}

/// `N` random characters of five bits each.
pub(super) fn random_text<const N: usize>(entropy: &Entropy) -> Result<String, EntropyFailed> {
    // 256 is a multiple of 32: each character is equally likely.
    Ok(entropy.bytes::<N>()?.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Node;
    use crate::password::Policy;

    #[test]
    fn password_online_guessing_generated_passwords_are_long_readable_and_differ() {
        let entropy = Entropy::new(Node::default());
        let rules = Policy::new(&crate::config::Passwords::default());
        let mut seen = std::collections::HashSet::new();
        for _ in 0..50 {
            let password = generate_password(&entropy).expect("random source");
            let text = password.expose();
            assert_eq!(text.len(), 19);
            assert!(text.split('-').all(|group| group.len() == 4 && group.bytes().all(|b| ALPHABET.contains(&b))));
            assert_eq!(rules.check(text, &["ada"]), Ok(()), "passes its own rules");
            assert!(seen.insert(text.clone()));
        }
    }

    #[test]
    fn secrets_in_logs_and_errors_debug_shows_no_password() {
        let password = NewPassword::Given(Password::new("correct horse".to_owned()));
        assert!(!format!("{password:?}").contains("horse"));
        let text = serde_json::to_string(&password).expect("serializes");
        assert_eq!(text, r#"{"given":"correct horse"}"#);
    }
}
