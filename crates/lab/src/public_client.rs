//! A public client with PKCE, written out by hand: what an app sends, and what anybody else can send in its name.

use anyhow::{Context, Result};
use bytes::Bytes;
use client::Transport;
use data_encoding::BASE64URL_NOPAD;
use http::{Request, StatusCode, header};
use serde_json::Value;

use crate::{Surroundings, Wire, careless};

/// The app, or whoever passes himself off as it.
#[derive(Clone, Debug)]
pub struct PublicClient {
    /// The issuer: the endpoints are this and `/authorize`, `/token`.
    pub issuer: String,
    /// The app's identifier.
    pub client_id: String,
    /// Its redirect URI.
    pub redirect_uri: String,
    /// The mailbox's origin.
    pub mailbox_url: String,
    /// How its requests leave.
    pub wire: Wire,
    /// Time and randomness.
    pub surroundings: Surroundings,
}

/// What the token endpoint said.
pub enum Redeemed {
    /// Tokens.
    Tokens {
        /// The access token.
        access: String,
        /// The refresh token; empty where none came.
        refresh: String,
    },
    /// Why not.
    Refused(String),
}

impl PublicClient {
    /// A fresh PKCE verifier.
    pub fn verifier(&self) -> String {
        BASE64URL_NOPAD.encode(&self.surroundings.draw::<32>())
    }

    /// The authorization request for that verifier.
    pub fn authorization_url(&self, verifier: &str) -> String {
        self.authorization_url_to(&self.redirect_uri, verifier)
    }

    /// The same, with the answer sent elsewhere.
    pub fn authorization_url_to(&self, redirect_uri: &str, verifier: &str) -> String {
        let challenge = BASE64URL_NOPAD.encode(&jose::sha256(verifier.as_bytes()));
        let state = BASE64URL_NOPAD.encode(&self.surroundings.draw::<16>());
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", careless::SCOPE)
            .append_pair("state", &state)
            .append_pair("resource", &self.mailbox_url)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        format!("{}/authorize?{query}", self.issuer)
    }

    /// Redeems a code.
    ///
    /// # Errors
    /// No answer, or one that is not JSON.
    pub async fn redeem(&self, code: &str, redirect_uri: &str, verifier: Option<&str>) -> Result<Redeemed> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("client_id", &self.client_id),
        ];
        pairs.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        self.token(&pairs).await
    }

    /// Asks for fresh tokens.
    ///
    /// # Errors
    /// No answer, or one that is not JSON.
    pub async fn refresh(&self, token: &str) -> Result<Redeemed> {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", &self.client_id)]).await
    }

    async fn token(&self, pairs: &[(&str, &str)]) -> Result<Redeemed> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = Request::post(format!("{}/token", self.issuer))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form))?;
        let answer = self.wire.send(request).await?;
        let read: Value = serde_json::from_slice(answer.body()).context("the token endpoint answered no JSON")?;
        let said = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
        Ok(match said("access_token") {
            none if none.is_empty() => Redeemed::Refused(format!("{}: {}", said("error"), said("error_description"))),
            access => Redeemed::Tokens { access, refresh: said("refresh_token") },
        })
    }

    /// The subjects of the mails that a token opens. None where the mailbox refuses it.
    ///
    /// # Errors
    /// No answer.
    pub async fn read_mails(&self, token: &str) -> Result<Option<Vec<String>>> {
        let request = Request::get(format!("{}/messages", self.mailbox_url))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Bytes::new())?;
        let answer = self.wire.send(request).await?;
        Ok((answer.status() == StatusCode::OK).then(|| careless::subjects(answer.body())))
    }
}
