//! Whatever a straw lies about, honest people and clients get on with it: else the controls of the probe would fail, and a
//! weakness would be seen in nothing.

use std::collections::BTreeMap;

use client::{HyperTransport, Transport};
use http::{Method, Request, StatusCode, header};
use lab::straw::backdoor::challenge_of;
use lab::straw::exchange::{Answer, Ask, Form, Site};
use lab::straw::{Options, Running, start, weakness};

/// A browser of one site: cookies, no script.
struct Browser<'a> {
    straw: &'a Running,
    cookies: BTreeMap<String, String>,
}

impl Browser<'_> {
    async fn send(&mut self, mut ask: Ask) -> Answer {
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            ask.set_header(header::COOKIE, &pairs.join("; "));
        }
        let origin = if ask.site == Site::Mail { &self.straw.straw.mail } else { &self.straw.straw.issuer };
        let query = ask.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let mut request = Request::builder().method(ask.method).uri(format!("{origin}{}{query}", ask.path));
        *request.headers_mut().expect("an address") = ask.headers;
        let request = request.body(ask.body).expect("a request");
        let response = HyperTransport::loopback_only().send(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("text").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Answer { status: head.status, headers: head.headers, body }
    }

    /// Follows a redirect to a page of the server.
    async fn page(&mut self, answer: &Answer) -> String {
        let location = answer.location().unwrap_or_default();
        let path = location.strip_prefix(&self.straw.straw.issuer).unwrap_or_else(|| panic!("a page: {answer:?}"));
        let page = self.send(Ask::own(Site::Server, Method::GET, path)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        page.text()
    }

    async fn post(&mut self, path: &str, form: &Form) -> Answer {
        let mut ask = Ask::own(Site::Server, Method::POST, path);
        ask.set_form(form);
        self.send(ask).await
    }
}

fn fields<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let beginning = format!("name=\"{name}\" value=\"");
    page.split(beginning.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// A person's first flow with a client, and everything that the client does with what it got.
async fn story(straw: &Running, role: &str, scope: &str) {
    let inside = &straw.straw;
    let (client, ada) = (inside.role(role).expect("a role"), &inside.people[0]);
    let mut browser = Browser { straw, cookies: BTreeMap::new() };
    let (verifier, redirect_uri) = (inside.random(), client.redirect_uris().next().expect("an address"));
    let request = Form::of([
        ("response_type", "code"),
        ("client_id", client.id()),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("state", "the state"),
        ("nonce", "the nonce"),
        ("code_challenge", &challenge_of(&verifier)),
        ("code_challenge_method", "S256"),
    ]);
    let answer = browser.send(Ask::own(Site::Server, Method::GET, &format!("/authorize?{}", request.encode()))).await;
    let page = browser.page(&answer).await;
    let mut form = Form::of([("username", &ada.username), ("password", ada.password.expose())]);
    ["request", "csrf"].iter().for_each(|name| form.push(name, fields(&page, name)[0]));
    let answer = browser.post("/sign-in", &form).await;
    let page = browser.page(&answer).await;
    let mut form = Form::of([("decision", "allow")]);
    ["request", "csrf"].iter().for_each(|name| form.push(name, fields(&page, name)[0]));
    fields(&page, "scope").iter().for_each(|scope| form.push("scope", scope));
    let answer = browser.post("/consent", &form).await;
    assert!(answer.location().is_some_and(|to| to.starts_with(redirect_uri)), "{answer:?}");
    let back = answer.location_query();
    assert_eq!((back.get("state"), back.get("iss")), ("the state", inside.issuer.as_str()));

    let mut client_browser = Browser { straw, cookies: BTreeMap::new() };
    let mut redeem = Ask::own(Site::Server, Method::POST, "/token");
    redeem.set_form(&Form::of([
        ("grant_type", "authorization_code"),
        ("code", back.get("code")),
        ("redirect_uri", redirect_uri),
        ("code_verifier", &verifier),
    ]));
    inside.authenticate(&mut redeem, client);
    let tokens = client_browser.send(redeem).await;
    assert!(tokens.gives_token(), "{}", tokens.text());
    let mut refresh = Ask::own(Site::Server, Method::POST, "/token");
    let token = tokens.value()["refresh_token"].as_str().expect("a refresh token").to_owned();
    refresh.set_form(&Form::of([("grant_type", "refresh_token"), ("refresh_token", &token)]));
    inside.authenticate(&mut refresh, client);
    let refreshed = client_browser.send(refresh).await;
    assert!(refreshed.gives_token(), "{}", refreshed.text());

    for answer in [&tokens, &refreshed] {
        let token = answer.value()["access_token"].as_str().expect("a token").to_owned();
        let mut call = Ask::own(Site::Mail, Method::GET, "/messages");
        call.set_bearer(&token);
        assert_eq!(client_browser.send(call).await.status, StatusCode::OK);
        let mut introspect = Ask::own(Site::Server, Method::POST, "/introspect");
        introspect.set_form(&Form::of([("token", &token)]));
        inside.authenticate(&mut introspect, inside.role("api").expect("a role"));
        assert_eq!(client_browser.send(introspect).await.value()["active"], true);
    }
}

#[tokio::test]
async fn honest_people_get_on_with_a_clean_straw() {
    let straw = start(&Options::default()).await.expect("a straw");
    story(&straw, "web", "openid email mail:read").await;
    story(&straw, "native", "openid mail:read").await;
    story(&straw, "key", "mail:read").await;
}

#[tokio::test]
async fn honest_people_get_on_with_every_liar() {
    for row in weakness::TABLE {
        println!("{}", row.threat);
        let straw = start(&Options { weak: vec![row], ..Options::default() }).await.expect("a straw");
        story(&straw, "web", "openid email mail:read").await;
        story(&straw, "native", "openid mail:read").await;
    }
}
