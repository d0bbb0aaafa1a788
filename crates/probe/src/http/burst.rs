//! Requests that arrive together: a race needs connections that are open and warm, and one moment.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio::sync::Barrier;
use tokio::time::timeout;
use url::Url;

use super::connect::Stream;
use super::{Answer, Fault, Http, Request, read};
use crate::exchange::Exchange;

/// A connection on which all of a request but its last byte has been sent.
struct Cocked {
    stream: Pin<Box<dyn Stream>>,
    last: u8,
}

impl Http {
    /// Sends all requests at the same moment, each on a connection of its own: everything but the last byte of each goes
    /// out first, and then all last bytes. The answers come in the order of the requests.
    ///
    /// # Errors
    /// [`Fault`], if a request may not be sent at all. What happened to each one is in the list.
    pub async fn burst(&self, requests: &[Request]) -> Result<Vec<Result<Answer, Fault>>, Fault> {
        for request in requests {
            if !self.is_inside(&request.url) {
                return Err(Fault::Outside(request.url.origin().ascii_serialization()));
            }
            self.wait_for_turn().await?;
        }
        let cocked = join_all(requests.iter().map(|request| self.cock(request))).await;
        let together = Arc::new(Barrier::new(cocked.iter().filter(|cocked| cocked.is_ok()).count()));
        let started = Instant::now();
        let (limit, seconds) = (self.bounds.exchange, self.bounds.exchange.as_secs());
        let running: Vec<_> = cocked
            .into_iter()
            .zip(requests)
            .map(|(cocked, request)| {
                let (together, host) = (together.clone(), host(&request.url));
                // A task of its own for each: on several threads the last bytes really leave side by side.
                tokio::spawn(async move {
                    let cocked = cocked?;
                    together.wait().await;
                    match timeout(limit, cocked.fire()).await {
                        Ok(Ok(answer)) => Ok(answer),
                        Ok(Err(error)) => Err(Fault::Garbage(host, error)),
                        Err(_) => Err(Fault::Slow(host, seconds)),
                    }
                })
            })
            .collect();
        let mut results = Vec::with_capacity(requests.len());
        for (task, request) in running.into_iter().zip(requests) {
            let result = task.await.unwrap_or_else(|error| Err(Fault::Garbage(host(&request.url), error.to_string())));
            self.keep_fired(request, &result, started);
            results.push(result);
        }
        Ok(results)
    }

    async fn cock(&self, request: &Request) -> Result<Cocked, Fault> {
        let refused = |error| Fault::Connect(host(&request.url), error);
        let mut stream = self.tls.connect(&request.url, self.from).await.map_err(refused)?;
        let bytes = request.bytes();
        // A request ends in a body or in an empty line: it is never empty.
        let (last, head) = bytes.split_last().ok_or_else(|| refused("the request is empty".into()))?;
        let written = timeout(self.bounds.exchange, async {
            stream.write_all(head).await?;
            stream.flush().await
        });
        match written.await {
            Ok(Ok(())) => Ok(Cocked { stream, last: *last }),
            Ok(Err(error)) => Err(refused(error.to_string())),
            Err(_) => Err(Fault::Slow(host(&request.url), self.bounds.exchange.as_secs())),
        }
    }

    fn keep_fired(&self, request: &Request, result: &Result<Answer, Fault>, started: Instant) {
        let mut exchange = Exchange {
            what: format!("{}, at the same moment as others", request.what),
            request: String::from_utf8_lossy(&request.bytes()).into_owned(),
            millis: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            ..Exchange::default()
        };
        match result {
            Ok(answer) => exchange.response = read::show(answer),
            Err(fault) => exchange.failure = Some(fault.to_string()),
        }
        self.keep(exchange);
    }
}

impl Cocked {
    async fn fire(mut self) -> Result<Answer, String> {
        let written = self.stream.write_all(&[self.last]).await.and(self.stream.flush().await);
        // A server may have answered and closed already: then the answer counts.
        read::answer(&mut self.stream, false)
            .await
            .map_err(|error| written.err().map_or(error, |error| error.to_string()))
    }
}

fn host(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}
