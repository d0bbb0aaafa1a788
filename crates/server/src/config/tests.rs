use super::*;
use std::collections::BTreeSet;
use std::net::SocketAddr;

const FILE: &str = "safeconduct.toml";

fn read(text: &str) -> Result<Config, ConfigError> {
    read_with(text, &[])
}

fn read_with(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(text, FILE, Path::new("/etc/safeconduct"), environment)
}

fn with_issuer(rest: &str) -> String {
    format!("issuer = \"https://login.example.org\"\n{rest}")
}

fn place(line: usize, column: usize) -> Origin {
    Origin::Place { name: FILE.to_owned(), line, column }
}

fn initial<'a>(issuer: &'a str, resources: &'a [Resource]) -> Initial<'a> {
    Initial {
        issuer,
        listen: "127.0.0.1:8080".parse().expect("an address"),
        admin_listen: "127.0.0.1:8083".parse().expect("an address"),
        resources,
    }
}

#[test]
fn the_commented_file_parses_back_to_the_defaults() {
    let text = Config::default_toml(&initial("https://login.example.org", &[]));
    let config = read(&text).expect("the template is good");
    assert_eq!(config, read(&with_issuer("")).expect("an issuer is enough"));
    assert!(text.lines().all(|line| line.len() <= 120), "{text}");
}

#[test]
fn every_commented_default_may_be_uncommented() {
    let text = Config::default_toml(&initial("https://login.example.org", &[]));
    let mut uncommented = String::new();
    let mut in_tls = false;
    for line in text.lines() {
        if line.starts_with("# [") || line.starts_with('[') {
            in_tls = line.starts_with("# [");
        }
        let is_key = |rest: &str| {
            let key = rest.split(" = ").next().unwrap_or_default();
            rest.contains(" = ")
                && !key.is_empty()
                && key.bytes().all(|b| b.is_ascii_lowercase() || b"_0123456789".contains(&b))
        };
        match line.strip_prefix("# ") {
            Some(rest) if !in_tls && is_key(rest) => uncommented.push_str(rest),
            _ => uncommented.push_str(line),
        }
        uncommented.push('\n');
    }
    assert_ne!(text, uncommented);
    assert_eq!(read(&uncommented).expect("the defaults are good"), read(&text).expect("good"), "{uncommented}");
}

#[test]
fn resources_given_to_the_template_come_back() {
    let given = read(&with_issuer(RESOURCES)).expect("good");
    let text = Config::default_toml(&initial("https://login.example.org", &given.resource));
    assert_eq!(read(&text).expect("good").resource, given.resource);
}

const RESOURCES: &str = r#"
[[resource]]
identifier = "https://mail.example.org"
name = "Mailbox"
token_format = "opaque"
access_token_lifetime = "10m"
[resource.scopes."mail:read"]
description = "read your mail"
description_de = "deine Post lesen"
[resource.scopes."mail:send"]
description = "send mail in your name"
sensitive = true

[[resource]]
identifier = "http://127.0.0.1:8081"
name = "Files"
signing_alg = "ES256"
[resource.scopes.files]
description = "see your files"
"#;

#[test]
fn resources_are_read() {
    let config = read(&with_issuer(RESOURCES)).expect("good");
    let mail = &config.resource[0];
    assert_eq!(mail.identifier.as_str(), "https://mail.example.org");
    assert_eq!(mail.token_format, TokenFormat::Opaque);
    let send = &mail.scopes[&ScopeName::parse("mail:send").expect("a scope")];
    assert!(send.sensitive && send.description_de.is_none());
    assert_eq!(config.resource[1].token_format, TokenFormat::Jwt);
}

#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let made = reference_markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).expect("docs can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(made == kept, "docs/configuration.md is stale: UPDATE_DOCS=1 cargo test -p safeconduct-server reference");
}

#[test]
fn every_key_tells_what_it_is_for() {
    for leaf in document::leaves() {
        assert!(!document::why(&leaf.steps()).starts_with("the server does what"), "{} has no comment", leaf.variable);
        assert!(!leaf.path.iter().any(|key| key.ends_with("_file")), "{} would be read as a file", leaf.variable);
    }
    let variables: BTreeSet<_> = document::leaves().into_iter().map(|leaf| leaf.variable).collect();
    assert_eq!(variables.len(), document::leaves().len(), "two keys share a variable");
}

/// A wrong file: its text after the issuer's line, the place, the key, a part of the problem, a part of the fix.
type Wrong = (&'static str, (usize, usize), &'static str, &'static str, &'static str);

