//! What only a file can do: last, be read by a thief, be copied.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::handle::{HandleKind, PresentedHandle};
use store::{Ledger, SqliteOptions, StoreError};
use support::{NOW, SUBJECT, Stage, Tokens, alice, event, file, open};

/// The file and its log as they are now, as a crash would leave them.
fn as_after_a_crash(path: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("crashed.sqlite");
    std::fs::copy(path, &copy).unwrap();
    std::fs::copy(path.with_extension("sqlite-wal"), copy.with_extension("sqlite-wal")).unwrap();
    copy
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_crash_and_after_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let before = Stage::new(open(&path), 1).await;
    let client = before.authenticated("robot").await;
    let first = before.connected(&client, "mail:read").await;
    let second = before.rotated(&client, &first.refresh).await;
    let spent = before.code("robot", "mail:read").await;
    let plan = before.redemption(&client, &spent).await.unwrap();
    before.ledger.commit(plan).await.unwrap();
    let unspent = before.code("robot", "mail:read").await;
    let (session, cookie) = before.session();
    before.ledger.put_session(session, &alice().password).await.unwrap();
    before.ledger.append_event(event(7)).await.unwrap();
    let used = before.assertion("robot", "used").await;
    before.ledger.first_use(used).await.unwrap().expect("new");

    let crashed = as_after_a_crash(&path, folder.path());
    before.ledger.close().await.unwrap();
    for path in [crashed, path] {
        let mut after = Stage::new(open(&path), 1_000_000).await;
        // The same server: the same keys.
        after.key = jose::SigningKey::from_private_jwk(&before.key.to_private_jwk()).unwrap();
        after.keys = before.keys.clone();
        for id in ["robot", "reuser"] {
            after.ledger.put_client(after.register(id, "rotate")).await.unwrap();
        }
        let client = after.authenticated("robot").await;
        assert!(after.ledger.first_use(after.assertion("robot", "used").await).await.unwrap().is_none());
        assert!(after.counts("robot", &second.access).await);
        assert!(after.ledger.session(&cookie, NOW).await.unwrap().is_some());
        assert_eq!(after.ledger.events(None, 10).await.unwrap(), [event(7)]);
        assert!(after.ledger.consent(SUBJECT, "robot", NOW).await.unwrap().is_some());
        assert!(after.ledger.user_by_name("alice").await.unwrap() == Some(alice()));
        assert!(after.redemption(&client, &unspent).await.is_ok());
        let replay = after.redemption(&client, &spent).await.unwrap_err();
        assert_eq!(replay.refusal.rule(), protocol::rules::Rule::CodeReplayed);
        let third = after.rotated(&client, &second.refresh).await;
        let replay = after.rotation(&client, &first.refresh).await.unwrap_err();
        assert!(after.ledger.carry_out(replay.consequence, NOW).await.unwrap());
        assert!(!after.counts("robot", &third.access).await);
        after.ledger.close().await.unwrap();
    }
}

/// Writes one of each kind of secret; gives them back with all bytes that are on disk.
async fn secrets_and_bytes(folder: &tempfile::TempDir) -> (String, Tokens, String, Vec<u8>) {
    let path = file(folder);
    let stage = Stage::new(open(&path), 1).await;
    let client = stage.authenticated("robot").await;
    let tokens = stage.connected(&client, "mail:read").await;
    let tokens = stage.rotated(&client, &tokens.refresh).await;
    let code = stage.code("robot", "mail:read").await;
    let jwt = stage.connected(&client, "files:read").await.access;
    let mut bytes = std::fs::read(path.with_extension("sqlite-wal")).unwrap();
    stage.ledger.close().await.unwrap();
    bytes.extend(std::fs::read(path).unwrap());
    (code, tokens, jwt, bytes)
}

/// Neither the text nor the random bytes behind it; but the hash is there, so the search finds what it looks for.
fn only_the_hash_is_stored(kind: HandleKind, value: &str, bytes: &[u8]) {
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let secret = value.rsplit('.').next().expect("three parts");
    assert!(!has(value.as_bytes()) && !has(secret.as_bytes()));
    assert!(!has(&data_encoding::BASE64URL_NOPAD.decode(secret.as_bytes()).unwrap()));
    let handle = PresentedHandle::parse(kind, value).expect("a handle");
    assert!(has(&handle.hash().0));
}

#[tokio::test]
async fn code_from_as_database_only_a_hash_is_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, _, bytes) = secrets_and_bytes(&folder).await;
    only_the_hash_is_stored(HandleKind::Code, &code, &bytes);
}

