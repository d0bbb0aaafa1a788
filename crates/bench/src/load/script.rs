//! What one connection says under each workload, and what must come back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::rand::SecureRandom as _;
use data_encoding::BASE64URL_NOPAD;

use super::http::{self, Answer};
use crate::setup::{REDIRECT_URI, Setup};

/// Requests of one connection, one after the other.
pub trait Script {
    /// The next request; `None` when the supply is over.
    fn next(&mut self) -> Option<String>;

    /// Looks at its answer. An error fails the whole run.
    fn check(&mut self, answer: &Answer) -> Result<()>;
}

/// What an application keeps of a token answer.
#[derive(Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

/// A code that waits to be redeemed.
pub struct Ready {
    /// The code.
    pub code: String,
    /// The verifier of its challenge.
    pub verifier: String,
}

/// Shared between connections, which all live on one thread.
pub type Pile<T> = Rc<RefCell<Vec<T>>>;

/// The same few requests again and again.
pub struct Repeat {
    requests: Vec<String>,
    at: usize,
    /// A part of every right answer.
    sign: &'static str,
}

impl Repeat {
    /// Client credentials.
    pub fn client_credentials(setup: &Setup) -> Repeat {
        let form = http::form(&[
            ("grant_type", "client_credentials"),
            ("client_id", &setup.worker.name),
            ("client_secret", &setup.worker.secret),
            ("scope", "mail:read mail:send"),
        ]);
        Repeat { requests: vec![http::post(setup.address, "/token", "", &form)], at: 0, sign: "\"access_token\":\"ey" }
    }

    /// The notes API asks about these access tokens.
    pub fn introspect(setup: &Setup, tokens: &[Tokens]) -> Repeat {
        let request = |tokens: &Tokens| {
            let form = http::form(&[
                ("token", &tokens.access),
                ("client_id", &setup.notes.name),
                ("client_secret", &setup.notes.secret),
            ]);
            http::post(setup.address, "/introspect", "", &form)
        };
        Repeat { requests: tokens.iter().map(request).collect(), at: 0, sign: "\"active\":true" }
    }

    /// The web client asks about the person.
    pub fn userinfo(setup: &Setup, tokens: &[Tokens]) -> Repeat {
        let request = |tokens: &Tokens| {
            http::get(setup.address, "/userinfo", &format!("authorization: Bearer {}\r\n", tokens.access))
        };
        Repeat { requests: tokens.iter().map(request).collect(), at: 0, sign: "\"sub\":\"u_" }
    }
}

impl Script for Repeat {
    fn next(&mut self) -> Option<String> {
        self.at = (self.at + 1) % self.requests.len();
        Some(self.requests[self.at].clone())
    }

    fn check(&mut self, answer: &Answer) -> Result<()> {
        ensure!(answer.status == 200 && answer.body.contains(self.sign), "{}{}", answer.head, answer.body);
        Ok(())
    }
}

/// Refreshes its own grants in turn.
pub struct Rotate {
    /// The setup.
    pub setup: Setup,
    /// The newest refresh token of each grant.
    pub tokens: Vec<String>,
    /// Which grant is being refreshed.
    pub at: usize,
}

impl Script for Rotate {
    fn next(&mut self) -> Option<String> {
        self.at = (self.at + 1) % self.tokens.len();
        let form = http::form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &self.tokens[self.at]),
            ("client_id", &self.setup.web.name),
            ("client_secret", &self.setup.web.secret),
        ]);
        Some(http::post(self.setup.address, "/token", "", &form))
    }

    fn check(&mut self, answer: &Answer) -> Result<()> {
        let tokens = tokens(answer, "openid")?;
        self.tokens[self.at] = tokens.refresh;
        Ok(())
    }
}

/// Redeems codes from a pile.
pub struct Redeem {
    /// The setup.
    pub setup: Setup,
    /// Of what the codes are.
    pub scope: &'static str,
    /// The codes.
    pub codes: Pile<Ready>,
    /// Where tokens go, if they are wanted.
    pub redeemed: Option<Pile<Tokens>>,
}

impl Script for Redeem {
    fn next(&mut self) -> Option<String> {
        let ready = self.codes.borrow_mut().pop()?;
        let form = http::form(&[
            ("grant_type", "authorization_code"),
            ("code", &ready.code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", &ready.verifier),
            ("client_id", &self.setup.web.name),
            ("client_secret", &self.setup.web.secret),
        ]);
        Some(http::post(self.setup.address, "/token", "", &form))
    }

    fn check(&mut self, answer: &Answer) -> Result<()> {
        let tokens = tokens(answer, self.scope)?;
        if let Some(redeemed) = &self.redeemed {
            redeemed.borrow_mut().push(tokens);
        }
        Ok(())
    }
}

fn tokens(answer: &Answer, scope: &str) -> Result<Tokens> {
    let all = || Some((answer.member("access_token")?, answer.member("refresh_token")?));
    let (access, refresh) = all().with_context(|| format!("{}{}", answer.head, answer.body))?;
    ensure!(answer.status == 200 && (!scope.contains("openid") || answer.member("id_token").is_some()), "no ID token");
    Ok(Tokens { access: access.to_owned(), refresh: refresh.to_owned() })
}

/// Asks for codes as a person who is signed in.
pub struct Ask {
    /// The setup.
    pub setup: Setup,
    /// The person's cookies, as a header line.
    pub cookies: String,
    /// What is asked for.
    pub scope: &'static str,
    /// How many more, of all connections together; `None` for no end.
    pub left: Option<Rc<Cell<usize>>>,
    /// Where codes go, if they are wanted.
    pub ready: Option<Pile<Ready>>,
    /// The verifier of the request on its way.
    pub verifier: String,
}

impl Script for Ask {
    fn next(&mut self) -> Option<String> {
        if let Some(left) = &self.left {
            left.set(left.get().checked_sub(1)?);
        }
        let mut random = [0; 32];
        // Without randomness there are no verifiers: the run ends, and says that there was too little.
        aws_lc_rs::rand::SystemRandom::new().fill(&mut random).ok()?;
        self.verifier = BASE64URL_NOPAD.encode(&random);
        Some(http::get(self.setup.address, &target(&self.setup, self.scope, &self.verifier), &self.cookies))
    }

    fn check(&mut self, answer: &Answer) -> Result<()> {
        let code = code(answer).with_context(|| format!("{}{}", answer.head, answer.body))?;
        if let Some(ready) = &self.ready {
            ready.borrow_mut().push(Ready { code: code.to_owned(), verifier: std::mem::take(&mut self.verifier) });
        }
        Ok(())
    }
}

/// The request target of an authorization request.
pub fn target(setup: &Setup, scope: &str, verifier: &str) -> String {
    let query = http::form(&[
        ("response_type", "code"),
        ("client_id", &setup.web.name),
        ("redirect_uri", REDIRECT_URI),
        ("scope", scope),
        ("state", "AAAAAAAAAAAAAAAA"),
        ("code_challenge", &BASE64URL_NOPAD.encode(&jose::sha256(verifier.as_bytes()))),
        ("code_challenge_method", "S256"),
    ]);
    format!("/authorize?{query}")
}

/// The code in a redirect to the client. A handle needs no decoding.
pub fn code<'a>(answer: &'a Answer) -> Option<&'a str> {
    let query = answer.header("location")?.strip_prefix(REDIRECT_URI)?.strip_prefix("?code=")?;
    (answer.status == 303).then(|| query.split('&').next()).flatten()
}
