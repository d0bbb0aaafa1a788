//! Mallory tries secrets.

use jose::Seconds;
use protocol::handle::{Draw, HandleKind, NewHandle};
use protocol::rules::Rule;
use protocol::signal::Signal;

use crate::cast::*;

#[test]
fn every_failure_reads_the_same_from_outside() {
    let mut desk = Desk::open();
    let body = Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read")]).bytes();
    let secret = desk.clients.secrets[ROBOT].clone();
    let other_bits = NewHandle::mint(HandleKind::ClientSecret, desk.clients.by_id[ROBOT].secrets()[0].id, &[1; 32]);
    let cases = [
        (basic(ROBOT, "guess"), Rule::ClientSecretWrong),
        (basic(ROBOT, &secret[..secret.len() - 1]), Rule::ClientSecretWrong),
        (basic(ROBOT, other_bits.value().expose()), Rule::ClientSecretWrong),
        (basic(ROBOT, &desk.clients.secrets[MALLORY]), Rule::ClientSecretWrong),
        (basic("nobody", &secret), Rule::ClientSecretUnknownClient),
    ];
    let mut texts = std::collections::BTreeSet::new();
    for (header, rule) in cases {
        let refused = desk.token_raw(Some(&header), &body).expect_err("must be refused");
        assert_eq!(refused.rule, rule);
        assert_eq!(rule.signal(), Some(Signal::ClientAuthFailedBurst));
        texts.insert(refused.wire);
    }
    desk.clients.change(ROBOT, |client| client.set_disabled(true));
    let off = desk.token_raw(Some(&basic(ROBOT, &secret)), &body).expect_err("disabled");
    assert_eq!(off.rule, Rule::ClientAuthDisabled);
    texts.insert(off.wire);
    // Without the secret nobody learns even that.
    let off = desk.token_raw(Some(&basic(ROBOT, "guess")), &body).expect_err("disabled");
    assert_eq!(off.rule, Rule::ClientSecretWrong);
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[test]
fn a_rolled_secret_ends_with_its_overlap() {
    let mut desk = Desk::open();
    let body = Form::of(&[("grant_type", "client_credentials"), ("scope", "mail:read")]).bytes();
    let old = basic(ROBOT, &desk.clients.secrets[ROBOT]);
    let fresh = NewHandle::mint(HandleKind::ClientSecret, Counter(77).id(), &[4; 32]);
    desk.clients.change(ROBOT, |client| client.add_secret(fresh.id(), fresh.hash(), NOW + Seconds(60), NOW));
    let new = basic(ROBOT, fresh.value().expose());
    desk.wait(59);
    assert!(desk.token_raw(Some(&old), &body).is_ok() && desk.token_raw(Some(&new), &body).is_ok());
    desk.wait(1);
    assert_eq!(denied(desk.token_raw(Some(&old), &body)).0, Rule::ClientSecretExpired);
    assert!(desk.token_raw(Some(&new), &body).is_ok());

    // Rolled again without an overlap: the one before is dead at once, and an older one does not come back to life.
    let last = NewHandle::mint(HandleKind::ClientSecret, Counter(78).id(), &[5; 32]);
    desk.clients.change(ROBOT, |client| client.add_secret(last.id(), last.hash(), NOW + Seconds(60), NOW));
    assert!(desk.token_raw(Some(&new), &body).is_err() && desk.token_raw(Some(&old), &body).is_err());
}

#[test]
fn secrets_are_made_by_the_server_with_256_bits() {
    let desk = Desk::open();
    for secret in desk.clients.secrets.values() {
        assert!(secret.starts_with("sc_cs.") && secret.len() == 6 + 13 + 1 + 43);
    }
    // Nobody can choose one: metadata has no such member.
    let chosen = serde_json::json!({ "client_id": "w", "client_secret": "hunter2" });
    assert!(serde_json::from_value::<protocol::registration::ClientMetadata>(chosen).is_err());
}
