//! An HTTP/1.1 client that does as little as it can: the load must not be what limits the floor.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, as received.
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// Status line and headers.
    pub head: &'a str,
    /// The body.
    pub body: &'a str,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends one request and reads its answer to the end.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut searched = 0;
        let head_end = loop {
            self.fill().await?;
            if let Some(at) = self.buffer[searched..].windows(4).position(|four| four == b"\r\n\r\n") {
                break searched + at + 4;
            }
            searched = self.buffer.len().saturating_sub(3);
        };
        let head = std::str::from_utf8(&self.buffer[..head_end]).context("a head that is not text")?;
        let length: usize = match header(head, "content-length") {
            Some(length) => length.parse().context("a content-length that is no number")?,
            None => bail!("an answer without content-length"),
        };
        while self.buffer.len() < head_end + length {
            self.fill().await?;
        }
        if self.buffer.len() != head_end + length {
            bail!("more than one answer to one request");
        }
        let text = std::str::from_utf8(&self.buffer).context("an answer that is not text")?;
        let (head, body) = text.split_at(head_end);
        let status = head.get(9..12).and_then(|status| status.parse().ok()).context("no status line")?;
        Ok(Answer { status, head, body })
    }

    async fn fill(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }
}

impl Answer<'_> {
    /// A header's value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// A text member of a JSON body, without reading the rest of it. Only for values without escapes.
    pub fn member(&self, name: &str) -> Option<&str> {
        self.body.split_once(&format!("\"{name}\":\"")).and_then(|(_, rest)| rest.split('"').next())
    }

    /// Bytes in all.
    pub fn bytes(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (have, value) = line.split_once(':')?;
        have.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// A GET.
pub fn get(address: SocketAddr, target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n")
}

/// A POST of a form.
pub fn post(address: SocketAddr, target: &str, headers: &str, form: &str) -> String {
    format!(
        "POST {target} HTTP/1.1\r\nhost: {address}\r\n{headers}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    )
}

/// A form of these fields.
pub fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
