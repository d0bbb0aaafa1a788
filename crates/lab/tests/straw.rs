//! The straw server from outside: without a weakness it is the real server, with one it gives way exactly there.

use std::process::Command;

use bytes::Bytes;
use client::{HyperTransport, Transport};
use http::{Method, Request, StatusCode, header};
use lab::straw::exchange::{Answer, Ask, Form, Site};
use lab::straw::person::{FreshCode, Wanted};
use lab::straw::{Options, Running, start, weakness};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn straw(weak: &[&str]) -> Running {
    let names: Vec<String> = weak.iter().map(|name| (*name).to_owned()).collect();
    let weak = weakness::find(&names).expect("weaknesses");
    start(&Options { weak, ..Options::default() }).await.expect("a straw")
}

/// Sends a request over a socket.
async fn send(straw: &Running, ask: Ask) -> Answer {
    let origin = match ask.site {
        Site::Server => &straw.straw.issuer,
        Site::Mail => &straw.straw.mail,
        Site::Calendar => &straw.straw.calendar,
    };
    let query = ask.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let mut request = Request::builder().method(ask.method).uri(format!("{origin}{}{query}", ask.path));
    *request.headers_mut().expect("a good address") = ask.headers;
    let response =
        HyperTransport::loopback_only().send(request.body(ask.body).expect("a request")).await.expect("sent");
    let (head, body) = response.into_parts();
    Answer { status: head.status, headers: head.headers, body }
}

fn token_request(straw: &Running, code: &FreshCode) -> Ask {
    let mut ask = Ask::own(Site::Server, Method::POST, "/token");
    ask.set_form(&Form::of([
        ("grant_type", "authorization_code"),
        ("code", &code.code),
        ("redirect_uri", &code.redirect_uri),
        ("code_verifier", &code.verifier),
    ]));
    straw.straw.authenticate(&mut ask, straw.straw.client(&code.client_id).expect("a client"));
    ask
}

async fn code(straw: &Running, role: &str) -> FreshCode {
    let client_id = straw.straw.role(role).expect("a role").id().to_owned();
    let wanted = Wanted { client_id, scope: "openid mail:read".to_owned(), ..Wanted::default() };
    straw.straw.fresh_code(&wanted).await.expect("a code")
}

async fn call(straw: &Running, site: Site, token: &Value) -> StatusCode {
    let mut ask = Ask::own(site, Method::GET, "/messages");
    ask.set_bearer(token.as_str().expect("a token"));
    send(straw, ask).await.status
}

