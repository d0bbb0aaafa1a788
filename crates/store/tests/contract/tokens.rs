use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use protocol::handle::Id;
use protocol::inspect::{PresentedToken, Revocation};
use protocol::record::EndReason;
use protocol::token::{Spend, TokenRequest};
use protocol::{Seconds, UnixTime};
use store::GrantFilter;

use crate::support::{NOW, Stage};

async fn grant_of(stage: &Stage, access: &str) -> Id {
    stage.ledger.peek_token(&stage.token(access)).await.unwrap().expect("known").token.grant
}

pub async fn revocation_incomplete_ending_a_grant_ends_its_tokens_at_once(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    for scope in ["mail:read", "files:read"] {
        let tokens = stage.connected(&client, scope).await;
        assert!(stage.counts("robot", &tokens.access).await);
        assert!(stage.ledger.peek_token(&stage.token(&tokens.refresh)).await.unwrap().is_none(), "not an access token");
        let grant = grant_of(stage, &tokens.access).await;
        let end = Revocation::Grant(grant, EndReason::ClientRevoked);
        assert!(stage.ledger.revoke(end, NOW).await.unwrap());
        assert!(!stage.ledger.revoke(end, NOW).await.unwrap());
        assert!(!stage.counts("robot", &tokens.access).await);
        assert!(stage.rotation(&client, &tokens.refresh).await.is_err());
    }
}

