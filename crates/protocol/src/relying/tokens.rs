//! Tokens that passed every check, each tied to the one place it may be sent to.

use std::sync::Arc;

use jose::{JoseError, Seconds, Secret, UnixTime};
use thiserror::Error;
use url::Url;

use super::{ClientIdentity, ExpectedTokens, FormRequest, Identity, Moment, ServerMetadata};

/// What one successful token request gave.
#[derive(Debug)]
pub struct TokenSet {
    pub(super) access: AccessToken,
    pub(super) refresh: Option<RefreshToken>,
    pub(super) scope: Vec<String>,
    pub(super) asked_scope: Vec<String>,
    pub(super) identity: Option<Identity>,
}

impl TokenSet {
    /// Starts a client-credentials request (RFC 6749 section 4.4): the client acts for itself, nobody signs in.
    pub fn client_credentials(
        server: Arc<ServerMetadata>,
        client: Arc<ClientIdentity>,
        scope: &str,
        resource: &str,
        moment: Moment,
    ) -> Result<(FormRequest, ExpectedTokens), JoseError> {
        let request = FormRequest::new(server.token_endpoint())
            .public("grant_type", "client_credentials")
            .public("scope", scope)
            .public("resource", resource)
            .authenticated(&client, server.issuer(), moment)?;
        let scope = scope.split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect();
        let resources = vec![resource.to_owned()];
        Ok((request, ExpectedTokens::for_client_credentials(server, client, scope, resources, moment.now)))
    }

    /// The access token.
    pub fn access(&self) -> &AccessToken {
        &self.access
    }

    /// The refresh token, if the server gave one.
    pub fn refresh(&self) -> Option<&RefreshToken> {
        self.refresh.as_ref()
    }

    /// The scopes that were granted.
    pub fn scope(&self) -> &[String] {
        &self.scope
    }

    /// Scopes that were asked for and not granted: the person narrowed them, or the client may not have them.
    pub fn refused_scope(&self) -> impl Iterator<Item = &str> {
        self.asked_scope.iter().filter(|asked| !self.scope.contains(asked)).map(String::as_str)
    }

    /// Who signed in, if this was a login. `None` is not a login: never take the mere possession of a token for one.
    // defends: code-client-mismatch (identity comes from an ID token for this client, never from a bare access token)
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Takes the set apart: access token, refresh token, identity.
    pub fn into_parts(self) -> (AccessToken, Option<RefreshToken>, Option<Identity>) {
        (self.access, self.refresh, self.identity)
    }
}

/// A bearer token. In memory only, wiped on drop, readable only for the destination it was asked for.
// defends: obtain-access-token-from-client
#[derive(Debug)]
pub struct AccessToken {
    pub(super) value: Secret<String>,
    pub(super) expires_at: Option<UnixTime>,
    pub(super) resources: Vec<String>,
    pub(super) userinfo_endpoint: Option<String>,
}

/// The access token was not asked for this destination; sending it there would hand it to a stranger.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("this access token was not requested for that origin (RFC 8707 section 2)")]
pub struct WrongDestination;

impl AccessToken {
    /// The value of the `Authorization` header for a request to `url`.
    ///
    /// Answers only for the origin of a `resource` that was asked for, and for the issuer's userinfo endpoint.
    pub fn authorization_for(&self, url: &str) -> Result<Secret<String>, WrongDestination> {
        let target = Url::parse(url).map_err(|_| WrongDestination)?;
        let same_origin =
            |resource: &String| Url::parse(resource).is_ok_and(|resource| resource.origin() == target.origin());
        // An address that came from elsewhere (a link, a redirect, a header) must not be able to collect the token.
        // defends: access-token-phishing-counterfeit-rs, resource-indicator-abuse
        if self.resources.iter().any(same_origin) || self.userinfo_endpoint.as_deref() == Some(url) {
            Ok(Secret::new(format!("Bearer {}", self.value.expose())))
        } else {
            Err(WrongDestination)
        }
    }

    /// When the token ends, if the server said so.
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }

    /// Whether the token is still good for at least `margin` from `now`. A token of unknown life counts as good: try it.
    pub fn is_fresh(&self, now: UnixTime, margin: Seconds) -> bool {
        self.expires_at.is_none_or(|end| now + margin < end)
    }
}

/// A refresh token with the issuer and client it belongs to.
///
/// Keep it in the platform's key store or an encrypted owner-only file, never in a log, a URL or a browser.
#[derive(Debug)]
pub struct RefreshToken {
    pub(super) value: Secret<String>,
    pub(super) server: Arc<ServerMetadata>,
    pub(super) client: Arc<ClientIdentity>,
    pub(super) scope: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) subject: Option<String>,
}

impl RefreshToken {
    /// Takes back a refresh token that was kept in a key store. `server` must be the metadata of the issuer that gave it.
    ///
    /// `subject` is the `sub` of the login it came from: an ID token for anybody else is then refused.
    pub fn restore(
        server: Arc<ServerMetadata>,
        client: Arc<ClientIdentity>,
        value: Secret<String>,
        scope: Vec<String>,
        resources: Vec<String>,
        subject: Option<String>,
    ) -> Self {
        Self { value, server, client, scope, resources, subject }
    }

    /// The value, to put it into a key store and nowhere else.
    pub fn expose_to_key_store(&self) -> &Secret<String> {
        &self.value
    }

    /// The refresh request (RFC 6749 section 6), to the token endpoint of the issuer that gave the token.
    ///
    /// One at a time per token: two at once look like theft to a server that rotates.
    // defends: refresh-phishing-counterfeit-as (the endpoint is the one of the token's own issuer)
    pub fn request(&self, moment: Moment) -> Result<(FormRequest, ExpectedTokens), JoseError> {
        let mut request = FormRequest::new(self.server.token_endpoint())
            .public("grant_type", "refresh_token")
            .secret("refresh_token", &self.value);
        for resource in &self.resources {
            request = request.public("resource", resource);
        }
        let request = request.authenticated(&self.client, self.server.issuer(), moment)?;
        Ok((request, ExpectedTokens::for_refresh(self, moment.now)))
    }

    /// The revocation request (RFC 7009), if the server offers revocation. Ends the grant at servers that tie tokens to one.
    pub fn revocation(&self, moment: Moment) -> Result<Option<FormRequest>, JoseError> {
        let Some(endpoint) = self.server.revocation_endpoint() else { return Ok(None) };
        let request = FormRequest::new(endpoint)
            .secret("token", &self.value)
            .public("token_type_hint", "refresh_token")
            .authenticated(&self.client, self.server.issuer(), moment)?;
        Ok(Some(request))
    }

    /// The issuer that gave it.
    pub fn issuer(&self) -> &str {
        self.server.issuer()
    }
}
