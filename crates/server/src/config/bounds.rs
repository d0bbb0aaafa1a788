//! Numbers and spans that carry their bounds in their type, so that no key can be read without being checked and the
//! schema, the template and the reference all tell the same bounds.

use jose::Seconds;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, time::Duration};

/// One minute, in seconds.
pub const MINUTE: u32 = 60;
/// One hour, in seconds.
pub const HOUR: u32 = 60 * MINUTE;
/// One day, in seconds.
pub const DAY: u32 = 24 * HOUR;

/// Parts the problem from the fix in the text of a serde error, which has room for one string only.
pub(super) const FIX: char = '\u{1f}';

/// A span of whole seconds from `MIN` to `MAX`, `DEFAULT` when the key is absent. In the file: a number of seconds, or
/// a string such as `"90s"`, `"5m"`, `"12h"` or `"30d"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span<const DEFAULT: u32, const MIN: u32, const MAX: u32>(u32);

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> Span<DEFAULT, MIN, MAX> {
    /// `None` when `seconds` is out of bounds.
    #[must_use]
    pub fn new(seconds: u32) -> Option<Self> {
        (MIN..=MAX).contains(&seconds).then_some(Self(seconds))
    }

    /// The span as the protocol counts it.
    #[must_use]
    pub fn seconds(self) -> Seconds {
        Seconds(self.0)
    }

    /// The span as timers count it.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.0))
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> Default for Span<DEFAULT, MIN, MAX> {
    fn default() -> Self {
        const { assert!(MIN <= DEFAULT && DEFAULT <= MAX) };
        Self(DEFAULT)
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> fmt::Debug for Span<DEFAULT, MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&span_text(self.0))
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> Serialize for Span<DEFAULT, MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&span_text(self.0))
    }
}

impl<'de, const DEFAULT: u32, const MIN: u32, const MAX: u32> Deserialize<'de> for Span<DEFAULT, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Option<u64>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of seconds or a span such as \"90s\", \"5m\", \"12h\", \"30d\"")
            }
            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Self::Value, E> {
                Ok(u64::try_from(seconds).ok())
            }
            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Self::Value, E> {
                Ok(Some(seconds))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                parse_span(text).map(Some).ok_or_else(|| {
                    E::custom(format!(
                        "is not a span of time{FIX}write seconds as a number, or a whole number with s, m, h or d: \
                         \"90s\", \"5m\", \"12h\", \"30d\""
                    ))
                })
            }
        }
        let seconds = deserializer.deserialize_any(Visitor)?;
        seconds.and_then(|seconds| u32::try_from(seconds).ok()).and_then(Self::new).ok_or_else(|| {
            let (low, high, usual) = (span_text(MIN), span_text(MAX), span_text(DEFAULT));
            de::Error::custom(format!(
                "is outside {low} to {high}{FIX}write a span from \"{low}\" to \"{high}\", or leave the key out \
                     for the default of \"{usual}\""
            ))
        })
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> JsonSchema for Span<DEFAULT, MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Span_{DEFAULT}_{MIN}_{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"],
            "pattern": "^[0-9]+[smhd]$",
            "minimum": MIN,
            "maximum": MAX,
            "x-bounds": format!("{} to {}", span_text(MIN), span_text(MAX)),
        })
    }
}

/// A whole number from `MIN` to `MAX`, `DEFAULT` when the key is absent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount<const DEFAULT: u32, const MIN: u32, const MAX: u32>(u32);

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> Amount<DEFAULT, MIN, MAX> {
    /// `None` when `number` is out of bounds.
    #[must_use]
    pub fn new(number: u32) -> Option<Self> {
        (MIN..=MAX).contains(&number).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The number, for sizes and counts in memory.
    #[must_use]
    pub fn size(self) -> usize {
        self.0 as usize
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> Default for Amount<DEFAULT, MIN, MAX> {
    fn default() -> Self {
        const { assert!(MIN <= DEFAULT && DEFAULT <= MAX) };
        Self(DEFAULT)
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> fmt::Debug for Amount<DEFAULT, MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> Serialize for Amount<DEFAULT, MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl<'de, const DEFAULT: u32, const MIN: u32, const MAX: u32> Deserialize<'de> for Amount<DEFAULT, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        u32::try_from(number).ok().and_then(Self::new).ok_or_else(|| {
            de::Error::custom(format!(
                "is outside {MIN} to {MAX}{FIX}write a whole number from {MIN} to {MAX}, or leave the key out for \
                     the default of {DEFAULT}"
            ))
        })
    }
}

impl<const DEFAULT: u32, const MIN: u32, const MAX: u32> JsonSchema for Amount<DEFAULT, MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Amount_{DEFAULT}_{MIN}_{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "minimum": MIN,
            "maximum": MAX,
            "x-bounds": format!("{MIN} to {MAX}"),
        })
    }
}

/// The shortest exact spelling: `"5m"`, not `"300s"`.
pub(super) fn span_text(seconds: u32) -> String {
    match seconds {
        0 => "0s".to_owned(),
        s if s % DAY == 0 => format!("{}d", s / DAY),
        s if s % HOUR == 0 => format!("{}h", s / HOUR),
        s if s % MINUTE == 0 => format!("{}m", s / MINUTE),
        s => format!("{s}s"),
    }
}

fn parse_span(text: &str) -> Option<u64> {
    let number = text.strip_suffix(['s', 'm', 'h', 'd'])?;
    // Nine digits cannot overflow below, and no bound is near that.
    if number.is_empty() || number.len() > 9 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let unit = match text.as_bytes()[number.len()] {
        b's' => 1,
        b'm' => MINUTE,
        b'h' => HOUR,
        _ => DAY,
    };
    Some(number.parse::<u64>().ok()? * u64::from(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written_in_the_shortest_exact_form() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("12h", 43_200), ("30d", 2_592_000), ("0s", 0)] {
            assert_eq!(parse_span(text), Some(u64::from(seconds)), "{text}");
            assert_eq!(span_text(seconds), text);
        }
        for bad in ["", "s", "5", "5 m", "-5m", "5w", "1.5h", "9999999999d", "+5s", "٥s"] {
            assert_eq!(parse_span(bad), None, "{bad}");
        }
    }

    #[test]
    fn bounds_hold_at_both_ends() {
        type Code = Span<60, 10, 600>;
        assert_eq!(Code::default().seconds(), Seconds(60));
        assert!(Code::new(9).is_none() && Code::new(10).is_some());
        assert!(Code::new(600).is_some() && Code::new(601).is_none());
        type Count = Amount<5, 1, 20>;
        assert!(Count::new(0).is_none() && Count::new(1).is_some());
        assert!(Count::new(20).is_some() && Count::new(21).is_none());
    }
}