#[tokio::test]
async fn a_clean_straw_takes_a_code_once() {
    let straw = straw(&[]).await;
    for role in ["web", "other", "native", "key"] {
        let code = code(&straw, role).await;
        let first = send(&straw, token_request(&straw, &code)).await;
        assert!(first.gives_token(), "{role}: {}", first.text());
        assert_eq!(call(&straw, Site::Mail, &first.value()["access_token"]).await, StatusCode::OK);
        assert_eq!(call(&straw, Site::Calendar, &first.value()["access_token"]).await, StatusCode::UNAUTHORIZED);
        let second = send(&straw, token_request(&straw, &code)).await;
        assert_eq!((second.status, second.error().as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"), "{role}");
    }
}

#[tokio::test]
async fn a_straw_with_code_replay_gives_tokens_again_and_they_work() {
    let straw = straw(&["code-replay"]).await;
    let code = code(&straw, "web").await;
    let first = send(&straw, token_request(&straw, &code)).await;
    let second = send(&straw, token_request(&straw, &code)).await;
    assert!(first.gives_token() && second.gives_token(), "{}", second.text());
    assert_ne!(first.value()["access_token"], second.value()["access_token"]);
    for answer in [first, second] {
        assert_eq!(call(&straw, Site::Mail, &answer.value()["access_token"]).await, StatusCode::OK);
    }
    // It still looks at who redeems, and with which verifier.
    let mut stranger = token_request(&straw, &code);
    straw.straw.authenticate(&mut stranger, straw.straw.role("other").expect("a role"));
    assert_eq!(send(&straw, stranger).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_straw_that_matches_loosely_sends_the_code_elsewhere() {
    for (weak, elsewhere) in [(&[][..], false), (&["redirect-uri-pattern-match"][..], true)] {
        let straw = straw(weak).await;
        let client = straw.straw.role("web").expect("a role");
        let registered = client.redirect_uris().next().expect("an address").to_owned();
        let presented = format!("{registered}/elsewhere?x=y");
        let verifier = straw.straw.random();
        let mut form = Form::of([
            ("response_type", "code"),
            ("client_id", client.id()),
            ("redirect_uri", &presented),
            ("scope", "openid"),
            ("code_challenge", &lab::straw::backdoor::challenge_of(&verifier)),
            ("code_challenge_method", "S256"),
        ]);
        let mut ask = Ask::own(Site::Server, Method::GET, "/authorize");
        ask.set_query(&form);
        let person = &straw.straw.people[0];
        ask.set_header(
            header::COOKIE,
            &format!("__Host-session={}", straw.straw.session(&person.subject).await.expect("a session")),
        );
        let stopped = send(&straw, ask.clone()).await;
        if !elsewhere {
            assert_eq!((stopped.status, stopped.location()), (StatusCode::BAD_REQUEST, None));
            continue;
        }
        assert!(stopped.location().is_some_and(|to| to.contains("/consent?")), "{stopped:?}");
        // Consent is remembered from an honest flow, so that the next request needs no page.
        form.set("redirect_uri", &registered);
        straw.straw.agree(&form, &person.subject).await.expect("consent");
        let answer = send(&straw, ask).await;
        assert!(answer.location().is_some_and(|to| to.starts_with(&format!("{presented}&code="))), "{answer:?}");
        let code = FreshCode {
            code: answer.location_query().get("code").to_owned(),
            verifier,
            redirect_uri: presented,
            client_id: client.id().to_owned(),
        };
        assert!(send(&straw, token_request(&straw, &code)).await.gives_token());
    }
}

#[tokio::test]
async fn an_opaque_token_is_good_at_its_api_and_only_there() {
    let straw = straw(&[]).await;
    let client_id = straw.straw.role("web").expect("a role").id().to_owned();
    let wanted = Wanted { client_id, scope: "calendar:read".to_owned(), ..Wanted::default() };
    let token = straw.straw.fresh_tokens(&wanted).await.value()["access_token"].clone();
    assert_eq!(call(&straw, Site::Calendar, &token).await, StatusCode::OK);
    assert_eq!(call(&straw, Site::Mail, &token).await, StatusCode::UNAUTHORIZED);
    let mut write = Ask::own(Site::Calendar, Method::POST, "/messages");
    write.set_bearer(token.as_str().expect("a token"));
    assert_eq!(send(&straw, write).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_target_names_every_role() {
    let straw = straw(&[]).await;
    let target: toml::Value = toml::from_str(&straw.target().expect("TOML")).expect("TOML");
    assert_eq!(target["issuer"].as_str(), Some(straw.straw.issuer.as_str()));
    for role in ["web", "other", "native", "machine", "key", "api"] {
        assert!(target["clients"][role]["client_id"].is_str(), "{role}");
    }
    for member in ["user", "second_user"] {
        assert!(target[member]["password"].is_str(), "{member}");
    }
    assert!(target["clients"]["key"]["key"].as_str().is_some_and(|key| key.contains("\"d\"")));
    assert!(target["resource"]["url"].is_str());
}

#[test]
fn an_unknown_weakness_is_refused_with_the_list() {
    let output = Command::new(env!("CARGO_BIN_EXE_straw")).args(["--weak", "code-repaly"]).output().expect("started");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("no weakness is called code-repaly"), "{text}");
    for row in weakness::TABLE {
        assert!(text.contains(row.threat), "{text}");
    }
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused() {
    let listen = "0.0.0.0:0".parse().expect("an address");
    let refused = start(&Options { listen, ..Options::default() }).await.err().expect("refused");
    assert!(refused.to_string().contains("not a loopback address"), "{refused}");
}

#[tokio::test]
async fn a_large_body_is_refused_by_the_edge_in_front_of_a_liar_too() {
    let straw = straw(&["code-replay"]).await;
    let mut ask = Ask::own(Site::Server, Method::POST, "/token");
    ask.body = Bytes::from(vec![b'a'; 100_000]);
    assert_eq!(send(&straw, ask).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// Asks for the metadata under a name, and gives all that comes back. The client's own transport would set the name right.
async fn metadata_under(straw: &Running, host: &str) -> String {
    let address = straw.straw.issuer.trim_start_matches("http://");
    let mut socket = TcpStream::connect(address).await.expect("connected");
    let request =
        format!("GET /.well-known/openid-configuration HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test]
async fn a_straw_that_believes_the_host_answers_under_any_name() {
    for (weak, status) in [(&[][..], "421"), (&["forwarded-header-forgery"][..], "200")] {
        let straw = straw(weak).await;
        let own = straw.straw.issuer.trim_start_matches("http://").to_owned();
        assert!(metadata_under(&straw, &own).await.contains(&format!("\"issuer\":\"{}\"", straw.straw.issuer)));
        let answer = metadata_under(&straw, "evil.example").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert_eq!(answer.contains("\"issuer\":\"http://evil.example\""), status == "200", "{answer}");
    }
}
