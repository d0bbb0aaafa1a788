//! What the target can do. A feature that the metadata does not announce is tried before it counts as off.

use crate::cx::{Cx, Role};
use crate::exchange::Exchange;
use crate::flow::landing::{Landing, Stopped};
use crate::flow::person::Intent;
use crate::http::Request;
use crate::verdict::Stop;

/// Words that cases and threats may name.
pub const NAMES: &[&str] = &[
    "attestation",
    "authorization-code",
    "ciba",
    "client-credentials",
    "device-flow",
    "dpop",
    "form-post",
    "hybrid",
    "implicit",
    "introspection",
    "jwt-access-tokens",
    "jwt-bearer",
    "logout",
    "mtls",
    "openid",
    "par",
    "password",
    "refresh",
    "registration",
    "request-object",
    "resource-indicators",
    "revocation",
    "token-exchange",
    "userinfo",
];

/// What was found out about a feature.
#[derive(Debug, Clone)]
pub enum Known {
    /// It is there.
    On,
    /// It is not: why, and the exchanges that showed it.
    Off(String, Vec<Exchange>),
    /// It could not be found out.
    Unknown(String, Vec<Exchange>),
}

use Known::{Off, On, Unknown};

impl Cx {
    /// Whether the target has a feature. Tried once in a run.
    pub async fn feature(&self, name: &str) -> Known {
        let mut known = self.shared.features.lock().await;
        if let Some(known) = known.get(name) {
            return known.clone();
        }
        // With a record of its own, so that every case that it decides shows the same evidence.
        let cx = Self::new(&self.shared);
        let found = match cx.try_feature(name).await {
            Ok(None) => On,
            Ok(Some(off)) => Off(off, cx.http.recorded()),
            Err(stop) => Unknown(stop.to_string(), cx.http.recorded()),
        };
        known.insert(name.to_owned(), found.clone());
        found
    }

    /// `None` if it is on, else why it is off.
    async fn try_feature(&self, name: &str) -> Result<Option<String>, Stop> {
        match name {
            "authorization-code" => self.by_endpoint("authorization_endpoint", &[]).await,
            "attestation" => Ok(self.by_auth_method(&["attest_jwt_client_auth"])),
            "mtls" => {
                let bound = self.metadata("tls_client_certificate_bound_access_tokens").as_bool() == Some(true);
                Ok(if bound { None } else { self.by_auth_method(&["tls_client_auth", "self_signed_tls_client_auth"]) })
            }
            "ciba" => self.by_grant("urn:openid:params:grant-type:ciba").await,
            "client-credentials" => self.by_grant("client_credentials").await,
            "device-flow" => self.by_grant("urn:ietf:params:oauth:grant-type:device_code").await,
            "jwt-bearer" => self.by_grant("urn:ietf:params:oauth:grant-type:jwt-bearer").await,
            "password" => self.by_grant("password").await,
            "refresh" => self.by_grant("refresh_token").await,
            "token-exchange" => self.by_grant("urn:ietf:params:oauth:grant-type:token-exchange").await,
            "introspection" => self.by_endpoint("introspection_endpoint", &["introspect", "introspection"]).await,
            "revocation" => self.by_endpoint("revocation_endpoint", &["revoke", "revocation"]).await,
            "userinfo" => self.by_endpoint("userinfo_endpoint", &["userinfo"]).await,
            "par" => self.by_endpoint("pushed_authorization_request_endpoint", &["par", "request"]).await,
            "registration" => self.by_endpoint("registration_endpoint", &["register", "reg"]).await,
            "logout" => self.by_endpoint("end_session_endpoint", &["logout", "session/end"]).await,
            "implicit" => self.by_response_type(&["token", "id_token token", "id_token"]).await,
            "hybrid" => self.by_response_type(&["code id_token", "code token", "code id_token token"]).await,
            "openid" => self.openid().await,
            "form-post" => self.by_parameter("response_modes_supported", "response_mode", "form_post").await,
            "request-object" => self.request_object().await,
            "resource-indicators" => self.resource_indicators().await,
            "jwt-access-tokens" => self.jwt_access_tokens().await,
            "dpop" => self.dpop().await,
            other => Err(Stop::inconclusive(format!("the probe knows no feature called {other}"))),
        }
    }

