//! Requests and answers as a weakness sees them: whole, in memory, easy to change.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;
use server::edge::{Peer, Transport};

/// Which of the straw's servers is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The authorization server.
    Server,
    /// The API that checks JWTs by itself.
    Mail,
    /// The API that asks the authorization server about opaque tokens.
    Calendar,
}

/// Names and values of a query or a form, in their order. A name may come more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`. What is not UTF-8 is replaced.
    pub fn parse(bytes: &[u8]) -> Form {
        Form(form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Makes a form of pairs.
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Form {
        Form(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The first value of that name; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(have, _)| have == name).map_or("", |(_, value)| value)
    }

    /// Whether the name is there.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(have, _)| have == name)
    }

    /// All values of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// All pairs.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Puts one value in the place of all of that name, or at the end.
    pub fn set(&mut self, name: &str, value: &str) {
        let at = self.0.iter().position(|(have, _)| have == name).unwrap_or(self.0.len());
        self.remove(name);
        self.0.insert(at.min(self.0.len()), (name.to_owned(), value.to_owned()));
    }

    /// Adds a value at the end.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Takes away all values of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(have, _)| have != name);
    }

    /// Keeps only pairs that `keep` says yes to.
    pub fn retain(&mut self, keep: impl Fn(&str, &str) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// As it travels.
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// To whom.
    pub site: Site,
    /// Its method.
    pub method: Method,
    /// Its path, as received.
    pub path: String,
    /// Its query, as received.
    pub query: Option<String>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// From where it came.
    pub peer: Peer,
}

