use protocol::handle::{HandleKind, Id, PresentedHandle};
use protocol::record::{EndReason, PeekedRefresh, RefreshState};
use protocol::token::{Consequence, Spend};
use protocol::{Seconds, UnixTime};
use store::NotCommitted;

use crate::codes::wins;
use crate::support::{NOW, Stage};

fn id(refresh: &str) -> Id {
    PresentedHandle::parse(HandleKind::RefreshToken, refresh).expect("a refresh token").id()
}

async fn peeked(stage: &Stage, refresh: &str) -> PeekedRefresh {
    let handle = PresentedHandle::parse(HandleKind::RefreshToken, refresh).expect("a refresh token");
    stage.ledger.peek_refresh(&handle).await.unwrap().expect("known")
}

pub async fn a_refresh_token_rotates_and_its_replay_ends_the_grant(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let first = stage.connected(&client, "mail:read").await;
    let second = stage.rotated(&client, &first.refresh).await;
    assert_eq!(peeked(stage, &first.refresh).await.token.state, RefreshState::Rotated(id(&second.refresh)));
    assert_eq!(peeked(stage, &first.refresh).await.successor, Some(RefreshState::Active));
    let third = stage.rotated(&client, &second.refresh).await;
    assert_eq!(peeked(stage, &first.refresh).await.successor, Some(RefreshState::Rotated(id(&third.refresh))));
    let refusal = stage.rotation(&client, &first.refresh).await.unwrap_err();
    let Consequence::EndGrant(_, EndReason::RefreshReplayed) = refusal.consequence else { panic!("{refusal:?}") };
    assert!(stage.ledger.carry_out(refusal.consequence, NOW).await.unwrap());
    assert!(stage.rotation(&client, &third.refresh).await.is_err());
    assert!(!stage.counts("robot", &third.access).await);
}

pub async fn refresh_rotation_race_one_of_many_commits_wins(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let mut tokens = stage.connected(&client, "mail:read").await;
    for _ in 0..5 {
        let mut plans = Vec::new();
        for _ in 0..64 {
            plans.push(stage.rotation(&client, &tokens.refresh).await.unwrap());
        }
        let racers: Vec<_> = plans
            .into_iter()
            .map(|plan| {
                let ledger = stage.ledger.clone();
                tokio::spawn(async move { ledger.commit(plan).await })
            })
            .collect();
        let mut won = Vec::new();
        for racer in racers {
            match racer.await.unwrap() {
                Ok(done) => won.push(stage.tokens(done)),
                Err(err) => assert_eq!(err, NotCommitted::Lost),
            }
        }
        assert_eq!(won.len(), 1);
        tokens = won.remove(0);
        assert!(stage.counts("robot", &tokens.access).await);
    }
}

pub async fn refresh_rotation_race_a_lost_answer_is_given_again_with_one_successor(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let first = stage.connected(&client, "mail:read").await;
    let lost = stage.rotated(&client, &first.refresh).await;
    let again = stage.rotation(&client, &first.refresh).await.unwrap();
    assert!(matches!(again.spend, Spend::Reanswer { superseding, .. } if superseding == id(&lost.refresh)));
    let again = stage.tokens(stage.ledger.commit(again).await.unwrap());
    assert_eq!(peeked(stage, &lost.refresh).await.token.state, RefreshState::Superseded);
    assert_eq!(peeked(stage, &first.refresh).await.token.state, RefreshState::Rotated(id(&again.refresh)));
    assert_eq!(peeked(stage, &first.refresh).await.successor, Some(RefreshState::Active));
    stage.rotated(&client, &again.refresh).await;
}

pub async fn refresh_rotation_race_many_second_answers_leave_one_successor(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let first = stage.connected(&client, "mail:read").await;
    let lost = stage.rotated(&client, &first.refresh).await;
    let mut plans = Vec::new();
    for _ in 0..64 {
        plans.push(stage.rotation(&client, &first.refresh).await.unwrap());
    }
    let racers = plans.into_iter().map(|plan| {
        let ledger = stage.ledger.clone();
        tokio::spawn(async move { ledger.commit(plan).await.map(drop) })
    });
    assert_eq!(wins(racers.collect()).await, 1);
    assert_eq!(peeked(stage, &lost.refresh).await.token.state, RefreshState::Superseded);
    assert_eq!(peeked(stage, &first.refresh).await.successor, Some(RefreshState::Active));
}

pub async fn refresh_rotation_race_a_second_answer_and_the_use_of_the_first_exclude_each_other(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    for _ in 0..32 {
        let first = stage.connected(&client, "mail:read").await;
        let answer = stage.rotated(&client, &first.refresh).await;
        let again = stage.rotation(&client, &first.refresh).await.unwrap();
        let used = stage.rotation(&client, &answer.refresh).await.unwrap();
        let racers = [again, used].map(|plan| {
            let ledger = stage.ledger.clone();
            tokio::spawn(async move { ledger.commit(plan).await.map(drop) })
        });
        assert_eq!(wins(racers.into()).await, 1);
    }
}

