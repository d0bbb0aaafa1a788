//! The lab's pages from outside: what they carry, whom they refuse, how a run is told.

#![cfg(feature = "scenes")]

use bytes::Bytes;
use client::{HyperTransport, Transport};
use http::{Request, Response, StatusCode};
use lab::Surroundings;
use lab::scenes::Scene;
use lab::scenes::house::Houses;
use lab::show::{ShowConfig, router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn open() -> String {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", socket.local_addr().unwrap());
    let houses = Houses::open().await.unwrap();
    let router = router(ShowConfig { origin: origin.clone(), houses, surroundings: Surroundings::system() }).unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    origin
}

async fn send(request: http::request::Builder, body: &'static str) -> Response<Bytes> {
    HyperTransport::loopback_only().send(request.body(Bytes::from_static(body.as_bytes())).unwrap()).await.unwrap()
}

fn text(answer: &Response<Bytes>) -> String {
    String::from_utf8(answer.body().to_vec()).unwrap()
}

fn play(origin: &str, scene: &str) -> http::request::Builder {
    Request::post(format!("{origin}/scenes/{scene}/play")).header("content-type", "application/x-www-form-urlencoded")
}

#[tokio::test]
async fn every_page_is_whole_and_allows_no_foreign_content_and_no_inline_script() {
    let origin = open().await;
    let mut pages = vec!["/".to_owned(), "/nowhere".to_owned()];
    pages.extend(Scene::all().iter().map(|scene| format!("/scenes/{}", scene.id)));
    for page in pages {
        let answer = send(Request::get(format!("{origin}{page}")), "").await;
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{page}: {policy}");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer", "{page}");
        let html = text(&answer);
        assert!(!html.contains(" style=") && !html.contains("<script>") && !html.contains(" onclick="), "{page}");
        let status = if page == "/nowhere" { StatusCode::NOT_FOUND } else { StatusCode::OK };
        assert_eq!(answer.status(), status, "{page}");
    }
}

#[tokio::test]
async fn strangers_play_nothing() {
    let origin = open().await;
    let other = play(&origin, "mix-up").header("origin", "http://evil.example");
    assert_eq!(send(other, "defence=off").await.status(), StatusCode::FORBIDDEN);
    let cross = play(&origin, "mix-up").header("sec-fetch-site", "cross-site");
    assert_eq!(send(cross, "defence=off").await.status(), StatusCode::FORBIDDEN);
    // A page that points its own name here; the transport above would write the right name.
    let mut raw = tokio::net::TcpStream::connect(origin.trim_start_matches("http://")).await.unwrap();
    raw.write_all(b"GET / HTTP/1.1\r\nHost: lab.evil.example\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut told = String::new();
    raw.read_to_string(&mut told).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 421 "), "{told}");
    assert_eq!(send(play(&origin, "no-such"), "defence=off").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(send(Request::get(format!("{origin}/runs/guessed/events")), "").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_plain_form_gets_the_finished_page_and_a_script_gets_the_same_in_pieces() {
    let origin = open().await;
    let done = send(play(&origin, "redirect-hijack"), "defence=off").await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let place = done.headers()["location"].to_str().unwrap().to_owned();
    let page = text(&send(Request::get(format!("{origin}{}", place.trim_end_matches("#runs"))), "").await);
    assert!(page.contains("The attack succeeded") && page.contains("Not played yet."), "{page}");

    let panel = text(&send(play(&origin, "redirect-hijack").header("accept", "text/x-panel"), "defence=off").await);
    let (_, run) = panel.split_once("data-run=\"").unwrap();
    let run = run.split('"').next().unwrap();
    // The stream ends with the run, so the whole of it can be read.
    let events = text(&send(Request::get(format!("{origin}/runs/{run}/events")), "").await);
    let count = |text: &str, what: &str| text.matches(what).count();
    assert_eq!(count(&events, "event: mark"), count(&page, "<li class=\"mark "), "{events}");
    assert_eq!(count(&events, "event: end"), 1);
    assert!(events.trim_end().rsplit("event: end").next().unwrap().contains("The attack succeeded"));
}
