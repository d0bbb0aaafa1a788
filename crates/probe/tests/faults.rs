//! Servers that misbehave. Whatever they do, a run ends, says why, and calls nothing resisted that it could not try.

mod support;

use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{json, page, read, see, with};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

/// What a server does to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Takes it and says nothing.
    Silent,
    /// Closes it at once.
    Close,
    /// Closes within the body.
    CloseEarly,
    /// Says something that is not HTTP.
    Garbage,
    /// One byte a second.
    Drip,
    /// A head without an end.
    EndlessHead,
    /// A body without an end.
    EndlessBody,
    /// Chunks that are none.
    BadChunks,
    /// Redirects to itself.
    Circle,
    /// Redirects to ever new addresses.
    Maze,
    /// Status 200 with a page about an error.
    ErrorPage,
    /// Status 503.
    Busy,
    /// A sign-in page, always the same.
    SignInAgain,
    /// A sign-in page that is never the same.
    SignInOther,
    /// A page without anything to do.
    Nothing,
    /// JSON with the right names and the wrong types.
    WrongTypes,
}

use Fault::*;

const ALL: &[Fault] = &[
    Silent,
    Close,
    CloseEarly,
    Garbage,
    Drip,
    EndlessHead,
    EndlessBody,
    BadChunks,
    Circle,
    Maze,
    ErrorPage,
    Busy,
    SignInAgain,
    SignInOther,
    Nothing,
    WrongTypes,
];

async fn misbehave(fault: Fault, stream: &mut TcpStream, path: &str, count: usize) -> std::io::Result<()> {
    let text = match fault {
        Close => return Ok(()),
        Silent => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            return Ok(());
        }
        Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 600\r\n\r\n").await?;
            for _ in 0..600 {
                stream.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            return Ok(());
        }
        EndlessHead | EndlessBody => {
            let (head, more) = match fault {
                EndlessHead => ("HTTP/1.1 200 OK\r\n", "x-more: and more and more and more\r\n"),
                _ => ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", "<p>and more and more and more and more\n"),
            };
            stream.write_all(head.as_bytes()).await?;
            let more = more.repeat(200);
            loop {
                stream.write_all(more.as_bytes()).await?;
            }
        }
        CloseEarly => {
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{\"access_token\": \"a"
                .to_owned()
        }
        Garbage => "\u{1}\u{2}\u{3} SSH-2.0-what\r\n\r\n".to_owned(),
        BadChunks => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n".to_owned(),
        Circle => see(path),
        Maze => see(&format!("/maze/{count}")),
        ErrorPage => page("<title>Error</title><h1>Something went wrong</h1><form><button>Continue</button></form>"),
        Busy => with("503 Service Unavailable", "retry-after: 100\r\n", ""),
        SignInAgain => page(
            "<form method=post><input name=username><input type=password name=password><button>Sign in</button></form>",
        ),
        SignInOther => page(&format!(
            "<title>{count}</title><form method=post><input name=username><input type=password name=p{count}><button>Sign in</button></form>"
        )),
        Nothing => page(""),
        WrongTypes => json(
            r#"{"access_token": 7, "token_type": [], "id_token": {}, "active": "yes", "error": {"a": 1}, "keys": "none"}"#,
        ),
    };
    stream.write_all(text.as_bytes()).await
}

/// Whether the metadata is spared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Everywhere,
    BesideMetadata,
}

async fn start(fault: Fault, place: Where) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let metadata = Arc::new(metadata(&origin));
    let count = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (metadata, count) = (metadata.clone(), count.clone());
            tokio::spawn(async move {
                if fault == Close && place == Where::Everywhere {
                    return;
                }
                let Some(request) = read(&mut stream).await else { return };
                if request.path.contains("/.well-known/") && place == Where::BesideMetadata {
                    let _ = stream.write_all(json(&metadata).as_bytes()).await;
                } else {
                    let _ = misbehave(fault, &mut stream, &request.path, count.fetch_add(1, Ordering::Relaxed)).await;
                }
            });
        }
    });
    origin
}

