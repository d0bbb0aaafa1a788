//! What the store keeps, as the protocol reads it. No secret is in here, only hashes.

use jose::UnixTime;
use serde::{Deserialize, Serialize};

use crate::handle::{Id, SecretHash};
use crate::oidc::claims::ClaimsRequest;
use crate::scope::ScopeSet;

/// Subjects of people begin with this, and client ids never do.
pub const SUBJECT_PREFIX: &str = "u_";

/// How and when a person signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// When (`auth_time`).
    pub time: UnixTime,
    /// How strongly (`acr`).
    pub acr: String,
    /// By what means (`amr`, RFC 8176).
    pub amr: Vec<String>,
    /// In which session.
    pub session: Id,
}

/// Whether a client may act while the person is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offline {
    /// As far as the client's registration goes.
    Allowed,
    /// The client asked for `offline_access`, and the person unticked it: no refresh token comes of the grant.
    Refused,
}

/// The root of everything issued from one consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRecord {
    /// Row key.
    pub id: Id,
    /// To whom.
    pub client_id: String,
    /// By whom: the person's subject.
    pub subject: String,
    /// What.
    pub scope: ScopeSet,
    /// Where: resource indicators. Empty when the request named none.
    pub resources: Vec<String>,
    /// How the person had signed in.
    pub authentication: Authentication,
    /// Claims asked for one by one.
    pub claims: ClaimsRequest,
    /// Since when.
    pub created: UnixTime,
    /// The end, whatever happens.
    pub expires: UnixTime,
    /// Ended before that.
    pub ended: Option<UnixTime>,
    /// Last redeemed or refreshed, to the minute.
    pub last_used: UnixTime,
    /// The newest token of this grant that was seen in use: whatever was issued with it has arrived.
    pub confirmed: Id,
    /// Whether refresh tokens come of it.
    pub offline: Offline,
}

/// Why a grant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// The client gave it back (RFC 7009).
    ClientRevoked,
    /// A code came a second time.
    CodeReplayed,
    /// The operator.
    Operator,
    /// The person.
    Owner,
    /// It was used while the person's account was locked.
    OwnerLocked,
    /// A superseded refresh token came back.
    RefreshReplayed,
}

impl EndReason {
    /// As it is stored and logged.
    pub fn as_str(self) -> &'static str {
        match self {
            EndReason::ClientRevoked => "client-revoked",
            EndReason::CodeReplayed => "code-replayed",
            EndReason::Operator => "operator",
            EndReason::Owner => "owner",
            EndReason::OwnerLocked => "owner-locked",
            EndReason::RefreshReplayed => "refresh-replayed",
        }
    }
}

/// Where a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// Not used yet.
    Active,
    /// A wrong proof came from its own client.
    Burned,
    /// Redeemed.
    Spent,
}

/// An authorization code at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRecord {
    /// Row key.
    pub id: Id,
    /// SHA-256 of the secret part.
    pub hash: SecretHash,
    /// The redirect URI that the request named. Empty where it named none and the client's only one was used.
    pub redirect_uri: String,
    /// The S256 challenge.
    pub challenge: Option<String>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// When it ends.
    pub expires: UnixTime,
    /// Where it stands.
    pub state: CodeState,
}

/// Where a refresh token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshState {
    /// The one that works.
    Active,
    /// Used; this is its one successor.
    Rotated(Id),
    /// Its answer was lost and given again: another successor took its place.
    Superseded,
}

/// A refresh token at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshRecord {
    /// Row key.
    pub id: Id,
    /// SHA-256 of the secret part.
    pub hash: SecretHash,
    /// When it ends if it is not used.
    pub expires: UnixTime,
    /// Where it stands.
    pub state: RefreshState,
}

/// An access token, as introspection and userinfo know it: read from the store, or from a JWT that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRecord {
    /// Row key; the second half of a JWT's `jti`.
    pub id: Id,
    /// SHA-256 of the secret part.
    pub hash: SecretHash,
    /// The grant, or [`Id::NONE`] for a client's own token.
    pub grant: Id,
    /// To whom it was issued.
    pub client_id: String,
    /// For whom it speaks.
    pub subject: String,
    /// What.
    pub scope: ScopeSet,
    /// Where.
    pub audience: Vec<String>,
    /// Since when.
    pub issued: UnixTime,
    /// Until when.
    pub expires: UnixTime,
}

/// The person behind a grant, as far as tokens need him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// `sub`.
    pub subject: String,
    /// Whether the account is in use.
    pub status: OwnerStatus,
    /// Claims about the person: a JSON object.
    pub claims: String,
}

/// Whether an account is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnerStatus {
    /// In use.
    Active,
    /// Locked by the operator.
    Locked,
}

/// A code with all that its redemption has to look at. Reading it gives no right to anything.
#[derive(Clone, Debug)]
pub struct PeekedCode {
    /// The code.
    pub code: CodeRecord,
    /// Its grant.
    pub grant: GrantRecord,
    /// The person.
    pub owner: Owner,
}

/// A refresh token with all that its use has to look at.
#[derive(Clone, Debug)]
pub struct PeekedRefresh {
    /// The token.
    pub token: RefreshRecord,
    /// The state of its successor, if it has one.
    pub successor: Option<RefreshState>,
    /// Its grant.
    pub grant: GrantRecord,
    /// The person.
    pub owner: Owner,
}

/// An access token with what decides whether it still counts.
#[derive(Clone, Debug)]
pub struct PeekedAccess {
    /// The token.
    pub token: AccessRecord,
    /// Its grant; none for a client's own token.
    pub grant: Option<GrantRecord>,
    /// The person; none for a client's own token.
    pub owner: Option<Owner>,
}

/// A person's session at the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Row key.
    pub id: Id,
    /// SHA-256 of the cookie's secret part.
    pub hash: SecretHash,
    /// Who.
    pub subject: String,
    /// The name to show.
    pub username: String,
    /// How and when.
    pub authentication: Authentication,
    /// When it ends.
    pub expires: UnixTime,
}

/// An authorization request that waits for the person, as it was received: every look at it checks it anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedRecord {
    /// Row key, and what URLs name.
    pub id: Id,
    /// SHA-256 of the browser's secret: only this browser may go on.
    pub browser: SecretHash,
    /// The parameters as received.
    pub parameters: String,
    /// Since when. A person who must sign in anew must have done so after this.
    pub created: UnixTime,
    /// Until when.
    pub expires: UnixTime,
}

/// What a person allowed a client before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    /// Who.
    pub subject: String,
    /// Whom.
    pub client_id: String,
    /// The redirect URI it was given for.
    pub redirect_uri: String,
    /// What.
    pub scope: ScopeSet,
    /// Where.
    pub resources: Vec<String>,
    /// Until when it is remembered.
    pub expires: UnixTime,
}

/// A person's account. `Debug` is not derived: the password's hash stays out of logs.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// `sub`: random, never reused.
    pub subject: String,
    /// What is typed at sign-in, in its one normal form.
    pub username: String,
    /// Argon2id, as a PHC string.
    pub password: String,
    /// Whether the account is in use.
    pub status: OwnerStatus,
    /// Claims about the person: a JSON object.
    pub claims: String,
    /// Since when.
    pub created: UnixTime,
}

/// A security or audit event. Ids and rule names only: nothing received, nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Row key.
    pub id: Id,
    /// When.
    pub at: UnixTime,
    /// What.
    pub signal: crate::signal::Signal,
    /// The client that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The person that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The grant that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Id>,
    /// From where the request came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The request that the answer and the log name, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The rule that was broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// More, in our words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}
