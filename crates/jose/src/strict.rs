//! Reading JSON so that no two readers can see two different documents.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::JoseError;

/// A token is a flat object with the odd nested one (`cnf`, `address`). Anything deeper is an attempt
/// to make a reader recurse.
const MAX_DEPTH: usize = 8;
/// Members of one object. Duplicates are found by comparing each name with those before it, so this
/// also bounds that work.
const MAX_MEMBERS: usize = 128;

/// Walks a whole JSON object and refuses duplicate names at any depth, deep nesting and trailing bytes.
/// Reports every name of the outermost object to `top_level`, which may refuse it.
///
/// # Errors
/// [`JoseError::Duplicate`], [`JoseError::TooDeep`], what `top_level` said, or [`JoseError::Malformed`].
pub(crate) fn walk_object(
    json: &[u8],
    top_level: &mut dyn FnMut(&str) -> Result<(), JoseError>,
) -> Result<(), JoseError> {
    // serde has room for one text only, so the precise reason leaves through the side door.
    let reason = Cell::new(JoseError::Malformed);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let walk = Walk { depth: 0, reason: &reason, top_level };
    reader.deserialize_map(walk).map_err(|_| reason.get())?;
    reader.end().map_err(|_| JoseError::Malformed)
}

struct Walk<'a> {
    depth: usize,
    reason: &'a Cell<JoseError>,
    top_level: &'a mut dyn FnMut(&str) -> Result<(), JoseError>,
}

impl Walk<'_> {
    fn refuse<E: Error>(&self, reason: JoseError) -> E {
        self.reason.set(reason);
        E::custom(reason)
    }

    fn inner(&mut self) -> Walk<'_> {
        Walk { depth: self.depth + 1, reason: self.reason, top_level: &mut *self.top_level }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // defends: jwt-claims-unchecked — bounded here, before a typed reader recurses.
        if self.depth >= MAX_DEPTH {
            return Err(self.refuse(JoseError::TooDeep));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut seen: Vec<Name<'de>> = Vec::with_capacity(16);
        while let Some(name) = map.next_key::<Name<'de>>()? {
            // RFC 7519 section 4 lets a reader take the last of two equal names. Then whoever checks
            // and whoever uses may disagree.  defends: jwt-claims-unchecked
            if seen.iter().any(|other| other.0 == name.0) {
                return Err(self.refuse(JoseError::Duplicate));
            }
            if seen.len() >= MAX_MEMBERS {
                return Err(self.refuse(JoseError::Malformed));
            }
            if self.depth == 0
                && let Err(reason) = (self.top_level)(&name.0)
            {
                return Err(self.refuse(reason));
            }
            seen.push(name);
            map.next_value_seed(self.inner())?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.inner())?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A member name, borrowed from the input unless it holds escapes. Escapes are resolved first, so
/// `"\u0065xp"` and `"exp"` are the same name.
struct Name<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A JSON object read without accepting a duplicate name at its top level. For keys, whose nested
/// values are never used.
pub(crate) struct Members(pub(crate) Map<String, Value>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some(name) = map.next_key::<String>()? {
                    if members.contains_key(&name) {
                        return Err(A::Error::custom(JoseError::Duplicate));
                    }
                    if members.len() >= MAX_MEMBERS {
                        return Err(A::Error::custom(JoseError::TooLong));
                    }
                    members.insert(name, map.next_value()?);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
