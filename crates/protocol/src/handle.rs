//! Handles: what a client holds for something that the store keeps.
//!
//! A handle is `prefix.id.secret`: a prefix that secret scanners find, the time-ordered id that is the row's key, and
//! 256 random bits of which the store keeps SHA-256 only.

use std::fmt;

use jose::Secret;
use serde::{Deserialize, Serialize};

/// A time-ordered, positive 63-bit identifier: the row key of everything that is stored.
///
/// It is not secret and proves nothing: whoever shows an id has shown only that he knows roughly when a thing was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(into = "String", try_from = "String")]
pub struct Id(pub u64);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
const ID_CHARS: usize = 13;
const SECRET_CHARS: usize = 43;
/// The characters of base64url: every request brings one handle or two, so this is a table.
const IN_SECRET: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let char = byte as u8;
        table[byte] = char.is_ascii_alphanumeric() || char == b'-' || char == b'_';
        byte += 1;
    }
    table
};

impl Id {
    /// The id that belongs to nothing: the grant of a token that no person granted.
    pub const NONE: Id = Id(0);

    /// Reads 13 characters of lower-case base32hex. Exactly one spelling stands for each id.
    pub fn parse(text: &str) -> Option<Id> {
        let bytes: &[u8; ID_CHARS] = text.as_bytes().try_into().ok()?;
        let mut value: u64 = 0;
        for &byte in bytes {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'v' => byte - b'a' + 10,
                _ => return None,
            };
            value = value.checked_mul(32)?.checked_add(u64::from(digit))?;
        }
        (value <= i64::MAX as u64).then_some(Id(value))
    }

    fn render(self) -> [u8; ID_CHARS] {
        let mut out = [b'0'; ID_CHARS];
        let mut value = self.0;
        for slot in out.iter_mut().rev() {
            *slot = ALPHABET[(value % 32) as usize];
            value /= 32;
        }
        out
    }

    /// Appends the 13 characters to `out`, without a detour over a `String`.
    pub fn push_to(self, out: &mut String) {
        for byte in self.render() {
            out.push(char::from(byte));
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.render() {
            fmt::Write::write_char(f, char::from(byte))?;
        }
        Ok(())
    }
}

impl From<Id> for String {
    fn from(id: Id) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for Id {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Id, Self::Error> {
        Id::parse(&text).ok_or("an id is 13 characters of lower-case base32hex")
    }
}

/// What a handle stands for. The prefix keeps one kind from ever being read as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandleKind {
    /// An opaque access token.
    AccessToken,
    /// A browser: what ties a parked request to the browser that started it.
    Browser,
    /// A client secret.
    ClientSecret,
    /// An authorization code.
    Code,
    /// A refresh token.
    RefreshToken,
    /// A person's session at the server.
    Session,
}

impl HandleKind {
    /// The prefix, period included.
    pub const fn prefix(self) -> &'static str {
        match self {
            HandleKind::AccessToken => "sc_at.",
            HandleKind::Browser => "sc_br.",
            HandleKind::ClientSecret => "sc_cs.",
            HandleKind::Code => "sc_ac.",
            HandleKind::RefreshToken => "sc_rt.",
            HandleKind::Session => "sc_ss.",
        }
    }
}

/// SHA-256 of a handle's secret part: all that is ever stored of it. Serializes as base64url.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Hashes a secret's 43 characters.
    pub fn of(secret: &str) -> SecretHash {
        SecretHash(jose::sha256(secret.as_bytes()))
    }

    /// Compares without telling by time where the difference lies.
    pub fn matches(&self, other: &SecretHash) -> bool {
        jose::constant_time_eq(&self.0, &other.0)
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&hash.0)
    }
}

impl TryFrom<String> for SecretHash {
    type Error = &'static str;
    fn try_from(text: String) -> Result<SecretHash, Self::Error> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(SecretHash).ok_or("a hash is 32 bytes in base64url")
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash([redacted])")
    }
}

/// A handle as somebody presented it: an id to look up and the hash to compare. The secret itself is gone by now.
#[derive(Clone, Copy, Debug)]
pub struct PresentedHandle {
    kind: HandleKind,
    id: Id,
    hash: SecretHash,
}

