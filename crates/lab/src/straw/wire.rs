//! Before the edge: requests rewritten on the wire, for weaknesses of what the edge refuses before anybody is asked.
//!
//! One request per connection: the head is read, rewritten and passed on with `Connection: close`; what follows is bytes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Bytes of a head, at most; the edge refuses less.
const MOST: usize = 256 * 1024;
/// As long as the edge waits for a head.
const PATIENCE: Duration = Duration::from_secs(10);

/// Rewrites a head. The second argument is the server's own host and port.
pub type Rewire = fn(&mut Head, &str);

/// The head of an HTTP/1.1 request, line by line.
pub struct Head {
    /// Method, target and version.
    pub line: String,
    /// Names and values, as received.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The first value of that name; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// Puts one value in the place of all of that name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Takes away all values of that name.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
    }

    fn parse(bytes: &[u8]) -> Option<Head> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.split("\r\n");
        let line = lines.next()?.to_owned();
        let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        let headers = lines.filter(|line| !line.is_empty()).map(header).collect::<Option<Vec<_>>>()?;
        Some(Head { line, headers })
    }

    fn write(&self) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{}\r\n{headers}\r\n", self.line)
    }
}

/// Takes connections of `socket` to the edge at `edge`, for ever.
pub(super) async fn serve(socket: TcpListener, edge: SocketAddr, host: String, rewires: Vec<Rewire>) {
    let shared = Arc::new((host, rewires));
    let mut open = JoinSet::new();
    while let Ok((client, _)) = socket.accept().await {
        let shared = shared.clone();
        open.spawn(async move {
            // A connection that breaks is its two ends' affair.
            let _ = carry(client, edge, &shared.0, &shared.1).await;
        });
        while open.try_join_next().is_some() {}
    }
}

async fn carry(mut client: TcpStream, edge: SocketAddr, host: &str, rewires: &[Rewire]) -> io::Result<()> {
    let mut received = Vec::new();
    let end = match timeout(PATIENCE, head(&mut client, &mut received)).await {
        Ok(end) => end?,
        Err(_) => return Ok(()),
    };
    let mut server = TcpStream::connect(edge).await?;
    match end.and_then(|end| Some((end, Head::parse(&received[..end])?))) {
        Some((end, mut head)) => {
            rewires.iter().for_each(|rewire| rewire(&mut head, host));
            head.set("Connection", "close");
            server.write_all(head.write().as_bytes()).await?;
            server.write_all(&received[end..]).await?;
        }
        // No head of HTTP/1.1: the edge knows what to say to it.
        None => server.write_all(&received).await?,
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// Reads until the head ends; nothing where it does not.
async fn head(client: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<Option<usize>> {
    loop {
        if let Some(at) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok((!received.starts_with(b"PRI ")).then_some(at + 4));
        }
        if received.len() > MOST || client.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_written_as_it_was_read_but_for_the_change() {
        let received = b"GET /x HTTP/1.1\r\nHost: evil.example\r\nX-A:  b c\r\n\r\n";
        let mut head = Head::parse(received).expect("a head");
        assert_eq!(head.get("host"), "evil.example");
        head.set("host", "own.example");
        assert_eq!(head.write(), "GET /x HTTP/1.1\r\nX-A: b c\r\nhost: own.example\r\n\r\n");
        assert!(Head::parse(b"GET /x HTTP/1.1\r\nno colon\r\n\r\n").is_none());
    }
}
