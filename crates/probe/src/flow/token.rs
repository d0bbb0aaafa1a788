//! Requests of the back channel: token, introspection, revocation. Honest as made, and free to be spoiled.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::Value;

use crate::cx::{Cx, Role};
use crate::flow::authorize::AuthorizationRequest;
use crate::http::{Answer, Request};
use crate::params::Params;
use crate::verdict::Stop;

/// Seconds that a server may ask us to wait; asked for more, we give up.
const LONGEST_WAIT: u64 = 16;
/// How often we wait before one answer.
const MOST_WAITS: usize = 4;

/// How a client says who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// By `client_secret_basic` with this id and secret.
    Basic(String, String),
    /// By `client_id` alone, in the body.
    IdOnly,
    /// Not at all.
    Nothing,
    /// As it is registered.
    Own,
    /// By `client_secret_post` with this id and secret.
    Post(String, String),
}

/// A request of the back channel.
#[derive(Debug, Clone)]
pub struct BackRequest {
    /// Metadata name of the endpoint.
    pub endpoint: &'static str,
    /// The client.
    pub client: Role,
    /// Parameters, without those that authenticate.
    pub params: Params,
    /// How the client authenticates.
    pub auth: Auth,
    /// `POST`, unless a case wants otherwise. A GET carries the parameters in the query.
    pub method: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Sent instead of the encoded parameters, byte for byte.
    pub raw_body: Option<String>,
}

/// The answer to a [`BackRequest`].
#[derive(Debug, Clone)]
pub struct BackAnswer {
    /// The HTTP answer.
    pub answer: Answer,
    /// Its body; null if it is no JSON.
    pub json: Value,
}

impl Cx {
    /// A token request with this grant type.
    #[must_use]
    pub fn token(&self, client: &Role, grant_type: &str) -> BackRequest {
        let mut params = Params::default();
        params.also("grant_type", grant_type);
        BackRequest {
            endpoint: "token_endpoint",
            client: client.clone(),
            params,
            auth: Auth::Own,
            method: "POST".into(),
            headers: Vec::new(),
            raw_body: None,
        }
    }

    /// Redeems a code that came in answer to this request.
    #[must_use]
    pub fn redeem(&self, request: &AuthorizationRequest, code: &str) -> BackRequest {
        let mut redeem = self.token(&request.client, "authorization_code").set("code", code);
        if let Some(uri) = request.params.get("redirect_uri") {
            redeem.params.also("redirect_uri", uri);
        }
        redeem.params.also("code_verifier", &request.verifier);
        redeem
    }

    /// Refreshes.
    #[must_use]
    pub fn refresh(&self, client: &Role, refresh_token: &str) -> BackRequest {
        self.token(client, "refresh_token").set("refresh_token", refresh_token)
    }

    /// Asks for a token on the client's own account: the client's scope without what is about a person.
    #[must_use]
    pub fn client_credentials(&self, client: &Role) -> BackRequest {
        const PERSONAL: &[&str] = &["openid", "profile", "email", "address", "phone", "offline_access"];
        let mut request = self.token(client, "client_credentials");
        if let Some(scope) = &client.scope {
            let own: Vec<&str> = scope.split(' ').filter(|word| !PERSONAL.contains(word)).collect();
            if !own.is_empty() {
                request.params.also("scope", own.join(" "));
            }
        }
        if let Some(resource) = &client.resource {
            request.params.also("resource", resource);
        }
        request
    }

    /// Honest tokens of a client: by code if it has a redirect URI, else on its own account.
    ///
    /// # Errors
    /// Inconclusive, with what came instead.
    pub async fn honest_tokens(&self, client: &Role) -> Result<BackAnswer, Stop> {
        let answer = if client.client.redirect_uri.is_some() {
            let request = self.request(client)?;
            let landing = self.authorize(&mut self.person(), &request).await?;
            self.redeem(&request, landing.code()?).send(self).await?
        } else {
            self.client_credentials(client).send(self).await?
        };
        answer.expect("access_token")?;
        Ok(answer)
    }

    /// Asks what a token is worth (RFC 7662).
    #[must_use]
    pub fn introspect(&self, client: &Role, token: &str) -> BackRequest {
        self.about_token("introspection_endpoint", client, token)
    }

    /// Ends a token (RFC 7009).
    #[must_use]
    pub fn revoke(&self, client: &Role, token: &str) -> BackRequest {
        self.about_token("revocation_endpoint", client, token)
    }

    fn about_token(&self, endpoint: &'static str, client: &Role, token: &str) -> BackRequest {
        let mut request = self.token(client, "").set("token", token);
        request.params.unset("grant_type");
        BackRequest { endpoint, ..request }
    }
}

