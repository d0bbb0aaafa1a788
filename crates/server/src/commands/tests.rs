//! Commands on a store in memory: what they answer, what they change, what they refuse.

use super::*;
use crate::clock::ManualClock;
use crate::config::Issuer;
use crate::entropy::Node;
use protocol::handle::{HandleKind, PresentedHandle};

const NOW: UnixTime = UnixTime(1_800_000_000);

struct Stage {
    config: Config,
    policy: Policy,
    ledger: Ledger,
    keys: KeyRing,
    clock: ManualClock,
    entropy: Arc<Entropy>,
    _dir: tempfile::TempDir,
}

impl Stage {
    fn new() -> Stage {
        let dir = tempfile::tempdir().expect("a folder");
        let text = "issuer = \"https://login.example.org\"\n[[resource]]\nidentifier = \"https://mail.example.org\"\nname = \"Mail\"\n\
                    [resource.scopes.\"mail:read\"]\ndescription = \"read your mail\"\n";
        let mut config = Config::parse(text, "test", dir.path(), []).expect("a good configuration");
        assert_eq!(config.issuer, Issuer::parse("https://login.example.org").expect("an issuer"));
        config.keys.directory = dir.path().join("keys");
        Stage {
            policy: crate::app::policy(&config),
            keys: KeyRing::open(&config.keys.directory, &[], NOW).expect("a key folder"),
            ledger: Ledger::memory(),
            clock: ManualClock::at(NOW),
            entropy: Arc::new(Entropy::new(Node::default())),
            config,
            _dir: dir,
        }
    }

    async fn run(&self, command: Command) -> Result<Value, CommandError> {
        let admin = Admin {
            config: &self.config,
            policy: &self.policy,
            ledger: &self.ledger,
            keys: &self.keys,
            clock: &self.clock,
            entropy: &self.entropy,
            record: Record::Stopped,
        };
        execute(admin, command).await
    }

    async fn add_client(&self, metadata: &str) -> Result<Value, CommandError> {
        self.run(Command::ClientAdd { metadata: Box::new(read_metadata(metadata)?) }).await
    }

    async fn add_user(&self, username: &str, password: NewPassword) -> Result<Value, CommandError> {
        self.run(Command::UserAdd { username: username.to_owned(), password, claims: Map::new() }).await
    }

    async fn signals(&self) -> Vec<String> {
        let list = Command::EventsList { after: None, since: None, limit: 100 };
        let events = self.run(list).await.expect("events");
        let name = |event: &Value| event["signal"].as_str().expect("a name").to_owned();
        events.as_array().expect("a list").iter().map(name).collect()
    }
}

const ROBOT: &str = r#"{"client_id": "robot", "client_name": "Robot", "redirect_uris": ["https://robot.example/cb"],
    "grant_types": ["authorization_code", "refresh_token"], "scope": "openid mail:read"}"#;

#[tokio::test]
async fn a_client_comes_with_its_secret_once() {
    let stage = Stage::new();
    let added = stage.add_client(ROBOT).await.expect("registered");
    assert_eq!(added["client_id"], "robot");
    assert_eq!(added["token_endpoint_auth_method"], "client_secret_basic", "defaults are told");
    assert_eq!(added["client_id_issued_at"], NOW.0);
    assert_eq!(added["client_secret_expires_at"], 0, "RFC 7591 section 3.2.1");
    let secret = added["client_secret"].as_str().expect("a secret");
    assert!(PresentedHandle::parse(HandleKind::ClientSecret, secret).is_some());
    let shown = stage.run(Command::ClientShow { client_id: "robot".into() }).await.expect("shown");
    assert!(!shown.to_string().contains("sc_cs."), "client_secret_from_as_database");
    assert_eq!(shown["secrets"].as_array().map(Vec::len), Some(1));
    assert_eq!(stage.signals().await, ["client-changed"]);
}

