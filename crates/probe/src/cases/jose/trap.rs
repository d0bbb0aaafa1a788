//! An address of the probe's own where a foreign key set lies, and a count of those who came for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::verdict::{Stop, Verdict};

/// Listens on loopback until it is dropped. A target on another machine cannot come there: then only what it accepts is
/// seen, not what it would fetch.
pub(super) struct Trap {
    url: String,
    visits: Arc<AtomicUsize>,
    listening: AbortHandle,
}

impl Trap {
    /// Lays the set out.
    pub(super) async fn with(jwks: &Value) -> Result<Self, Stop> {
        let trouble =
            |error: std::io::Error| Stop::inconclusive(format!("the probe cannot listen on loopback: {error}"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(trouble)?;
        let url = format!("http://{}/keys.json", listener.local_addr().map_err(trouble)?);
        let visits = Arc::new(AtomicUsize::new(0));
        let (count, body) = (visits.clone(), jwks.to_string());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                // One visitor at a time and not for long: a visit is the finding, whatever becomes of it.
                let _ = timeout(Duration::from_secs(2), serve(stream, &body)).await;
            }
        });
        Ok(Self { url, visits, listening: task.abort_handle() })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What an attack came to, unless somebody came here: that is the finding then.
    pub(super) fn judge(&self, verdict: Result<Verdict, Stop>) -> Result<Verdict, Stop> {
        match self.visits.load(Ordering::Relaxed) {
            0 => verdict,
            visits => {
                Ok(Verdict::vulnerable(format!("the server fetched the address that a token names ({visits} times)")))
            }
        }
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(mut stream: TcpStream, body: &str) -> std::io::Result<()> {
    let mut head = [0; 4096];
    let _ = stream.read(&mut head).await?;
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::Trap;
    use crate::verdict::{Outcome, Stop, Verdict};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_visit_is_the_finding_and_brings_the_keys() -> Result<(), Stop> {
        let keys = serde_json::json!({ "keys": [] });
        let trap = Trap::with(&keys).await?;
        let kept = trap.judge(Ok(Verdict::resisted("nothing")))?;
        assert_eq!(kept.outcome, Outcome::Resisted);
        let address = trap.url().strip_prefix("http://").unwrap().strip_suffix("/keys.json").unwrap().to_owned();
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /keys.json HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with(&keys.to_string()), "{answer}");
        assert_eq!(trap.judge(Ok(Verdict::resisted("nothing")))?.outcome, Outcome::Vulnerable);
        Ok(())
    }
}
