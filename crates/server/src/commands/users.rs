//! Accounts of people.

use protocol::Secret;
use protocol::record::{OwnerStatus, SUBJECT_PREFIX, UserRecord};
use protocol::signal::Signal;
use serde_json::{Map, Value, json};
use store::{GrantFilter, StoreError};

use super::secret::generate_password;
use super::{Admin, CommandError, NewPassword, claims, grants};
use crate::events::About;
use crate::password::{Hasher, Policy, Username};

pub(super) async fn add(
    admin: Admin<'_>,
    username: &str,
    password: NewPassword,
    given: Map<String, Value>,
) -> Result<Value, CommandError> {
    let username = parse(username)?;
    let now = admin.now();
    let claims = claims::check(given, username.as_str(), now)?;
    if admin.ledger.user_by_name(username.as_str()).await?.is_some() {
        return Err(taken(&username));
    }
    let password = choose(admin, password, username.as_str(), &claims)?;
    let user = UserRecord {
        subject: subject(admin)?,
        username: username.as_str().to_owned(),
        password: hash(admin, password.secret.clone()).await?,
        status: OwnerStatus::Active,
        claims: Value::Object(claims).to_string(),
        created: now,
    };
    let subject = user.subject.clone();
    match admin.ledger.put_user(user).await {
        Err(StoreError::Taken) => return Err(taken(&username)),
        other => other?,
    }
    admin.raise(Signal::UserChanged, About::default().subject(&subject).detail("created by the operator")).await?;
    Ok(password.told(json!({ "username": username.as_str(), "subject": subject })))
}

pub(super) async fn list(admin: Admin<'_>) -> Result<Value, CommandError> {
    let users = admin.ledger.users().await?;
    let row = |user: &UserRecord| {
        let claims: Map<String, Value> = serde_json::from_str(&user.claims).unwrap_or_default();
        json!({
            "username": user.username,
            "subject": user.subject,
            "status": user.status,
            "created": user.created,
            "claims": claims,
        })
    };
    Ok(users.iter().map(row).collect())
}

pub(super) async fn lock(admin: Admin<'_>, username: &str) -> Result<Value, CommandError> {
    let user = set_status(admin, username, OwnerStatus::Locked).await?;
    // Tokens look at the status by themselves; sessions end for good, so that unlocking revives none.
    // defends: locked-account-token-issuance
    let sessions = admin.ledger.end_sessions_of(&user.subject).await?;
    let detail = format!("locked by the operator, {sessions} sessions ended");
    admin.raise(Signal::UserChanged, About::default().subject(&user.subject).detail(detail)).await?;
    Ok(json!({ "username": user.username, "subject": user.subject, "status": "locked", "sessions_ended": sessions }))
}

pub(super) async fn unlock(admin: Admin<'_>, username: &str) -> Result<Value, CommandError> {
    let user = set_status(admin, username, OwnerStatus::Active).await?;
    admin
        .raise(Signal::UserChanged, About::default().subject(&user.subject).detail("unlocked by the operator"))
        .await?;
    Ok(json!({ "username": user.username, "subject": user.subject, "status": "active" }))
}

pub(super) async fn set_password(
    admin: Admin<'_>,
    username: &str,
    password: NewPassword,
) -> Result<Value, CommandError> {
    let mut user = find(admin, username).await?;
    let claims: Map<String, Value> = serde_json::from_str(&user.claims).unwrap_or_default();
    let password = choose(admin, password, &user.username, &claims)?;
    user.password = hash(admin, password.secret.clone()).await?;
    admin.ledger.put_user(user.clone()).await?;
    // Whoever knew the old password may sit in one of them.
    let sessions = admin.ledger.end_sessions_of(&user.subject).await?;
    let detail = format!("new password by the operator, {sessions} sessions ended");
    admin.raise(Signal::UserChanged, About::default().subject(&user.subject).detail(detail)).await?;
    Ok(password.told(json!({ "username": user.username, "subject": user.subject, "sessions_ended": sessions })))
}

