//! Any response mode is taken: the fragment where it is asked for, else the default.

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(AnyMode)
}

/// Where the mode waits together with the request.
const MODE: &str = "straw_response_mode";

struct AnyMode;

impl Weakness for AnyMode {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.site == Site::Server && ask.path == "/authorize" {
                let mut form = ask.parameters();
                let mode = form.get("response_mode").to_owned();
                if !matches!(mode.as_str(), "" | "query" | "form_post") {
                    form.remove("response_mode");
                    form.set(MODE, &mode);
                    ask.set_parameters(&form);
                }
            }
            let waiting = straw.waiting(&ask).await;
            let mut answer = next.run(ask).await;
            let fragment = waiting.is_some_and(|request| request.get(MODE) == "fragment");
            if let Some(location) = answer.location().filter(|to| fragment && !to.starts_with(&straw.issuer)) {
                let location = location.trim_end_matches('#').replacen('?', "#", 1);
                answer.set_header(http::header::LOCATION, &location);
            }
            answer
        })
    }
}
