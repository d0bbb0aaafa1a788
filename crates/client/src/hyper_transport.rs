//! A [`Transport`] on hyper: one connection per request, no redirects, no proxy, size and time bounded.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::Scheme};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};

use crate::{Transport, TransportError};

const MAX_BODY: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// The default transport. http goes to loopback literals only; https needs [`HyperTransport::with_roots`].
#[derive(Clone, Debug, Default)]
pub struct HyperTransport {
    #[cfg(feature = "https")]
    tls: Option<std::sync::Arc<rustls::ClientConfig>>,
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl HyperTransport {
    /// A transport that reaches `http://127.0.0.1` and `http://[::1]` and nothing else: for development and tests.
    pub fn loopback_only() -> Self {
        Self::default()
    }

    /// A transport that also reaches https servers whose certificates these roots vouch for.
    ///
    /// There is no way to skip the certificate check.
    // defends: eavesdrop-token-response, refresh-phishing-counterfeit-as
    #[cfg(feature = "https")]
    #[cfg_attr(docsrs, doc(cfg(feature = "https")))]
    pub fn with_roots(roots: rustls::RootCertStore) -> Result<Self, TransportError> {
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| TransportError::Connection)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Some(std::sync::Arc::new(config)) })
    }

    /// As [`with_roots`](Self::with_roots), with the certificates of a PEM file such as `/etc/ssl/certs/ca-certificates.crt`.
    ///
    /// Certificates that cannot be read are left out; a file without any is an error.
    #[cfg(feature = "https")]
    #[cfg_attr(docsrs, doc(cfg(feature = "https")))]
    pub fn with_root_pem(pem: &[u8]) -> Result<Self, TransportError> {
        use rustls_pki_types::{CertificateDer, pem::PemObject};
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).flatten());
        if roots.is_empty() { Err(TransportError::Connection) } else { Self::with_roots(roots) }
    }

    async fn connect(&self, uri: &Uri) -> Result<Box<dyn Wire>, TransportError> {
        let host = uri.host().ok_or(TransportError::Connection)?.trim_matches(['[', ']']);
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        // A name may resolve to anywhere, so only literals count as this machine.
        // defends: client-credentials-in-clear, eavesdrop-token-response, resource-eavesdropping
        let is_safe = if is_https { self.has_tls() } else { uri.scheme() == Some(&Scheme::HTTP) && is_loopback };
        if !is_safe {
            return Err(TransportError::Plaintext);
        }
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let stream = TcpStream::connect((host, port)).await.map_err(|_| TransportError::Connection)?;
        let _ = stream.set_nodelay(true);
        if is_https { self.secure(stream, host).await } else { Ok(Box::new(stream)) }
    }

    #[cfg(feature = "https")]
    async fn secure(&self, stream: TcpStream, host: &str) -> Result<Box<dyn Wire>, TransportError> {
        let tls = self.tls.as_ref().ok_or(TransportError::Plaintext)?;
        let name = rustls_pki_types::ServerName::try_from(host.to_owned()).map_err(|_| TransportError::Connection)?;
        let connector = tokio_rustls::TlsConnector::from(tls.clone());
        let stream = connector.connect(name, stream).await.map_err(|_| TransportError::Connection)?;
        Ok(Box::new(stream))
    }

    fn has_tls(&self) -> bool {
        #[cfg(feature = "https")]
        return self.tls.is_some();
        #[cfg(not(feature = "https"))]
        return false;
    }

    #[cfg(not(feature = "https"))]
    async fn secure(&self, _stream: TcpStream, _host: &str) -> Result<Box<dyn Wire>, TransportError> {
        Err(TransportError::Plaintext)
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let request = in_origin_form(request)?;
        let wire = self.connect(request.uri()).await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(wire)).await.map_err(|_| TransportError::Connection)?;
        let driver = tokio::spawn(async move {
            let _ = connection.await;
        });
        let (mut parts, body) = request.into_parts();
        parts.uri = path_only(&parts.uri)?;
        let sent = sender.send_request(Request::from_parts(parts, Full::new(body))).await;
        let answer = match sent {
            Ok(response) => collect(response).await,
            Err(_) => Err(TransportError::Connection),
        };
        driver.abort();
        answer
    }
}

async fn collect(response: Response<hyper::body::Incoming>) -> Result<Response<Bytes>, TransportError> {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|_| TransportError::TooLarge)?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}

fn in_origin_form(mut request: Request<Bytes>) -> Result<Request<Bytes>, TransportError> {
    let authority = request.uri().authority().ok_or(TransportError::Connection)?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| TransportError::Connection)?;
    request.headers_mut().insert(header::HOST, host);
    request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

fn path_only(uri: &Uri) -> Result<Uri, TransportError> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    path.parse().map_err(|_| TransportError::Connection)
}

impl Transport for HyperTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        timeout(PATIENCE, self.exchange(request)).await.unwrap_or(Err(TransportError::Timeout))
    }
}
