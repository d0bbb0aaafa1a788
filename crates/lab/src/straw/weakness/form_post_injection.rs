//! Pages write text of the request as it came: what the client is posted, and what an error is about.

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};
use super::consent_page_injection::escaped;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(RawText)
}

struct RawText;

const REFLECTED: [&str; 6] = ["client_id", "login_hint", "response_type", "scope", "state", "ui_locales"];

impl Weakness for RawText {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let waiting = if ask.site == Site::Server { straw.waiting(&ask).await } else { None };
            let mut answer = next.run(ask).await;
            let page = answer.header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
            let Some(request) = waiting.filter(|_| page) else { return answer };
            let mut text = answer.text();
            for name in REFLECTED {
                let value = request.get(name);
                if escaped(value) == value {
                    continue;
                }
                text = if answer.status.is_success() {
                    text.replace(&escaped(value), value)
                } else {
                    text.replacen("</h1>", &format!("</h1>\n<p>{name}: {value}</p>"), 1)
                };
            }
            if text != answer.text() {
                answer.headers.remove(CONTENT_SECURITY_POLICY);
                answer.set_body(text);
            }
            answer
        })
    }
}
