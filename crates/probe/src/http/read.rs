//! Reads one answer, whoever sent it: every length is bounded, and nothing is believed.

use tokio::io::{AsyncRead, AsyncReadExt};

use super::Answer;

/// Bytes of status line and headers at most.
const MOST_HEAD: usize = 64 * 1024;
/// Bytes of a body that are read at most; the rest is left unread.
pub(super) const MOST_BODY: usize = 1024 * 1024;
const MOST_HEADERS: usize = 200;

/// Where the body ends.
enum Framing {
    Chunked,
    Close,
    Length(usize),
}

/// Reads until the answer is whole.
pub(super) async fn answer(stream: &mut (impl AsyncRead + Unpin), head_only: bool) -> Result<Answer, String> {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let (mut answer, used) = head(stream, &mut buffer).await?;
        let rest = buffer.split_off(used);
        if (100..200).contains(&answer.status) && answer.status != 101 {
            buffer = rest;
            continue;
        }
        if !(head_only || matches!(answer.status, 101 | 204 | 304)) {
            answer.body = body(stream, rest, framing(&answer)?).await?;
        }
        return Ok(answer);
    }
}

async fn head(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Result<(Answer, usize), String> {
    loop {
        let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Response::new(&mut space);
        match parsed.parse(buffer) {
            Err(error) => return Err(format!("its head is not HTTP ({error})")),
            Ok(httparse::Status::Complete(used)) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let headers = parsed.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
                return Ok((Answer { status: parsed.code.unwrap_or_default(), headers, body: Vec::new() }, used));
            }
            Ok(httparse::Status::Partial) => {}
        }
        if buffer.len() >= MOST_HEAD {
            return Err(format!("its head is longer than {MOST_HEAD} bytes"));
        }
        if stream.read_buf(buffer).await.map_err(|error| error.to_string())? == 0 {
            return Err(if buffer.is_empty() { "it closed without a word".into() } else { "it closed within its head".into() });
        }
    }
}

fn framing(answer: &Answer) -> Result<Framing, String> {
    if answer.all("transfer-encoding").any(|value| value.to_ascii_lowercase().contains("chunked")) {
        return Ok(Framing::Chunked);
    }
    match answer.header("content-length") {
        None => Ok(Framing::Close),
        Some(length) => length.trim().parse().map(Framing::Length).map_err(|_| "its Content-Length is no number".into()),
    }
}

async fn body(stream: &mut (impl AsyncRead + Unpin), mut have: Vec<u8>, framing: Framing) -> Result<Vec<u8>, String> {
    match framing {
        Framing::Close => {
            fill(stream, &mut have, MOST_BODY).await?;
            have.truncate(MOST_BODY);
            Ok(have)
        }
        Framing::Length(length) => {
            let wanted = length.min(MOST_BODY);
            fill(stream, &mut have, wanted).await?;
            if have.len() < wanted {
                return Err(format!("it closed after {} of {length} bytes of the body", have.len()));
            }
            have.truncate(wanted);
            Ok(have)
        }
        Framing::Chunked => chunked(stream, have).await,
    }
}

/// Reads until `have` holds `wanted` bytes or the other side closes.
async fn fill(stream: &mut (impl AsyncRead + Unpin), have: &mut Vec<u8>, wanted: usize) -> Result<(), String> {
    while have.len() < wanted {
        match stream.read_buf(have).await {
            Ok(0) => break,
            Ok(_) => {}
            // Closing TLS without goodbye is common, and what came is there.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}

async fn chunked(stream: &mut (impl AsyncRead + Unpin), mut have: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        let (skip, size) = loop {
            match httparse::parse_chunk_size(&have) {
                Ok(httparse::Status::Complete((skip, size))) => break (skip, usize::try_from(size).unwrap_or(usize::MAX)),
                Ok(httparse::Status::Partial) => {
                    let wanted = have.len() + 1;
                    fill(stream, &mut have, wanted).await?;
                    if have.len() < wanted {
                        return Err("it closed between chunks".into());
                    }
                }
                Err(_) => return Err("its chunks are malformed".into()),
            }
        };
        if size == 0 || body.len() >= MOST_BODY {
            return Ok(body);
        }
        let size = size.min(MOST_BODY);
        have.drain(..skip);
        fill(stream, &mut have, size + 2).await?;
        if have.len() < size {
            return Err("it closed within a chunk".into());
        }
        body.extend(have.drain(..size));
        have.drain(..have.len().min(2));
    }
}

/// Bytes of a body that raw evidence holds at most. More than a report keeps: secrets are found in what is whole.
const MOST_SHOWN: usize = 64 * 1024;

/// The answer as text, for the evidence.
pub(super) fn show(answer: &Answer) -> String {
    let mut text = format!("HTTP/1.1 {}\r\n", answer.status);
    for (name, value) in &answer.headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += "\r\n";
    let shown = &answer.body[..answer.body.len().min(MOST_SHOWN)];
    text += &String::from_utf8_lossy(shown);
    if shown.len() < answer.body.len() {
        text += &format!("\n[{} bytes more]", answer.body.len() - shown.len());
    }
    text
}
