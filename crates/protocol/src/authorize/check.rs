//! Third stop: every other rule of an authorization request. What passes is what the person is asked about.

use std::sync::Arc;

use jose::{Algorithm, Expectation, ExpectedAudience, IdToken, JwkSet, UnixTime};

use crate::authorize::bind::{BoundAuthorizationRequest, RedirectRejection};
use crate::oidc::claims::ClaimsRequest;
use crate::policy::Policy;
use crate::redirect_uri::VerifiedRedirect;
use crate::registration::{GrantType, PkceDemand, RegisteredClient};
use crate::rules::{Refusal, Rule};
use crate::scope::{OPENID_SCOPES, ScopeSet};
use crate::wire::parameters::Parameters;
use crate::wire::response::ResponseMode;

/// A `prompt` value (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Show consent.
    Consent,
    /// Ask for the password again.
    Login,
    /// Show nothing.
    None,
    /// Let the person choose who he is.
    SelectAccount,
}

/// The server's own public keys and the time: what an `id_token_hint` is checked against.
pub struct HintKeys<'a> {
    /// Public keys of this server.
    pub keys: &'a JwkSet,
    /// Now.
    pub now: UnixTime,
}

/// A request that broke no rule.
#[derive(Debug)]
pub struct CheckedAuthorizationRequest {
    pub(super) client: Arc<RegisteredClient>,
    pub(super) redirect: VerifiedRedirect,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
    pub(super) scope: ScopeSet,
    pub(super) resources: Vec<String>,
    pub(super) challenge: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) prompts: Vec<Prompt>,
    pub(super) max_age: Option<u32>,
    pub(super) login_hint: Option<String>,
    pub(super) ui_locales: Option<String>,
    pub(super) hint_subject: Option<String>,
    pub(super) claims: ClaimsRequest,
}

struct Checked {
    mode: ResponseMode,
    scope: ScopeSet,
    resources: Vec<String>,
    challenge: Option<String>,
    prompts: Vec<Prompt>,
    max_age: Option<u32>,
    hint_subject: Option<String>,
    claims: ClaimsRequest,
}

impl BoundAuthorizationRequest {
    /// Checks what is left. Every error here may go back to the client, on a trusted redirect.
    pub fn check(self, policy: &Policy, hint: &HintKeys) -> Result<CheckedAuthorizationRequest, RedirectRejection> {
        match check(&self.parameters, &self.client, policy, hint) {
            Err(refusal) => Err(self.reject(refusal)),
            Ok(checked) => {
                let mut parameters = self.parameters;
                Ok(CheckedAuthorizationRequest {
                    client: self.client,
                    redirect: self.redirect,
                    mode: checked.mode,
                    state: parameters.take("state"),
                    scope: checked.scope,
                    resources: checked.resources,
                    challenge: checked.challenge,
                    nonce: parameters.take("nonce"),
                    prompts: checked.prompts,
                    max_age: checked.max_age,
                    login_hint: parameters.take("login_hint"),
                    ui_locales: parameters.take("ui_locales"),
                    hint_subject: checked.hint_subject,
                    claims: checked.claims,
                })
            }
        }
    }
}

fn check(
    parameters: &Parameters,
    client: &RegisteredClient,
    policy: &Policy,
    hint: &HintKeys,
) -> Result<Checked, Refusal> {
    unsupported(parameters)?;
    let mode = response(parameters, client)?;
    let challenge = pkce(parameters, client)?;
    let scope = scope(parameters, client, policy)?;
    let resources = resources(parameters, client, policy)?;
    let claims = match parameters.get("claims") {
        Some(text) => ClaimsRequest::parse(text).ok_or_else(|| Rule::ClaimsMalformed.refuse())?.within(&client.scope),
        None => ClaimsRequest::default(),
    };
    // One level exists, so whoever insists on another cannot be served.  defends: authentication-strength-bypass
    if claims.essential_acr_excludes(crate::oidc::ACR_PASSWORD) {
        return Err(Rule::AcrUnmet.refuse());
    }
    let max_age = match parameters.get("max_age") {
        Some(text) => Some(max_age(text).ok_or_else(|| Rule::ParameterMalformed.on("max_age"))?),
        None => client.metadata().default_max_age,
    };
    let prompts = prompts(parameters.get("prompt"))?;
    let hint_subject = match parameters.get("id_token_hint") {
        Some(token) => {
            Some(hint_subject(token, client, policy, hint).ok_or_else(|| Rule::IdTokenHintInvalid.refuse())?)
        }
        None => None,
    };
    Ok(Checked { mode, scope, resources, challenge, prompts, max_age, hint_subject, claims })
}

fn unsupported(parameters: &Parameters) -> Result<(), Refusal> {
    // A request object that is ignored would leave its protections to chance.  defends: request-object-bypass
    for (name, rule) in [
        ("request", Rule::RequestObjectUnsupported),
        ("request_uri", Rule::RequestUriUnsupported),
        ("registration", Rule::RegistrationUnsupported),
    ] {
        if parameters.get(name).is_some() {
            return Err(rule.refuse());
        }
    }
    Ok(())
}

fn response(parameters: &Parameters, client: &RegisteredClient) -> Result<ResponseMode, Refusal> {
    // defends: response-mode-switching, wrong-grant-for-client
    match parameters.require("response_type")? {
        "code" => {}
        _ => return Err(Rule::ResponseTypeUnsupported.refuse()),
    }
    if !client.allows(GrantType::AuthorizationCode) {
        return Err(Rule::CodeGrantNotAllowed.refuse());
    }
    match parameters.get("response_mode") {
        None => Ok(ResponseMode::Query),
        Some(text) => ResponseMode::parse(text).ok_or_else(|| Rule::ResponseModeUnsupported.refuse()),
    }
}

