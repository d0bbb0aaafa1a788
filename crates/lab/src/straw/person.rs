//! What people do inside a straw: sign in without a password, agree to everything at once, and so get fresh codes and tokens
//! for a weakness to hand out.

use anyhow::{Context, Result, anyhow, bail};
use http::{Method, StatusCode, header};
use jose::UnixTime;
use protocol::handle::{HandleKind, Id, NewHandle};
use protocol::oidc::{ACR_PASSWORD, AMR_PASSWORD};
use protocol::record::{Authentication, GrantRecord, SessionRecord};

use super::backdoor::{Straw, challenge_of};
use super::exchange::{Answer, Ask, Form, Site};

/// What a flow inside the straw is for. Empty members are left to the server.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Which client.
    pub client_id: String,
    /// Whose rights; the person inside where empty.
    pub subject: String,
    /// Which scope.
    pub scope: String,
    /// At which resources.
    pub resources: Vec<String>,
    /// For the ID token.
    pub nonce: Option<String>,
}

impl Wanted {
    /// What a grant gave, to be given again.
    pub fn again(grant: &GrantRecord) -> Wanted {
        Wanted {
            client_id: grant.client_id.clone(),
            subject: grant.subject.clone(),
            scope: grant.scope.as_str().to_owned(),
            resources: grant.resources.clone(),
            nonce: None,
        }
    }

    /// The same, with a nonce.
    pub fn nonce(mut self, nonce: Option<&str>) -> Wanted {
        self.nonce = nonce.map(str::to_owned);
        self
    }
}

/// A code of a flow inside, and what its redemption needs.
#[derive(Clone, Debug)]
pub struct FreshCode {
    /// The code.
    pub code: String,
    /// Its PKCE verifier.
    pub verifier: String,
    /// The redirect URI of the request.
    pub redirect_uri: String,
    /// The client.
    pub client_id: String,
}

impl Straw {
    /// The value of a session cookie for that person, signed in just now.
    pub async fn session(&self, subject: &str) -> Result<String> {
        let user = self.app.ledger.user_by_subject(subject).await?.context("no such person")?;
        let (millis, now) = (self.app.clock.now_millis(), self.now());
        let random: [u8; 32] = self.app.entropy.bytes()?;
        let handle = NewHandle::mint(HandleKind::Session, Id(self.app.entropy.next_id(millis)), &random);
        let session = SessionRecord {
            id: handle.id(),
            hash: handle.hash(),
            subject: user.subject,
            username: user.username,
            authentication: Authentication {
                time: now,
                acr: ACR_PASSWORD.to_owned(),
                amr: vec![AMR_PASSWORD.to_owned()],
                session: handle.id(),
            },
            expires: UnixTime(now.0 + 3600),
        };
        if !self.app.ledger.put_session(session, &user.password).await? {
            bail!("the session did not begin");
        }
        Ok(handle.into_value().expose().clone())
    }

    /// An honest flow up to the code: the person signs in and agrees to everything.
    pub async fn fresh_code(&self, wanted: &Wanted) -> Result<FreshCode> {
        let client = self.client(&wanted.client_id).context("no such client")?;
        let redirect_uri = client.redirect_uris().next().context("the client has no redirect URI")?.to_owned();
        let verifier = self.random();
        let mut request = Form::of([
            ("response_type", "code"),
            ("client_id", client.id()),
            ("redirect_uri", &redirect_uri),
            ("code_challenge", &challenge_of(&verifier)),
            ("code_challenge_method", "S256"),
            ("state", &self.random()),
        ]);
        if !wanted.scope.is_empty() {
            request.push("scope", &wanted.scope);
        }
        if let Some(nonce) = &wanted.nonce {
            request.push("nonce", nonce);
        }
        wanted.resources.iter().for_each(|resource| request.push("resource", resource));
        let code = self.agree(&request, &wanted.subject).await?;
        Ok(FreshCode { code, verifier, redirect_uri, client_id: wanted.client_id.clone() })
    }

