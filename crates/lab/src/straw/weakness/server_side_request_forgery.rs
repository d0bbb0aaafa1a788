//! The server opens the address of a request object before it looks at anything else.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Opens)
}

struct Opens;

impl Weakness for Opens {
    fn handle<'a>(&'a self, _: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let form = ask.parameters();
            let named = Url::parse(form.get("request_uri")).ok();
            let (host, port) = (named.as_ref().and_then(Url::host_str), named.as_ref().and_then(Url::port));
            // Of this machine only: a straw speaks to nobody else.
            if let (Some("127.0.0.1"), Some(port)) = (host, port)
                && ask.site == Site::Server
                && ask.path == "/authorize"
            {
                let _ = timeout(Duration::from_secs(1), TcpStream::connect(("127.0.0.1", port))).await;
            }
            next.run(ask).await
        })
    }
}
