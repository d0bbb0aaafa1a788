//! What can go wrong with a file: each is told in words, nothing acknowledged is lost, and work goes on afterwards.

mod support;

use std::os::unix::fs::PermissionsExt;

use jose::Seconds;
use protocol::handle::SecretHash;
use store::{Caps, Ledger, SqliteOptions, StoreError};
use support::{NOW, Stage, event, file, open};

#[tokio::test]
async fn a_newer_schema_refuses_to_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    open(&path).close().await.unwrap();
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute("INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'later', x'00')", []).unwrap();
    drop(raw);
    let err = Ledger::open_sqlite(&path, SqliteOptions::default()).expect_err("refused");
    assert_eq!(err, StoreError::NewerSchema { found: 99, known: 1 });
    assert!(err.to_string().contains("run the newer release"));
}

#[tokio::test]
async fn a_migration_that_was_changed_refuses_to_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    open(&path).close().await.unwrap();
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute("UPDATE schema_migrations SET checksum = x'00'", []).unwrap();
    drop(raw);
    let err = Ledger::open_sqlite(&path, SqliteOptions::default()).expect_err("refused");
    assert!(err.to_string().contains("0001_ledger"), "{err}");
}

#[tokio::test]
async fn a_file_that_is_no_store_refuses_to_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    std::fs::write(&path, vec![b'x'; 8192]).unwrap();
    assert_eq!(Ledger::open_sqlite(&path, SqliteOptions::default()).err(), Some(StoreError::Damaged));
}

#[tokio::test]
async fn a_full_disk_is_told_and_work_goes_on_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let options = SqliteOptions { max_pages: Some(80), ..SqliteOptions::default() };
    let stage = Stage::new(Ledger::open_sqlite(&path, options).unwrap(), 1).await;
    let client = stage.authenticated("robot").await;
    let kept = stage.connected(&client, "mail:read").await;
    let mut parked = 0;
    let full = loop {
        let mut record = stage.parked(SecretHash([parked as u8; 32]));
        record.parameters = "x".repeat(4000);
        match stage.ledger.park(record, support::CAPS).await {
            Ok(()) => parked += 1,
            Err(err) => break err,
        }
    };
    assert_eq!(full, StoreError::Full);
    assert!(full.to_string().contains("free space"));
    assert_eq!(stage.ledger.probe().await, Err(StoreError::Full), "readiness sees it");
    // What was acknowledged is there, what was not is not, and reading goes on.
    assert!(stage.counts("robot", &kept.access).await);
    let raw = rusqlite::Connection::open(&path).unwrap();
    let stored: i64 = raw.query_row("SELECT count(*) FROM parked", [], |row| row.get(0)).unwrap();
    assert_eq!(stored, parked);
    drop(raw);
    // The sweep makes room, though the disk is full.
    assert!(stage.ledger.sweep(NOW + Seconds(901), 1000).await.unwrap() >= parked as usize);
    stage.ledger.probe().await.unwrap();
    stage.ledger.park(stage.parked(SecretHash([1; 32])), support::CAPS).await.unwrap();
    stage.rotated(&client, &kept.refresh).await;
    stage.ledger.close().await.unwrap();
}

#[tokio::test]
async fn a_store_that_another_process_holds_is_told_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let ledger = open(&path);
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(ledger.probe().await, Err(StoreError::InUse));
    assert_eq!(ledger.append_event(event(1)).await, Err(StoreError::InUse));
    raw.execute_batch("ROLLBACK").unwrap();
    ledger.probe().await.unwrap();
    assert!(ledger.events(None, 10).await.unwrap().is_empty(), "what failed was not done later");
    ledger.close().await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    open(&path).close().await.unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    // Root may write to anything.
    if std::fs::OpenOptions::new().write(true).open(&path).is_err() {
        assert_eq!(Ledger::open_sqlite(&path, SqliteOptions::default()).err(), Some(StoreError::ReadOnly));
    }
}

#[tokio::test]
async fn one_bad_change_does_not_take_the_others_of_its_batch_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(&file(&folder));
    ledger.append_event(event(1)).await.unwrap();
    let tasks: Vec<_> = (1..=64)
        .map(|id| {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.append_event(event(id)).await })
        })
        .collect();
    let mut failed = 0;
    for task in tasks {
        failed += usize::from(task.await.unwrap().is_err());
    }
    assert_eq!(failed, 1, "only the one whose id was taken");
    assert_eq!(ledger.events(None, 100).await.unwrap().len(), 64);
    ledger.close().await.unwrap();
}

#[tokio::test]
async fn dos_token_exhaustion_what_is_taken_back_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(open(&file(&folder)), 1).await;
    let caps = Caps { total: 2, per_browser: 1 };
    let [mut mine, theirs, third] = [1, 2, 3].map(|browser| stage.parked(SecretHash([browser; 32])));
    stage.ledger.park(mine.clone(), caps).await.unwrap();
    stage.ledger.park(theirs.clone(), caps).await.unwrap();
    let kept = mine.id;
    // My older request makes room for one that cannot be written: the id is theirs.
    mine.id = theirs.id;
    stage.ledger.park(mine, caps).await.unwrap_err();
    assert!(stage.ledger.parked(kept).await.unwrap().is_some(), "all or nothing");
    assert_eq!(stage.ledger.park(third, caps).await, Err(StoreError::Busy));
    stage.ledger.close().await.unwrap();
}

#[tokio::test]
async fn revocation_incomplete_without_its_person_nothing_is_alive() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(open(&file(&folder)), 1).await;
    let client = stage.authenticated("robot").await;
    let opaque = stage.connected(&client, "mail:read").await;
    let jwt = stage.connected(&client, "files:read").await;
    stage.ledger.close().await.unwrap();
    // As if the account had gone and its grants had been forgotten.
    let raw = rusqlite::Connection::open(file(&folder)).unwrap();
    raw.execute("DELETE FROM users", []).unwrap();
    drop(raw);
    let ledger = open(&file(&folder));
    for token in [&opaque.access, &jwt.access] {
        assert!(ledger.peek_token(&stage.token(token)).await.unwrap().is_none());
    }
    ledger.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dos_expensive_input_a_full_queue_sheds() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open_sqlite(&file(&folder), SqliteOptions { queue: 1, ..SqliteOptions::default() }).unwrap();
    let tasks: Vec<_> = (1..=500)
        .map(|id| {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.append_event(event(id)).await })
        })
        .collect();
    let (mut done, mut busy) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => done += 1,
            Err(StoreError::Busy) => busy += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(done > 0 && busy > 0, "{done} done, {busy} shed");
    assert_eq!(ledger.events(None, 1000).await.unwrap().len(), done);
    ledger.close().await.unwrap();
}
