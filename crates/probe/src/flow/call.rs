//! Calls of a protected resource with an access token (RFC 6750).

use url::Url;

use crate::cx::Cx;
use crate::http::{Answer, Request};
use crate::params::Params;
use crate::verdict::Stop;

/// Where the token is put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In a form body.
    Body,
    /// In the `Authorization` header.
    #[default]
    Header,
    /// In the query.
    Query,
}

impl Cx {
    /// The URL and method that are called with access tokens: the target's resource, else userinfo.
    ///
    /// # Errors
    /// Inconclusive, if there is neither.
    pub fn protected(&self) -> Result<(Url, String), Stop> {
        match &self.target().resource {
            Some(resource) => Ok((resource.url.clone(), resource.method.clone())),
            None => Ok((self.endpoint("userinfo_endpoint")?, "GET".into())),
        }
    }

    /// Calls a URL with an access token.
    ///
    /// # Errors
    /// Inconclusive, with the cause, if no HTTP answer came.
    pub async fn call(&self, url: &Url, method: &str, token: &str, place: Place) -> Result<Answer, Stop> {
        let mut request = Request::get("call of the protected resource", url.clone());
        request.method = method.to_owned();
        match place {
            Place::Header => request = request.header("Authorization", format!("Bearer {token}")),
            Place::Query => {
                request.url.query_pairs_mut().append_pair("access_token", token);
            }
            Place::Body => {
                let body: Params = [("access_token", token)].into_iter().collect();
                request = request.post("application/x-www-form-urlencoded", body.encode());
            }
        }
        self.send(&request).await
    }
}

/// The words that case files use: `accepted`, `refused`, `trouble` (a server error or 429), `status:…`.
#[must_use]
pub fn outcome(answer: &Answer) -> String {
    match answer.status {
        200..300 => "accepted".into(),
        400 | 401 | 403 | 404 | 405 | 410 | 415 => "refused".into(),
        429 | 500.. => "trouble".into(),
        other => format!("status:{other}"),
    }
}
