//! The edge on real sockets: slow, huge, half-open and flooding peers, stops and panics.

mod admin;
pub(in crate::edge) mod stage;
mod tls;

use super::*;
use crate::config::{Amount, Span};
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request};
use axum::response::Response;
use axum::routing::{any, get};
use http_body_util::BodyExt;
use stage::{Client, Stage, quick};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Routes with every kind of behaviour.
fn app() -> Router {
    Router::new()
        .route("/", get(|Extension(peer): Extension<Peer>| async move { peer.client.to_string() }))
        .route("/echo", any(echo))
        .route("/slow", get(|| async { sleep(Duration::from_millis(700)).await }))
        .route("/stuck", get(|| async { sleep(Duration::from_secs(60)).await }))
        .route("/huge", get(|| async { vec![b'x'; 32 * 1024 * 1024] }))
        .route("/panic", get(panic_with_secret))
}

async fn echo(request: Request<Body>) -> Response {
    let bytes = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    Response::new(Body::from(bytes.unwrap_or_else(|_| "unread".into())))
}

async fn panic_with_secret() {
    panic!("hunter2-marked");
}

fn second() -> Duration {
    Duration::from_secs(1)
}

#[tokio::test]
async fn a_request_is_answered_and_the_connection_kept() {
    let stage = Stage::start(app(), quick()).await;
    let mut client = stage.connect().await;
    for _ in 0..3 {
        let answer = client.exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
    }
    let answer = client.exchange("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody").await;
    assert!(answer.ends_with("body"), "{answer}");
}