#[tokio::test]
async fn a_client_that_asks_for_an_algorithm_gets_a_key_that_can_sign_its_id_tokens() {
    let stage = Stage::new();
    let asking = ROBOT.replacen('{', r#"{"id_token_signed_response_alg": "EdDSA","#, 1);
    stage.add_client(&asking).await.expect("registered");
    assert_eq!(stage.signals().await, ["key-rotated", "client-changed"]);
    assert!(stage.keys.load().algorithms().contains(&Algorithm::EdDsa));
}

#[tokio::test]
async fn bad_metadata_registers_nothing_and_names_the_member() {
    let stage = Stage::new();
    for (metadata, member) in [
        (r#"{"redirect_uris": ["http://robot.example/cb"]}"#, "redirect_uris"),
        (r#"{"redirect_uris": ["https://robot.example/cb"], "scope": "mail:write"}"#, "scope"),
        (r#"{"redirect_uris": ["https://robot.example/cb"], "resources": ["https://other.example"]}"#, "resources"),
        (r#"{"grant_types": ["implicit"]}"#, "grant_types[0]"),
        (r#"{"redirect_uri": "https://robot.example/cb"}"#, "redirect_uri"),
    ] {
        let error = stage.add_client(metadata).await.expect_err("refused");
        assert!(error.problem.starts_with(member), "{error}");
        assert_eq!(error.kind, Kind::Invalid);
    }
    stage.add_client(ROBOT).await.expect("registered");
    assert_eq!(stage.add_client(ROBOT).await.expect_err("taken").kind, Kind::Conflict);
    assert_eq!(stage.run(Command::ClientList).await.expect("a list").as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_rolled_secret_replaces_the_old_one_after_the_overlap() {
    let stage = Stage::new();
    let old = stage.add_client(ROBOT).await.expect("registered")["client_secret"].clone();
    let roll = |overlap| Command::ClientRollSecret { client_id: "robot".into(), overlap };
    let new = stage.run(roll(3600)).await.expect("rolled")["client_secret"].clone();
    assert_ne!(old, new);
    let client = stage.ledger.client("robot").await.expect("store").expect("there");
    assert_eq!(client.secrets().iter().map(|s| s.expires).collect::<Vec<_>>(), [Some(NOW + jose::Seconds(3600)), None]);
    assert_eq!(stage.run(roll(u32::MAX)).await.expect_err("too long").kind, Kind::Invalid);
    let public = r#"{"client_id": "app", "application_type": "native", "redirect_uris": ["http://127.0.0.1/cb"]}"#;
    let added = stage.add_client(public).await.expect("registered");
    assert!(added.get("client_secret").is_none() && added.get("client_secret_expires_at").is_none());
    let command = Command::ClientRollSecret { client_id: "app".into(), overlap: 0 };
    assert!(stage.run(command).await.expect_err("no secret").problem.contains("authenticates with none"));
}

#[tokio::test]
async fn a_client_is_switched_off_and_on_and_removed() {
    let stage = Stage::new();
    stage.add_client(ROBOT).await.expect("registered");
    let id = || "robot".to_owned();
    assert_eq!(stage.run(Command::ClientDisable { client_id: id() }).await.expect("off")["disabled"], true);
    assert_eq!(stage.run(Command::ClientDisable { client_id: id() }).await.expect("off")["disabled"], true);
    assert_eq!(stage.run(Command::ClientEnable { client_id: id() }).await.expect("on")["disabled"], false);
    stage.run(Command::ClientRemove { client_id: id() }).await.expect("removed");
    for command in [Command::ClientShow { client_id: id() }, Command::ClientRemove { client_id: id() }] {
        let error = stage.run(command).await.expect_err("gone");
        assert_eq!(error.kind, Kind::NotFound);
        assert!(error.problem.contains("robot"));
    }
    let changed = stage.signals().await.into_iter().filter(|signal| signal == "client-changed").count();
    assert_eq!(changed, 4, "no event where nothing changed");
}

#[tokio::test]
async fn an_account_has_a_random_subject_and_a_hashed_password() {
    let stage = Stage::new();
    let added = stage.add_user("Ada", NewPassword::Generate).await.expect("made");
    assert_eq!(added["username"], "ada");
    let subject = added["subject"].as_str().expect("a subject");
    assert!(subject.len() == 28 && subject.starts_with("u_"), "{subject}");
    let password = added["password"].as_str().expect("told once");
    let user = stage.ledger.user_by_name("ada").await.expect("store").expect("there");
    assert!(user.password.starts_with("$argon2id$") && !user.password.contains(password), "password_from_as_database");
    assert_eq!(stage.add_user("ada", NewPassword::Generate).await.expect_err("taken").kind, Kind::Conflict);
    let listed = stage.run(Command::UserList).await.expect("a list").to_string();
    assert!(!listed.contains("argon2") && listed.contains("preferred_username"));
    let given = NewPassword::Given(Password::new("otters walk home at seven".into()));
    assert!(stage.add_user("bob", given).await.expect("made").get("password").is_none(), "the operator knows it");
}

#[tokio::test]
async fn weak_passwords_and_odd_names_make_no_account() {
    let stage = Stage::new();
    for (name, password, says) in [
        ("ada", "short", "the password has fewer"),
        ("ada", "password1234", "the password is too easy"),
        ("a da", "otters walk home at seven", "username: "),
        ("", "otters walk home at seven", "username: "),
    ] {
        let error =
            stage.add_user(name, NewPassword::Given(Password::new(password.into()))).await.expect_err("refused");
        assert!(error.problem.starts_with(says), "{error}");
        assert!(!error.to_string().contains(password), "secrets_in_logs_and_errors");
    }
    assert!(stage.ledger.users().await.expect("store").is_empty());
}

#[tokio::test]
async fn an_account_is_locked_unlocked_and_removed_with_events() {
    let stage = Stage::new();
    stage.add_user("ada", NewPassword::Generate).await.expect("made");
    let name = || "ADA".to_owned();
    assert_eq!(stage.run(Command::UserLock { username: name() }).await.expect("locked")["status"], "locked");
    assert_eq!(stage.run(Command::UserUnlock { username: name() }).await.expect("unlocked")["status"], "active");
    let before = stage.ledger.user_by_name("ada").await.expect("store").expect("there");
    let set = Command::UserSetPassword { username: name(), password: NewPassword::Generate };
    assert!(stage.run(set).await.expect("set").get("password").is_some());
    let after = stage.ledger.user_by_name("ada").await.expect("store").expect("there");
    assert!(before.password != after.password && before.subject == after.subject);
    stage.run(Command::UserRemove { username: name() }).await.expect("removed");
    assert_eq!(stage.run(Command::UserLock { username: name() }).await.expect_err("gone").kind, Kind::NotFound);
    assert_eq!(stage.signals().await, vec!["user-changed"; 5]);
}

#[tokio::test]
async fn keys_are_rotated_announced_or_at_once_and_discarded() {
    let stage = Stage::new();
    stage.keys.ensure(Algorithm::EdDsa, NOW).expect("a key");
    let rotate = |takeover| Command::KeysRotate { alg: None, takeover };
    let made = stage.run(rotate(Takeover::Announced)).await.expect("rotated");
    assert_eq!(made[0]["signs_from"], NOW.0 + 2 * 86_400);
    stage.run(rotate(Takeover::Now)).await.expect("rotated");
    let listed = stage.run(Command::KeysList).await.expect("a list");
    let states: Vec<&str> = listed.as_array().expect("a list").iter().filter_map(|key| key["state"].as_str()).collect();
    assert_eq!(states, ["retired", "active", "next"]);
    assert!(!listed.to_string().contains("\"d\""), "no private part");
    let kid = listed[1]["kid"].as_str().expect("a kid").to_owned();
    stage.run(Command::KeysDiscard { kid: kid.clone() }).await.expect("discarded");
    assert_eq!(stage.run(Command::KeysDiscard { kid }).await.expect_err("gone").kind, Kind::NotFound);
    assert_eq!(stage.signals().await, vec!["key-rotated"; 3]);
}

#[tokio::test]
async fn events_are_paged_by_id_and_by_time() {
    let stage = Stage::new();
    for name in ["a", "b", "c"] {
        stage.add_user(name, NewPassword::Generate).await.expect("made");
        stage.clock.advance(60_000);
    }
    let all = stage.run(Command::EventsList { after: None, since: None, limit: 2 }).await.expect("events");
    assert_eq!(all.as_array().map(Vec::len), Some(2), "the newest two");
    assert_eq!(all[0]["severity"], "info");
    let first = Id::parse(all[0]["id"].as_str().expect("an id"));
    let rest = stage.run(Command::EventsList { after: first, since: None, limit: 100 }).await.expect("events");
    assert_eq!(rest.as_array().map(Vec::len), Some(1));
    let late = Command::EventsList { after: None, since: Some(UnixTime(NOW.0 + 60)), limit: 100 };
    assert_eq!(stage.run(late).await.expect("events").as_array().map(Vec::len), Some(2));
    let late = Command::EventsList { after: None, since: Some(UnixTime(NOW.0 + 999)), limit: 1 };
    assert_eq!(stage.run(late).await.expect("events").as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn grants_that_do_not_exist_cannot_be_ended() {
    let stage = Stage::new();
    for grant in [Id(0), Id(7)] {
        assert_eq!(stage.run(Command::GrantEnd { grant }).await.expect_err("unknown").kind, Kind::NotFound);
    }
    let list = |client_id: Option<&str>| Command::GrantList {
        client_id: client_id.map(str::to_owned),
        username: None,
        which: Which::All,
    };
    assert_eq!(stage.run(list(None)).await.expect("a list"), json!([]));
    assert_eq!(stage.run(list(Some("nobody"))).await.expect_err("unknown").kind, Kind::NotFound);
}

#[test]
fn commands_keep_their_form_on_the_wire() {
    let text = r#"{"command":"client-roll-secret","client_id":"robot","overlap":5}"#;
    let command: Command = serde_json::from_str(text).expect("reads");
    assert_eq!(serde_json::to_string(&command).expect("writes"), text);
    assert!(serde_json::from_str::<Command>(r#"{"command":"client-show","client_id":"robot","extra":1}"#).is_err());
    assert!(serde_json::from_str::<Command>(r#"{"command":"no-such"}"#).is_err());
}
