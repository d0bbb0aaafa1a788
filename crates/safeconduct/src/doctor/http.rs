//! One GET over HTTP/1.1, plain or over TLS: enough to see what clients see.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use server::config::Issuer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A metadata document is far shorter.
const LONGEST: u64 = 256 * 1024;
/// Where systems keep their list of certificate authorities.
const ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// What came back.
pub struct Answer {
    pub status: u16,
    pub date: Option<String>,
    pub body: Vec<u8>,
    /// The certificate that the server showed.
    pub certificate: Option<CertificateDer<'static>>,
}

/// Why nothing came back.
#[derive(Debug)]
pub enum Failure {
    /// No connection, or it broke.
    Connection(std::io::Error),
    /// There is no list to check certificates by.
    NoRoots,
    /// What came is not HTTP.
    NotHttp,
    /// It took too long.
    Slow,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // TLS errors come wrapped, and say what is wrong with the certificate.
            Failure::Connection(error) => write!(f, "cannot be reached: {error}"),
            Failure::NoRoots => f.write_str("no certificate authorities are known"),
            Failure::NotHttp => f.write_str("does not answer in HTTP"),
            Failure::Slow => f.write_str("does not answer within five seconds"),
        }
    }
}

/// Fetches `path` from the issuer's host.
pub async fn get(issuer: &Issuer, path: &str) -> Result<Answer, Failure> {
    let authority = issuer.authority();
    let (host, port) = split(authority, if issuer.is_https() { 443 } else { 80 });
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(Failure::Connection)?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
    if !issuer.is_https() {
        return exchange(stream, &request).await;
    }
    let roots = roots().ok_or(Failure::NoRoots)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let refused = |error: rustls::Error| Failure::Connection(std::io::Error::other(error));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refused)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
        .map_err(|error| Failure::Connection(std::io::Error::other(error)))?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(Failure::Connection)?;
    let certificate =
        stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|leaf| leaf.clone().into_owned());
    Ok(Answer { certificate, ..exchange(stream, &request).await? })
}

fn split(authority: &str, default: u16) -> (&str, u16) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().unwrap_or(default)),
        _ => (authority, default),
    }
}

fn roots() -> Option<RootCertStore> {
    let own = std::env::var_os("SSL_CERT_FILE").map(std::path::PathBuf::from);
    let found =
        own.into_iter().chain(ROOTS.iter().map(|path| Path::new(path).to_owned())).find(|path| path.is_file())?;
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(CertificateDer::pem_file_iter(found).ok()?.flatten());
    (!store.is_empty()).then_some(store)
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Result<Answer, Failure> {
    stream.write_all(request.as_bytes()).await.map_err(Failure::Connection)?;
    let mut bytes = Vec::new();
    if let Err(error) = (&mut stream).take(LONGEST).read_to_end(&mut bytes).await
        // A server may close without a word of TLS; whether the document is whole shows when it is read.
        && error.kind() != std::io::ErrorKind::UnexpectedEof
    {
        return Err(Failure::Connection(error));
    }
    parse(&bytes).ok_or(Failure::NotHttp)
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let header = |wanted: &str| {
        let mut fields = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim().to_owned())
    };
    let body = &bytes[end + 4..];
    let chunked = header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    let body = if chunked { dechunk(body)? } else { body.to_vec() };
    Some(Answer { status, date: header("date"), body, certificate: None })
}

/// RFC 9112 section 7.1.
fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let start = line + 2;
        let end = start.checked_add(size)?;
        body.extend_from_slice(rest.get(start..end)?);
        rest = rest.get(end.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_or_not_at_all() {
        let answer = parse(b"HTTP/1.1 200 OK\r\ndate: x\r\nContent-Length: 2\r\n\r\n{}").expect("HTTP");
        assert_eq!((answer.status, answer.body.as_slice(), answer.date.as_deref()), (200, &b"{}"[..], Some("x")));
        let answer = parse(b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x\r\nd\r\n0\r\n\r\n");
        assert_eq!(answer.map(|answer| answer.body), Some(b"abcd".to_vec()));
        for bad in [
            &b""[..],
            b"SSH-2.0\r\n\r\n",
            b"HTTP/1.1 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        ] {
            assert!(parse(bad).is_none());
        }
        assert_eq!(split("[::1]", 80), ("[::1]", 80));
        assert_eq!(split("[::1]:8080", 80), ("[::1]", 8080));
        assert_eq!(split("login.example.org", 443), ("login.example.org", 443));
    }
}
