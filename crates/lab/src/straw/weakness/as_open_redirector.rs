//! Errors are reported to the redirect URI before anybody has looked whether it is the client's: always where there is no
//! such client, else where something other than the address is wrong.

use super::super::backdoor::Straw;
use super::super::exchange::{Answer, Ask, Form, Site};
use super::super::layer::Weakness;

pub(super) fn weakness() -> Box<dyn Weakness> {
    Box::new(Redirector)
}

struct Redirector;

/// What is wrong with a request, apart from its redirect URI.
fn wrong(straw: &Straw, form: &Form) -> Option<&'static str> {
    let Some(client) = straw.client(form.get("client_id")) else { return Some("unauthorized_client") };
    let registered = client.metadata["scope"].as_str().unwrap_or_default();
    let in_order = |scope: &str| registered.split(' ').any(|have| have == scope);
    if form.get("response_type") != "code" {
        Some("unsupported_response_type")
    } else if form.has("request") || form.has("request_uri") {
        Some("request_not_supported")
    } else if !form.get("scope").split(' ').all(in_order) {
        Some("invalid_scope")
    } else if form.get("prompt") == "none" {
        Some("login_required")
    } else {
        None
    }
}

impl Weakness for Redirector {
    fn answer(&self, straw: &Straw, ask: &Ask, answer: &mut Answer) {
        if ask.site != Site::Server || ask.path != "/authorize" || answer.location().is_some() {
            return;
        }
        let form = ask.parameters();
        let to = form.get("redirect_uri");
        let web = to.starts_with("https://") || to.starts_with("http://");
        let own = straw.client(form.get("client_id")).is_some_and(|client| client.redirect_uris().any(|uri| uri == to));
        if !web || own {
            return;
        }
        // Errors that go to the client are another matter.
        if straw.client(form.get("client_id")).is_some_and(|client| client.redirect_uris().any(|uri| uri == to)) {
            return;
        }
        if let Some(error) = wrong(straw, &form) {
            let fields = Form::of([("error", error), ("state", form.get("state")), ("iss", &straw.issuer)]);
            let joint = if to.contains('?') { '&' } else { '?' };
            *answer = Answer::redirect(&format!("{to}{joint}{}", fields.encode()));
        }
    }
}
