//! Certificates: loaded at the start, looked at again while the server runs, replaced without a restart.

use super::metrics::Metrics;
use crate::config::Tls;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Why certificate and key cannot be used. Names files, never what is in them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read or holds no PEM of its kind.
    #[error("{} cannot be read as PEM: {why}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        why: String,
    },
    /// The two do not belong together, or are of a kind that TLS does not know.
    #[error("certificate and key cannot be used together: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The certificate in use, and the files to watch for the next.
pub(super) struct Certificates {
    files: Tls,
    current: ArcSwap<ServerConfig>,
}

impl Certificates {
    pub(super) fn load(files: Tls) -> Result<Self, TlsError> {
        let current = ArcSwap::new(load(&files)?);
        Ok(Self { files, current })
    }

    /// What the next handshake uses.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }

    /// Looks at both files again and again; takes a changed pair when it works, keeps the old one when not.
    pub(super) async fn watch(&self, metrics: &Metrics) {
        let mut known = self.stamp();
        let mut interval = tokio::time::interval(self.files.reload_interval.duration());
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            let stamp = self.stamp();
            if stamp == known {
                continue;
            }
            // A tool writes two files one after the other: a pair that does not fit yet is tried again.
            match self.reload().await {
                Ok(()) => {
                    known = stamp;
                    metrics.certificate_reloaded();
                    tracing::info!(certificate = %self.files.certificate.display(), "new certificate in use");
                }
                Err(error) => {
                    known = stamp;
                    metrics.certificate_rejected();
                    tracing::error!(%error, "the changed certificate does not work; the old one stays in use");
                }
            }
        }
    }

    async fn reload(&self) -> Result<(), TlsError> {
        let files = self.files.clone();
        let unreadable = |path: &Path, why: &str| TlsError::Pem { path: path.to_owned(), why: why.to_owned() };
        let loaded = tokio::task::spawn_blocking(move || load(&files)).await;
        let config = loaded.map_err(|_| unreadable(&self.files.certificate, "the reader stopped"))??;
        self.current.store(config);
        Ok(())
    }

    /// What changes when a file does: time, size, and the file itself (a renamed one may be older).
    fn stamp(&self) -> [Option<(SystemTime, u64, u64)>; 2] {
        use std::os::unix::fs::MetadataExt;
        [&self.files.certificate, &self.files.key].map(|path| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
        })
    }
}

fn load(files: &Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let pem = |path: &Path, why: String| TlsError::Pem { path: path.to_owned(), why };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|e| pem(&files.certificate, e.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| pem(&files.key, e.to_string()))?;
    server_config(chain, key)
}

/// TLS 1.2 and 1.3 with rustls' own suites: all of them have forward secrecy and authenticated encryption.
fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    // The provider is named here, so nothing depends on a process-wide default being set first.
    let provider = Arc::new(aws_lc_rs::default_provider());
    // Checks that the key is the certificate's.
    let certified = CertifiedKey::from_der(chain, key, &provider)?;
    // defends: eavesdrop-token-response
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(Arc::new(config))
}

/// Waits for ever where there is no certificate to watch.
pub(super) async fn watch(certificates: Option<Arc<Certificates>>, metrics: Arc<Metrics>) {
    match certificates {
        Some(certificates) => certificates.watch(&metrics).await,
        None => std::future::pending().await,
    }
}