const WRONG: &[Wrong] = &[
    ("[lifetimes]\ncode = \"2h\"", (3, 1), "lifetimes.code", "outside 10s to 10m", "\"1m\""),
    ("[lifetimes]\ncode = 9", (3, 1), "lifetimes.code", "outside 10s to 10m", "\"10s\""),
    ("[lifetimes]\ncode = -1", (3, 1), "lifetimes.code", "outside 10s to 10m", ""),
    ("[lifetimes]\ncode = \"soon\"", (3, 1), "lifetimes.code", "not a span", "\"5m\""),
    ("[lifetimes]\n  cod = 60", (3, 3), "lifetimes.cod", "not a key", "did you mean `code`?"),
    ("[passwords]\nmemory_kib = 1024", (3, 1), "passwords.memory_kib", "outside 19456", "19456"),
    ("[passwords]\niterations = 1", (3, 1), "passwords.iterations", "outside 2", ""),
    ("[server]\nlisten = \"0.0.0.0:80\"", (3, 1), "server.listen", "plain http", "[server.tls]"),
    ("[server]\nlisten = 8080", (3, 1), "server.listen", "wrong type", "address"),
    ("[server]\nadmin_listen = \"0.0.0.0:9\"", (3, 1), "server.admin_listen", "other machines", "danger_expose_admin"),
    ("[server]\ntrusted_proxies = [\"10.0.0.1\", \"0.0.0.0/0\"]", (3, 32), "server.trusted_proxies[1]", "wide", "/8"),
    ("[server]\ntrusted_proxies = [\"proxy\"]", (3, 20), "server.trusted_proxies[0]", "not a network", "CIDR"),
    ("[server.limits]\nheader_bytes = 1", (3, 1), "server.limits.header_bytes", "outside 8192", "16384"),
    ("[keys]\nalgorithms = [\"HS256\"]", (3, 15), "keys.algorithms[0]", "known words", "ES256"),
    ("[keys]\nalgorithms = []", (3, 1), "keys.algorithms", "empty", "ES256"),
    ("[log]\nlevel = \"loud\"", (3, 1), "log.level", "log level", "debug"),
    ("[lifetimes]\nrefresh_total = \"1d\"", (2, 2), "lifetimes.refresh_idle", "longer", "shorter"),
    ("[[resource]]\nname = \"A\"", (2, 1), "resource[0]", "lacks `identifier`", "add"),
    ("[store]\npath = 5 5", (3, 8), "", "not TOML", "toml.io"),
    ("[logs]\nlevel = \"info\"", (2, 2), "logs", "not a key", "did you mean `log`?"),
];

#[test]
fn what_is_wrong_is_told_with_place_key_why_and_fix() {
    for (text, (line, column), key, problem, fix) in WRONG {
        let error = read(&with_issuer(text)).expect_err(text);
        assert_eq!((error.origin.clone(), error.key.as_str()), (place(*line, *column), *key), "{text}\n{error}");
        assert!(error.problem.contains(problem), "{text}\n{error}");
        assert!(error.fix.contains(fix), "{text}\n{error}");
        assert!(error.why.len() > 20, "{text}\n{error}");
    }
}

#[test]
fn the_issuer_must_be_there() {
    let error = read("[server]\n").expect_err("no issuer");
    assert_eq!(error.origin, Origin::File { name: FILE.to_owned() });
    assert!(error.problem.contains("lacks `issuer`"), "{error}");
}

#[test]
fn resource_rules() {
    let scopes = |name: &str| format!("[resource.scopes.\"{name}\"]\ndescription = \"d\"\n");
    let resource =
        |identifier: &str, rest: &str| format!("[[resource]]\nidentifier = \"{identifier}\"\nname = \"N\"\n{rest}");
    for (text, problem) in [
        (
            resource("https://a.example", &scopes("x")) + &resource("https://b.example", &scopes("x")),
            "scope of resource[0]",
        ),
        (resource("https://a.example", "") + &resource("https://a.example", ""), "another resource"),
        (resource("https://a.example", &scopes("openid")), "OpenID Connect"),
        (resource("https://a.example", &scopes("a b")), "not a scope"),
        (resource("http://a.example", ""), "plain http"),
        (resource("https://A.example", ""), "normal form"),
        (resource("https://a.example/#x", ""), "fragment"),
        (resource("ftp://a.example", ""), "scheme"),
        (resource("https://a.example", "signing_alg = \"RS256\"\n"), "keys.algorithms"),
        (resource("https://a.example", "access_token_lifetime = \"2h\"\n"), "outside 30s to 1h"),
    ] {
        let error = read(&with_issuer(&text)).expect_err(&text);
        assert!(error.problem.contains(problem), "{text}\n{error}");
        assert!(error.key.starts_with("resource["), "{error}");
    }
}

#[test]
fn variables_win_over_the_file() {
    let config = read_with(
        &with_issuer("[server]\nlisten = \"127.0.0.1:1\"\n"),
        &[
            ("SAFECONDUCT_SERVER_LISTEN", "127.0.0.1:2"),
            ("SAFECONDUCT_SERVER_LIMITS_BODY_BYTES", "32768"),
            ("SAFECONDUCT_SERVER_TRUSTED_PROXIES", "10.1.0.0/16, fd00::/48"),
            ("SAFECONDUCT_LIFETIMES_CODE", "2m"),
            ("SAFECONDUCT_LOG_FORMAT", "json"),
            ("SAFECONDUCT_SERVER_DANGER_EXPOSE_ADMIN", "true"),
            ("SAFECONDUCT_STORE_PATH", "12"),
            ("SAFECONDUCT_CONFIG", "elsewhere.toml"),
            ("PATH", "/bin"),
        ],
    )
    .expect("good");
    assert_eq!(config.server.listen, "127.0.0.1:2".parse::<SocketAddr>().expect("an address"));
    assert_eq!(config.server.limits.body_bytes.get(), 32_768);
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.lifetimes.code.seconds().0, 120);
    assert_eq!(config.log.format, LogFormat::Json);
    assert!(config.server.danger_expose_admin);
    assert_eq!(config.store.path, Path::new("/etc/safeconduct/12"));
}

