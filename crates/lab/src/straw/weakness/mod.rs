//! The weaknesses, one per threat, each in a file of its own.

use super::layer::Weakness;

/// A weakness and what it opens.
#[derive(Debug)]
pub struct Row {
    /// The threat's id, which is the weakness's name.
    pub threat: &'static str,
    /// Makes one, with state of its own.
    pub make: fn() -> Box<dyn Weakness>,
    /// Other threats that a server with this weakness cannot resist either, each with the reason.
    pub also: &'static [(&'static str, &'static str)],
}

macro_rules! table {
    ($($file:ident = $threat:literal $([$($other:literal: $why:literal),+ $(,)?])?;)*) => {
        $(mod $file;)*
        /// All weaknesses, by name.
        pub const TABLE: &[Row] =
            &[$(Row { threat: $threat, make: $file::weakness, also: &[$($(($other, $why)),+)?] }),*];
    };
}

// Sorted, one line each.
table! {
    code_replay = "code-replay" ["code-exchange-race": "of two redemptions at once both get tokens"];
    forwarded_header_forgery = "forwarded-header-forgery";
    introspection_abuse = "introspection-abuse";
    pkce_downgrade = "pkce-downgrade";
    redirect_uri_pattern_match = "redirect-uri-pattern-match" ["redirect-uri-parser-confusion": "suffixes of the registered address are let through, dot segments among them"];
    token_response_cached = "token-response-cached";
}

/// Threats that no weakness can show, each with the reason.
pub const EXCEPTIONS: &[(&str, &str)] = &[];

/// Finds weaknesses by name.
///
/// # Errors
/// The first name that is none, with the list of those that are.
pub fn find(names: &[String]) -> Result<Vec<&'static Row>, Unknown> {
    let row = |name: &String| TABLE.iter().find(|row| row.threat == name).ok_or_else(|| Unknown(name.clone()));
    names.iter().map(row).collect()
}

/// No weakness has that name.
#[derive(Debug)]
pub struct Unknown(String);

impl std::error::Error for Unknown {}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no weakness is called {}; there are:", self.0)?;
        TABLE.iter().try_for_each(|row| write!(f, "\n  {}", row.threat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_each_threat_once() {
        assert!(TABLE.is_sorted_by(|one, two| one.threat < two.threat));
        for row in TABLE {
            assert!(row.also.iter().all(|(other, why)| *other != row.threat && !why.is_empty()), "{}", row.threat);
            assert!(EXCEPTIONS.iter().all(|(threat, _)| *threat != row.threat), "{}", row.threat);
        }
    }
}