impl PresentedHandle {
    /// Reads `prefix.id.secret` of one kind. Nothing else is a handle of that kind: not a longer one, not one in other
    /// case, not one of another kind.
    pub fn parse(kind: HandleKind, text: &str) -> Option<PresentedHandle> {
        let rest = text.strip_prefix(kind.prefix())?;
        if rest.len() != ID_CHARS + 1 + SECRET_CHARS || !rest.is_ascii() || rest.as_bytes()[ID_CHARS] != b'.' {
            return None;
        }
        let id = Id::parse(&rest[..ID_CHARS])?;
        let secret = &rest[ID_CHARS + 1..];
        if !secret.bytes().all(|byte| IN_SECRET[usize::from(byte)]) {
            return None;
        }
        // The store sees the hash and never the value.  defends: code-from-as-database, refresh-from-as-database
        // defends: access-token-from-as-database, client-secret-from-as-database
        Some(PresentedHandle { kind, id, hash: SecretHash::of(secret) })
    }

    /// The kind that the prefix said.
    pub fn kind(&self) -> HandleKind {
        self.kind
    }

    /// The row to look up. Knowing it proves nothing.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The hash to compare with the row's.
    pub fn hash(&self) -> &SecretHash {
        &self.hash
    }
}

/// A handle that was just made: its value for the client, its id and hash for the store.
pub struct NewHandle {
    id: Id,
    hash: SecretHash,
    value: Secret<String>,
}

impl NewHandle {
    /// Makes a handle of an id and 32 random bytes. `random` must come from a cryptographic generator and be used once:
    /// whoever can guess it holds the code or token.
    pub fn mint(kind: HandleKind, id: Id, random: &[u8; 32]) -> NewHandle {
        // 256 bits: guessing is hopeless at any rate.
        // defends: code-online-guessing, refresh-online-guessing, access-token-guessing
        let mut value = String::with_capacity(6 + ID_CHARS + 1 + SECRET_CHARS);
        value.push_str(kind.prefix());
        id.push_to(&mut value);
        value.push('.');
        let start = value.len();
        data_encoding::BASE64URL_NOPAD.encode_append(random, &mut value);
        let hash = SecretHash::of(&value[start..]);
        NewHandle { id, hash, value: Secret::new(value) }
    }

    /// The row key.
    pub fn id(&self) -> Id {
        self.id
    }

    /// What the store keeps.
    pub fn hash(&self) -> SecretHash {
        self.hash
    }

    /// What the client gets, once.
    pub fn value(&self) -> &Secret<String> {
        &self.value
    }

    /// Gives the value away.
    pub fn into_value(self) -> Secret<String> {
        self.value
    }
}

impl fmt::Debug for NewHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewHandle({})", self.id)
    }
}

/// Randomness and ids for one decision, drawn by the caller beforehand so that the decision itself stays pure.
pub trait Draw {
    /// A new time-ordered id, greater than every id drawn before it by this process.
    fn id(&mut self) -> Id;
    /// 32 fresh random bytes. Handing out the same bytes twice makes two secrets one.
    fn secret(&mut self) -> [u8; 32];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_spelling() {
        for value in [0, 1, 31, 32, 0x7fff_ffff_ffff_ffff] {
            let text = Id(value).to_string();
            assert_eq!(text.len(), ID_CHARS);
            assert_eq!(Id::parse(&text), Some(Id(value)));
            assert_eq!(Id::parse(&text.to_uppercase()).is_some(), text.bytes().all(|b| b.is_ascii_digit()));
        }
        assert_eq!(Id::parse("vvvvvvvvvvvvv"), None, "above 63 bits");
        assert_eq!(Id::parse("00000000000000"), None);
    }

    #[test]
    fn a_handle_is_read_back_and_only_as_its_own_kind() {
        let made = NewHandle::mint(HandleKind::Code, Id(7), &[9; 32]);
        let read = PresentedHandle::parse(HandleKind::Code, made.value().expose()).expect("just made");
        assert_eq!(read.id(), Id(7));
        assert!(read.hash().matches(&made.hash()));
        assert!(PresentedHandle::parse(HandleKind::RefreshToken, made.value().expose()).is_none());
        assert!(PresentedHandle::parse(HandleKind::Code, &format!("{}A", made.value().expose())).is_none());
        assert!(!format!("{made:?}").contains("CQkJ"));
    }
}
