//! A redirect URI is good when it begins with the registered one's origin, or differs from it in small things.

use super::super::backdoor::{Client, Straw};
use super::super::exchange::Ask;
use super::super::layer::{Answering, Next, Weakness};

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(PatternMatch)
}

/// Where the address as presented waits together with the request.
const PRESENTED: &str = "straw_redirect_uri";

struct PatternMatch;

/// The registered address that `presented` is taken for: the comparison is of scheme and host as text, up to no end.
fn taken_for<'a>(client: &'a Client, presented: &str) -> Option<&'a str> {
    let host = |uri: &str| {
        let (scheme, rest) = uri.split_once("://")?;
        let end = rest.find(['/', ':', '?', '#']).unwrap_or(rest.len());
        Some(format!("{scheme}://{}", &rest[..end]))
    };
    if client.redirect_uris().any(|uri| uri == presented) {
        return None;
    }
    client.redirect_uris().find(|uri| host(uri).is_some_and(|host| presented.starts_with(&host)))
}

impl Weakness for PatternMatch {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.path == "/authorize" {
                let mut form = ask.parameters();
                let presented = form.get("redirect_uri").to_owned();
                let client = straw.client(form.get("client_id"));
                if let Some(registered) = client.and_then(|client| taken_for(client, &presented)) {
                    form.set("redirect_uri", registered);
                    form.set(PRESENTED, &presented);
                    ask.set_parameters(&form);
                }
            }
            if ask.is_token_request("authorization_code") {
                let mut form = ask.form();
                let peeked = straw.code(form.get("code")).await;
                let client = straw.claimed_client(&ask);
                if let (Some(peeked), Some(client)) = (peeked, client)
                    && taken_for(client, form.get("redirect_uri")).is_some()
                {
                    form.set("redirect_uri", &peeked.code.redirect_uri);
                    ask.set_form(&form);
                }
            }
            let waiting = straw.waiting(&ask).await;
            let mut answer = next.run(ask).await;
            if let Some(waiting) = waiting.filter(|waiting| waiting.has(PRESENTED)) {
                answer.lead(waiting.get("redirect_uri"), waiting.get(PRESENTED));
            }
            answer
        })
    }
}
