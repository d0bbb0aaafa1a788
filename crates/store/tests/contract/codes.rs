use protocol::grants::{Peeked, Source};
use protocol::handle::{HandleKind, Id, PresentedHandle, SecretHash};
use protocol::record::{CodeState, EndReason, Offline, ParkedRecord};
use protocol::token::Consequence;
use store::{Caps, NotCommitted, StoreError};

use crate::support::{CAPS, NOW, Stage, code_of};

fn presented(code: &str) -> PresentedHandle {
    PresentedHandle::parse(HandleKind::Code, code).expect("a code")
}

async fn peeked(stage: &Stage, code: &str) -> Box<protocol::record::PeekedCode> {
    match stage.ledger.peek(Source::Code(presented(code))).await.unwrap() {
        Peeked::Code(Some(peeked)) => peeked,
        other => panic!("{other:?}"),
    }
}

pub async fn a_code_is_redeemed_once(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let code = stage.code("robot", "mail:read").await;
    let before = peeked(stage, &code).await;
    assert_eq!(before.code.state, CodeState::Active);
    assert_eq!(before.owner.claims, crate::support::alice().claims);
    assert_eq!(before.grant.authentication.amr, ["pwd"]);
    let plan = stage.redemption(&client, &code).await.unwrap();
    let late = stage.redemption(&client, &code).await.unwrap();
    let tokens = stage.tokens(stage.ledger.commit(plan).await.unwrap());
    assert_eq!(stage.ledger.commit(late).await.unwrap_err(), NotCommitted::Lost);
    let after = peeked(stage, &code).await;
    assert_eq!(after.code.state, CodeState::Spent);
    assert!(after.grant.expires > before.grant.expires, "a grant that was redeemed lives on");
    assert!(stage.counts("robot", &tokens.access).await);
    assert!(stage.ledger.grants(&Default::default(), None, 10).await.unwrap()[0].ended.is_none());
}

pub async fn too_much_scope_granted_access_while_away_stays_refused(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let mut plan = stage.code_plan(stage.client("robot").await, "mail:read", None);
    plan.grant.offline = Offline::Refused;
    let code = code_of(stage.ledger.commit_code(plan).await.unwrap());
    assert_eq!(peeked(stage, &code).await.grant.offline, Offline::Refused);
    assert!(stage.redemption(&client, &code).await.unwrap().refresh.is_none());
    let asked = stage.code("robot", "mail:read").await;
    assert_eq!(peeked(stage, &asked).await.grant.offline, Offline::Allowed);
}

pub async fn code_exchange_race_one_of_many_commits_wins(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    for _ in 0..5 {
        let code = stage.code("robot", "mail:read").await;
        let mut plans = Vec::new();
        for _ in 0..64 {
            plans.push(stage.redemption(&client, &code).await.unwrap());
        }
        let racers = plans.into_iter().map(|plan| {
            let ledger = stage.ledger.clone();
            tokio::spawn(async move { ledger.commit(plan).await.map(drop) })
        });
        assert_eq!(crate::codes::wins(racers.collect()).await, 1);
    }
}

/// How many won; the rest lost, and nothing failed.
pub async fn wins(racers: Vec<tokio::task::JoinHandle<Result<(), NotCommitted>>>) -> usize {
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(()) => won += 1,
            Err(NotCommitted::Lost) => {}
            Err(other) => panic!("{other}"),
        }
    }
    won
}

pub async fn code_exchange_race_burning_and_spending_exclude_each_other(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    for _ in 0..32 {
        let code = stage.code("robot", "mail:read").await;
        let plan = stage.redemption(&client, &code).await.unwrap();
        let (spender, burner) = (stage.ledger.clone(), stage.ledger.clone());
        let burn = Consequence::BurnCode(presented(&code).id());
        let spent = tokio::spawn(async move { spender.commit(plan).await.is_ok() });
        let burned = tokio::spawn(async move { burner.carry_out(burn, NOW).await.unwrap() });
        assert!(spent.await.unwrap() != burned.await.unwrap(), "exactly one of them");
    }
}

pub async fn code_replay_a_spent_code_is_still_seen_and_ends_the_grant(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let code = stage.code("robot", "mail:read").await;
    let plan = stage.redemption(&client, &code).await.unwrap();
    let tokens = stage.tokens(stage.ledger.commit(plan).await.unwrap());
    let refusal = stage.redemption(&client, &code).await.unwrap_err();
    let Consequence::EndGrant(_, EndReason::CodeReplayed) = refusal.consequence else { panic!("{refusal:?}") };
    assert!(stage.ledger.carry_out(refusal.consequence, NOW).await.unwrap());
    assert!(!stage.ledger.carry_out(refusal.consequence, NOW).await.unwrap(), "it has ended already");
    assert!(!stage.counts("robot", &tokens.access).await);
    assert!(stage.rotation(&client, &tokens.refresh).await.is_err());
}

