//! An authorization request: honest as made, and free to be spoiled.

use data_encoding::BASE64URL_NOPAD;
use url::Url;

use crate::cx::{Cx, Role, random};
use crate::http::Request;
use crate::params::Params;
use crate::verdict::Stop;

/// `S256` of a verifier (RFC 7636 section 4.2).
#[must_use]
pub fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes()).as_ref())
}

/// An authorization request and what its client remembers of it.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// The client.
    pub client: Role,
    /// The parameters, in the order in which they are sent.
    pub params: Params,
    /// The verifier behind the honest challenge.
    pub verifier: String,
    /// `GET` or `POST`.
    pub method: String,
    /// Sent instead of the parameters, byte for byte, when a library's encoding would get in the way.
    pub raw_query: Option<String>,
    /// Further headers of the first request.
    pub headers: Vec<(String, String)>,
}

impl Cx {
    /// The honest request of a client: code flow, PKCE, state, nonce, its own redirect URI and scope.
    ///
    /// # Errors
    /// Inconclusive, if the client has no redirect URI.
    pub fn request(&self, client: &Role) -> Result<AuthorizationRequest, Stop> {
        let (verifier, state, nonce) = (random(), random(), random());
        let mut params = Params::default();
        params.also("response_type", "code");
        params.also("client_id", &client.client_id);
        params.also("redirect_uri", client.redirect_uri()?);
        if let Some(scope) = &client.scope {
            params.also("scope", scope);
        }
        if let Some(resource) = &client.resource {
            params.also("resource", resource);
        }
        params.also("state", state);
        if client.scope.as_ref().is_some_and(|scope| scope.split(' ').any(|word| word == "openid")) {
            params.also("nonce", nonce);
        }
        params.also("code_challenge", challenge(&verifier));
        params.also("code_challenge_method", "S256");
        for (name, value) in &client.parameters {
            params.set(name, value);
        }
        Ok(AuthorizationRequest {
            client: client.clone(),
            params,
            verifier,
            method: "GET".into(),
            raw_query: None,
            headers: Vec::new(),
        })
    }
}

impl AuthorizationRequest {
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

    /// Sends it by POST.
    #[must_use]
    pub fn by_post(mut self) -> Self {
        self.method = "POST".into();
        self
    }

    /// The first HTTP request.
    ///
    /// # Errors
    /// Inconclusive, if the server has no authorization endpoint.
    pub fn first(&self, cx: &Cx) -> Result<Request, Stop> {
        let mut url = cx.endpoint("authorization_endpoint")?;
        let query = self.raw_query.clone().unwrap_or_else(|| self.params.encode());
        let mut request = if self.method == "POST" {
            Request::get("authorization request", url).post("application/x-www-form-urlencoded", query)
        } else {
            let query = match url.query() {
                Some(own) if !own.is_empty() => format!("{own}&{query}"),
                _ => query,
            };
            set_raw_query(&mut url, &query);
            Request::get("authorization request", url)
        };
        request.method.clone_from(&self.method);
        request.headers.extend(self.headers.iter().cloned());
        Ok(request)
    }

    /// Where the client waits for the answer.
    #[must_use]
    pub fn registered(&self) -> Option<Url> {
        self.client.client.redirect_uri.as_deref().and_then(|uri| Url::parse(uri).ok())
    }
}

/// Puts a query into a URL as far as a request line can carry it: spaces and control characters are percent-encoded.
fn set_raw_query(url: &mut Url, query: &str) {
    let mut clean = String::with_capacity(query.len());
    for byte in query.bytes() {
        match byte {
            0x21..=0x7e => clean.push(byte as char),
            other => clean.push_str(&format!("%{other:02X}")),
        }
    }
    url.set_query(Some(&clean));
}
