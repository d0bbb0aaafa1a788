//! A small HTTP server that says what a test wants it to say.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::HashMap;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came in.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// By their names in lower case.
    pub headers: HashMap<String, String>,
    pub query: HashMap<String, String>,
    pub cookies: HashMap<String, String>,
    pub form: HashMap<String, String>,
    pub body: String,
}

/// Serves until the test ends; the address is returned. One connection per request.
pub async fn serve(answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                if let Some(request) = read(&mut stream).await {
                    let said = answer(&request);
                    let _ = stream.write_all(said.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    });
    format!("http://{address}")
}

/// Reads one request.
pub async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse().unwrap_or(0))
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(parse(head, body));
            }
        }
    }
}

fn parse(head: &str, body: &str) -> Request {
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = |text: &str| form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
    let cookies =
        head.lines().filter_map(|line| line.to_lowercase().starts_with("cookie:").then(|| line[7..].to_owned()));
    let cookies = cookies.flat_map(|line| line.split(';').map(|pair| pair.trim().to_owned()).collect::<Vec<_>>());
    let cookies = cookies
        .filter_map(|pair| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    Request {
        method,
        path: path.to_owned(),
        headers,
        query: pairs(query),
        cookies,
        form: pairs(body),
        body: body.to_owned(),
    }
}

pub fn page(html: &str) -> String {
    with("200 OK", "content-type: text/html; charset=utf-8\r\n", html)
}

pub fn see(location: &str) -> String {
    with("303 See Other", &format!("location: {location}\r\n"), "")
}

pub fn json(body: &str) -> String {
    with("200 OK", "content-type: application/json\r\n", body)
}

pub fn with(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}
