//! Whether a new password is good enough. Length first, then how soon a guesser would come to it; no rules about kinds of
//! characters and no forced change (NIST SP 800-63B section 3.1.1).

use crate::config;

/// No password is longer than this many characters; what is, is refused before it costs anything.
pub(super) const MOST_CHARACTERS: usize = 1024;
/// zxcvbn looks at no more than this many characters of a password, so no more of a person is worth comparing.
const LOOKED_AT: usize = 100;

/// What is wrong with a new password, for the page and the command line to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// A guesser would come to it soon: a common word, a pattern, or the person's own name.
    #[error("is too easy to guess: use a few words that have nothing to do with each other")]
    Guessable,
    /// More than 1024 characters.
    #[error("has more than 1024 characters")]
    TooLong,
    /// Fewer characters than asked for.
    #[error("has fewer than {least} characters")]
    TooShort {
        /// What is asked for.
        least: u32,
    },
}

/// The rules for new passwords. Existing ones are not judged: people must be able to sign in to change them.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    least: u32,
    score: u8,
}

impl Policy {
    /// The rules that an operator chose.
    #[must_use]
    pub fn new(config: &config::Passwords) -> Self {
        Self {
            least: config.min_length.get(),
            // Bounded to 2..=4.
            score: u8::try_from(config.min_score.get()).unwrap_or(u8::MAX),
        }
    }

    /// Whether `password` is good enough for the person described by `about`: user name, real name, email address, and
    /// the names of this service.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, password: &str, about: &[&str]) -> Result<(), Weakness> {
        let characters = password.chars().count();
        if characters > MOST_CHARACTERS {
            return Err(Weakness::TooLong);
        }
        if characters < self.least as usize {
            return Err(Weakness::TooShort { least: self.least });
        }
        let parts: Vec<String> = about.iter().take(8).flat_map(|text| person(text)).collect();
        let inputs: Vec<&str> = parts.iter().map(String::as_str).collect();
        // defends: password-online-guessing
        if u8::from(zxcvbn::zxcvbn(password, &inputs).score()) < self.score {
            return Err(Weakness::Guessable);
        }
        Ok(())
    }
}

/// A text about the person and its parts: `alice.liddell@example.org` is also `alice`, `liddell` and `example`.
fn person(text: &str) -> impl Iterator<Item = String> {
    let short: String = text.chars().take(LOOKED_AT).collect::<String>().to_lowercase();
    let parts: Vec<String> = short
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| part.chars().count() > 2)
        .map(str::to_owned)
        .collect();
    std::iter::once(short).chain(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, about: &[&str]) -> Result<(), Weakness> {
        Policy::new(&config::Passwords::default()).check(password, about)
    }

    #[test]
    fn password_online_guessing_common_passwords_are_refused() {
        for weak in
            ["password123", "Passw0rd!!", "qwertyuiop", "1234567890", "letmein1234", "iloveyou12", "aaaaaaaaaaaaa"]
        {
            assert_eq!(check(weak, &[]), Err(Weakness::Guessable), "{weak}");
        }
        for good in ["crimson otter walks home", "k7#mVq2x!Tz9", "zwölf lila Wolken am Fenster"] {
            assert_eq!(check(good, &[]), Ok(()), "{good}");
        }
    }

    #[test]
    fn password_online_guessing_a_persons_own_name_does_not_count() {
        let about = ["quillfeather.zonkers@example.org"];
        assert_eq!(check("quillfeather", &[]), Ok(()));
        assert_eq!(check("quillfeather", &about), Err(Weakness::Guessable));
        assert_eq!(check("quillfeather1", &about), Err(Weakness::Guessable));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check("k7#mVq2x!", &[]), Err(Weakness::TooShort { least: 10 }));
        assert_eq!(check("ö".repeat(9).as_str(), &[]), Err(Weakness::TooShort { least: 10 }));
        assert_eq!(check(&"x".repeat(1025), &[]), Err(Weakness::TooLong));
    }

    #[test]
    fn dos_expensive_input_a_long_password_is_judged_quickly() {
        let long: String = "abcdefghij1234567890QWERTYpassword".chars().cycle().take(1024).collect();
        let start = std::time::Instant::now();
        let _ = check(&long, &[&long, &long, &long]);
        assert!(start.elapsed() < std::time::Duration::from_secs(2), "{:?}", start.elapsed());
    }
}
