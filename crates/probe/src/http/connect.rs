//! A stream to the target: TCP, or TLS that is verified.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
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

    /// Connects to the URL's host and port.
    pub(super) async fn connect(&self, url: &Url) -> Result<Pin<Box<dyn Stream>>, String> {
        match timeout(CONNECT, self.connect_unbounded(url)).await {
            Ok(result) => result,
            Err(_) => Err(format!("no connection within {} s", CONNECT.as_secs())),
        }
    }

    async fn connect_unbounded(&self, url: &Url) -> Result<Pin<Box<dyn Stream>>, String> {
        let port = url.port_or_known_default().ok_or("the URL has no port")?;
        let tcp = match url.host().ok_or("the URL has no host")? {
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