    fn by_auth_method(&self, methods: &[&str]) -> Option<String> {
        let on = methods.iter().any(|method| self.announces("token_endpoint_auth_methods_supported", method));
        (!on).then(|| format!("token_endpoint_auth_methods_supported does not name {}", methods.join(" or ")))
    }

    /// Announced, or else the usual neighbours of the token endpoint are tried.
    async fn by_endpoint(&self, metadata: &str, usual: &[&str]) -> Result<Option<String>, Stop> {
        if self.find_endpoint(metadata).is_some() {
            return Ok(None);
        }
        for name in usual {
            let Some(url) = self.find_endpoint("token_endpoint").and_then(|url| url.join(name).ok()) else { continue };
            let answer = self.send(&Request::form("try of an endpoint", url.clone(), &Default::default())).await?;
            if !matches!(answer.status, 404 | 405 | 410 | 501) {
                let found = format!(
                    "the metadata names no {metadata}, but {} answers with status {}",
                    url.path(),
                    answer.status
                );
                return Err(Stop::inconclusive(found));
            }
        }
        Ok(Some(format!("the metadata names no {metadata}, and nothing answers where such an endpoint usually is")))
    }

    /// Announced, or else the token endpoint is asked.
    async fn by_grant(&self, grant_type: &str) -> Result<Option<String>, Stop> {
        if self.announces("grant_types_supported", grant_type) {
            return Ok(None);
        }
        let client = self.any_client(&["web", "machine", "native", "key"])?;
        let mut request = self.token(&client, grant_type);
        for name in
            ["refresh_token", "device_code", "assertion", "subject_token", "auth_req_id", "username", "password"]
        {
            request = request.set(name, "nothing");
        }
        let outcome = request.send(self).await?.outcome();
        Ok(match outcome.as_str() {
            "error:unsupported_grant_type" | "error:unauthorized_client" | "refused" => Some(format!(
                "grant_types_supported does not name {grant_type}, and the token endpoint answered {outcome}"
            )),
            "trouble" => {
                return Err(Stop::inconclusive(format!("asked for {grant_type}, the token endpoint was in trouble")));
            }
            _ => None,
        })
    }

    fn any_client(&self, roles: &[&str]) -> Result<Role, Stop> {
        let found = roles.iter().find_map(|role| self.client(role).ok());
        found.ok_or_else(|| {
            Stop::inconclusive(format!("the target file names none of the clients {}", roles.join(", ")))
        })
    }

    /// Announced, or else the authorization endpoint is asked without anybody signed in.
    async fn by_response_type(&self, types: &[&str]) -> Result<Option<String>, Stop> {
        let supported = self.metadata("response_types_supported");
        let listed = |wanted: &str| {
            let same = |found: &str| sorted(found) == sorted(wanted);
            supported.as_array().is_some_and(|all| all.iter().filter_map(|found| found.as_str()).any(same))
        };
        if types.iter().any(|kind| listed(kind)) {
            return Ok(None);
        }
        self.by_parameter("response_types_supported", "response_type", types[0]).await
    }

