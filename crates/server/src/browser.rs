//! The person's browser: its cookies, its forms, and what ties a waiting request to it.

use axum::http::{HeaderMap, HeaderValue, header};
use protocol::handle::{Draw, HandleKind, Id, NewHandle, PresentedHandle};
use protocol::rules::{Refusal, Rule};

use crate::call::{Call, Drawing};
use crate::entropy::Entropy;

/// The session cookie.
pub const SESSION: &str = "__Host-session";
/// The cookie that a browser keeps while it has requests waiting.
pub const BROWSER: &str = "__Host-browser";

/// A browser that holds a secret of ours.
pub struct Browser {
    handle: PresentedHandle,
    value: String,
    new: bool,
}

impl Browser {
    /// The browser that sent this request, if it holds a secret already.
    pub fn of(call: &Call) -> Option<Browser> {
        let value = cookie(&call.headers, BROWSER).ok()??;
        let handle = PresentedHandle::parse(HandleKind::Browser, &value)?;
        Some(Browser { handle, value, new: false })
    }

    /// The browser that sent this request, with a new secret if it had none.
    pub fn of_or_new(call: &Call, entropy: &Entropy) -> Browser {
        Browser::of(call).unwrap_or_else(|| {
            let mut draw = Drawing::new(entropy, call.millis);
            let made = NewHandle::mint(HandleKind::Browser, draw.id(), &draw.secret());
            let value = made.into_value().expose().clone();
            let handle = PresentedHandle::parse(HandleKind::Browser, &value).expect("a handle that was just made");
            Browser { handle, value, new: true }
        })
    }

    /// What the store keeps to know it again.
    pub fn hash(&self) -> protocol::handle::SecretHash {
        *self.handle.hash()
    }

    /// Gives a new secret to the browser.
    pub fn set_cookie(&self, headers: &mut HeaderMap) {
        if self.new {
            set(headers, BROWSER, &self.value);
        }
    }

    /// A token for one form: only who holds the browser's secret can make it, and it fits one page, one request and one
    /// session.
    pub fn csrf(&self, page: &str, request: Id, session: Option<Id>) -> String {
        // defends: consent-forgery, consent-transaction-swap, login-session-fixation
        let session = session.unwrap_or(Id::NONE);
        let text = format!("{}\n{page}\n{request}\n{session}", self.value);
        data_encoding::BASE64URL_NOPAD.encode(&jose::sha256(text.as_bytes()))
    }
}

/// A cookie came twice: somebody has planted one of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Planted;

/// The session that the browser claims to have.
pub fn presented_session(headers: &HeaderMap) -> Result<Option<PresentedHandle>, Planted> {
    Ok(cookie(headers, SESSION)?.and_then(|value| PresentedHandle::parse(HandleKind::Session, &value)))
}

/// Reads a cookie. One that comes twice is not believed.  defends: login-session-fixation
fn cookie(headers: &HeaderMap, name: &str) -> Result<Option<String>, Planted> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut values = texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(have, value)| (have == name).then_some(value));
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(str::to_owned)),
        (_, Some(_)) => Err(Planted),
    }
}

/// Sets a cookie that only this origin gets, only over a secure channel, never to a script.
pub fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    // `__Host-`: no other host and no plain-http page can plant it.  defends: login-session-fixation
    put(headers, &format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"));
}

/// Takes a cookie away.
pub fn clear(headers: &mut HeaderMap, name: &str) {
    put(headers, &format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
}

fn put(headers: &mut HeaderMap, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Refuses a page inside a frame, as far as the browser tells. The headers of the page forbid it, too.
pub fn not_framed(call: &Call) -> Result<(), Refusal> {
    // defends: clickjacking
    match call.sole_header(header::HeaderName::from_static("sec-fetch-dest")) {
        Some(b"iframe" | b"frame" | b"embed" | b"object" | b"fencedframe") => Err(Rule::PageFramed.refuse()),
        _ => Ok(()),
    }
}

/// Refuses a form that another site posted, as far as the browser tells. The form's own token decides the rest.
pub fn same_origin(call: &Call, origin: &str) -> Result<(), Refusal> {
    // With `no-referrer` our own forms arrive with `Origin: null`, so only a foreign origin tells anything.
    // defends: consent-forgery
    let site = call.sole_header(header::HeaderName::from_static("sec-fetch-site"));
    let foreign_site = site.is_some_and(|site| site != b"same-origin" && site != b"none");
    let from = call.sole_header(header::ORIGIN);
    let foreign_origin = from.is_some_and(|from| from != b"null" && from != origin.as_bytes());
    if foreign_site || foreign_origin { Err(Rule::FormForged.refuse()) } else { Ok(()) }
}

/// A form that one of our own pages sent.
pub struct PageForm(Vec<(String, String)>);

impl PageForm {
    /// Reads a form body; more than a page of ours can send is refused.
    pub fn parse(body: &[u8]) -> Result<PageForm, Refusal> {
        if body.len() > 16 * 1024 {
            return Err(Rule::RequestTooLarge.refuse());
        }
        let pairs: Vec<_> = form_urlencoded::parse(body)
            .take(128)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Ok(PageForm(pairs))
    }

    /// A field that is there once.
    pub fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut all = self.all(name);
        let first = all.next();
        if all.next().is_some() { None } else { first }
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_str(cookie).expect("a header"));
        }
        headers
    }

    #[test]
    fn login_session_fixation_a_cookie_that_comes_twice_is_not_believed() {
        assert_eq!(cookie(&headers(&["a=1; __Host-session=x", "b=2"]), SESSION), Ok(Some("x".to_owned())));
        assert_eq!(cookie(&headers(&["__Host-session=x; __Host-session=y"]), SESSION), Err(Planted));
        assert_eq!(cookie(&headers(&["__Host-session=x", "__Host-session=x"]), SESSION), Err(Planted));
        assert_eq!(cookie(&headers(&["__host-session=x", "__Host-sessionx=y"]), SESSION), Ok(None));
    }
}
