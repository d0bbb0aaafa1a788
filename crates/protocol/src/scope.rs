//! Scope values (RFC 6749 section 3.3).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A set of scope values in the order they were first named, space-separated as on the wire.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, Hash)]
#[serde(into = "String", try_from = "String")]
pub struct ScopeSet {
    text: String,
}

/// The scope values that OpenID Connect Core section 5.4 and section 11 define.
pub const OPENID_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

impl ScopeSet {
    /// No scope at all.
    pub const EMPTY: ScopeSet = ScopeSet { text: String::new() };

    /// Reads a `scope` parameter: scope tokens parted by single spaces; repeated tokens count once.
    pub fn parse(text: &str) -> Option<ScopeSet> {
        if text.is_empty() {
            return Some(ScopeSet::EMPTY);
        }
        let mut set = ScopeSet { text: String::with_capacity(text.len()) };
        for token in text.split(' ') {
            if !is_scope_token(token) {
                return None;
            }
            set.insert(token);
        }
        Some(set)
    }

    fn insert(&mut self, token: &str) {
        if !self.contains(token) {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(token);
        }
    }

    /// The values, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.text.split(' ').filter(|token| !token.is_empty())
    }

    /// Whether `token` is in the set; compared byte by byte, case included.
    pub fn contains(&self, token: &str) -> bool {
        self.iter().any(|have| have == token)
    }

    /// Whether every value of this set is in `other`.
    pub fn is_subset(&self, other: &ScopeSet) -> bool {
        self.iter().all(|token| other.contains(token))
    }

    /// The values for which `keep` holds.
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> ScopeSet {
        let mut set = ScopeSet::EMPTY;
        for token in self.iter() {
            if keep(token) {
                set.insert(token);
            }
        }
        set
    }

    /// The union, this set's order first.
    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        let mut set = self.clone();
        for token in other.iter() {
            set.insert(token);
        }
        set
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The wire form.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// `1*( %x21 / %x23-5B / %x5D-7E )`
pub fn is_scope_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeSet({:?})", self.text)
    }
}

impl From<ScopeSet> for String {
    fn from(set: ScopeSet) -> String {
        set.text
    }
}

impl TryFrom<String> for ScopeSet {
    type Error = &'static str;
    fn try_from(text: String) -> Result<ScopeSet, Self::Error> {
        ScopeSet::parse(&text).ok_or("scope is scope tokens parted by single spaces (RFC 6749 section 3.3)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_is_a_set_of_exact_tokens() {
        let set = ScopeSet::parse("mail:read mail:send mail:read").expect("well-formed");
        assert_eq!(set.as_str(), "mail:read mail:send");
        assert!(!set.contains("mail"), "no prefix matching");
        assert!(!set.contains("MAIL:READ"));
        assert!(ScopeSet::parse("a  b").is_none());
        assert!(ScopeSet::parse(" a").is_none());
        assert!(ScopeSet::parse("a\"b").is_none());
        assert!(ScopeSet::parse("a\nb").is_none());
    }
}
