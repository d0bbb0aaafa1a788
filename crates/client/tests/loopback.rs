//! The redirect listener of native apps, and the transport, over real sockets.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use client::{
    AuthorizationStart, ClientIdentity, HyperTransport, LoopbackError, LoopbackListener, PendingAuthorization,
    ServerMetadata, Transport, TransportError, UnixTime, relying::StartRandom,
};
use http::Request;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn pending(redirect_uri: &str) -> (PendingAuthorization, String) {
    let issuer = "http://127.0.0.1:1";
    let document = serde_json::json!({
        "issuer": issuer, "authorization_endpoint": "http://127.0.0.1:1/a", "token_endpoint": "http://127.0.0.1:1/t",
        "jwks_uri": "http://127.0.0.1:1/j", "code_challenge_methods_supported": ["S256"],
    });
    let server = ServerMetadata::parse(document.to_string().as_bytes(), issuer).unwrap();
    let start = AuthorizationStart::new(Arc::new(server), Arc::new(ClientIdentity::native("app")), redirect_uri);
    let (url, pending) = start.begin(&StartRandom([7; 96]), UnixTime(1_800_000_000)).unwrap();
    let state = url.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap().to_owned();
    (pending, state)
}

async fn ask(redirect_uri: &str, head: &str) -> String {
    let authority = redirect_uri.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(head.replace("HOST", authority).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn loopback_redirect_abuse_only_the_awaited_answer_is_taken() {
    let listener = LoopbackListener::bind("/callback").await.unwrap();
    let uri = listener.redirect_uri();
    assert!(uri.starts_with("http://127.0.0.1:") && uri.ends_with("/callback"), "{uri}");
    let (pending, state) = pending(&uri);
    let waiting = tokio::spawn(listener.wait(pending, Duration::from_secs(20)));

    // A connection that says nothing must not keep the browser out.
    let authority = uri.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let _silent = TcpStream::connect(authority).await.unwrap();

    for head in [
        "GET /callback?code=x&state=wrong HTTP/1.1\r\nHost: HOST\r\n\r\n".to_owned(),
        format!("GET /other?code=x&state={state} HTTP/1.1\r\nHost: HOST\r\n\r\n"),
        format!("GET /callback/?code=x&state={state} HTTP/1.1\r\nHost: HOST\r\n\r\n"),
        format!("POST /callback?code=x&state={state} HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n\r\n"),
        format!("GET /callback?code=x&state={state} HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        format!("GET /callback?code=x&state={state} HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n"),
        format!("GET /callback?code=x&state={state} HTTP/1.1\r\n\r\n"),
        format!("GET /callback?code=x&state={state}&state={state} HTTP/1.1\r\nHost: HOST\r\n\r\n"),
        "GET /callback HTTP/1.1\r\nHost: HOST\r\n\r\n".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
    ] {
        let answer = ask(&uri, &head).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{head}{answer}");
    }

    let head = format!("GET /callback?code=the-code&state={state} HTTP/1.1\r\nHost: HOST\r\n\r\n");
    let answer = ask(&uri, &head).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("Referrer-Policy: no-referrer"), "{answer}");
    assert!(!answer.contains("the-code") && !answer.contains(&state), "{answer}");
    let (_, query) = waiting.await.unwrap().unwrap();
    assert_eq!(query, format!("code=the-code&state={state}"));
    assert!(TcpStream::connect(authority).await.is_err(), "the port is closed afterwards");
}

#[tokio::test]
async fn waiting_ends() {
    let listener = LoopbackListener::bind("/callback").await.unwrap();
    let (pending, _) = pending(&listener.redirect_uri());
    let ended = listener.wait(pending, Duration::from_millis(50)).await;
    assert!(matches!(ended, Err(LoopbackError::Timeout)));
}

#[tokio::test]
async fn client_credentials_in_clear_and_resource_eavesdropping_plain_http_leaves_for_loopback_only() {
    let transport = HyperTransport::loopback_only();
    for url in
        ["http://login.example/token", "http://localhost:1/token", "http://10.0.0.1/token", "https://login.example/"]
    {
        let request = Request::post(url).body(Bytes::from_static(b"client_secret=s")).unwrap();
        assert_eq!(transport.send(request).await.unwrap_err(), TransportError::Plaintext, "{url}");
    }
    let request = Request::get("http://127.0.0.1:1/").body(Bytes::new()).unwrap();
    assert_eq!(transport.send(request).await.unwrap_err(), TransportError::Connection);
}