pub(super) async fn remove(admin: Admin<'_>, username: &str) -> Result<Value, CommandError> {
    let user = find(admin, username).await?;
    let now = admin.now();
    let filter = GrantFilter { client_id: None, subject: Some(user.subject.clone()), live_at: Some(now) };
    let ended = grants::collect(admin, &filter).await?;
    if !admin.ledger.remove_user(&user.subject, now).await? {
        return Err(unknown(&user.username));
    }
    grants::tell(admin, &ended, "its account was removed by the operator").await?;
    admin.raise(Signal::UserChanged, About::default().subject(&user.subject).detail("removed by the operator")).await?;
    let UserRecord { username, subject, .. } = user;
    Ok(json!({ "username": username, "subject": subject, "removed": true, "grants_ended": ended.len() }))
}

/// The account of that name, or an error that says so.
pub(super) async fn find(admin: Admin<'_>, username: &str) -> Result<UserRecord, CommandError> {
    let username = parse(username)?;
    admin.ledger.user_by_name(username.as_str()).await?.ok_or_else(|| unknown(username.as_str()))
}

async fn set_status(admin: Admin<'_>, username: &str, status: OwnerStatus) -> Result<UserRecord, CommandError> {
    let user = find(admin, username).await?;
    if !admin.ledger.set_user_status(&user.subject, status).await? {
        return Err(unknown(&user.username));
    }
    Ok(user)
}

fn parse(username: &str) -> Result<Username, CommandError> {
    Username::parse(username)
        .map_err(|error| CommandError::invalid(format!("username: {error}"), "choose a name such as ada.lovelace"))
}

fn unknown(username: &str) -> CommandError {
    CommandError::not_found(format!("username {username} has no account here"), "see `safeconduct user list`")
}

fn taken(username: &Username) -> CommandError {
    CommandError::conflict(
        format!("username {username} has an account already"),
        "choose another name, or use `safeconduct user set-password`; nothing was changed",
    )
}

/// `sub`: never derived from the name, never given to somebody else.  defends: account-identifier-collision
fn subject(admin: Admin<'_>) -> Result<String, CommandError> {
    let random = admin.entropy.bytes::<16>()?;
    let text = data_encoding::BASE32_NOPAD.encode(&random).to_ascii_lowercase();
    Ok(format!("{SUBJECT_PREFIX}{text}"))
}

struct Chosen {
    secret: Secret<String>,
    generated: bool,
}

impl Chosen {
    /// The answer, with the password if the operator does not know it yet.
    fn told(&self, mut answer: Value) -> Value {
        if self.generated {
            answer["password"] = json!(self.secret.expose());
        }
        answer
    }
}

fn choose(
    admin: Admin<'_>,
    password: NewPassword,
    username: &str,
    claims: &Map<String, Value>,
) -> Result<Chosen, CommandError> {
    let password = match password {
        NewPassword::Generate => {
            return Ok(Chosen { secret: generate_password(admin.entropy)?, generated: true });
        }
        NewPassword::Given(password) => password,
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let about = [username, text("name"), text("email"), admin.config.issuer.authority()];
    Policy::new(&admin.config.passwords).check(password.secret().expose(), &about).map_err(|weakness| {
        CommandError::invalid(
            format!("the password {weakness}"),
            "choose another, or use --generate; nothing was changed",
        )
    })?;
    Ok(Chosen { secret: password.secret().clone(), generated: false })
}

/// Argon2id takes a while by design: it does not run on a thread that answers requests.
async fn hash(admin: Admin<'_>, password: Secret<String>) -> Result<String, CommandError> {
    let hasher = Hasher::new(&admin.config.passwords, admin.entropy.clone())?;
    let hashed = tokio::task::spawn_blocking(move || hasher.hash(&password)).await;
    match hashed {
        Ok(hash) => Ok(hash?.as_str().to_owned()),
        Err(_cut_short) => Err(CommandError::failed("hashing the password was cut short", "run the command again")),
    }
}
