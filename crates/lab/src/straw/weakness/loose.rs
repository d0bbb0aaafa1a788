//! What loose comparisons of redirect URIs have in common: the presented address is replaced by a registered one on the way
//! in, waits with the request, and takes its place again on the way out.

use super::super::backdoor::{Client, Straw};
use super::super::exchange::{Ask, Site};
use super::super::layer::{Answering, Next, Weakness};

/// Where the address as presented waits together with the request.
const PRESENTED: &str = "straw_redirect_uri";

/// A comparison: the registered address that a presented one is taken for. Exact matches are none of its business.
pub(super) type TakenFor = for<'a> fn(&'a Client, &str) -> Option<&'a str>;

/// A server with that comparison.
pub(super) struct Loose(pub(super) TakenFor);

impl Loose {
    fn taken_for<'a>(&self, client: &'a Client, presented: &str) -> Option<&'a str> {
        if client.redirect_uris().any(|uri| uri == presented) { None } else { (self.0)(client, presented) }
    }

    fn inward(&self, straw: &Straw, ask: &mut Ask) {
        let mut form = ask.parameters();
        let presented = form.get("redirect_uri").to_owned();
        let client = straw.client(form.get("client_id"));
        if let Some(registered) = client.and_then(|client| self.taken_for(client, &presented)) {
            form.set("redirect_uri", registered);
            form.set(PRESENTED, &presented);
            ask.set_parameters(&form);
        }
    }

    /// At redemption the address has to be the one of the request, in its presented spelling.
    async fn redeemed(&self, straw: &Straw, ask: &mut Ask) {
        let mut form = ask.form();
        let (peeked, client) = (straw.code(form.get("code")).await, straw.claimed_client(ask));
        if let (Some(peeked), Some(client)) = (peeked, client)
            && self.taken_for(client, form.get("redirect_uri")).is_some()
        {
            form.set("redirect_uri", &peeked.code.redirect_uri);
            ask.set_form(&form);
        }
    }
}

impl Weakness for Loose {
    fn handle<'a>(&'a self, straw: &'a Straw, mut ask: Ask, next: Next<'a>) -> Answering<'a> {
        Box::pin(async move {
            if ask.site == Site::Server && ask.path == "/authorize" {
                self.inward(straw, &mut ask);
            } else if ask.is_token_request("authorization_code") {
                self.redeemed(straw, &mut ask).await;
            }
            let waiting = straw.waiting(&ask).await;
            let mut answer = next.run(ask).await;
            if let Some(waiting) = waiting.filter(|waiting| waiting.has(PRESENTED)) {
                answer.lead(waiting.get("redirect_uri"), &sendable(waiting.get(PRESENTED)));
            }
            answer
        })
    }
}

/// What a header can hold of it.
fn sendable(uri: &str) -> String {
    uri.chars().map(|c| if c.is_control() { format!("%{:02X}", u32::from(c)) } else { c.to_string() }).collect()
}
