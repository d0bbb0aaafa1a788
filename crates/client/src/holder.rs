//! Keeps one grant's tokens fresh.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use jose::{Seconds, Secret};
use protocol::relying::{AccessToken, RefreshToken, TokenResponseError, TokenSet};
use tokio::sync::Mutex;

use crate::{Client, ClientError, Transport};

/// A token with less life than this is refreshed first, so that it does not die on the way.
const MARGIN: Seconds = Seconds(15);

/// The tokens of one grant: access token in memory only, refreshed when needed, one refresh at a time.
///
/// Share one holder per grant (behind an `Arc`). Two holders of one refresh token would race, and to a server that rotates
/// the loser looks like a thief.
#[derive(Debug)]
pub struct TokenHolder<T> {
    client: Client<T>,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    // Only the tokens, so dropping the holder wipes them.
    access: Option<AccessToken>,
    refresh: Option<RefreshToken>,
    generation: u64,
}

impl<T: Transport> TokenHolder<T> {
    /// Holds what a login gave.
    pub fn new(client: Client<T>, tokens: TokenSet) -> Self {
        let (access, refresh, _) = tokens.into_parts();
        Self { client, held: Mutex::new(Held { access: Some(access), refresh, generation: 0 }) }
    }

    /// Holds a refresh token that was kept in a key store; the first call refreshes.
    pub fn resume(client: Client<T>, refresh: RefreshToken) -> Self {
        Self { client, held: Mutex::new(Held { access: None, refresh: Some(refresh), generation: 0 }) }
    }

    /// Sends an API request with the access token.
    ///
    /// Refreshes before an expired token would be sent, and once if the API answers 401. Give it no `Authorization` header.
    /// Fails before anything is sent if the token was not asked for this origin.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ClientError> {
        let url = request.uri().to_string();
        let (authorization, generation) = self.authorization_for(&url).await?;
        let answer = self.send_with(request.clone(), &authorization).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || self.refresh_after(Some(generation)).await.is_err() {
            return Ok(answer);
        }
        let (authorization, _) = self.authorization_for(&url).await?;
        self.send_with(request, &authorization).await
    }

    /// Refreshes now, whatever the age of the access token.
    pub async fn refresh(&self) -> Result<(), ClientError> {
        self.refresh_after(None).await
    }

    /// Revokes at the server and forgets. The tokens are gone here even if the server could not be told.
    pub async fn revoke(&self) -> Result<(), ClientError> {
        let mut held = self.held.lock().await;
        held.access = None;
        held.generation += 1;
        match held.refresh.take() {
            Some(token) => self.client.revoke(&token).await,
            None => Err(ClientError::NoRefreshToken),
        }
    }

    /// The refresh token, for a key store, e.g. after each call of [`send`](Self::send): it changes when the server rotates.
    pub async fn refresh_token_for_key_store(&self) -> Option<Secret<String>> {
        self.held.lock().await.refresh.as_ref().map(|token| token.expose_to_key_store().clone())
    }

    async fn authorization_for(&self, url: &str) -> Result<(Secret<String>, u64), ClientError> {
        let mut held = self.held.lock().await;
        let now = self.client.surroundings().now();
        let is_fresh = held.access.as_ref().is_some_and(|access| access.is_fresh(now, MARGIN));
        if !is_fresh && held.refresh.is_some() {
            self.renew(&mut held).await?;
        }
        let access = held.access.as_ref().ok_or(ClientError::NoRefreshToken)?;
        Ok((access.authorization_for(url)?, held.generation))
    }

    /// Refreshes unless somebody else did since `seen`.
    async fn refresh_after(&self, seen: Option<u64>) -> Result<(), ClientError> {
        let mut held = self.held.lock().await;
        if seen.is_some_and(|seen| seen != held.generation) {
            return Ok(());
        }
        self.renew(&mut held).await
    }

    // The lock is held over the request: whoever waits finds the new token and asks for none.
    // defends: refresh-rotation-race, refresh-token-replay
    async fn renew(&self, held: &mut Held) -> Result<(), ClientError> {
        let used = held.refresh.as_ref().ok_or(ClientError::NoRefreshToken)?;
        match self.client.refresh(used).await {
            Ok(tokens) => {
                let (access, refresh, _) = tokens.into_parts();
                *held = Held { access: Some(access), refresh, generation: held.generation + 1 };
                Ok(())
            }
            Err(ClientError::TokenResponse(TokenResponseError::Refused(refused)))
                if refused.error() == "invalid_grant" =>
            {
                // The grant is over. Trying the token again would only look like a replay.
                *held = Held { access: None, refresh: None, generation: held.generation + 1 };
                Err(ClientError::GrantEnded)
            }
            Err(other) => Err(other),
        }
    }

    async fn send_with(
        &self,
        mut request: Request<Bytes>,
        authorization: &Secret<String>,
    ) -> Result<Response<Bytes>, ClientError> {
        let mut value = HeaderValue::from_str(authorization.expose()).map_err(|_| ClientError::Request)?;
        value.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, value);
        Ok(self.client.transport().send(request).await?)
    }
}