impl BackRequest {
    /// Sets a parameter.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.set(name, value);
        self
    }

    /// Leaves a parameter out.
    #[must_use]
    pub fn unset(mut self, name: &str) -> Self {
        self.params.unset(name);
        self
    }

    /// Adds a parameter once more.
    #[must_use]
    pub fn also(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.also(name, value);
        self
    }

    /// Authenticates otherwise.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Authenticates as another client, in that client's own way.
    #[must_use]
    pub fn as_client(mut self, client: &Role) -> Self {
        self.client = client.clone();
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The HTTP request.
    ///
    /// # Errors
    /// Inconclusive, if the server has no such endpoint or the client's key cannot sign.
    pub fn build(&self, cx: &Cx) -> Result<Request, Stop> {
        let mut url = cx.endpoint(self.endpoint)?;
        let what = match self.endpoint {
            "introspection_endpoint" => "introspection request",
            "revocation_endpoint" => "revocation request",
            _ => "token request",
        };
        let (mut params, mut headers) = (self.params.clone(), self.headers.clone());
        self.authenticate(cx, &mut params, &mut headers)?;
        let body = self.raw_body.clone().unwrap_or_else(|| params.encode());
        let mut request = if self.method == "GET" {
            url.set_query(Some(&body));
            Request::get(what, url)
        } else {
            Request::get(what, url).post("application/x-www-form-urlencoded", body)
        };
        request.method.clone_from(&self.method);
        // A case that brings its own of a header replaces ours.
        request.headers.retain(|(name, _)| !headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
        request.headers.extend(headers);
        Ok(request)
    }

    fn authenticate(&self, cx: &Cx, params: &mut Params, headers: &mut Vec<(String, String)>) -> Result<(), Stop> {
        let secret = self.client.client_secret.clone().unwrap_or_default();
        let own = match self.client.auth_method() {
            "client_secret_basic" => Auth::Basic(self.client.client_id.clone(), secret),
            "client_secret_post" => Auth::Post(self.client.client_id.clone(), secret),
            "private_key_jwt" if self.auth == Auth::Own => {
                params.set("client_id", &self.client.client_id);
                params.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                params.set("client_assertion", cx.assertion(&self.client)?);
                return Ok(());
            }
            _ => Auth::IdOnly,
        };
        match if self.auth == Auth::Own { &own } else { &self.auth } {
            Auth::Basic(id, secret) => {
                let form = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", form(id), form(secret));
                headers.push(("Authorization".into(), format!("Basic {}", BASE64.encode(pair.as_bytes()))));
            }
            Auth::Post(id, secret) => {
                params.set("client_id", id);
                params.set("client_secret", secret);
            }
            Auth::IdOnly => params.set("client_id", &self.client.client_id),
            Auth::Nothing | Auth::Own => {}
        }
        Ok(())
    }

    /// Sends it. Told to wait for some seconds, it waits and asks again: limits that other cases have reached are no answer.
    ///
    /// # Errors
    /// Inconclusive, with the cause, if no HTTP answer came.
    pub async fn send(&self, cx: &Cx) -> Result<BackAnswer, Stop> {
        for _ in 0..MOST_WAITS {
            let back = self.send_once(cx).await?;
            match back.answer.retry_after() {
                Some(seconds) if back.answer.status == 429 && seconds <= LONGEST_WAIT => {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                _ => return Ok(back),
            }
        }
        self.send_once(cx).await
    }

    /// Sends it, and takes "wait" for an answer.
    ///
    /// # Errors
    /// Inconclusive, with the cause, if no HTTP answer came.
    pub async fn send_once(&self, cx: &Cx) -> Result<BackAnswer, Stop> {
        let answer = cx.send(&self.build(cx)?).await?;
        let json = answer.json();
        Ok(BackAnswer { answer, json })
    }
}

impl BackAnswer {
    /// The words that case files use: `tokens`, `active`, `inactive`, `done`, `error:…`, `refused`, `trouble` (a server
    /// error or 429).
    #[must_use]
    pub fn outcome(&self) -> String {
        match self.answer.status {
            200..300 => {
                if ["access_token", "refresh_token", "id_token"].iter().any(|name| self.json[name].is_string()) {
                    "tokens".into()
                } else {
                    match (self.json["active"].as_bool(), self.json["error"].as_str()) {
                        (Some(true), _) => "active".into(),
                        (Some(false), _) => "inactive".into(),
                        (None, Some(error)) => format!("error:{error}"),
                        (None, None) => "done".into(),
                    }
                }
            }
            429 | 500.. => "trouble".into(),
            _ => match self.json["error"].as_str() {
                Some(error) => format!("error:{error}"),
                None => "refused".into(),
            },
        }
    }

    /// Whether tokens came.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        self.outcome() == "tokens"
    }

    /// Whether it was refused cleanly.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        let outcome = self.outcome();
        outcome == "refused" || outcome.starts_with("error:")
    }

    /// One member that is a string.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&str> {
        self.json[name].as_str()
    }

    /// A token of an honest answer: a control.
    ///
    /// # Errors
    /// Inconclusive, with what came instead.
    pub fn expect(&self, name: &str) -> Result<&str, Stop> {
        self.member(name).ok_or_else(|| {
            Stop::inconclusive(format!("the honest request brought no {name}, but {} (status {})", self.outcome(), self.answer.status))
        })
    }
}
