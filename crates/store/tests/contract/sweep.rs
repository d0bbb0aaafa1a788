use protocol::handle::SecretHash;
use protocol::{Seconds, UnixTime};

use crate::support::{CAPS, NOW, Stage, alice};

/// Sweeps until nothing is left to sweep; answers how much went.
async fn sweep_all(stage: &Stage, now: UnixTime, limit: usize) -> usize {
    let mut removed = 0;
    // Windows move on from step to step: a round without any find is the end.
    let mut idle = 0;
    while idle < 20 {
        let step = stage.ledger.sweep(now, limit).await.unwrap();
        idle = if step == 0 { idle + 1 } else { 0 };
        removed += step;
    }
    removed
}

pub async fn what_lives_is_never_swept(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let tokens = stage.connected(&client, "mail:read").await;
    let second = stage.rotated(&client, &tokens.refresh).await;
    let code = stage.code("robot", "mail:read").await;
    let (session, cookie) = stage.session();
    stage.ledger.put_session(session, &alice().password).await.unwrap();
    let parked = stage.parked(SecretHash([1; 32]));
    stage.ledger.park(parked.clone(), CAPS).await.unwrap();
    assert_eq!(sweep_all(stage, NOW, 1).await, 0);
    assert!(stage.counts("robot", &tokens.access).await);
    assert!(stage.counts("robot", &second.access).await);
    assert!(stage.redemption(&client, &code).await.is_ok());
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_some());
    assert!(stage.ledger.parked(parked.id).await.unwrap().is_some());
    assert!(stage.ledger.consent("u_alice", "robot", NOW).await.unwrap().is_some());
    assert!(stage.rotation(&client, &tokens.refresh).await.is_ok(), "a rotated token is still known");
}

pub async fn what_is_dead_goes_in_small_steps(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let mut refresh = stage.connected(&client, "mail:read").await.refresh;
    for _ in 0..9 {
        refresh = stage.rotated(&client, &refresh).await.refresh;
    }
    for _ in 0..5 {
        stage.code("robot", "mail:read").await;
        stage.ledger.park(stage.parked(SecretHash([1; 32])), CAPS).await.unwrap();
        stage.ledger.put_session(stage.session().0, &alice().password).await.unwrap();
    }
    let first = stage.ledger.sweep(NOW + Seconds(4000), 2).await.unwrap();
    assert!(first > 0 && first <= 20, "at most two of each kind, not {first}");
    let removed = first + sweep_all(stage, NOW + Seconds(4000), 2).await;
    // 10 access tokens, 5 codes with their grants, 5 sessions, 5 parked, 1 assertion.
    assert_eq!(removed, 10 + 5 + 5 + 5 + 5 + 1);
    assert!(stage.rotation(&client, &refresh).await.is_ok(), "the grant that was redeemed lives on");
    let end = NOW + Seconds(181 * 86_400);
    // 10 refresh tokens, the spent code, its grant, the consent.
    assert_eq!(sweep_all(stage, end, 2).await, 10 + 1 + 1 + 1);
    assert_eq!(sweep_all(stage, end, 100).await, 0);
}

pub async fn code_replay_a_spent_code_stays_as_long_as_its_grant(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let code = stage.code("robot", "mail:read").await;
    let plan = stage.redemption(&client, &code).await.unwrap();
    stage.ledger.commit(plan).await.unwrap();
    sweep_all(stage, NOW + Seconds(29 * 86_400), 10).await;
    let refusal = stage.redemption(&client, &code).await.unwrap_err();
    assert_eq!(refusal.refusal.rule(), protocol::rules::Rule::CodeReplayed);
}

pub async fn client_assertion_replay_an_assertion_is_kept_until_it_expires(stage: &Stage) {
    let assertion = stage.assertion("robot", "once").await;
    let until = assertion.id().until;
    stage.ledger.first_use(assertion).await.unwrap().expect("new");
    sweep_all(stage, until, 10).await;
    assert!(stage.ledger.first_use(stage.assertion("robot", "once").await).await.unwrap().is_none());
    assert_eq!(sweep_all(stage, until + Seconds(1), 10).await, 1);
}
