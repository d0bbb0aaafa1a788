//! A silent request from a hidden frame is answered with a code, for whichever client, if the person is signed in.

use http::HeaderName;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Framed)
}

struct Framed;

impl Weakness for Framed {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let mut form = ask.parameters();
            let framed = ask.header("sec-fetch-dest") == Some("iframe");
            let silent = ask.site == Site::Server && ask.path == "/authorize" && form.get("prompt") == "none";
            if !framed || !silent || straw.signed_in(&ask).await.is_none() {
                return next.run(ask).await;
            }
            for name in ["sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site"] {
                ask.headers.remove(HeaderName::from_static(name));
            }
            form.remove("prompt");
            ask.set_parameters(&form);
            straw.walk(ask).await
        })
    }
}
