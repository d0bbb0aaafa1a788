//! Where an access token may be (RFC 6750 section 2), read strictly.

use jose::Secret;

use super::Refusal;

const MAX_TOKEN: usize = 16 * 1024;

/// A token as it was presented. Nothing is known about it yet.
#[derive(Debug)]
pub struct BearerToken(Secret<String>);

impl BearerToken {
    /// Finds the token. `authorization` are the values of all `Authorization` headers, `query` is the raw query.
    ///
    /// The body is never looked at: a form that a browser can be made to post must not carry a credential.
    pub fn from_request<'a>(
        authorization: impl IntoIterator<Item = &'a [u8]>,
        query: Option<&str>,
    ) -> Result<Self, Refusal> {
        // Refused even beside a good header, with no switch to allow it: URLs end in logs, histories and referrers.
        // defends: token-leak-logs-referrer  https://www.rfc-editor.org/rfc/rfc9700#section-4.3.2
        let mut names = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).map(|(name, _)| name);
        if names.any(|name| name == "access_token") {
            return Err(Refusal::TokenInQuery);
        }
        let mut values = authorization.into_iter();
        let value = values.next().ok_or(Refusal::NoToken)?;
        // Of two credentials a proxy may have checked the other one.  defends: sender-constraint-not-enforced
        if values.next().is_some() {
            return Err(Refusal::SeveralCredentials);
        }
        let value = std::str::from_utf8(value).map_err(|_| Refusal::MalformedCredentials)?;
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(Refusal::NoToken);
        }
        let token = token.trim_start_matches(' ');
        // defends: dos-expensive-input
        if token.is_empty() || token.len() > MAX_TOKEN || !is_b64token(token) {
            return Err(Refusal::MalformedCredentials);
        }
        Ok(Self(Secret::new(token.to_owned())))
    }

    /// The token. Never log it, never pass it on: it is good for this API alone.
    pub fn secret(&self) -> &Secret<String> {
        &self.0
    }
}

/// RFC 6750 section 2.1: `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}