fn metadata(origin: &str) -> String {
    let endpoints =
        ["authorization", "token", "introspection", "revocation", "userinfo", "registration", "device_authorization"];
    let mut metadata = serde_json::json!({
        "issuer": origin, "jwks_uri": format!("{origin}/jwks"), "scopes_supported": ["openid"],
        "response_types_supported": ["code"], "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
    });
    for name in endpoints {
        metadata[format!("{name}_endpoint")] = format!("{origin}/{name}").into();
    }
    metadata.to_string()
}

const TARGET: &str = r#"
[user]
username = "ada"
password = "correct horse"
[second_user]
username = "bob"
password = "wrong horse"
[clients.web]
client_id = "web"
client_secret = "secret-of-web-0123456789"
redirect_uri = "https://web.client.example/cb"
scope = "openid"
[clients.other]
client_id = "other"
client_secret = "secret-of-other-0123456789"
redirect_uri = "https://other.client.example/cb"
scope = "openid"
[clients.native]
client_id = "native"
redirect_uri = "http://127.0.0.1/cb"
[clients.machine]
client_id = "machine"
client_secret = "secret-of-machine-0123456789"
[clients.api]
client_id = "api"
client_secret = "secret-of-api-0123456789"
[limits]
exchange_seconds = 1
case_seconds = 4
parallel = 32
race_rounds = 2
"#;

struct Run {
    output: Output,
    took: Duration,
    report: Option<Value>,
}

impl Run {
    fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

/// The real program, with a time limit of its own beside the test's.
async fn probe(issuer: &str, run_seconds: u64, arguments: &[&str], more: &str) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("target.toml");
    std::fs::write(&target, format!("issuer = \"{issuer}\"\n{more}\n{TARGET}run_seconds = {run_seconds}\n"))
        .expect("written");
    let out = folder.path().join("out");
    let begun = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_safeconduct-probe"));
    command.arg("run").arg(&target).arg("--out").arg(&out).args(arguments).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(run_seconds + 20), command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("{issuer} hung the probe")).expect("the program starts");
    let report = std::fs::read(out.join("report.json")).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Run { output, took: begun.elapsed(), report }
}

/// Threats that need a browser, a client, or nothing at all.
const FEW: &[&str] = &["--only", "code-replay,token-endpoint-get,metadata-impersonation,management-surface-exposure"];

/// With one fault all that the probe knows is tried, else a few threats: each run takes its time.
fn some(fault: Fault) -> &'static [&'static str] {
    if fault == ErrorPage { &[] } else { FEW }
}

/// Cases by what they came to.
fn cases<'a>(report: &'a Value, verdict: &'a str) -> Vec<String> {
    let threats = report["threats"].as_object().expect("threats");
    let all = threats
        .iter()
        .flat_map(|(id, threat)| threat["cases"].as_array().into_iter().flatten().map(move |case| (id, case)));
    all.filter(|(_, case)| case["verdict"] == verdict)
        .map(|(id, case)| {
            format!("{id}/{}: {}", case["name"].as_str().unwrap_or("?"), case["because"].as_str().unwrap_or("?"))
        })
        .collect()
}