#[tokio::test]
async fn dos_expensive_input_headers_that_trickle_in_end_the_connection() {
    let stage = Stage::start(app(), quick()).await;
    // At once, and as the second request of a connection.
    for first in ["", "GET / HTTP/1.1\r\nHost: test\r\n\r\n"] {
        let mut client = stage.connect().await;
        if !first.is_empty() {
            client.exchange(first).await;
        }
        let start = Instant::now();
        let mut ended = false;
        for byte in b"GET / HTTP/1.1\r\nHost: test\r\nX-Slow: 1234567890".chunks(1) {
            ended = !client.send(byte).await || client.is_closed().await;
            if ended {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        assert!(ended, "a slow head was waited for");
        assert!(start.elapsed() < second() * 3, "{:?}", start.elapsed());
    }
    stage.expect_metric("connections_refused_total{why=\"slow-headers\"} 2");
}

#[tokio::test]
async fn dos_expensive_input_silent_connections_end() {
    let stage = Stage::start(app(), quick()).await;
    for opening in ["", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut client = stage.connect().await;
        client.send(opening.as_bytes()).await;
        assert!(client.closes_within(second() * 3).await, "{opening:?}");
    }
}

#[tokio::test]
async fn dos_expensive_input_idle_connections_end() {
    let stage = Stage::start(app(), quick()).await;
    let mut client = stage.connect().await;
    client.exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let start = Instant::now();
    assert!(client.closes_within(second() * 3).await);
    assert!(start.elapsed() > second() / 2, "not before its time");
}

#[tokio::test]
async fn dos_expensive_input_headers_over_the_limit_are_431() {
    let stage = Stage::start(app(), quick()).await;
    let long = format!("GET / HTTP/1.1\r\nHost: test\r\nX: {}\r\n\r\n", "x".repeat(9_000));
    let answer = stage.connect().await.exchange(&long).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let many = format!("GET / HTTP/1.1\r\nHost: test\r\n{}\r\n", "X: y\r\n".repeat(100));
    let answer = stage.connect().await.exchange(&many).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    stage.expect_signal("request-too-large");
}

#[tokio::test]
async fn dos_expensive_input_bodies_over_the_limit_are_413() {
    let stage = Stage::start(app(), quick()).await;
    let announced = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 16385\r\n\r\n";
    let answer = stage.connect().await.exchange(announced).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
    let chunked = format!("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(3));
    let answer = stage.connect().await.exchange(&chunked).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    assert_eq!(stage.signals().iter().filter(|signal| **signal == "request-too-large").count(), 2);
    let fits = format!("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 16384\r\n\r\n{}", "x".repeat(16_384));
    assert!(stage.connect().await.exchange(&fits).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn dos_expensive_input_a_body_that_trickles_in_is_408() {
    let stage = Stage::start(app(), quick()).await;
    let mut client = stage.connect().await;
    let answer = client.exchange("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nslow").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(client.closes_within(second()).await);
}

#[tokio::test]
async fn dos_expensive_input_a_request_that_hangs_is_503() {
    let stage = Stage::start(app(), quick()).await;
    let start = Instant::now();
    let answer = stage.connect().await.exchange("GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(start.elapsed() < second() * 4);
}

#[tokio::test]
async fn dos_expensive_input_an_answer_that_nobody_reads_is_dropped() {
    let stage = Stage::start(app(), quick()).await;
    let mut client = stage.connect().await;
    client.send(b"GET /huge HTTP/1.1\r\nHost: test\r\n\r\n").await;
    stage.eventually("connections 1").await;
    stage.eventually("connections 0").await;
}

#[tokio::test]
async fn dos_expensive_input_one_address_has_a_share_of_connections() {
    let mut limits = quick();
    limits.connections_per_address = Amount::new(4).expect("in bounds");
    let stage = Stage::start(app(), limits).await;
    let mut held: Vec<Client> = Vec::new();
    for _ in 0..4 {
        held.push(stage.connect().await);
    }
    stage.eventually("connections 4").await;
    assert!(stage.connect().await.closes_within(second() / 2).await);
    stage.expect_metric("connections_refused_total{why=\"address-share\"} 1");
    held.pop();
    stage.eventually("connections 3").await;
    let answer = stage.connect().await.exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn dos_expensive_input_connections_are_bounded_in_all() {
    let mut limits = quick();
    limits.connections = Amount::new(16).expect("in bounds");
    limits.connections_per_address = Amount::new(16).expect("in bounds");
    let stage = Stage::start(app(), limits).await;
    let mut held = Vec::new();
    for _ in 0..16 {
        held.push(stage.connect().await);
    }
    stage.eventually("connections 16").await;
    assert!(stage.connect().await.closes_within(second() / 2).await);
    stage.expect_metric("connections_refused_total{why=\"full\"} 1");
}

/// HTTP/2 frames: the preface with empty settings, then `more`.
fn http2(more: &[u8]) -> Vec<u8> {
    [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &[0, 0, 0, 4, 0, 0, 0, 0, 0], more].concat()
}

#[tokio::test]
async fn dos_expensive_input_requests_opened_and_taken_back_end_the_http2_connection() {
    let mut limits = quick();
    limits.http2_resets = Amount::new(2).expect("in bounds");
    let stage = Stage::start(app(), limits).await;
    for (requests, survives) in [(2_u32, true), (10, false)] {
        let mut frames = Vec::new();
        for stream in (1..requests * 2).step_by(2) {
            // GET http / with :authority test; then the reset.
            frames
                .extend([&[0, 0, 9, 1, 5][..], &stream.to_be_bytes(), &[0x82, 0x86, 0x84, 0x41, 4], b"test"].concat());
            frames.extend([&[0, 0, 4, 3, 0][..], &stream.to_be_bytes(), &8_u32.to_be_bytes()].concat());
        }
        let mut client = stage.connect().await;
        client.send(&http2(&frames)).await;
        assert_eq!(client.closes_within(second() / 2).await, !survives, "{requests}");
    }
}

#[tokio::test]
async fn dos_expensive_input_http2_clients_are_told_the_limits() {
    let stage = Stage::start(app(), quick()).await;
    let mut client = stage.connect().await;
    client.send(&http2(&[])).await;
    let settings = client.read_exactly(9).await;
    assert_eq!(settings[3], 4, "a SETTINGS frame");
    let length = usize::from(settings[1]) << 8 | usize::from(settings[2]);
    let settings = client.read_exactly(length).await;
    let told = |id: u8| {
        let setting = settings.chunks(6).find(|setting| setting[..2] == [0, id])?;
        Some(u32::from_be_bytes([setting[2], setting[3], setting[4], setting[5]]))
    };
    assert_eq!(told(3), Some(64), "streams at once");
    assert_eq!(told(6), Some(8_192), "bytes of headers");
}

#[tokio::test]
async fn secrets_in_logs_and_errors_a_panic_ends_one_request_and_tells_nothing() {
    let log = stage::Memory::default();
    let writer = log.clone();
    let subscriber = logging::subscriber(&crate::config::Log::default(), move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let stage = Stage::start(app(), quick()).await;
    let mut client = stage.connect().await;
    let answer = client.exchange("GET /panic HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 500") && !answer.contains("hunter2"), "{answer}");
    let answer = client.exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "the connection goes on: {answer}");
    stage.expect_metric("panics_total 1");
    assert!(log.text().contains("a request panicked") && !log.text().contains("hunter2"), "{}", log.text());
}

#[tokio::test]
async fn forwarded_header_forgery_is_ignored_and_reported() {
    let stage = Stage::start(app(), quick()).await;
    let forged =
        "GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Host: evil.example\r\n\r\n";
    let answer = stage.connect().await.exchange(forged).await;
    assert!(answer.ends_with("127.0.0.1"), "{answer}");
    stage.expect_signal("forwarded-header-rejected");
    let forged = "GET / HTTP/1.1\r\nHost: test\r\nClient-Cert: :MIIB:\r\n\r\n";
    let answer = stage.connect().await.exchange(forged).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let strange = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    let answer = stage.connect().await.exchange(strange).await;
    assert!(answer.starts_with("HTTP/1.1 421") && !answer.contains("evil"), "{answer}");
    let none = "GET / HTTP/1.1\r\n\r\n";
    assert!(stage.connect().await.exchange(none).await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn client_credentials_in_clear_a_proxy_that_says_http_is_refused() {
    let stage = Stage::behind_proxy(app(), quick()).await;
    let via = |proto: &str| {
        format!(
            "GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 1.1.1.1, 198.51.100.1\r\nX-Forwarded-Proto: {proto}\r\n\r\n"
        )
    };
    let answer = stage.connect().await.exchange(&via("https")).await;
    assert!(answer.ends_with("198.51.100.1"), "{answer}");
    assert!(stage.signals().is_empty());
    let answer = stage.connect().await.exchange(&via("http")).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    stage.expect_signal("plaintext-request");
}

#[tokio::test]
async fn a_stop_lets_running_requests_end() {
    let stage = Stage::start(app(), quick()).await;
    let (mut running, mut idle, mut silent) = (stage.connect().await, stage.connect().await, stage.connect().await);
    idle.exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n").await;
    running.send(b"GET /slow HTTP/1.1\r\nHost: test\r\n\r\n").await;
    sleep(Duration::from_millis(100)).await;
    let address = stage.address;
    let ended = stage.stop();
    assert!(idle.closes_within(second() / 2).await && silent.closes_within(second() / 2).await);
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "no new connections");
    assert!(running.read_answer().await.starts_with("HTTP/1.1 200"));
    assert_eq!(ended.await.expect("no panic"), Ended::Drained);
}

#[tokio::test]
async fn a_stop_cuts_what_does_not_end() {
    let mut limits = quick();
    limits.request_time = Span::new(30).expect("in bounds");
    let stage = Stage::start(app(), limits).await;
    let mut running = stage.connect().await;
    running.send(b"GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n").await;
    sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    assert_eq!(stage.stop().await.expect("no panic"), Ended::Cut);
    assert!(start.elapsed() < second() * 3);
    assert!(running.closes_within(second()).await);
}