pub async fn code_replay_a_spent_code_cannot_be_burned(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let code = stage.code("robot", "mail:read").await;
    let plan = stage.redemption(&client, &code).await.unwrap();
    stage.ledger.commit(plan).await.unwrap();
    let burn = Consequence::BurnCode(presented(&code).id());
    assert!(!stage.ledger.carry_out(burn, NOW).await.unwrap());
    assert_eq!(peeked(stage, &code).await.code.state, CodeState::Spent);
    let other = stage.code("robot", "mail:read").await;
    let burn = Consequence::BurnCode(presented(&other).id());
    assert!(stage.ledger.carry_out(burn, NOW).await.unwrap());
    assert_eq!(peeked(stage, &other).await.code.state, CodeState::Burned);
    assert!(stage.redemption(&client, &other).await.is_err());
}

pub async fn revocation_incomplete_a_code_of_an_ended_grant_is_lost(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let code = stage.code("robot", "mail:read").await;
    let plan = stage.redemption(&client, &code).await.unwrap();
    let grant = peeked(stage, &code).await.grant.id;
    assert!(stage.ledger.end_grant(grant, EndReason::Owner, NOW).await.unwrap());
    assert_eq!(stage.ledger.commit(plan).await.unwrap_err(), NotCommitted::Lost);
    assert_eq!(peeked(stage, &code).await.grant.ended, Some(NOW));
    assert_eq!(peeked(stage, &code).await.code.state, CodeState::Active, "what lost changed nothing");
}

const BROWSER: SecretHash = SecretHash([7; 32]);

pub async fn a_parked_request_is_allowed_once(stage: &Stage) {
    let client = stage.client("robot").await;
    let record = stage.parked(BROWSER);
    stage.ledger.park(record.clone(), CAPS).await.unwrap();
    let racers = (0..64).map(|_| {
        let (ledger, plan) = (stage.ledger.clone(), stage.code_plan(client.clone(), "mail:read", Some(record.id)));
        tokio::spawn(async move {
            let done = ledger.commit_code(plan).await?;
            assert!(!code_of(done).is_empty());
            Ok(())
        })
    });
    assert_eq!(wins(racers.collect()).await, 1);
    assert_eq!(stage.ledger.parked(record.id).await.unwrap(), None);
    let grants = stage.ledger.grants(&Default::default(), None, 100).await.unwrap();
    assert_eq!(grants.len(), 1, "what lost left no grant behind");
}

pub async fn a_parked_request_is_taken_once_and_by_its_browser(stage: &Stage) {
    let record = stage.parked(BROWSER);
    stage.ledger.park(record.clone(), CAPS).await.unwrap();
    assert_eq!(stage.ledger.parked(record.id).await.unwrap(), Some(record.clone()));
    let racers: Vec<_> = (0..64)
        .map(|_| {
            let (ledger, id) = (stage.ledger.clone(), record.id);
            tokio::spawn(async move { ledger.take_parked(id, &BROWSER).await.unwrap() })
        })
        .collect();
    let mut taken: Vec<ParkedRecord> = Vec::new();
    for racer in racers {
        taken.extend(racer.await.unwrap());
    }
    assert_eq!(taken, [record]);
}

pub async fn cross_user_session_fixation_another_browser_cannot_take_a_request(stage: &Stage) {
    let record = stage.parked(BROWSER);
    stage.ledger.park(record.clone(), CAPS).await.unwrap();
    assert_eq!(stage.ledger.take_parked(record.id, &SecretHash([8; 32])).await.unwrap(), None);
    assert_eq!(stage.ledger.take_parked(Id(1 << 40), &BROWSER).await.unwrap(), None);
    assert_eq!(stage.ledger.take_parked(record.id, &BROWSER).await.unwrap(), Some(record), "it is still there");
}

pub async fn dos_token_exhaustion_parked_requests_are_capped(stage: &Stage) {
    let caps = Caps { total: 4, per_browser: 2 };
    let mine: Vec<ParkedRecord> = (0..3).map(|_| stage.parked(BROWSER)).collect();
    for record in &mine {
        stage.ledger.park(record.clone(), caps).await.unwrap();
    }
    assert_eq!(stage.ledger.parked(mine[0].id).await.unwrap(), None, "the oldest of one browser made room");
    assert!(stage.ledger.parked(mine[1].id).await.unwrap().is_some());
    for other in [8, 9] {
        stage.ledger.park(stage.parked(SecretHash([other; 32])), caps).await.unwrap();
    }
    let one_more = stage.parked(SecretHash([10; 32]));
    assert_eq!(stage.ledger.park(one_more.clone(), caps).await, Err(StoreError::Busy));
    stage.ledger.take_parked(mine[1].id, &BROWSER).await.unwrap().expect("parked");
    stage.ledger.park(one_more, caps).await.unwrap();
}
