//! The form of a case file. See `docs/probe.md` for how to write one.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Head, Phase};
use crate::flow::call::Place;

/// A case as data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    title: String,
    #[serde(default)]
    sections: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    phase: Phase,
    #[serde(rename = "step")]
    pub(super) steps: Vec<Step>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Deed {
    Authorize,
    Call,
    ClientCredentials,
    Get,
    Introspect,
    Redeem,
    Refresh,
    Revoke,
    Token,
    Wait,
}

/// How far the person goes on the server's pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PersonWord {
    #[default]
    Allow,
    Anonymous,
    Deny,
    Stop,
}

/// Whose session the browser has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SessionWord {
    Fresh,
    Second,
    #[default]
    Shared,
    Stranger,
}

/// One step. Which members mean something depends on `do`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(rename = "do")]
    pub(super) deed: Deed,
    /// Role of the client.
    #[serde(default)]
    pub(super) client: Option<String>,
    /// Parameters set or replaced.
    #[serde(default)]
    pub(super) set: BTreeMap<String, String>,
    /// Parameters left out.
    #[serde(default)]
    pub(super) unset: Vec<String>,
    /// Parameters added once more.
    #[serde(default)]
    pub(super) also: Vec<(String, String)>,
    /// Query or body sent as it stands here (with `{names}` filled in, nothing encoded).
    #[serde(default)]
    pub(super) raw: Option<String>,
    #[serde(default)]
    pub(super) method: Option<String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) person: PersonWord,
    #[serde(default)]
    pub(super) session: SessionWord,
    /// `own`, `none`, `id`, `basic`, `post`, or a role: as that client.
    #[serde(default)]
    pub(super) auth: Option<String>,
    /// The secret to send instead of the client's, in the client's own way or by `auth = "basic"` or `"post"`.
    #[serde(default)]
    pub(super) secret: Option<String>,
    /// For `call`, `introspect` and `revoke`: the token, `{access_token}` if absent.
    #[serde(default)]
    pub(super) token: Option<String>,
    /// For `call`: `resource`, `high-resource`, `other-resource` or `userinfo`.
    #[serde(default)]
    pub(super) at: Option<String>,
    #[serde(default)]
    pub(super) place: Place,
    /// For `get`: where to.
    #[serde(default)]
    pub(super) url: Option<String>,
    /// For `get`: metadata name of an endpoint.
    #[serde(default)]
    pub(super) endpoint: Option<String>,
    #[serde(default)]
    pub(super) body: Option<String>,
    /// For `wait`: seconds, or `code` or `access-token` for the lifetime that the operator names
    /// or the last answer said.
    #[serde(default, rename = "for")]
    pub(super) wait_for: Option<String>,
    /// Values of which each is `{each}` once: the step is done with one after the other. One with a spelling that the
    /// redirect URI lacks (capitals of an address in digits) is passed over.
    #[serde(default)]
    pub(super) each: Vec<String>,
    /// How often the step is done; the last answer counts, and an attack step ends at the first vulnerable one.
    #[serde(default)]
    pub(super) times: Option<u32>,
    /// A control: it must end so.
    #[serde(default)]
    pub(super) expect: Vec<String>,
    /// A control that tries whether the server does something at all ("requests by POST"): where it does not, the case does
    /// not apply.
    #[serde(default)]
    pub(super) tries: Option<String>,
    /// Whether this step is the attack.
    #[serde(default)]
    pub(super) attack: bool,
    /// Outcomes that show the hole.
    #[serde(default)]
    pub(super) vulnerable: Vec<String>,
    /// Outcomes that show resistance.
    #[serde(default)]
    pub(super) safe: Vec<String>,
    /// Outcomes with which the attack is over, and resisted: later steps are for the others.
    #[serde(default)]
    pub(super) over: Vec<String>,
    /// Checks of the last answer.
    #[serde(default)]
    pub(super) check: Vec<String>,
    /// The sentence for `vulnerable`.
    #[serde(default)]
    pub(super) says: Option<String>,
    /// The sentence for `resisted`; made from the outcome if absent.
    #[serde(default)]
    pub(super) resisted: Option<String>,
    /// Values to keep: new name = present name.
    #[serde(default)]
    pub(super) save: BTreeMap<String, String>,
    /// Values to put back before the step: name = kept name.
    #[serde(default)]
    pub(super) take: BTreeMap<String, String>,
}

impl CaseFile {
    /// Reads a case file and refuses what cannot decide anything.
    ///
    /// # Errors
    /// A sentence with the line or the step.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if !file.steps.iter().any(|step| step.attack) {
            return Err("no step is the attack".into());
        }
        for (number, step) in file.steps.iter().enumerate() {
            let number = number + 1;
            let decides = !step.vulnerable.is_empty() || !step.check.is_empty() || !step.over.is_empty();
            if step.attack && !decides {
                return Err(format!("step {number}: an attack needs `vulnerable`, `over` or `check`"));
            }
            if step.attack && step.says.is_none() {
                return Err(format!("step {number}: an attack needs `says`"));
            }
            if !step.attack && step.expect.is_empty() && step.check.is_empty() && step.deed != Deed::Wait {
                return Err(format!("step {number}: a control needs `expect`, or it controls nothing"));
            }
        }
        Ok(file)
    }

    /// What is known of it before it runs.
    #[must_use]
    pub fn head(&self, threat: &str, name: &str) -> Head {
        Head {
            threat: threat.to_owned(),
            name: name.to_owned(),
            title: self.title.clone(),
            sections: self.sections.clone(),
            needs: self.needs.clone(),
            features: self.features.clone(),
            phase: self.phase,
        }
    }
}
