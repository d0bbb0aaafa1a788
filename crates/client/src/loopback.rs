//! The redirect listener of a native app (RFC 8252 section 7.3).

use std::{io, net::Ipv4Addr, time::Duration};

use protocol::relying::PendingAuthorization;
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

const MAX_HEAD: usize = 16 * 1024;
const MAX_CONNECTIONS: usize = 16;
const HEAD_PATIENCE: Duration = Duration::from_secs(5);

// Constant pages: nothing of the request is in them, so nothing can be injected or leak from them.
const DONE: &str = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
<title>Signed in</title><h1>You can close this tab</h1><p>The app has its answer. Go back to it.</p>";
const NOT_HERE: &str = "Not here.";

/// Waits on `127.0.0.1` for the one redirect that answers one authorization request.
///
/// Everything else that knocks is answered with 404 and forgotten: another path or method, another `Host`, a `state` that is
/// not ours. So a web page or another program on this machine can neither plant a response nor use up the transaction.
// defends: loopback-redirect-abuse
#[derive(Debug)]
pub struct LoopbackListener {
    listener: TcpListener,
    authority: String,
    path: &'static str,
}

/// Why no redirect came.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoopbackError {
    /// The port could not be opened or failed.
    #[error("the loopback port failed")]
    Io(#[from] io::Error),
    /// Nobody came back in time.
    #[error("no answer came from the browser in time")]
    Timeout,
}

impl LoopbackListener {
    /// Opens a free port on `127.0.0.1`. `path` is the one of the registered redirect URI, e.g. `/callback`.
    ///
    /// Never listens on other interfaces: there, anybody on the network could answer.
    pub async fn bind(path: &'static str) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let authority = listener.local_addr()?.to_string();
        Ok(Self { listener, authority, path })
    }

    /// The redirect URI to use in the authorization request.
    pub fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }

    /// Waits at most `patience` for the redirect that carries the state of `pending`; yields both for [`crate::Client::finish`].
    ///
    /// Closes the port in any case.
    pub async fn wait(
        self,
        pending: PendingAuthorization,
        patience: Duration,
    ) -> Result<(PendingAuthorization, String), LoopbackError> {
        let end = Instant::now() + patience;
        let mut heads = JoinSet::new();
        loop {
            let full = heads.len() >= MAX_CONNECTIONS;
            tokio::select! {
                () = tokio::time::sleep_until(end) => return Err(LoopbackError::Timeout),
                // Each connection is read on its own, so that a silent one does not keep the browser out.
                accepted = self.listener.accept(), if !full => {
                    let (stream, _) = accepted?;
                    heads.spawn(timeout(HEAD_PATIENCE, read_head(stream)));
                }
                Some(done) = heads.join_next() => {
                    let Ok(Ok(Ok((mut stream, head)))) = done else { continue };
                    let query = self.query(&head).filter(|query| pending.is_answered_by(query)).map(str::to_owned);
                    // The answer is a courtesy: whether the browser still listens does not matter.
                    let answer = answer(&mut stream, query.is_some());
                    let _ = timeout_at(end.min(Instant::now() + HEAD_PATIENCE), answer).await;
                    if let Some(query) = query {
                        return Ok((pending, query));
                    }
                }
            }
        }
    }

    /// The query, if this is a GET of exactly our address.
    fn query<'a>(&self, head: &'a str) -> Option<&'a str> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let (path, query) = target.split_once('?')?;
        // A page elsewhere that points its own name at 127.0.0.1 sends that name here.
        let mut hosts = lines.filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("host").then(|| value.trim())
        });
        let is_ours = hosts.next() == Some(&self.authority) && hosts.next().is_none();
        (method == "GET" && version.starts_with("HTTP/1.") && path == self.path && is_ours).then_some(query)
    }
}

async fn read_head(mut stream: TcpStream) -> io::Result<(TcpStream, String)> {
    let mut head = Vec::with_capacity(1024);
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() > MAX_HEAD || stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    let head = String::from_utf8(head).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok((stream, head))
}

async fn answer(stream: &mut TcpStream, is_answer: bool) -> io::Result<()> {
    let (status, kind, page) = match is_answer {
        true => ("200 OK", "text/html; charset=utf-8", DONE),
        false => ("404 Not Found", "text/plain; charset=utf-8", NOT_HERE),
    };
    // The address still holds the code: nothing may be loaded from, or told to, anywhere else.
    // defends: credential-leak-via-referrer
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n\r\n",
        page.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(page.as_bytes()).await?;
    stream.shutdown().await
}