fn pkce(parameters: &Parameters, client: &RegisteredClient) -> Result<Option<String>, Refusal> {
    let method = parameters.get("code_challenge_method");
    let Some(challenge) = parameters.get("code_challenge") else {
        if method.is_some() {
            return Err(Rule::PkceRequired.refuse());
        }
        return match client.pkce() {
            // Whoever reads every URL has the code; he has no verifier.
            // defends: pkce-downgrade, code-injection, url-exfiltration-by-proxy-config
            PkceDemand::Required => Err(Rule::PkceRequired.refuse()),
            // Without an ID token nobody would look at the nonce.
            PkceDemand::DangerOptional if !parameters.asks_for_openid() => Err(Rule::PkceRequired.refuse()),
            PkceDemand::DangerOptional if parameters.get("nonce").is_none() => Err(Rule::NonceRequired.refuse()),
            PkceDemand::DangerOptional => Ok(None),
        };
    };
    // The default method would be plain, so a missing method is as bad.
    // https://www.rfc-editor.org/rfc/rfc7636#section-4.3  defends: pkce-plain-observed
    if method != Some("S256") {
        return Err(Rule::PkceMethodUnsupported.refuse());
    }
    // defends: pkce-weak-or-reused-challenge
    if challenge.len() != 43 || data_encoding::BASE64URL_NOPAD.decode(challenge.as_bytes()).is_err() {
        return Err(Rule::PkceChallengeMalformed.refuse());
    }
    Ok(Some(challenge.to_owned()))
}

fn scope(parameters: &Parameters, client: &RegisteredClient, policy: &Policy) -> Result<ScopeSet, Refusal> {
    let text = parameters.get("scope").ok_or_else(|| Rule::ScopeMissing.refuse())?;
    let scope = ScopeSet::parse(text).ok_or_else(|| Rule::ParameterMalformed.on("scope"))?;
    for token in scope.iter() {
        if !OPENID_SCOPES.contains(&token) && policy.resource_of_scope(token).is_none() {
            return Err(Rule::ScopeUnknown.refuse());
        }
        // defends: too-much-scope-granted
        if !client.scope.contains(token) {
            return Err(Rule::ScopeNotAllowed.refuse());
        }
    }
    Ok(scope)
}

fn resources(parameters: &Parameters, client: &RegisteredClient, policy: &Policy) -> Result<Vec<String>, Refusal> {
    let mut named: Vec<String> = Vec::new();
    for resource in parameters.all("resource") {
        // defends: resource-indicator-abuse, access-token-phishing-counterfeit-rs
        if resource != policy.issuer && policy.resource(resource).is_none() {
            return Err(Rule::ResourceUnknown.refuse());
        }
        if resource != policy.issuer && !client.may_target(resource) {
            return Err(Rule::ResourceNotAllowed.refuse());
        }
        if !named.iter().any(|have| have == resource) {
            named.push(resource.to_owned());
        }
    }
    Ok(named)
}

fn prompts(text: Option<&str>) -> Result<Vec<Prompt>, Refusal> {
    let mut prompts = Vec::new();
    for word in text.into_iter().flat_map(|text| text.split(' ')) {
        let prompt = match word {
            "consent" => Prompt::Consent,
            "login" => Prompt::Login,
            "none" => Prompt::None,
            "select_account" => Prompt::SelectAccount,
            _ => return Err(Rule::PromptMalformed.refuse()),
        };
        if !prompts.contains(&prompt) {
            prompts.push(prompt);
        }
    }
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(Rule::PromptMalformed.refuse());
    }
    Ok(prompts)
}

fn max_age(text: &str) -> Option<u32> {
    (text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Whom the client believes to be signed in. The hint may be old; it must be ours and for this client.
fn hint_subject(token: &str, client: &RegisteredClient, policy: &Policy, hint: &HintKeys) -> Option<String> {
    // defends: id-token-audience-confusion
    let audiences = [client.id()];
    let expect = Expectation::new(&policy.issuer, ExpectedAudience::Contains(&audiences), &Algorithm::ALL, hint.now)
        .danger_ignore_expiry();
    jose::verify::<IdToken>(token, hint.keys, &expect).ok().map(|verified| verified.into_claims().sub)
}

impl CheckedAuthorizationRequest {
    /// The client.
    pub fn client(&self) -> &RegisteredClient {
        &self.client
    }

    /// Where the answer goes.
    pub fn redirect(&self) -> &VerifiedRedirect {
        &self.redirect
    }

    /// What is asked for.
    pub fn scope(&self) -> &ScopeSet {
        &self.scope
    }

    /// Where it is to be used.
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// Claims asked for one by one.
    pub fn claims(&self) -> &ClaimsRequest {
        &self.claims
    }

    /// Whom the client expects: prefills the form, proves nothing.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// Languages that the client prefers for the person.
    pub fn ui_locales(&self) -> Option<&str> {
        self.ui_locales.as_deref()
    }

    /// The challenge that this request carried.
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// Turns the request away after all; the answer goes back as any other error does.
    pub fn reject(self, refusal: Refusal) -> RedirectRejection {
        RedirectRejection { refusal, client: self.client, redirect: self.redirect, mode: self.mode, state: self.state }
    }
}