/// A target that cannot even be asked who it is: every case is inconclusive with the cause, quickly, and it is no success.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_out_of_reach() {
    let mut wrong = Vec::new();
    for fault in ALL {
        // Their pages are as good as any until metadata is asked for.
        let origin = start(*fault, Where::Everywhere).await;
        let run = probe(&origin, 60, some(*fault), "").await;
        let report = run.report.as_ref().expect("a report");
        let undecided = cases(report, "inconclusive");
        let total: usize = ["inconclusive", "resisted", "vulnerable", "not-applicable"]
            .iter()
            .map(|verdict| cases(report, verdict).len())
            .sum();
        let told = run.output.status.code() == Some(2) && run.said().contains("nothing was found out: no metadata: ");
        let cause = undecided.iter().all(|case| case.contains("no metadata: "));
        if !told
            || undecided.len() != total
            || !cause
            || run.took > Duration::from_secs(30)
            || run.said().contains("panicked")
        {
            wrong.push(format!(
                "{fault:?}: {:?} {} of {total} undecided, {:?}: {}",
                run.output.status.code(),
                undecided.len(),
                run.took,
                run.said()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Metadata that is well, and nothing else. A broken server refuses every attack, and that must not count.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_only_has_metadata() {
    let mut wrong = Vec::new();
    for fault in ALL {
        let origin = start(*fault, Where::BesideMetadata).await;
        let run = probe(&origin, 60, some(*fault), "").await;
        let report = run.report.as_ref().expect("a report");
        let claimed = ["resisted", "vulnerable", "not-applicable"].map(|verdict| cases(report, verdict)).concat();
        let told = run.output.status.code() == Some(2)
            && run.said().contains("nothing was found out: no honest flow of the target works: ");
        if !told || !claimed.is_empty() || run.took > Duration::from_secs(30) || run.said().contains("panicked") {
            wrong.push(format!("{fault:?}: {:?}, {:?}, {}", run.took, run.output.status.code(), claimed.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever cannot be connected to is named with its cause.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_and_tls_that_fails() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let down = format!("http://{}", free.local_addr().expect("bound"));
    drop(free);
    let plain = start(Close, Where::Everywhere).await;
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let elsewhere = rcgen::generate_simple_self_signed(["other.example".to_owned()]).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let believe = |name: &str, certificate: &rcgen::CertifiedKey<rcgen::KeyPair>| {
        let file = folder.path().join(name);
        std::fs::write(&file, certificate.cert.pem()).expect("written");
        format!("ca_file = {:?}", file.display().to_string())
    };
    let (other_name, good) = (believe("other.pem", &elsewhere), believe("own.pem", &own));
    let expected = [
        (down, String::new(), "refused"),
        (plain.replace("http:", "https:"), String::new(), "TLS: "),
        (tls(&own).await, String::new(), "UnknownIssuer"),
        (tls(&elsewhere).await, other_name, "not valid for name"),
        // Believed, and an error page all the same.
        (tls(&own).await, good, "answers with something that is no metadata"),
    ];
    for (issuer, more, cause) in expected {
        let run = probe(&issuer, 60, FEW, &more).await;
        let report = run.report.as_ref().expect("a report");
        let undecided = cases(report, "inconclusive");
        assert!(undecided.iter().all(|case| case.contains(cause)), "{issuer} {cause}: {:?}", undecided.first());
        assert_eq!(run.output.status.code(), Some(2), "{issuer}");
        assert!(run.took < Duration::from_secs(30));
    }
}

async fn tls(certified: &rcgen::CertifiedKey<rcgen::KeyPair>) -> String {
    let key = rustls_pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a certificate and its key");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("https://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.write_all(page("<h1>Something went wrong</h1>").as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    origin
}

/// A server that does what it is asked for, whoever asks, until it breaks in the middle of the run.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_breaks_in_the_middle() {
    for fault in [Silent, Close, ErrorPage] {
        let origin = breaking(fault, 150).await;
        let run = probe(&origin, 15, &[], "").await;
        let report = run.report.as_ref().expect("a report");
        let undecided = cases(report, "inconclusive");
        assert!(!undecided.is_empty() && !run.said().contains("panicked"), "{fault:?}: {}", run.said());
        assert!(!undecided.iter().any(|case| case.contains("the case itself broke")), "{fault:?}");
        assert!(!cases(report, "vulnerable").is_empty(), "it took everything while it was well");
        assert!(run.took < Duration::from_secs(40), "{fault:?}: {:?}", run.took);
    }
}

async fn breaking(fault: Fault, after: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let metadata = Arc::new(metadata(&origin));
    let count = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (metadata, count) = (metadata.clone(), count.clone());
            tokio::spawn(async move {
                let Some(request) = read(&mut stream).await else { return };
                let so_far = count.fetch_add(1, Ordering::Relaxed);
                if so_far >= after {
                    let _ = misbehave(fault, &mut stream, &request.path, so_far).await;
                    return;
                }
                let _ = stream.write_all(obey(&request, &metadata).as_bytes()).await;
            });
        }
    });
    origin
}

fn obey(request: &support::Request, metadata: &str) -> String {
    let asked = |name: &str| request.query.get(name).cloned().unwrap_or_default();
    match request.path.as_str() {
        path if path.contains("/.well-known/") => json(metadata),
        "/authorization" => see(&format!("{}?code=c&state={}", asked("redirect_uri"), asked("state"))),
        "/introspection" => json(r#"{"active":true}"#),
        _ => json(r#"{"access_token":"a","token_type":"bearer","refresh_token":"r","scope":"openid"}"#),
    }
}
