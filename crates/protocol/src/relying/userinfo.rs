//! The UserInfo response (OpenID Connect Core section 5.3).

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use super::Identity;

/// Claims about the person who signed in, of the same subject as the ID token.
#[derive(Clone, Debug, PartialEq)]
pub struct UserInfo(Map<String, Value>);

/// Why a UserInfo response was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserInfoError {
    /// Not a JSON object with `sub`.
    #[error("the userinfo response is not a JSON object with sub (OpenID Connect Core section 5.3.2)")]
    Document,
    /// About somebody else than the ID token.
    #[error("the userinfo response is about another subject than the ID token (OpenID Connect Core section 5.3.2)")]
    SubjectMismatch,
}

#[derive(Deserialize)]
struct Subject {
    sub: String,
}

impl UserInfo {
    /// Reads the body of a UserInfo response for this login.
    pub fn parse(body: &[u8], identity: &Identity) -> Result<Self, UserInfoError> {
        if body.len() > 64 * 1024 {
            return Err(UserInfoError::Document);
        }
        // The derived reader refuses a second `sub`, which a map would silently take last.
        let subject: Subject = serde_json::from_slice(body).map_err(|_| UserInfoError::Document)?;
        // A substituted access token would otherwise dress one login in another person's claims.
        // defends: id-token-audience-confusion
        if subject.sub != identity.subject() {
            return Err(UserInfoError::SubjectMismatch);
        }
        serde_json::from_slice(body).map(Self).map_err(|_| UserInfoError::Document)
    }

    /// One claim.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}
