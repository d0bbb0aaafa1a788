//! A stream to the target: TCP, or TLS that is verified.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// Time for TCP and TLS to be ready.
const CONNECT: Duration = Duration::from_secs(5);

/// Bytes in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

/// Whom to believe: the system's certificate authorities and one file more.
#[derive(Clone)]
pub struct Tls(Arc<rustls::ClientConfig>);

impl Tls {
    /// Reads the system's authorities, and those of the PEM file.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, String> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca_file {
            let bad = |error: &dyn std::fmt::Display| format!("ca_file {}: {error}", path.display());
            let found: Vec<_> = CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect)
                .map_err(|error: rustls_pki_types::pem::Error| bad(&error))?;
            if roots.add_parsable_certificates(found).0 == 0 {
                return Err(bad(&"holds no certificate"));
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// Connects to the URL's host and port, from an address of one's own if one is given and the host is on 127.0.0.0/8.
    pub(super) async fn connect(&self, url: &Url, from: Option<Ipv4Addr>) -> Result<Pin<Box<dyn Stream>>, String> {
        match timeout(CONNECT, self.connect_unbounded(url, from)).await {
            Ok(result) => result,
            Err(_) => Err(format!("no connection within {} s", CONNECT.as_secs())),
        }
    }

    async fn connect_unbounded(&self, url: &Url, from: Option<Ipv4Addr>) -> Result<Pin<Box<dyn Stream>>, String> {
        let port = url.port_or_known_default().ok_or("the URL has no port")?;
        let tcp = match url.host().ok_or("the URL has no host")? {
            Host::Ipv4(address) if address.is_loopback() && from.is_some() => from_there(from, address, port).await,
            Host::Domain(name) => TcpStream::connect((name, port)).await,
            Host::Ipv4(address) => TcpStream::connect((address, port)).await,
            Host::Ipv6(address) => TcpStream::connect((address, port)).await,
        }
        .map_err(|error| error.to_string())?;
        let _ = tcp.set_nodelay(true);
        if url.scheme() != "https" {
            return Ok(Box::pin(tcp));
        }
        let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|error| error.to_string())?;
        let stream = TlsConnector::from(self.0.clone()).connect(name, tcp).await.map_err(|error| format!("TLS: {error}"))?;
        Ok(Box::pin(stream))
    }
}

/// Connects from a given address of this machine. All of 127.0.0.0/8 is; a system where it is not refuses to bind.
async fn from_there(from: Option<Ipv4Addr>, to: Ipv4Addr, port: u16) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddrV4::new(from.unwrap_or(Ipv4Addr::UNSPECIFIED), 0).into())?;
    socket.connect(SocketAddrV4::new(to, port).into()).await
}