    /// Takes an authorization request through the pages as that person, and gives the code.
    pub async fn agree(&self, request: &Form, subject: &str) -> Result<String> {
        let inside = self.people.iter().find(|person| person.role.is_empty()).context("nobody is inside")?;
        let subject = if subject.is_empty() { &inside.subject } else { subject };
        let mut ask = Ask::own(Site::Server, Method::GET, &format!("/authorize?{}", request.encode()));
        ask.set_header(header::HOST, self.issuer.trim_start_matches("http://"));
        ask.set_cookie("__Host-session", &self.session(subject).await?);
        let answer = self.walk(ask).await;
        answer.code().ok_or_else(|| anyhow!("refused: {} {}", answer.status, answer.location().unwrap_or_default()))
    }

    /// Goes through the pages in the browser that sent `ask`, presses "allow" on a consent page at once with everything
    /// ticked, and gives the answer that leads elsewhere: to the client, to the sign-in page, or nowhere. It brings the
    /// cookies that were set on the way.
    pub async fn walk(&self, mut ask: Ask) -> Answer {
        let mut set = Vec::new();
        let (headers, peer) = (ask.headers.clone(), ask.peer);
        let mut cookies: Vec<String> = ask.header(header::COOKIE).map(str::to_owned).into_iter().collect();
        // Three pages at most: the request, the consent page, its form.
        for _ in 0..3 {
            let mut answer = self.honest(ask).await;
            set.extend(answer.headers.get_all(header::SET_COOKIE).iter().cloned());
            let pair = |value: &http::HeaderValue| Some(value.to_str().ok()?.split(';').next()?.to_owned());
            cookies.extend(answer.headers.get_all(header::SET_COOKIE).iter().filter_map(pair));
            let consent = answer.location().and_then(|to| to.strip_prefix(&self.issuer)?.strip_prefix("/consent?"));
            let next = match consent {
                Some(query) => Some(Ask::own(Site::Server, Method::GET, &format!("/consent?{query}"))),
                None => allow(&answer.text()),
            };
            let Some(next) = next else {
                answer.headers.remove(header::SET_COOKIE);
                for value in set {
                    answer.headers.append(header::SET_COOKIE, value);
                }
                return answer;
            };
            ask = next;
            ask.peer = peer;
            if let Some(host) = headers.get(header::HOST) {
                ask.headers.insert(header::HOST, host.clone());
            }
            ask.set_header(header::COOKIE, &cookies.join("; "));
        }
        Answer::html(StatusCode::INTERNAL_SERVER_ERROR, "straw: the pages do not end")
    }

    /// Redeems a code of the inside at the honest token endpoint.
    pub async fn redeem(&self, code: &FreshCode) -> Result<Answer> {
        let client = self.client(&code.client_id).context("no such client")?;
        let mut ask = Ask::own(Site::Server, Method::POST, "/token");
        ask.set_form(&Form::of([
            ("grant_type", "authorization_code"),
            ("code", &code.code),
            ("redirect_uri", &code.redirect_uri),
            ("code_verifier", &code.verifier),
        ]));
        self.authenticate(&mut ask, client);
        Ok(self.honest(ask).await)
    }

    /// A whole honest flow inside: what the token endpoint answers to it. A failure is an answer, too: a 500 that says why,
    /// so that a weakness that does not work shows as one.
    pub async fn fresh_tokens(&self, wanted: &Wanted) -> Answer {
        let made = async { self.redeem(&self.fresh_code(wanted).await?).await };
        made.await.unwrap_or_else(|error| {
            let why = serde_json::json!({ "error": "server_error", "error_description": format!("straw: {error:#}") });
            Answer::json(StatusCode::INTERNAL_SERVER_ERROR, &why)
        })
    }
}

/// The value of a hidden field, or of a box, in a page of the server.
fn values<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    html.split("<input").skip(1).filter_map(move |rest| {
        let tag = &rest[..rest.find('>')?];
        let attribute = |name: &str| {
            let (_, after) = tag.split_once(&format!(" {name}=\""))?;
            Some(&after[..after.find('"')?])
        };
        (attribute("name") == Some(name)).then(|| attribute("value")).flatten()
    })
}

/// The press of "allow", with everything ticked, if this is a consent page.
fn allow(html: &str) -> Option<Ask> {
    let page = html.split_once("action=\"/consent\" id=\"consent\"")?.1;
    let mut form = Form::of([("decision", "allow")]);
    for name in ["request", "csrf"] {
        form.push(name, values(page, name).next()?);
    }
    values(page, "scope").for_each(|scope| form.push("scope", scope));
    let mut ask = Ask::own(Site::Server, Method::POST, "/consent");
    ask.set_form(&form);
    Some(ask)
}
