//! A device, and the person who approves it.

use std::collections::BTreeSet;

use url::Url;

use crate::cx::{Cx, Role};
use crate::flow::landing::Landing;
use crate::flow::person::{Intent, Person};
use crate::flow::token::{BackAnswer, BackRequest};
use crate::http::{Answer, Request};
use crate::person::form::Changes;
use crate::person::page::{ControlKind, Form};
use crate::person::{FormRequest, Page};
use crate::verdict::Stop;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a device got to begin with.
#[derive(Debug, Clone)]
pub(super) struct Started {
    pub(super) client: Role,
    pub(super) device_code: String,
    pub(super) user_code: String,
    pub(super) page: Url,
    pub(super) link: Option<Url>,
    pub(super) seconds: u64,
    pub(super) interval: u64,
}

/// The request that starts the flow (RFC 8628 section 3.1).
pub(super) fn start_request(cx: &Cx, client: &Role) -> BackRequest {
    let mut request = cx.token(client, "");
    request.endpoint = "device_authorization_endpoint";
    request.params.unset("grant_type");
    match &client.scope {
        Some(scope) => request.set("scope", scope),
        None => request,
    }
}

/// Starts the flow.
///
/// # Errors
/// Inconclusive, with what came instead.
pub(super) async fn start(cx: &Cx, client: &Role) -> Result<Started, Stop> {
    let answer = start_request(cx, client).send(cx).await?;
    let url = |name: &str| answer.member(name).and_then(|url| Url::parse(url).ok());
    Ok(Started {
        client: client.clone(),
        device_code: answer.expect("device_code")?.to_owned(),
        user_code: answer.expect("user_code")?.to_owned(),
        page: url("verification_uri").ok_or_else(|| Stop::inconclusive("the answer has no verification_uri"))?,
        link: url("verification_uri_complete"),
        seconds: answer.json["expires_in"].as_u64().unwrap_or_default(),
        interval: answer.json["interval"].as_u64().unwrap_or(5),
    })
}

impl Started {
    /// The device's question whether somebody has approved it.
    pub(super) fn poll(&self, cx: &Cx) -> BackRequest {
        cx.token(&self.client, GRANT).set("device_code", &self.device_code)
    }

    /// Waits as long as the server wants, and asks.
    pub(super) async fn poll_politely(&self, cx: &Cx) -> Result<BackAnswer, Stop> {
        tokio::time::sleep(std::time::Duration::from_secs(self.interval.min(10))).await;
        self.poll(cx).send(cx).await
    }
}

/// Fingers on the pages of the verification: writes the code, presses what is not a refusal, until nothing is left to press.
///
/// # Errors
/// Inconclusive, if a page leads nowhere.
pub(super) async fn approve(cx: &Cx, person: &mut Person, started: &Started) -> Result<(), Stop> {
    let mut next = Request::get("verification page", started.page.clone());
    let mut seen = BTreeSet::new();
    for _ in 0..8 {
        let landing = cx.walk_from(person, next, &[], Intent::Allow).await?;
        let Landing::Page { url, answer, .. } = &landing else { return Ok(()) };
        let page = Page::read(url, answer.status, &answer.text());
        if !seen.insert(page.fingerprint() + &page.text) {
            return Ok(());
        }
        match enter(&page, &started.user_code) {
            Some(form) => next = request_of(form, url),
            None => return Ok(()),
        }
    }
    Ok(())
}

/// The page's form with the code in its field and its button pressed.
pub(super) fn enter(page: &Page, user_code: &str) -> Option<FormRequest> {
    page.forms.iter().find_map(|form| {
        let field = form
            .controls
            .iter()
            .position(|control| control.kind == ControlKind::Text && control.visible && !control.readonly);
        let mut changes = Changes::default();
        if let Some(field) = field {
            changes.written.insert(field, user_code.to_owned());
        }
        let button = press(form);
        if field.is_none() && button.is_none() {
            return None;
        }
        form.request(&changes, button).ok()
    })
}

/// The first button that does not decline.
fn press(form: &Form) -> Option<usize> {
    let declines = |label: &str| {
        let label = label.to_lowercase();
        ["abort", "cancel", "deny", "decline", "reject", "no"]
            .iter()
            .any(|word| label.split(|sign: char| !sign.is_alphanumeric()).any(|found| found == *word))
    };
    form.buttons().find(|(_, button)| button.kind.sends() && !declines(&button.label)).map(|(place, _)| place)
}

/// What the browser sends for it.
pub(super) fn request_of(form: FormRequest, from: &Url) -> Request {
    let request = Request::get("form of the verification page", form.url);
    match form.content_type {
        Some(kind) => request.post(&kind, form.body).header("Origin", from.origin().ascii_serialization()),
        None => request,
    }
}

/// Opens a page in the browser of somebody who is signed in already, following redirects within the server.
///
/// # Errors
/// Inconclusive, if there is no end.
pub(super) async fn open(cx: &Cx, person: &mut Person, url: &Url) -> Result<(Url, Answer), Stop> {
    let mut next = Request::get("verification page", url.clone());
    for _ in 0..10 {
        let at = next.url.clone();
        let answer = cx.browse(person, next).await?;
        let to =
            answer.header("location").filter(|_| (300..400).contains(&answer.status)).and_then(|to| at.join(to).ok());
        match to.filter(|to| cx.http.is_inside(to)) {
            Some(to) => next = Request::get("redirect", to),
            None => return Ok((at, answer)),
        }
    }
    Err(Stop::inconclusive("the verification page leads in circles"))
}

/// Random bits of codes like these at most: by their shortest length and the signs that occur in them. Signs that never
/// differ, like a dash in the middle, count for nothing.
pub(super) fn bits(codes: &[String]) -> f64 {
    let Some(length) = codes.iter().map(|code| code.chars().count()).min() else { return 0.0 };
    let varies = |place: usize| codes.iter().map(|code| code.chars().nth(place)).collect::<BTreeSet<_>>().len() > 1;
    let places = (0..length).filter(|place| varies(*place)).count();
    let has = |kind: fn(&char) -> bool| codes.iter().any(|code| code.chars().any(|sign| kind(&sign)));
    let kinds: [(fn(&char) -> bool, f64); 4] = [
        (|sign| sign.is_ascii_digit(), 10.0),
        (|sign| sign.is_ascii_lowercase(), 26.0),
        (|sign| sign.is_ascii_uppercase(), 26.0),
        (|sign| *sign == '-' || *sign == '_', 2.0),
    ];
    let alphabet: f64 = kinds.iter().filter(|(kind, _)| has(*kind)).map(|(_, size)| size).sum();
    // An upper bound by kinds of signs, or the signs that were really seen, if so many codes would have shown more.
    let seen: BTreeSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
    let enough = places * codes.len() >= 4 * seen.len();
    let size = if enough { alphabet.min(seen.len() as f64 * 1.05) } else { alphabet };
    places as f64 * size.max(1.0).log2()
}

#[cfg(test)]
mod tests {
    use super::bits;

    #[test]
    fn bits_come_from_what_differs() {
        let codes: Vec<String> = ["1111-2222", "1111-3333", "1111-4544"].map(str::to_owned).into();
        assert!((bits(&codes) - 4.0 * 12f64.log2()).abs() < 4.0, "{}", bits(&codes));
        let same = vec!["AAAA".to_owned(); 5];
        assert!(bits(&same) < 0.1);
        let long: Vec<String> = (0..10).map(|_| crate::cx::random()).collect();
        assert!(bits(&long) > 200.0);
    }
}
