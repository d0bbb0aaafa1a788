//! A case: one variant of the attack of one threat. Most are data (`cases/<threat>/<name>.toml`), some are code.

mod check;
mod file;
mod fill;
mod play;
mod spelling;

use std::future::Future;
use std::pin::Pin;

use serde::Deserialize;

pub use self::file::CaseFile;
use crate::cx::Cx;
use crate::ledger;
use crate::verdict::{Stop, Verdict};

/// When a case runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// With others, at once.
    #[default]
    Normal,
    /// With others that wait for something to expire.
    Slow,
    /// Alone and last: it floods, or locks somebody out.
    Noisy,
}

/// What is known of a case before it runs.
#[derive(Debug, Clone)]
pub struct Head {
    /// Id of the threat.
    pub threat: String,
    /// Name within the threat, kebab case.
    pub name: String,
    /// What is tried, in a few words.
    pub title: String,
    /// Sections of specifications; those of the threat if empty.
    pub sections: Vec<String>,
    /// Roles of clients, `user`, `second-user`, `resource`, `other-resource`.
    pub needs: Vec<String>,
    /// Features without which it does not apply.
    pub features: Vec<String>,
    /// When it runs.
    pub phase: Phase,
}

impl Head {
    /// `threat/name`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.threat, self.name)
    }
}

/// The future of a case that is code.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Verdict, Stop>> + Send + 'a>>;

/// What a case does.
pub enum Body {
    /// It is code.
    Code(for<'a> fn(&'a Cx) -> Running<'a>),
    /// It is a file.
    File(Box<CaseFile>),
}

/// One case.
pub struct Case {
    /// What is known of it before.
    pub head: Head,
    /// What it does.
    pub body: Body,
}

impl Case {
    /// Runs it. What it needs and which features it is about are the caller's to check.
    ///
    /// # Errors
    /// [`Stop`], when it cannot decide.
    pub async fn run(&self, cx: &Cx) -> Result<Verdict, Stop> {
        match &self.body {
            Body::Code(run) => run(cx).await,
            Body::File(file) => file.play(cx).await,
        }
    }
}

/// Makes a [`Case`] that is code: `case!("code-exchange-race", "parallel", "Many connections redeem one code",
/// needs: ["user", "web"], features: [], phase: Normal, sections: ["RFC 9700 section 2.1.1"], run: race)`.
#[macro_export]
macro_rules! case {
    ($threat:literal, $name:literal, $title:literal, needs: [$($need:literal),* $(,)?], features: [$($feature:literal),* $(,)?],
     phase: $phase:ident, sections: [$($section:literal),* $(,)?], run: $run:path $(,)?) => {
        $crate::case::Case {
            head: $crate::case::Head {
                threat: $threat.to_owned(),
                name: $name.to_owned(),
                title: $title.to_owned(),
                sections: vec![$($section.to_owned()),*],
                needs: vec![$($need.to_owned()),*],
                features: vec![$($feature.to_owned()),*],
                phase: $crate::case::Phase::$phase,
            },
            body: $crate::case::Body::Code(|cx| Box::pin($run(cx))),
        }
    };
}

/// Every case, sorted by threat and name.
///
/// # Errors
/// A case file that cannot be read, with its path. The files are part of the program: a test reads them all.
pub fn catalogue() -> Result<Vec<Case>, String> {
    let mut cases = crate::cases::all();
    for (threat, name, text) in ledger::case_files() {
        let file = CaseFile::parse(text).map_err(|error| format!("cases/{threat}/{name}.toml: {error}"))?;
        cases.push(Case { head: file.head(threat, name), body: Body::File(Box::new(file)) });
    }
    cases.sort_by(|a, b| (&a.head.threat, &a.head.name).cmp(&(&b.head.threat, &b.head.name)));
    if let Some(twins) = cases.windows(2).find(|pair| pair[0].head.id() == pair[1].head.id()) {
        return Err(format!("two cases are called {}", twins[0].head.id()));
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::catalogue;
    use crate::{features, ledger};

    #[test]
    fn every_file_is_read_and_every_word_in_it_is_known() {
        let cases = catalogue().expect("case files");
        for case in &cases {
            let id = case.head.id();
            assert!(ledger::threat(&case.head.threat).is_some(), "{id}: no threat.toml");
            for feature in &case.head.features {
                assert!(features::NAMES.contains(&feature.as_str()), "{id}: unknown feature {feature}");
            }
        }
        for threat in ledger::threats() {
            if let Some(feature) = &threat.feature {
                assert!(features::NAMES.contains(&feature.as_str()), "{}: unknown feature {feature}", threat.id);
            }
        }
    }
}