#[tokio::test]
async fn refresh_from_as_database_only_a_hash_is_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (_, tokens, _, bytes) = secrets_and_bytes(&folder).await;
    only_the_hash_is_stored(HandleKind::RefreshToken, &tokens.refresh, &bytes);
}

#[tokio::test]
async fn access_token_from_as_database_only_a_hash_is_on_disk_and_no_jwt() {
    let folder = tempfile::tempdir().unwrap();
    let (_, tokens, jwt, bytes) = secrets_and_bytes(&folder).await;
    only_the_hash_is_stored(HandleKind::AccessToken, &tokens.access, &bytes);
    let signature = jwt.rsplit('.').next().expect("three parts");
    assert!(!bytes.windows(signature.len()).any(|window| window == signature.as_bytes()));
}

#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    std::fs::write(&path, b"").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ledger = open(&path);
    ledger.probe().await.unwrap();
    let copy = folder.path().join("copy.sqlite");
    ledger.backup(&copy).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
    }
    ledger.close().await.unwrap();
}

#[tokio::test]
async fn a_closed_store_writes_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(&file(&folder));
    let writes: Vec<_> = (1..=200)
        .map(|id| {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.append_event(event(id)).await.is_ok() })
        })
        .collect();
    tokio::task::yield_now().await;
    ledger.close().await.unwrap();
    ledger.close().await.expect("closed is closed");
    let mut done = 0;
    for write in writes {
        done += usize::from(write.await.unwrap());
    }
    assert_eq!(ledger.probe().await, Err(StoreError::Closed));
    let again = open(&file(&folder));
    assert_eq!(again.events(None, 1000).await.unwrap().len(), done);
    again.close().await.unwrap();
}

#[tokio::test]
async fn a_backup_is_a_whole_store() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(open(&file(&folder)), 1).await;
    let client = stage.authenticated("robot").await;
    let tokens = stage.connected(&client, "mail:read").await;
    let copy = folder.path().join("copy.sqlite");
    let busy = stage.ledger.clone();
    let writing = tokio::spawn(async move {
        for id in 1..=100 {
            busy.append_event(event(id)).await.unwrap();
        }
    });
    stage.ledger.backup(&copy).await.unwrap();
    writing.await.unwrap();
    assert!(stage.ledger.backup(&copy).await.is_err(), "a backup is never overwritten");
    stage.ledger.close().await.unwrap();
    let restored = Stage { ledger: open(&copy), ..stage };
    assert!(restored.counts("robot", &tokens.access).await);
    restored.rotated(&client, &tokens.refresh).await;
    restored.ledger.close().await.unwrap();
}

#[tokio::test]
async fn old_events_are_swept_beyond_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions { kept_events: 5, ..SqliteOptions::default() };
    let ledger = Ledger::open_sqlite(&file(&folder), options.clone()).unwrap();
    for id in 1..=8 {
        ledger.append_event(event(id)).await.unwrap();
    }
    ledger.close().await.unwrap();
    let ledger = Ledger::open_sqlite(&file(&folder), options).unwrap();
    assert_eq!(ledger.sweep(NOW, 2).await.unwrap(), 2);
    assert_eq!(ledger.sweep(NOW, 2).await.unwrap(), 1);
    assert_eq!(ledger.sweep(NOW, 2).await.unwrap(), 0);
    assert_eq!(ledger.events(None, 10).await.unwrap().first(), Some(&event(4)));
    ledger.close().await.unwrap();
}

#[tokio::test]
async fn all_clones_gone_the_writer_finishes() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    open(&path).append_event(event(1)).await.unwrap();
    let log = path.with_extension("sqlite-wal");
    // Its last act moves the log into the file.
    for _ in 0..200 {
        if std::fs::metadata(&log).map_or(0, |log| log.len()) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the writer did not stop");
}

/// Nothing that PostgreSQL, a pooler in front of it, or a distributed engine that speaks like it cannot do.
#[test]
fn the_sql_is_portable() {
    const BANNED: [&str; 20] = [
        "trigger",
        "listen ",
        "notify",
        "advisory",
        "autoincrement",
        "insert or ",
        "replace into",
        "rowid",
        "lock table",
        "deferrable",
        "nextval",
        "sequence",
        "attach ",
        "strftime",
        "datetime(",
        "julianday",
        "random()",
        "glob ",
        "last_insert",
        "vacuum",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for folder in ["src/sql", "migrations/sqlite"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with("--")) {
                // How SQLite is told what the primary key of a table without ids is; elsewhere it is the default.
                let line = line.to_lowercase().replace("strict, without rowid", "");
                for word in BANNED {
                    assert!(!line.contains(word), "{}: {line}", path.display());
                }
            }
            seen += 1;
        }
    }
    assert!(seen > 10);
}
