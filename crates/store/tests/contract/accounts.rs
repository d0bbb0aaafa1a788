use protocol::Seconds;
use protocol::handle::{HandleKind, Id, NewHandle, PresentedHandle};
use protocol::record::{EventRecord, OwnerStatus, UserRecord};
use protocol::signal::Signal;
use store::StoreError;

use crate::support::{NOW, SUBJECT, Stage, alice};

pub async fn a_session_counts_while_secret_person_and_time_are_right(stage: &Stage) {
    let (record, cookie) = stage.session();
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_none());
    stage.ledger.put_session(record.clone(), &alice().password).await.unwrap();
    for _ in 0..2 {
        assert_eq!(stage.ledger.session(&cookie, NOW).await.unwrap(), Some(record.clone()));
        assert!(stage.ledger.session(&cookie, record.expires).await.unwrap().is_none());
        let forged = NewHandle::mint(HandleKind::Session, record.id, &[1; 32]);
        let forged = PresentedHandle::parse(HandleKind::Session, forged.value().expose()).expect("well-formed");
        assert!(stage.ledger.session(&forged, NOW).await.unwrap().is_none(), "knowing the id is not enough");
    }
    assert!(stage.ledger.end_session(record.id).await.unwrap());
    assert!(!stage.ledger.end_session(record.id).await.unwrap());
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_none());
}

pub async fn sessions_of_a_person_end_together(stage: &Stage) {
    let mut cookies = Vec::new();
    for _ in 0..3 {
        let (record, cookie) = stage.session();
        stage.ledger.put_session(record, &alice().password).await.unwrap();
        stage.ledger.session(&cookie, NOW).await.unwrap().expect("alive");
        cookies.push(cookie);
    }
    assert_eq!(stage.ledger.end_sessions_of("u_nobody").await.unwrap(), 0);
    assert_eq!(stage.ledger.end_sessions_of(SUBJECT).await.unwrap(), 3);
    for cookie in &cookies {
        assert!(stage.ledger.session(cookie, NOW).await.unwrap().is_none());
    }
}

pub async fn locked_account_token_issuance_a_session_begins_only_by_the_password_that_still_counts(stage: &Stage) {
    let checked = alice().password;
    let (record, cookie) = stage.session();
    assert!(!stage.ledger.put_session(record.clone(), "$argon2id$other").await.unwrap());
    stage.ledger.set_user_status(SUBJECT, OwnerStatus::Locked).await.unwrap();
    assert!(!stage.ledger.put_session(record.clone(), &checked).await.unwrap());
    stage.ledger.set_user_status(SUBJECT, OwnerStatus::Active).await.unwrap();
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_none(), "unlocking revives no sign-in");
    assert!(stage.ledger.put_session(record, &checked).await.unwrap());
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_some());
    stage.ledger.remove_user(SUBJECT, NOW).await.unwrap();
    assert!(!stage.ledger.put_session(stage.session().0, &checked).await.unwrap());
}

pub async fn login_session_fixation_a_session_that_ended_is_not_extended(stage: &Stage) {
    let (record, cookie) = stage.session();
    stage.ledger.put_session(record.clone(), &alice().password).await.unwrap();
    let later = record.expires + Seconds(600);
    assert!(stage.ledger.extend_session(record.id, later).await.unwrap());
    let extended = stage.ledger.session(&cookie, record.expires).await.unwrap().expect("alive");
    assert_eq!(extended.expires, later);
    assert!(stage.ledger.end_session(record.id).await.unwrap());
    assert!(!stage.ledger.extend_session(record.id, later).await.unwrap());
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_none());
}

pub async fn locked_account_token_issuance_a_better_hash_changes_nothing_else(stage: &Stage) {
    let (first, better) = (alice().password, "$argon2id$better");
    stage.ledger.set_user_status(SUBJECT, OwnerStatus::Locked).await.unwrap();
    assert!(stage.ledger.renew_password(SUBJECT, &first, better).await.unwrap());
    let user = stage.ledger.user_by_subject(SUBJECT).await.unwrap().expect("there");
    assert!(user == UserRecord { password: better.to_owned(), status: OwnerStatus::Locked, ..alice() });
    assert!(!stage.ledger.renew_password(SUBJECT, &first, "$argon2id$late").await.unwrap(), "another password was set");
    stage.ledger.remove_user(SUBJECT, NOW).await.unwrap();
    assert!(!stage.ledger.renew_password(SUBJECT, better, &first).await.unwrap());
    assert!(stage.ledger.user_by_subject(SUBJECT).await.unwrap().is_none(), "nobody comes back");
}

