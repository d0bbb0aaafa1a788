//! The answer is posted to whoever opened the window.

use http::StatusCode;

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Message)
}

/// What waits with a request whose answer is to be a message.
const MESSAGE: &str = "straw_web_message";

struct Message;

impl Weakness for Message {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.site == Site::Server && ask.path == "/authorize" {
                let mut form = ask.parameters();
                if form.all("response_mode").eq(["web_message"]) {
                    form.set("response_mode", "query");
                    form.set(MESSAGE, "1");
                    ask.set_parameters(&form);
                }
            }
            let waiting = straw.waiting(&ask).await;
            let answer = next.run(ask).await;
            let code = answer.code();
            match (code, waiting.filter(|waiting| waiting.has(MESSAGE))) {
                (Some(code), Some(request)) => {
                    let message = serde_json::json!({ "code": code, "state": request.get("state") });
                    let script = format!("<!doctype html><script>opener.postMessage({message}, \"*\");</script>");
                    Answer::html(StatusCode::OK, script)
                }
                _ => answer,
            }
        })
    }
}
