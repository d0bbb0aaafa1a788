//! One client at one authorization server.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use jose::{JwkSet, Seconds, UnixTime};
use protocol::relying::{
    AuthorizationStart, ClientIdentity, CodeExchange, ExpectedTokens, FormRequest, IdTokenError, Identity,
    PendingAuthorization, RefreshToken, ServerMetadata, TokenSet, UserInfo,
};
use tokio::sync::Mutex;

use crate::{ClientError, Surroundings, Transport};

/// Between two fetches of the same key set because of an unknown key.
const KEY_PAUSE: Seconds = Seconds(60);

/// A client: its identity, the metadata of one authorization server, and a transport.
///
/// Cheap to clone. One `Client` speaks to one issuer; a client of several servers has several, each with its own identity
/// and, best, its own redirect URI.
#[derive(Clone, Debug)]
pub struct Client<T> {
    shared: Arc<Shared>,
    transport: T,
}

#[derive(Debug)]
struct Shared {
    server: Arc<ServerMetadata>,
    identity: Arc<ClientIdentity>,
    surroundings: Surroundings,
    keys: Mutex<Option<(Arc<JwkSet>, UnixTime)>>,
}

impl<T: Transport> Client<T> {
    /// Fetches and checks the metadata of `issuer`, RFC 8414 address first.
    pub async fn discover(
        issuer: &str,
        identity: ClientIdentity,
        transport: T,
        surroundings: Surroundings,
    ) -> Result<Self, ClientError> {
        let [first, second] = ServerMetadata::well_known(issuer)?;
        let mut answer = get(&transport, &first).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            answer = get(&transport, &second).await?;
        }
        if answer.status() != StatusCode::OK {
            return Err(ClientError::Status(answer.status().as_u16()));
        }
        let server = ServerMetadata::parse(answer.body(), issuer)?;
        Ok(Self::with_metadata(server, identity, transport, surroundings))
    }

    /// A client for metadata that was checked before, e.g. kept from an earlier start.
    pub fn with_metadata(
        server: ServerMetadata,
        identity: ClientIdentity,
        transport: T,
        surroundings: Surroundings,
    ) -> Self {
        let (server, identity) = (Arc::new(server), Arc::new(identity));
        Self { shared: Arc::new(Shared { server, identity, surroundings, keys: Mutex::default() }), transport }
    }

    /// The same client over another transport, e.g. one that records what is sent.
    pub fn via<U: Transport>(&self, transport: U) -> Client<U> {
        Client { shared: self.shared.clone(), transport }
    }

    /// The metadata of the authorization server.
    pub fn server(&self) -> &ServerMetadata {
        &self.shared.server
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    pub(crate) fn surroundings(&self) -> &Surroundings {
        &self.shared.surroundings
    }

    /// An authorization request to be answered at `redirect_uri`. Add scope and resource, then give it to [`begin`](Self::begin).
    pub fn authorization(&self, redirect_uri: impl Into<String>) -> AuthorizationStart {
        AuthorizationStart::new(self.shared.server.clone(), self.shared.identity.clone(), redirect_uri)
    }

    /// The URL for the browser and the record to keep with this browser's session until the callback.
    pub fn begin(&self, start: AuthorizationStart) -> Result<(String, PendingAuthorization), ClientError> {
        let surroundings = self.surroundings();
        Ok(start.begin(&surroundings.start_random(), surroundings.now())?)
    }

    /// Checks the callback, redeems the code and checks the tokens. `query` is the callback's raw query without `?`.
    ///
    /// Answer the browser with a 303 to a clean address afterwards, so that its history holds no code.
    pub async fn finish(&self, pending: PendingAuthorization, query: &str) -> Result<TokenSet, ClientError> {
        self.redeem(pending.accept(query, self.surroundings().now())?).await
    }

    /// Redeems a code whose callback was accepted: the second half of [`finish`](Self::finish).
    pub async fn redeem(&self, code: CodeExchange) -> Result<TokenSet, ClientError> {
        let (request, expected) = code.token_request(self.surroundings().moment())?;
        self.tokens(request, expected).await
    }

    /// Tokens for the client itself: nobody signs in.
    pub async fn client_credentials(&self, scope: &str, resource: &str) -> Result<TokenSet, ClientError> {
        let Shared { server, identity, .. } = &*self.shared;
        let moment = self.surroundings().moment();
        let (request, expected) =
            TokenSet::client_credentials(server.clone(), identity.clone(), scope, resource, moment)?;
        self.tokens(request, expected).await
    }

    /// Fresh tokens. One call at a time per token, which is what [`crate::TokenHolder`] is for.
    pub async fn refresh(&self, token: &RefreshToken) -> Result<TokenSet, ClientError> {
        let (request, expected) = token.request(self.surroundings().moment())?;
        self.tokens(request, expected).await
    }

    /// Revokes the token; at servers that tie tokens to a grant, everything that came from it.
    pub async fn revoke(&self, token: &RefreshToken) -> Result<(), ClientError> {
        let request = token.revocation(self.surroundings().moment())?.ok_or(ClientError::NoRevocation)?;
        match self.post(request).await?.status() {
            StatusCode::OK => Ok(()),
            other => Err(ClientError::Status(other.as_u16())),
        }
    }

    /// Claims about the person who signed in, checked to be about the subject of the ID token.
    pub async fn userinfo(&self, tokens: &TokenSet) -> Result<UserInfo, ClientError> {
        let identity: &Identity = tokens.identity().ok_or(ClientError::NoUserInfo)?;
        let endpoint = self.server().userinfo_endpoint().ok_or(ClientError::NoUserInfo)?;
        let authorization = tokens.access().authorization_for(endpoint)?;
        let request = Request::get(endpoint)
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, authorization.expose().as_str())
            .body(Bytes::new())
            .map_err(|_| ClientError::Request)?;
        let answer = self.transport.send(request).await?;
        match answer.status() {
            StatusCode::OK => Ok(UserInfo::parse(answer.body(), identity)?),
            other => Err(ClientError::Status(other.as_u16())),
        }
    }

    async fn tokens(&self, request: FormRequest, expected: ExpectedTokens) -> Result<TokenSet, ClientError> {
        let answer = self.post(request).await?;
        let tokens = expected.parse(answer.status().as_u16(), answer.body())?;
        if !tokens.needs_keys() {
            return Ok(tokens.verify(&JwkSet::default(), self.surroundings().now())?);
        }
        let (keys, fetched) = self.keys(None).await?;
        match tokens.verify(&keys, self.surroundings().now()) {
            // The server may have rotated since. One more look, not one per token: an attacker can invent key ids.
            // defends: jwt-key-injection
            Err(IdTokenError::UnknownKey) => {
                let (keys, _) = self.keys(Some(fetched)).await?;
                Ok(tokens.verify(&keys, self.surroundings().now())?)
            }
            other => Ok(other?),
        }
    }

    /// The key set; `stale` is the fetch time of a set that lacked a key.
    async fn keys(&self, stale: Option<UnixTime>) -> Result<(Arc<JwkSet>, UnixTime), ClientError> {
        let mut held = self.shared.keys.lock().await;
        let now = self.surroundings().now();
        if let Some((keys, fetched)) = &*held {
            let is_wanted_again = stale.is_some_and(|stale| stale == *fetched);
            if !is_wanted_again || now.saturating_since(*fetched) < KEY_PAUSE {
                return Ok((keys.clone(), *fetched));
            }
        }
        let answer = get(&self.transport, self.server().jwks_uri()).await?;
        if answer.status() != StatusCode::OK {
            return Err(ClientError::Status(answer.status().as_u16()));
        }
        let text = std::str::from_utf8(answer.body()).map_err(|_| ClientError::Keys)?;
        let keys = Arc::new(JwkSet::parse(text).map_err(|_| ClientError::Keys)?);
        *held = Some((keys.clone(), now));
        Ok((keys, now))
    }

    async fn post(&self, form: FormRequest) -> Result<Response<Bytes>, ClientError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(form.endpoint())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = form.authorization() {
            request = request.header(header::AUTHORIZATION, authorization.expose().as_str());
        }
        let body = Bytes::copy_from_slice(form.body().expose().as_bytes());
        let request = request.body(body).map_err(|_| ClientError::Request)?;
        Ok(self.transport.send(request).await?)
    }
}

async fn get<T: Transport>(transport: &T, url: &str) -> Result<Response<Bytes>, ClientError> {
    let request = Request::get(url)
        .header(header::ACCEPT, "application/json")
        .body(Bytes::new())
        .map_err(|_| ClientError::Request)?;
    Ok(transport.send(request).await?)
}