    async fn by_parameter(&self, list: &str, parameter: &str, value: &str) -> Result<Option<String>, Stop> {
        if self.announces(list, value) {
            return Ok(None);
        }
        let client = self.any_client(&["web", "native", "other"])?;
        let request = self.request(&client)?.set(parameter, value);
        let mut landing = self.walk(&mut self.stranger(), &request, Intent::Anonymous).await?;
        if landing.outcome() == "sign-in-page" && self.user().is_ok() {
            // Some servers look at the request only when they know who is there.
            landing = self.walk(&mut self.person(), &request, Intent::Stop).await?;
        }
        Ok(match &landing {
            Landing::Page { stopped: Stopped::SignIn | Stopped::Consent, .. } => None,
            Landing::Away { registered: true, params, .. } if params.get("error").is_none() => None,
            _ if landing.outcome() == "trouble" => {
                return Err(Stop::inconclusive(format!("asked for {parameter}={value}, the server was in trouble")));
            }
            _ => Some(format!("{list} does not name {value}, and a request for it came to {}", landing.describe())),
        })
    }

    async fn openid(&self) -> Result<Option<String>, Stop> {
        if self.metadata("id_token_signing_alg_values_supported").is_array()
            || self.announces("scopes_supported", "openid")
        {
            return Ok(None);
        }
        let client = self.any_client(&["web", "native", "other"])?;
        let request = self.request(&client)?.set("scope", "openid");
        let landing = self.walk(&mut self.person(), &request, Intent::Allow).await?;
        if landing.outcome() != "code" {
            return Ok(Some(format!("no openid in the metadata, and a request for it came to {}", landing.describe())));
        }
        let tokens = self.redeem(&request, landing.code()?).send(self).await?;
        let none = "no openid in the metadata, and a request for it brought no ID token";
        Ok(tokens.member("id_token").is_none().then(|| none.to_owned()))
    }

    /// A request object that no server could take: one that reads it says so.
    async fn request_object(&self) -> Result<Option<String>, Stop> {
        let flag = |name: &str| self.metadata(name).as_bool() == Some(true);
        if flag("request_parameter_supported") || flag("request_uri_parameter_supported") {
            return Ok(None);
        }
        let client = self.any_client(&["web", "native", "other"])?;
        let request = self.request(&client)?.set("request", "e30.e30.nothing");
        let landing = self.walk(&mut self.stranger(), &request, Intent::Anonymous).await?;
        let outcome = landing.outcome();
        Ok((outcome != "error:invalid_request_object").then(|| {
            format!(
                "request_parameter_supported is not true, and a request with such an object came to {}",
                landing.describe()
            )
        }))
    }

    async fn resource_indicators(&self) -> Result<Option<String>, Stop> {
        if self.target().clients.values().any(|client| client.resource.is_some()) {
            return Ok(None);
        }
        let client = self.any_client(&["web", "native", "other"])?;
        let request = self.request(&client)?.set("resource", "https://nobody.example/api");
        let landing = self.walk(&mut self.stranger(), &request, Intent::Anonymous).await?;
        let off =
            format!("a request with an unknown resource came to {} instead of invalid_target", landing.describe());
        Ok((landing.outcome() != "error:invalid_target").then_some(off))
    }

    async fn jwt_access_tokens(&self) -> Result<Option<String>, Stop> {
        let client = self.any_client(&["web", "native", "machine"])?;
        let tokens = self.honest_tokens(&client).await?;
        let token = tokens.expect("access_token")?;
        Ok(crate::forge::decode(token).is_none().then(|| "the server's access tokens are no JWTs".to_owned()))
    }

    async fn dpop(&self) -> Result<Option<String>, Stop> {
        let announced =
            self.metadata("dpop_signing_alg_values_supported").as_array().is_some_and(|list| !list.is_empty());
        if announced {
            return Ok(None);
        }
        let client = self.any_client(&["machine", "web", "native"])?;
        let proof = self.dpop_proof("POST", &self.endpoint("token_endpoint")?)?;
        let tokens = self.client_credentials(&client).header("DPoP", proof).send(self).await?;
        let bound = tokens.member("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("dpop"));
        let off =
            "dpop_signing_alg_values_supported is absent, and a token request with a proof brought no bound token";
        Ok((!bound).then(|| off.to_owned()))
    }
}

fn sorted(words: &str) -> Vec<&str> {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.sort_unstable();
    words
}