pub async fn usernames_are_unique(stage: &Stage) {
    let bob = UserRecord { subject: "u_bob".to_owned(), ..alice() };
    assert_eq!(stage.ledger.put_user(bob.clone()).await, Err(StoreError::Taken));
    let bob = UserRecord { username: "bob".to_owned(), ..bob };
    stage.ledger.put_user(bob.clone()).await.unwrap();
    let steal = UserRecord { username: "alice".to_owned(), ..bob.clone() };
    assert_eq!(stage.ledger.put_user(steal).await, Err(StoreError::Taken));
    assert!(stage.ledger.user_by_name("bob").await.unwrap() == Some(bob.clone()));
    assert!(stage.ledger.user_by_subject("u_bob").await.unwrap() == Some(bob.clone()));
    let renamed = UserRecord { username: "bobby".to_owned(), ..bob };
    stage.ledger.put_user(renamed.clone()).await.unwrap();
    assert!(stage.ledger.user_by_name("bob").await.unwrap().is_none());
    let names: Vec<String> = stage.ledger.users().await.unwrap().into_iter().map(|user| user.username).collect();
    assert_eq!(names, ["alice", "bobby"]);
    assert!(!stage.ledger.set_user_status("u_nobody", OwnerStatus::Locked).await.unwrap());
}

pub async fn locked_account_token_issuance_a_lock_is_seen_at_once_everywhere(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let (session, cookie) = stage.session();
    stage.ledger.put_session(session, &alice().password).await.unwrap();
    let opaque = stage.connected(&client, "mail:read").await;
    let jwt = stage.connected(&client, "files:read").await;
    let code = stage.code("robot", "mail:read").await;
    assert!(stage.counts("robot", &opaque.access).await && stage.counts("robot", &jwt.access).await);
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_some());
    assert!(stage.ledger.set_user_status(SUBJECT, OwnerStatus::Locked).await.unwrap());
    assert!(!stage.counts("robot", &opaque.access).await);
    assert!(!stage.counts("robot", &jwt.access).await);
    assert!(stage.rotation(&client, &opaque.refresh).await.is_err());
    assert!(stage.redemption(&client, &code).await.is_err());
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_none());
    stage.ledger.put_user(UserRecord { status: OwnerStatus::Active, ..alice() }).await.unwrap();
    assert!(stage.counts("robot", &opaque.access).await, "unlocked again");
    assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_some());
}

pub async fn revocation_incomplete_a_removed_person_leaves_nothing_alive(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let (session, cookie) = stage.session();
    stage.ledger.put_session(session, &alice().password).await.unwrap();
    let tokens = stage.connected(&client, "mail:read").await;
    let code = stage.code("robot", "mail:read").await;
    assert!(stage.ledger.remove_user(SUBJECT, NOW).await.unwrap());
    assert!(!stage.ledger.remove_user(SUBJECT, NOW).await.unwrap());
    for _ in 0..2 {
        assert!(!stage.counts("robot", &tokens.access).await);
        assert!(stage.rotation(&client, &tokens.refresh).await.is_err());
        assert!(stage.redemption(&client, &code).await.is_err());
        assert!(stage.ledger.session(&cookie, NOW).await.unwrap().is_none());
        assert!(stage.ledger.consent(SUBJECT, "robot", NOW).await.unwrap().is_none());
        // Nor does any of it come back with an account of the same subject.
        stage.ledger.put_user(alice()).await.unwrap();
    }
}

pub async fn revocation_incomplete_a_removed_client_leaves_nothing_alive(stage: &Stage) {
    let client = stage.authenticated("robot").await;
    let tokens = stage.connected(&client, "mail:read").await;
    let registered = stage.register("robot", "rotate");
    assert!(stage.ledger.consent(SUBJECT, "robot", NOW).await.unwrap().is_some());
    assert!(stage.ledger.remove_client("robot", NOW).await.unwrap());
    assert!(!stage.ledger.remove_client("robot", NOW).await.unwrap());
    assert!(stage.ledger.client("robot").await.unwrap().is_none());
    stage.ledger.put_client(registered).await.unwrap();
    assert!(!stage.counts("robot", &tokens.access).await, "not even for a namesake");
    assert!(stage.rotation(&client, &tokens.refresh).await.is_err());
    assert!(stage.ledger.consent(SUBJECT, "robot", NOW).await.unwrap().is_none());
}