pub async fn refresh_rotation_race_a_second_answer_replaces_only_the_successor_it_names(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let first = stage.connected(&client, "mail:read").await;
    // A token beside the others, as no plan of the protocol would make it.
    let mut beside = stage.rotation(&client, &first.refresh).await.unwrap();
    beside.spend = Spend::Nothing;
    let beside = stage.tokens(stage.ledger.commit(beside).await.unwrap());
    stage.rotated(&client, &first.refresh).await;
    let mut again = stage.rotation(&client, &first.refresh).await.unwrap();
    let Spend::Reanswer { superseding, .. } = &mut again.spend else { panic!("{:?}", again.spend) };
    *superseding = id(&beside.refresh);
    assert_eq!(stage.ledger.commit(again).await.unwrap_err(), NotCommitted::Lost);
    assert_eq!(peeked(stage, &beside.refresh).await.token.state, RefreshState::Active);
}

pub async fn refresh_token_replay_a_confirmed_answer_is_not_given_again(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let first = stage.connected(&client, "mail:read").await;
    let second = stage.rotated(&client, &first.refresh).await;
    let before = stage.rotation(&client, &first.refresh).await.unwrap();
    let grant = peeked(stage, &first.refresh).await.grant.id;
    let access = PresentedHandle::parse(HandleKind::AccessToken, &second.access).expect("opaque").id();
    stage.ledger.confirm(grant, access).await.unwrap();
    stage.ledger.confirm(grant, Id(1)).await.unwrap();
    assert_eq!(peeked(stage, &first.refresh).await.grant.confirmed, access, "it never goes back");
    assert_eq!(stage.ledger.commit(before).await.unwrap_err(), NotCommitted::Lost);
    let refusal = stage.rotation(&client, &first.refresh).await.unwrap_err();
    assert!(matches!(refusal.consequence, Consequence::EndGrant(..)));
    stage.rotated(&client, &second.refresh).await;
}

pub async fn refresh_token_replay_a_superseded_token_ends_the_grant(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let first = stage.connected(&client, "mail:read").await;
    let lost = stage.rotated(&client, &first.refresh).await;
    let stale = stage.rotation(&client, &lost.refresh).await.unwrap();
    let again = stage.rotated(&client, &first.refresh).await;
    assert_eq!(stage.ledger.commit(stale).await.unwrap_err(), NotCommitted::Lost);
    let refusal = stage.rotation(&client, &lost.refresh).await.unwrap_err();
    assert!(stage.ledger.carry_out(refusal.consequence, NOW).await.unwrap());
    assert!(!stage.counts("robot", &again.access).await);
}

pub async fn refresh_rotation_race_the_end_of_a_grant_and_a_rotation_leave_nothing_alive(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    for _ in 0..32 {
        let first = stage.connected(&client, "mail:read").await;
        let grant = peeked(stage, &first.refresh).await.grant.id;
        let plan = stage.rotation(&client, &first.refresh).await.unwrap();
        let (rotator, ender) = (stage.ledger.clone(), stage.ledger.clone());
        let rotated = tokio::spawn(async move { rotator.commit(plan).await });
        let ended = tokio::spawn(async move { ender.end_grant(grant, EndReason::Owner, NOW).await.unwrap() });
        assert!(ended.await.unwrap());
        if let Ok(done) = rotated.await.unwrap() {
            let second = stage.tokens(done);
            assert!(!stage.counts("robot", &second.access).await);
            assert!(stage.rotation(&client, &second.refresh).await.is_err());
        }
        assert!(!stage.counts("robot", &first.access).await);
    }
}

pub async fn a_reused_token_stays_and_lives_longer(stage: &Stage) {
    let client = stage.authenticated("reuser").await;
    let first = stage.connected(&client, "mail:read").await;
    let later = UnixTime(NOW.0) + Seconds(1000);
    let rest = format!("refresh_token={}", first.refresh);
    let plan = stage.decide(&client, "refresh_token", &rest, later).await.unwrap();
    let twin = stage.decide(&client, "refresh_token", &rest, later).await.unwrap();
    assert!(stage.tokens(stage.ledger.commit(plan).await.unwrap()).refresh.is_empty());
    stage.ledger.commit(twin).await.expect("both may use it");
    let token = peeked(stage, &first.refresh).await;
    assert_eq!(token.token.state, RefreshState::Active);
    assert_eq!(token.token.expires, later + stage.policy.lifetimes.refresh_idle);
    assert_eq!(token.grant.last_used, later);
    let plan = stage.rotation(&client, &first.refresh).await.unwrap();
    stage.ledger.end_grant(token.grant.id, EndReason::Owner, NOW).await.unwrap();
    assert_eq!(stage.ledger.commit(plan).await.unwrap_err(), NotCommitted::Lost);
}
