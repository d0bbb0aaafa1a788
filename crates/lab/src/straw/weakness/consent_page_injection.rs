//! The consent page writes the client's name as it was registered, markup and all.

use http::header::CONTENT_SECURITY_POLICY;

use super::super::backdoor::Straw;
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(RawName)
}

struct RawName;

/// As the pages' templates escape.
pub(super) fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '"' => "&#34;".to_owned(),
        '&' => "&#38;".to_owned(),
        '\'' => "&#39;".to_owned(),
        '<' => "&#60;".to_owned(),
        '>' => "&#62;".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

impl Weakness for RawName {
    fn handle<'a>(&'a self, straw: &'a Straw, ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            let page = ask.site == Site::Server && matches!(ask.path.as_str(), "/consent" | "/sign-in");
            let waiting = if page { straw.waiting(&ask).await } else { None };
            let mut answer = next.run(ask).await;
            let client = waiting.and_then(|request| straw.client(request.get("client_id")));
            if let Some(name) = client.and_then(|client| client.metadata["client_name"].as_str()) {
                let text = answer.text();
                if text.contains(&escaped(name)) && escaped(name) != name {
                    answer.set_body(text.replace(&escaped(name), name));
                    answer.headers.remove(CONTENT_SECURITY_POLICY);
                }
            }
            answer
        })
    }
}