impl Ask {
    /// A request of the straw's own, from an address that no limit of an outside client counts.
    pub fn own(site: Site, method: Method, path: &str) -> Ask {
        let client = IpAddr::V4(Ipv4Addr::new(127, 77, 77, 77));
        let peer = Peer { socket: SocketAddr::new(client, 1), client, transport: Transport::Plain };
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query.to_owned())));
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Ask { site, method, path: path.to_owned(), query, headers, body, peer }
    }

    /// Whether it is a request to that path of the authorization server.
    pub fn is(&self, method: &Method, path: &str) -> bool {
        self.site == Site::Server && self.method == *method && self.path == path
    }

    /// Whether it is a token request of that grant type.
    pub fn is_token_request(&self, grant_type: &str) -> bool {
        self.is(&Method::POST, "/token") && self.form().get("grant_type") == grant_type
    }

    /// The query.
    pub fn query(&self) -> Form {
        Form::parse(self.query.as_deref().unwrap_or_default().as_bytes())
    }

    /// Replaces the query.
    pub fn set_query(&mut self, query: &Form) {
        self.query = Some(query.encode());
    }

    /// The body as a form.
    pub fn form(&self) -> Form {
        Form::parse(&self.body)
    }

    /// Replaces the body by a form.
    pub fn set_form(&mut self, form: &Form) {
        self.set_header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.headers.remove(header::CONTENT_LENGTH);
        self.headers.remove(header::TRANSFER_ENCODING);
        self.body = Bytes::from(form.encode());
    }

    /// Parameters where this request carries them: the form of a POST, else the query.
    pub fn parameters(&self) -> Form {
        if self.method == Method::POST { self.form() } else { self.query() }
    }

    /// Replaces them there.
    pub fn set_parameters(&mut self, parameters: &Form) {
        if self.method == Method::POST { self.set_form(parameters) } else { self.set_query(parameters) }
    }

    /// A header's first value, if it is text.
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Sets a header in place of all of that name. A value that no header can hold takes them away.
    pub fn set_header(&mut self, name: HeaderName, value: &str) {
        set(&mut self.headers, name, value);
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let texts = self.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(have, _)| *have == name).map(|(_, value)| value)
    }

    /// Sets a cookie in place of all of that name.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        let texts = self.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';')).map(str::trim);
        let other = |pair: &&str| pair.split('=').next() != Some(name) && !pair.is_empty();
        let mut kept: Vec<String> = pairs.filter(other).map(str::to_owned).collect();
        kept.push(format!("{name}={value}"));
        self.set_header(header::COOKIE, &kept.join("; "));
    }

    /// The bearer token in the `Authorization` header.
    pub fn bearer(&self) -> Option<&str> {
        let value = self.header(header::AUTHORIZATION)?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    /// Puts a bearer token there.
    pub fn set_bearer(&mut self, token: &str) {
        self.set_header(header::AUTHORIZATION, &format!("Bearer {token}"));
    }

    /// As the server takes it; nothing where it cannot be said in HTTP.
    pub(super) fn into_request(self) -> Option<Request<Body>> {
        let target = match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path,
        };
        let mut request = Request::builder().method(self.method).uri(target).body(Body::from(self.body)).ok()?;
        *request.headers_mut() = self.headers;
        request.extensions_mut().insert(self.peer);
        Some(request)
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// An answer with JSON, as endpoints give it.
    pub fn json(status: StatusCode, value: &Value) -> Answer {
        let mut answer = Answer { status, headers: HeaderMap::new(), body: Bytes::from(value.to_string()) };
        answer.set_header(header::CONTENT_TYPE, "application/json");
        answer.set_header(header::CACHE_CONTROL, "no-store");
        answer
    }

    /// A page.
    pub fn html(status: StatusCode, text: impl Into<String>) -> Answer {
        let mut answer = Answer { status, headers: HeaderMap::new(), body: Bytes::from(text.into()) };
        answer.set_header(header::CONTENT_TYPE, "text/html; charset=utf-8");
        answer.set_header(header::CACHE_CONTROL, "no-store");
        answer
    }

    /// A 303 to `location`.
    pub fn redirect(location: &str) -> Answer {
        let mut answer = Answer { status: StatusCode::SEE_OTHER, headers: HeaderMap::new(), body: Bytes::new() };
        answer.set_header(header::LOCATION, location);
        answer.set_header(header::CACHE_CONTROL, "no-store");
        answer.set_header(header::REFERRER_POLICY, "no-referrer");
        answer
    }

    /// The body as JSON; null where it is none.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Replaces the body by JSON.
    pub fn set_value(&mut self, value: &Value) {
        self.set_body(value.to_string());
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Replaces the body.
    pub fn set_body(&mut self, body: impl Into<Bytes>) {
        self.headers.remove(header::CONTENT_LENGTH);
        self.body = body.into();
    }

    /// The `error` member of a refusal; empty where there is none.
    pub fn error(&self) -> String {
        self.value()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it gives an access token.
    pub fn gives_token(&self) -> bool {
        self.status.is_success() && self.value()["access_token"].is_string()
    }

    /// A header's first value, if it is text.
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Sets a header in place of all of that name. A value that no header can hold takes them away.
    pub fn set_header(&mut self, name: HeaderName, value: &str) {
        set(&mut self.headers, name, value);
    }

    /// Where it redirects to.
    pub fn location(&self) -> Option<&str> {
        self.header(header::LOCATION)
    }

    /// Parameters in the query of `Location`.
    pub fn location_query(&self) -> Form {
        let url = self.location().and_then(|location| url::Url::parse(location).ok());
        Form::parse(url.as_ref().and_then(url::Url::query).unwrap_or_default().as_bytes())
    }

    /// The authorization code that it brings to the client, in the query of a redirect or in a form for the client.
    pub fn code(&self) -> Option<String> {
        let code = self.location_query().get("code").to_owned();
        if !code.is_empty() {
            return Some(code);
        }
        let text = self.text();
        let (_, after) = text.split_once("name=\"code\" value=\"")?;
        Some(after[..after.find('"')?].to_owned())
    }

    /// The value of a cookie that it sets.
    pub fn sets_cookie(&self, name: &str) -> Option<&str> {
        let texts = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = texts.filter_map(|text| text.split(';').next()?.split_once('='));
        pairs.find(|(have, _)| *have == name).map(|(_, value)| value)
    }

    /// Leads a redirect (or the form of a page that posts to it) from one client address to another; parameters stay.
    pub fn lead(&mut self, from: &str, to: &str) {
        if let Some(rest) = self.location().and_then(|location| location.strip_prefix(from)) {
            let rest = rest.trim_start_matches(['?', '&']);
            let joint = if to.contains('?') { '&' } else { '?' };
            let location = format!("{to}{joint}{rest}");
            self.set_header(header::LOCATION, &location);
        } else if self.header(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
            let text = self.text().replace(&format!("action=\"{from}\""), &format!("action=\"{to}\""));
            self.set_body(text);
        }
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    match HeaderValue::from_bytes(value.as_bytes()) {
        Ok(value) => drop(headers.insert(name, value)),
        Err(_) => drop(headers.remove(name)),
    }
}