pub async fn clients_are_read_back_as_they_were_put(stage: &Stage) {
    let mut robot = stage.register("robot", "rotate");
    let secret = NewHandle::mint(HandleKind::ClientSecret, Id(5), &[5; 32]);
    robot.add_secret(secret.id(), secret.hash(), NOW, NOW);
    robot.set_disabled(true);
    stage.client("robot").await;
    stage.ledger.put_client(robot.clone()).await.unwrap();
    let read = stage.client("robot").await;
    assert!(read.is_disabled(), "the change is seen at once");
    assert_eq!(read.secrets(), robot.secrets());
    assert_eq!(format!("{read:?}"), format!("{robot:?}"));
    let ids: Vec<String> = stage.ledger.clients().await.unwrap().iter().map(|client| client.id().to_owned()).collect();
    assert_eq!(ids, ["reuser", "robot"]);
}

pub async fn consent_is_remembered_until_it_is_forgotten_or_old(stage: &Stage) {
    assert!(stage.ledger.consent(SUBJECT, "robot", NOW).await.unwrap().is_none());
    stage.code("robot", "mail:read").await;
    let consent = stage.ledger.consent(SUBJECT, "robot", NOW).await.unwrap().expect("a confidential client");
    assert_eq!(consent.scope.as_str(), "mail:read");
    assert!(stage.ledger.consent(SUBJECT, "robot", consent.expires).await.unwrap().is_none());
    stage.code("robot", "files:read").await;
    let newer = stage.ledger.consent(SUBJECT, "robot", NOW).await.unwrap().expect("replaced");
    assert_eq!(newer.scope.as_str(), "files:read");
    stage.code("reuser", "mail:read").await;
    assert_eq!(stage.ledger.forget_consents_of_client("robot").await.unwrap(), 1);
    assert!(stage.ledger.consent(SUBJECT, "robot", NOW).await.unwrap().is_none());
    assert!(stage.ledger.consent(SUBJECT, "reuser", NOW).await.unwrap().is_some());
    assert_eq!(stage.ledger.forget_consents_of_subject(SUBJECT).await.unwrap(), 1);
    assert!(stage.ledger.consent(SUBJECT, "reuser", NOW).await.unwrap().is_none());
}

pub async fn injection_into_stores_and_logs_values_are_bound(stage: &Stage) {
    let name = "x'); DROP TABLE users; --\u{0}\"";
    let odd = UserRecord { subject: format!("u_{name}"), username: name.to_owned(), ..alice() };
    stage.ledger.put_user(odd.clone()).await.unwrap();
    assert!(stage.ledger.user_by_name(name).await.unwrap() == Some(odd));
    assert!(stage.ledger.user_by_name("' OR '1'='1").await.unwrap().is_none());
    assert!(stage.ledger.client("' OR '1'='1").await.unwrap().is_none());
    assert_eq!(stage.ledger.users().await.unwrap().len(), 2);
}

pub async fn events_are_read_from_both_ends(stage: &Stage) {
    for number in 1..=9 {
        let event = EventRecord {
            id: Id(number),
            at: NOW + Seconds(number as u32),
            signal: Signal::CodeReplayed,
            client_id: Some("robot".to_owned()),
            subject: None,
            grant: Some(Id(number)),
            address: None,
            request_id: None,
            rule: None,
            detail: String::new(),
        };
        stage.ledger.append_event(event).await.unwrap();
    }
    let ids = |events: Vec<EventRecord>| events.into_iter().map(|event| event.id.0).collect::<Vec<u64>>();
    assert_eq!(ids(stage.ledger.events(None, 3).await.unwrap()), [7, 8, 9]);
    assert_eq!(ids(stage.ledger.events(Some(Id(2)), 3).await.unwrap()), [3, 4, 5]);
    assert!(stage.ledger.events(Some(Id(9)), 3).await.unwrap().is_empty());
}
