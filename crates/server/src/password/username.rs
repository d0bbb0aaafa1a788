//! User names: one spelling each, so that no two accounts look alike and no typed form leads to a stranger's.

use std::fmt;

/// A user name in its only form.
///
/// decision: ASCII letters, digits and `. _ - + @`, 1 to 128 characters, lower case, beginning with a letter or a digit
/// and ending in one. This is the part of PRECIS' `UsernameCaseMapped` profile (RFC 8265 section 3.3) that needs no
/// tables: within ASCII, lower-casing is the whole mapping, and no two different names look the same. Names in other
/// scripts stand in the `name` claim, which nobody signs in with. An email address may be a user name; it is then only a
/// name, proves nothing, and its dots count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

/// Why a text is no user name. At sign-in all of these must look like an unknown name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// A character that a name cannot have: not ASCII, or not one of letters, digits and `. _ - + @`.
    #[error("a user name has letters a to z, digits and . _ - + @ only")]
    Character,
    /// Begins or ends in punctuation, or has two dots in a row.
    #[error("a user name begins and ends with a letter or a digit and has no two dots in a row")]
    Edge,
    /// Empty, or longer than 128 characters.
    #[error("a user name has 1 to 128 characters")]
    Length,
}

impl Username {
    /// Reads what a person typed: spaces around it, which phones add, are dropped, and capitals become small.
    ///
    /// # Errors
    /// See [`UsernameError`].
    pub fn parse(typed: &str) -> Result<Self, UsernameError> {
        let trimmed = typed.trim_matches(' ');
        if !(1..=128).contains(&trimmed.len()) {
            return Err(UsernameError::Length);
        }
        // defends: account-identifier-collision, injection-into-stores-and-logs  no accented, fullwidth or look-alike
        // letter is mapped to another: it is refused.
        if !trimmed.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+@".contains(&b)) {
            return Err(UsernameError::Character);
        }
        let alphanumeric = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let edges = alphanumeric(trimmed.bytes().next()) && alphanumeric(trimmed.bytes().next_back());
        if !edges || trimmed.contains("..") {
            return Err(UsernameError::Edge);
        }
        Ok(Self(trimmed.to_ascii_lowercase()))
    }

    /// The name as it is stored and compared, octet by octet.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_identifier_collision_one_spelling_each() {
        for typed in ["alice", "Alice", "ALICE", " alice ", "aLiCe"] {
            assert_eq!(Username::parse(typed).expect("a name").as_str(), "alice", "{typed}");
        }
        assert_ne!(Username::parse("a.lice"), Username::parse("alice"));
        assert_ne!(Username::parse("al1ce"), Username::parse("alice"));
        assert_eq!(Username::parse("Al.Ice+x@Example.org").expect("a name").as_str(), "al.ice+x@example.org");
    }

    #[test]
    fn account_identifier_collision_look_alikes_are_refused_not_mapped() {
        for typed in [
            "\u{430}lice",   // Cyrillic a
            "alic\u{e9}",    // accented
            "alice\u{301}",  // accent of its own
            "\u{ff41}lice",  // fullwidth
            "alice\u{200b}", // zero width space
            "al\u{131}ce",   // dotless i
            "AL\u{130}CE",   // capital dotted i, whose lower case is two characters
            "a\u{212a}",     // Kelvin sign, whose lower case is k
            "\u{2170}van",   // Roman numeral one
        ] {
            assert_eq!(Username::parse(typed), Err(UsernameError::Character), "{typed}");
        }
        for typed in ["alice.", ".alice", "al..ice", "-alice", "alice@", "@"] {
            assert_eq!(Username::parse(typed), Err(UsernameError::Edge), "{typed}");
        }
    }

    #[test]
    fn injection_into_stores_and_logs_hostile_names_are_refused() {
        for typed in [
            "a\nb",
            "a\r\nSet-Cookie: x",
            "a'--",
            "a\"b",
            "<b>",
            "a b",
            "a\0b",
            "\u{1b}[31m",
            "{{7*7}}",
            "a%b",
            "a/b",
            "\talice",
        ] {
            assert_eq!(Username::parse(typed), Err(UsernameError::Character), "{typed:?}");
        }
        for typed in ["", "   ", &"a".repeat(129)] {
            assert_eq!(Username::parse(typed), Err(UsernameError::Length), "{typed:?}");
        }
    }
}
