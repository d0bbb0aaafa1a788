//! Clients: registered, listed, switched off and on, given new secrets, removed.

use std::sync::Arc;

use protocol::Seconds;
use protocol::handle::{HandleKind, Id, NewHandle};
use protocol::registration::{ClientAuthMethod, ClientMetadata, RegisteredClient};
use protocol::signal::Signal;
use serde_json::{Map, Value, json};
use store::GrantFilter;

use super::secret::random_text;
use super::{Admin, CommandError, grants, keys};
use crate::entropy::made_at;
use crate::events::About;

/// The longest time that an old secret works beside the new one: 30 days.
pub(super) const LONGEST_OVERLAP: u32 = 30 * 86_400;

/// Whether a client may be issued anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Switch {
    Off,
    On,
}

pub(super) async fn add(admin: Admin<'_>, metadata: ClientMetadata) -> Result<Value, CommandError> {
    let now = admin.now();
    let made_up = format!("c_{}", random_text::<16>(admin.entropy)?);
    let mut client = RegisteredClient::register(metadata, &made_up, admin.policy, now)?;
    if admin.ledger.client(client.id()).await?.is_some() {
        return Err(CommandError::conflict(
            format!("client_id {} belongs to another client", client.id()),
            "choose another client_id, or leave it out and one is made up; nothing was registered",
        ));
    }
    let secret = if has_secret(&client) { Some(mint(admin, &mut client, 0)?) } else { None };
    // Before the client: a client whose ID tokens nobody can sign must not come to be.
    if let Some(alg) = client.id_token_alg() {
        keys::ensure(admin, alg).await?;
    }
    admin.ledger.put_client(client.clone()).await?;
    admin.raise(Signal::ClientChanged, About::client(client.id()).detail("registered by the operator")).await?;
    Ok(information(&client, secret.as_ref()))
}

pub(super) async fn list(admin: Admin<'_>) -> Result<Value, CommandError> {
    let clients = admin.ledger.clients().await?;
    Ok(Value::Array(clients.iter().map(|client| shown(client)).collect()))
}

pub(super) async fn show(admin: Admin<'_>, client_id: &str) -> Result<Value, CommandError> {
    Ok(shown(&*find(admin, client_id).await?))
}

pub(super) async fn switch(admin: Admin<'_>, client_id: &str, to: Switch) -> Result<Value, CommandError> {
    let mut client = RegisteredClient::clone(&*find(admin, client_id).await?);
    if client.is_disabled() != (to == Switch::Off) {
        client.set_disabled(to == Switch::Off);
        admin.ledger.put_client(client.clone()).await?;
        let detail = if to == Switch::Off { "disabled by the operator" } else { "enabled by the operator" };
        admin.raise(Signal::ClientChanged, About::client(client_id).detail(detail)).await?;
    }
    Ok(shown(&client))
}

pub(super) async fn remove(admin: Admin<'_>, client_id: &str) -> Result<Value, CommandError> {
    find(admin, client_id).await?;
    let now = admin.now();
    let filter = GrantFilter { client_id: Some(client_id.to_owned()), subject: None, live_at: Some(now) };
    let ended = grants::collect(admin, &filter).await?;
    if !admin.ledger.remove_client(client_id, now).await? {
        return Err(unknown(client_id));
    }
    grants::tell(admin, &ended, "its client was removed by the operator").await?;
    admin.raise(Signal::ClientChanged, About::client(client_id).detail("removed by the operator")).await?;
    Ok(json!({ "client_id": client_id, "removed": true, "grants_ended": ended.len() }))
}

pub(super) async fn roll_secret(admin: Admin<'_>, client_id: &str, overlap: u32) -> Result<Value, CommandError> {
    if overlap > LONGEST_OVERLAP {
        return Err(CommandError::invalid(
            "overlap is longer than 30 days",
            format!("give at most {LONGEST_OVERLAP} seconds; the old secret was not touched"),
        ));
    }
    let mut client = RegisteredClient::clone(&*find(admin, client_id).await?);
    if !has_secret(&client) {
        return Err(CommandError::invalid(
            format!("{client_id} authenticates with {}, so it has no secret", client.auth_method().as_str()),
            "register it anew with client_secret_basic, or replace its keys in jwks",
        ));
    }
    let secret = mint(admin, &mut client, overlap)?;
    admin.ledger.put_client(client.clone()).await?;
    let detail = format!("new secret by the operator, the old one ends in {overlap} seconds");
    admin.raise(Signal::ClientChanged, About::client(client_id).detail(detail)).await?;
    Ok(information(&client, Some(&secret)))
}

/// The client of that id, or an error that says so.
pub(super) async fn find(admin: Admin<'_>, client_id: &str) -> Result<Arc<RegisteredClient>, CommandError> {
    admin.ledger.client(client_id).await?.ok_or_else(|| unknown(client_id))
}

fn unknown(client_id: &str) -> CommandError {
    CommandError::not_found(
        format!("client_id {client_id} is not registered here"),
        "see `safeconduct client list`; ids are compared letter by letter",
    )
}

fn has_secret(client: &RegisteredClient) -> bool {
    matches!(client.auth_method(), ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost)
}

/// Makes a secret and gives the client its hash. The value is in the answer and nowhere else.
// defends: client-secret-from-as-database, client-secret-guessing
fn mint(admin: Admin<'_>, client: &mut RegisteredClient, overlap: u32) -> Result<NewHandle, CommandError> {
    let id = Id(admin.entropy.next_id(admin.clock.now_millis()));
    let random = admin.entropy.secret()?;
    let handle = NewHandle::mint(HandleKind::ClientSecret, id, random.expose());
    client.add_secret(handle.id(), handle.hash(), admin.now() + Seconds(overlap), admin.now());
    Ok(handle)
}

fn metadata(client: &RegisteredClient) -> Map<String, Value> {
    // Metadata is texts, numbers, lists and JSON: it always serializes, to an object.
    let mut map = match serde_json::to_value(client.metadata()) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    map.insert("client_id_issued_at".to_owned(), json!(client.issued_at()));
    map
}

/// RFC 7591 section 3.2.1.
fn information(client: &RegisteredClient, secret: Option<&NewHandle>) -> Value {
    let mut map = metadata(client);
    if let Some(secret) = secret {
        map.insert("client_secret".to_owned(), json!(secret.value().expose()));
        map.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    Value::Object(map)
}

/// A client without anything secret.
fn shown(client: &RegisteredClient) -> Value {
    let mut map = metadata(client);
    let secrets = client
        .secrets()
        .iter()
        .map(|secret| json!({ "created": made_at(secret.id.0).to_unix_time(), "expires": secret.expires }));
    map.insert("disabled".to_owned(), json!(client.is_disabled()));
    map.insert("secrets".to_owned(), secrets.collect());
    Value::Object(map)
}
