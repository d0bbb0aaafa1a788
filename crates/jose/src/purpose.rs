//! What a token is for. Every kind of token is a type of its own.

use std::fmt;

use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{JoseError, UnixTime};

/// A kind of token: its `typ`, the claims it must have, and the claims that betray another kind.
///
/// The trait is sealed. A kind that accepts too much would let one token stand for another (RFC 8725
/// section 3.12), so all kinds stand side by side in this crate, and a test crosses every pair.
///
/// ```compile_fail,E0433
/// struct Anything;
/// impl jose::purpose::sealed::Kinded for Anything {}
/// ```
pub trait Purpose: sealed::Kinded + Serialize + DeserializeOwned {
    /// The `typ` that [`crate::SigningKey::sign`] writes.
    const SIGN_TYP: &'static str;
    /// Claims without which a token is not of this kind.
    const REQUIRED: &'static [&'static str];
    /// Claims that belong to other kinds whose `typ` may be the same or absent.
    const FORBIDDEN: &'static [&'static str];

    /// Whether a token whose header has this `typ` may be of this kind. A wrong "yes" lets a genuine
    /// signature be read with another meaning.
    fn typ_accepted(typ: Option<&str>) -> bool;

    /// The registered claims (RFC 7519 section 4.1) that [`crate::verify`] checks.
    fn registered(&self) -> Registered<'_>;

    /// Rules within the claims of this kind, checked when signing and when verifying.
    ///
    /// # Errors
    /// [`JoseError::Claim`] or [`JoseError::Subject`].
    fn check(&self) -> Result<(), JoseError>;
}

/// A view of the registered claims of a token.
#[derive(Clone, Copy, Debug)]
pub struct Registered<'a> {
    /// Who made the token.
    pub iss: &'a str,
    /// Whom it is about.
    pub sub: &'a str,
    /// For whom it is.
    pub aud: &'a Audience,
    /// When it ends.
    pub exp: UnixTime,
    /// Before when it is not valid.
    pub nbf: Option<UnixTime>,
    /// When it was made.
    pub iat: Option<UnixTime>,
    /// Its unique name.
    pub jti: Option<&'a str>,
}

/// The kinds of tokens, as an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`crate::AccessToken`]
    AccessToken,
    /// [`crate::ClientAssertion`]
    ClientAssertion,
    /// [`crate::IdToken`]
    IdToken,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::AccessToken, Kind::ClientAssertion, Kind::IdToken];
    pub(crate) const COUNT: usize = Self::ALL.len();

    pub(crate) fn typ(self) -> &'static str {
        match self {
            Kind::AccessToken => crate::AccessToken::SIGN_TYP,
            Kind::ClientAssertion => crate::ClientAssertion::SIGN_TYP,
            Kind::IdToken => crate::IdToken::SIGN_TYP,
        }
    }
}

pub(crate) mod sealed {
    /// Keeps [`super::Purpose`] in this crate.
    pub trait Kinded {
        /// Which precomputed header is used.
        const KIND: super::Kind;
    }
}

/// The `aud` claim: one string, or an array of strings (RFC 7519 section 4.1.3). It remembers which of
/// the two a token had, because some audiences must be the sole one, written as a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    /// Exactly one audience.
    #[must_use]
    pub fn one(audience: impl Into<String>) -> Self {
        Audience(Form::One(audience.into()))
    }

    /// Several audiences; a single one becomes the plain string. An empty list makes a token for nobody,
    /// which [`crate::SigningKey::sign`] refuses.
    #[must_use]
    pub fn many(audiences: impl IntoIterator<Item = String>) -> Self {
        let mut audiences: Vec<String> = audiences.into_iter().collect();
        match audiences.pop() {
            Some(only) if audiences.is_empty() => Audience(Form::One(only)),
            Some(last) => {
                audiences.push(last);
                Audience(Form::Many(audiences))
            }
            None => Audience(Form::Many(audiences)),
        }
    }

    /// The audiences in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let slice = match &self.0 {
            Form::One(one) => std::slice::from_ref(one),
            Form::Many(many) => many.as_slice(),
        };
        slice.iter().map(String::as_str)
    }

    /// Whether `audience` is among them, compared byte by byte (RFC 3986 normalisation would make two
    /// names one).
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|one| one == audience)
    }

    /// The audience if it is one plain string; `None` for every array, also one of a single member.
    #[must_use]
    pub fn sole(&self) -> Option<&str> {
        match &self.0 {
            Form::One(one) => Some(one),
            Form::Many(_) => None,
        }
    }

    pub(crate) fn is_proper(&self) -> bool {
        self.iter().next().is_some() && self.iter().all(|one| !one.is_empty())
    }
}

impl From<&str> for Audience {
    fn from(audience: &str) -> Self {
        Audience::one(audience)
    }
}

impl From<String> for Audience {
    fn from(audience: String) -> Self {
        Audience::one(audience)
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::One(one) => serializer.serialize_str(one),
            Form::Many(many) => serializer.collect_seq(many),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Audience;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E>(self, one: &str) -> Result<Audience, E> {
                Ok(Audience::one(one))
            }

            fn visit_string<E>(self, one: String) -> Result<Audience, E> {
                Ok(Audience::one(one))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Audience, A::Error> {
                let mut many = Vec::new();
                while let Some(one) = items.next_element()? {
                    many.push(one);
                }
                Ok(Audience(Form::Many(many)))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}