#[test]
fn a_wrong_variable_is_named() {
    for (name, value, problem) in [
        ("SAFECONDUCT_LIFETIMES_CODE", "2h", "outside"),
        ("SAFECONDUCT_SERVER_LISTEN", "0.0.0.0:80", "plain http"),
        ("SAFECONDUCT_SEVER_LISTEN", "127.0.0.1:80", "sets no key"),
        ("SAFECONDUCT_ISSUER_FILE", "/nowhere/issuer", "cannot be read"),
    ] {
        let error = read_with(&with_issuer(""), &[(name, value)]).expect_err(name);
        assert_eq!(error.origin, Origin::Variable { name: name.to_owned() }, "{error}");
        assert!(error.problem.contains(problem), "{error}");
    }
}

#[test]
fn secrets_in_logs_and_errors_a_wrong_value_is_never_repeated() {
    for text in [
        "[server]\nlisten = \"hunter2-marked\"",
        "[lifetimes]\ncode = \"hunter2-marked\"",
        "[keys]\nalgorithms = [\"hunter2-marked\"]",
        "[passwords]\nmin_length = \"hunter2-marked\"",
        "[log]\nlevel = \"hunter2-marked\"",
        "[log]\nformat = \"hunter2-marked\"",
        "[store]\npath = hunter2-marked",
        "[server]\ntrusted_proxies = [\"hunter2-marked\"]",
    ] {
        let error = read(&with_issuer(text)).expect_err(text);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

fn write(path: &Path, text: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).expect("a file");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn values_in_files_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("issuer");
    write(&file, "https://login.example.org\n", 0o600);
    let text = "issuer_file = \"issuer\"\n";
    let config = Config::parse(text, FILE, folder.path(), []).expect("good");
    assert_eq!(config.issuer.as_str(), "https://login.example.org");
    let twice = format!("issuer = \"https://a.example\"\n{text}");
    let error = Config::parse(&twice, FILE, folder.path(), []).expect_err("twice");
    assert_eq!((error.key.as_str(), error.origin), ("issuer_file", place(2, 1)));
    write(&file, "https://login.example.org", 0o644);
    let error = Config::parse(text, FILE, folder.path(), []).expect_err("open to others");
    assert!(error.problem.contains("mode 644"), "{error}");
}

#[test]
fn signing_key_compromise_a_key_file_open_to_others_refuses_to_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(FILE);
    let text =
        with_issuer("[server]\nlisten = \"0.0.0.0:443\"\n[server.tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n");
    write(&path, &text, 0o600);
    write(&folder.path().join("c.pem"), "", 0o644);
    assert!(Config::load(&path).expect_err("no key").problem.contains("cannot be read"));
    for (mode, good) in [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o604, false)] {
        write(&folder.path().join("k.pem"), "", mode);
        let loaded = Config::load(&path);
        assert_eq!(loaded.is_ok(), good, "{mode:o}");
        if let Err(error) = loaded {
            assert_eq!(error.key, "server.tls.key");
            assert!(error.fix.contains("chmod 600"), "{error}");
        }
    }
}

#[test]
fn client_credentials_in_clear_plain_http_needs_loopback_or_a_named_proxy() {
    let at = |rest: &str| read(&with_issuer(&format!("[server]\nlisten = \"0.0.0.0:80\"\n{rest}")));
    assert_eq!(at("").expect_err("in the clear").key, "server.listen");
    assert!(at("trusted_proxies = [\"10.1.2.3\"]").is_ok());
    assert!(at("[server.tls]\ncertificate = \"c\"\nkey = \"k\"").is_ok());
    let http = "issuer = \"http://127.0.0.1\"\n[server.tls]\ncertificate = \"c\"\nkey = \"k\"";
    assert_eq!(read(http).expect_err("http with TLS").key, "issuer");
}

#[test]
fn management_surface_exposure_admin_stays_on_loopback_unless_told() {
    let at = |rest: &str| read(&with_issuer(&format!("[server]\nadmin_listen = \"10.0.0.1:9000\"\n{rest}")));
    assert_eq!(at("").expect_err("exposed").key, "server.admin_listen");
    assert!(at("danger_expose_admin = true").is_ok());
}

#[test]
fn forwarded_header_forgery_no_network_is_so_wide_that_strangers_are_in_it() {
    let with = |network: &str| read(&with_issuer(&format!("[server]\ntrusted_proxies = [\"{network}\"]")));
    for network in ["0.0.0.0/0", "::/0", "0.0.0.0/7", "2000::/3"] {
        assert!(with(network).is_err(), "{network}");
    }
    for network in ["10.0.0.0/8", "127.0.0.1", "::1", "fd00::/48"] {
        assert!(with(network).is_ok(), "{network}");
    }
}
