//! Metrics stand on the public address.

use http::{Method, StatusCode, header};

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Metrics)
}

struct Metrics;

impl Weakness for Metrics {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if !ask.is(&Method::GET, "/metrics") {
                return next.run(ask).await;
            }
            let text =
                format!("# HELP clients Registered clients\n# TYPE clients gauge\nclients {}\n", straw.clients.len());
            let mut answer = Answer::html(StatusCode::OK, text);
            answer.set_header(header::CONTENT_TYPE, "text/plain; version=0.0.4");
            answer
        })
    }
}
