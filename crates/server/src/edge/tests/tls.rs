//! Certificates on real sockets.

use super::stage::{Stage, quick};
use super::{app, second};
use crate::config::{Span, Tls};
use crate::edge::{ListenError, Listener, LogSink, Metrics, Options, Proxies};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Takes any certificate: these tests look at which one comes, not at whether to trust it.
#[derive(Debug)]
struct TakesAny;

impl ServerCertVerifier for TakesAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

async fn connect(stage: &Stage, version: &'static SupportedProtocolVersion, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .expect("known versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TakesAny))
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(stage.address).await.expect("accepted");
    let name = ServerName::try_from("test").expect("a name");
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("a handshake")
}

async fn certificate(stage: &Stage) -> Vec<u8> {
    let stream = connect(stage, &rustls::version::TLS13, &[]).await;
    stream.get_ref().1.peer_certificates().expect("a certificate")[0].to_vec()
}

fn write_pair(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(["test".to_owned()]).expect("a certificate");
    std::fs::write(folder.join("c.pem"), made.cert.pem()).expect("a file");
    std::fs::write(folder.join("k.pem"), made.signing_key.serialize_pem()).expect("a file");
}

fn files(folder: &Path) -> Tls {
    Tls {
        certificate: folder.join("c.pem"),
        key: folder.join("k.pem"),
        reload_interval: Span::new(1).expect("in bounds"),
    }
}

async fn stage(folder: &Path) -> Stage {
    write_pair(folder);
    Stage::with(app(), quick(), Some(files(folder)), Proxies::default()).await
}

#[tokio::test]
async fn tls_12_and_13_and_both_protocols_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = stage(folder.path()).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut stream = connect(&stage, version, &[b"http/1.1"]).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await.expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
    let stream = connect(&stage, &rustls::version::TLS13, &[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = http::Request::builder().uri("https://test/").body(axum::body::Body::empty()).expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn eavesdrop_token_response_plain_http_on_the_tls_port_gets_no_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = stage(folder.path()).await;
    let answer = stage.connect().await.exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n").await;
    assert!(!answer.contains("HTTP"), "{answer}");
}

#[tokio::test]
async fn eavesdrop_token_response_old_versions_get_no_handshake() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = stage(folder.path()).await;
    // A TLS 1.1 ClientHello: record, version 3.2, a random, one old suite, no extensions.
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0x00, 0x2f, 1, 0]);
    let mut bytes = vec![0x16, 0x03, 0x01, 0, 4 + 41, 0x01, 0, 0, 41];
    bytes.extend(&hello);
    let mut client = stage.connect().await;
    client.send(&bytes).await;
    let mut answer = client.read_answer().await.into_bytes();
    answer.truncate(1);
    assert_eq!(answer, [0x15], "an alert, no ServerHello");
}

#[tokio::test]
async fn dos_expensive_input_a_half_open_handshake_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = stage(folder.path()).await;
    for opening in [&b""[..], &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01]] {
        let mut client = stage.connect().await;
        client.send(opening).await;
        assert!(client.closes_within(second() * 2).await);
    }
    stage.expect_metric("connections_refused_total{why=\"handshake\"} 2");
}

#[tokio::test]
async fn a_changed_certificate_is_used_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = stage(folder.path()).await;
    let first = certificate(&stage).await;
    std::fs::write(folder.path().join("c.pem"), "not a certificate").expect("a file");
    stage.eventually("certificate_reloads_total{result=\"rejected\"} 1").await;
    assert_eq!(certificate(&stage).await, first);
    write_pair(folder.path());
    let deadline = Instant::now() + Duration::from_secs(5);
    while certificate(&stage).await == first {
        assert!(Instant::now() < deadline, "the new certificate is not used");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_does_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    write_pair(folder.path());
    let other = rcgen::KeyPair::generate().expect("a key");
    std::fs::write(folder.path().join("k.pem"), other.serialize_pem()).expect("a file");
    let bound = Listener::bind(Options {
        listen: "127.0.0.1:0".parse().expect("an address"),
        tls: Some(files(folder.path())),
        limits: quick(),
        proxies: Proxies::default(),
        shutdown_grace: second(),
        metrics: Arc::new(Metrics::new("")),
        signals: Arc::new(LogSink),
    })
    .await;
    let Err(ListenError::Tls(error)) = bound else {
        panic!("it started");
    };
    assert!(!error.to_string().contains("BEGIN"), "{error}");
}
