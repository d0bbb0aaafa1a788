//! The ledger of threats in words, and the files of cases that lie beside them. Both are built into the program.

use std::sync::OnceLock;

use serde::Deserialize;

pub mod pages;

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// A threat that a black box can test for: `cases/<id>/threat.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threat {
    /// Its id, kebab case: the name of its folder.
    #[serde(skip)]
    pub id: String,
    /// What happens, in a few words.
    pub title: String,
    /// Its group.
    pub group: String,
    /// Sections of specifications.
    pub sections: Vec<String>,
    /// What the attacker does and gains.
    pub attack: String,
    /// What a safe server answers.
    pub safe: String,
    /// What to do where the server is vulnerable.
    pub fix: String,
    /// What remains to be looked at by a person, where a black box can only hint.
    #[serde(default)]
    pub hint: Option<String>,
    /// The feature without which the threat does not exist.
    #[serde(default)]
    pub feature: Option<String>,
}

/// Every threat known to the probe, sorted by id.
pub fn threats() -> &'static [Threat] {
    static THREATS: OnceLock<Vec<Threat>> = OnceLock::new();
    THREATS.get_or_init(|| {
        THREAT_FILES
            .iter()
            .map(|(id, text)| {
                // The files are part of the program, and a test reads them all.
                let mut threat: Threat = toml::from_str(text).unwrap_or_else(|error| panic!("cases/{id}/threat.toml: {error}"));
                threat.id = (*id).to_owned();
                threat
            })
            .collect()
    })
}

/// The threat of that id.
#[must_use]
pub fn threat(id: &str) -> Option<&'static Threat> {
    threats().iter().find(|threat| threat.id == id)
}

/// Case files: id of the threat, name of the case, text.
#[must_use]
pub fn case_files() -> &'static [(&'static str, &'static str, &'static str)] {
    CASE_FILES
}
