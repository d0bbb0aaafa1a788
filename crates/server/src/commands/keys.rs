//! Signing keys.

use jose::Algorithm;
use protocol::signal::Signal;
use protocol::token::Signer;
use serde_json::{Value, json};

use super::{Admin, CommandError, Takeover};
use crate::events::About;

pub(super) fn list(admin: Admin<'_>) -> Value {
    json!(admin.keys.load().list())
}

pub(super) async fn rotate(
    admin: Admin<'_>,
    alg: Option<Algorithm>,
    takeover: Takeover,
) -> Result<Value, CommandError> {
    let now = admin.now();
    let signs_from = match takeover {
        Takeover::Announced => now + admin.config.keys.publish_ahead.seconds(),
        Takeover::Now => now,
    };
    let algorithms = match alg {
        Some(alg) => vec![alg],
        None => admin.keys.load().algorithms(),
    };
    let mut made = Vec::new();
    for alg in algorithms {
        let kid = admin.keys.rotate(alg, signs_from, now)?;
        let detail = format!("new {alg} key {kid} by the operator, signs from {}", signs_from.0);
        admin.raise(Signal::KeyRotated, About::default().detail(detail)).await?;
        made.push(json!({ "kid": kid, "alg": alg, "signs_from": signs_from }));
    }
    Ok(Value::Array(made))
}

/// Makes a key for `alg` if none signs with it.
pub(super) async fn ensure(admin: Admin<'_>, alg: Algorithm) -> Result<(), CommandError> {
    if admin.keys.load().key(alg).is_some() {
        return Ok(());
    }
    admin.keys.ensure(alg, admin.now())?;
    admin.raise(Signal::KeyRotated, About::default().detail(format!("first {alg} key, for a client"))).await
}

pub(super) async fn discard(admin: Admin<'_>, kid: &str) -> Result<Value, CommandError> {
    // defends: signing-key-compromise
    if !admin.keys.discard(kid, admin.now())? {
        return Err(CommandError::not_found(
            format!("there is no key with kid {kid}"),
            "see `safeconduct keys list`; nothing was changed",
        ));
    }
    let detail = format!("key {kid} discarded by the operator");
    admin.raise(Signal::KeyRotated, About::default().detail(detail)).await?;
    Ok(json!({ "kid": kid, "discarded": true }))
}