/// Readers fill the cache while the writer ends grants: whatever they had read, after the answer nothing is alive.
pub async fn revocation_incomplete_readers_never_bring_an_ended_token_back(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    for _ in 0..40 {
        let tokens = stage.connected(&client, "mail:read").await;
        let grant = grant_of(stage, &tokens.access).await;
        let done = Arc::new(AtomicBool::new(false));
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let (ledger, done) = (stage.ledger.clone(), Arc::clone(&done));
                let PresentedToken::Access(handle) = stage.token(&tokens.access) else { panic!("opaque") };
                tokio::spawn(async move {
                    while !done.load(Ordering::Relaxed) {
                        ledger.peek_token(&PresentedToken::Access(handle)).await.unwrap();
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        stage.ledger.end_grant(grant, EndReason::Operator, NOW).await.unwrap();
        for _ in 0..20 {
            assert!(!stage.counts("robot", &tokens.access).await);
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.await.unwrap();
        }
        assert!(!stage.counts("robot", &tokens.access).await);
    }
}

pub async fn revocation_incomplete_an_opaque_token_is_gone_once_revoked(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let tokens = stage.connected(&client, "mail:read").await;
    let token = stage.ledger.peek_token(&stage.token(&tokens.access)).await.unwrap().expect("known").token;
    let revocation = Revocation::Access { id: token.id, expires: token.expires };
    assert!(stage.ledger.revoke(revocation, NOW).await.unwrap());
    assert!(stage.ledger.peek_token(&stage.token(&tokens.access)).await.unwrap().is_none());
    assert!(stage.rotation(&client, &tokens.refresh).await.is_ok(), "only the one token");
    assert!(!stage.ledger.revoke(Revocation::Nothing, NOW).await.unwrap());
    assert!(!stage.ledger.revoke(Revocation::Foreign, NOW).await.unwrap());
}

pub async fn revocation_incomplete_a_jwt_is_remembered_as_revoked(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let tokens = stage.connected(&client, "files:read").await;
    let token = stage.ledger.peek_token(&stage.token(&tokens.access)).await.unwrap().expect("known").token;
    let revocation = Revocation::Access { id: token.id, expires: token.expires };
    assert!(stage.ledger.revoke(revocation, NOW).await.unwrap());
    assert!(!stage.ledger.revoke(revocation, NOW).await.unwrap());
    assert!(stage.ledger.peek_token(&stage.token(&tokens.access)).await.unwrap().is_none());
    stage.ledger.sweep(token.expires, 100).await.unwrap();
    assert!(stage.ledger.peek_token(&stage.token(&tokens.access)).await.unwrap().is_none(), "not forgotten too early");
    stage.ledger.sweep(token.expires + Seconds(1), 100).await.unwrap();
    assert!(stage.ledger.peek_token(&stage.token(&tokens.access)).await.unwrap().is_some(), "expired by itself by now");
}

pub async fn revocation_incomplete_all_grants_of_a_client_or_person_end(stage: &Stage) {
    let robot = stage.authenticated("robot").await;
    let reuser = stage.authenticated("reuser").await;
    let mut of_robot = Vec::new();
    for _ in 0..300 {
        of_robot.push(stage.connected(&robot, "mail:read").await);
    }
    let other = stage.connected(&reuser, "mail:read").await;
    assert_eq!(stage.ledger.end_grants_of_client("robot", EndReason::Operator, NOW).await.unwrap(), 300);
    for tokens in &of_robot {
        assert!(!stage.counts("robot", &tokens.access).await);
    }
    assert!(stage.counts("reuser", &other.access).await);
    assert_eq!(stage.ledger.end_grants_of_subject("u_nobody", EndReason::Owner, NOW).await.unwrap(), 0);
    assert_eq!(stage.ledger.end_grants_of_subject(crate::support::SUBJECT, EndReason::Owner, NOW).await.unwrap(), 1);
    assert!(!stage.counts("reuser", &other.access).await);
}

pub async fn a_plan_that_stores_nothing_needs_no_store(stage: &Stage) {
    let machine = serde_json::json!({
        "client_id": "machine", "grant_types": ["client_credentials"], "scope": "mail:read files:read",
        "token_endpoint_auth_method": "private_key_jwt", "jwks": stage.keys,
    });
    let machine = serde_json::from_value(machine).unwrap();
    let machine = protocol::registration::RegisteredClient::register(machine, "", &stage.policy, NOW).unwrap();
    stage.ledger.put_client(machine).await.unwrap();
    let client = stage.authenticated("machine").await;
    let jwt = stage.decide(&client, "client_credentials", "scope=files:read", NOW).await.unwrap();
    let opaque = stage.decide(&client, "client_credentials", "scope=mail:read", NOW).await.unwrap();
    assert_eq!(opaque.spend, Spend::Nothing);
    let opaque = stage.tokens(stage.ledger.commit(opaque).await.unwrap());
    assert!(stage.counts("machine", &opaque.access).await, "a client's own token has no grant");
    stage.ledger.close().await.unwrap();
    let jwt = stage.tokens(stage.ledger.commit(jwt).await.expect("a closed store is not asked"));
    assert!(stage.counts("machine", &jwt.access).await);
}

pub async fn client_assertion_replay_one_of_many_uses_is_the_first(stage: &Stage) {
    let mut racers = Vec::new();
    for _ in 0..64 {
        let (ledger, assertion) = (stage.ledger.clone(), stage.assertion("robot", "the-same").await);
        racers.push(tokio::spawn(async move { ledger.first_use(assertion).await.unwrap().is_some() }));
    }
    let mut first = 0;
    for racer in racers {
        first += usize::from(racer.await.unwrap());
    }
    assert_eq!(first, 1);
    let other = stage.assertion("reuser", "the-same").await;
    assert!(stage.ledger.first_use(other).await.unwrap().is_some(), "another client's own");
    let request = format!("grant_type=refresh_token&client_id=robot&refresh_token={}", "x");
    assert!(TokenRequest::parse(None, request.as_bytes()).is_ok());
}

pub async fn grants_are_listed_in_pages(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        let tokens = stage.connected(&client, "mail:read").await;
        ids.push(grant_of(stage, &tokens.access).await);
    }
    stage.ledger.end_grant(ids[2], EndReason::Owner, NOW).await.unwrap();
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = stage.ledger.grants(&GrantFilter::default(), after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.iter().map(|grant| grant.id));
    }
    assert_eq!(seen, ids);
    let live = GrantFilter { live_at: Some(NOW), ..GrantFilter::default() };
    assert_eq!(stage.ledger.grants(&live, None, 100).await.unwrap().len(), 6);
    let far = GrantFilter { live_at: Some(UnixTime(i64::MAX)), ..GrantFilter::default() };
    assert!(stage.ledger.grants(&far, None, 100).await.unwrap().is_empty());
    let other = GrantFilter { client_id: Some("reuser".to_owned()), ..GrantFilter::default() };
    assert!(stage.ledger.grants(&other, None, 100).await.unwrap().is_empty());
}
