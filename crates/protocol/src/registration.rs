//! Client metadata (RFC 7591 names, and a few of ours) and the registered client that comes of it.

mod metadata;

use jose::{Algorithm, JwkSet, Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use crate::handle::{Id, SecretHash};
use crate::policy::Policy;
use crate::redirect_uri::RegisteredRedirectUri;
use crate::scope::{OPENID_SCOPES, ScopeSet};

pub use metadata::{ApplicationType, ClientAuthMethod, ClientMetadata, GrantType, MetadataError, RefreshPolicy};

/// A registered client as the store keeps it. Serializes as JSON; holds no secret, only hashes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredClient {
    metadata: ClientMetadata,
    secrets: Vec<ClientSecretRecord>,
    issued_at: UnixTime,
    disabled: bool,
}

/// A client secret at rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecretRecord {
    /// The id in the secret's handle.
    pub id: Id,
    /// SHA-256 of the secret part.
    pub hash: SecretHash,
    /// After this the secret no longer counts: set when it is rolled.
    pub expires: Option<UnixTime>,
}

/// A client that is registered here: metadata that was checked, with what the server needs at every request parsed.
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    pub(crate) id: String,
    pub(crate) metadata: ClientMetadata,
    pub(crate) application_type: ApplicationType,
    pub(crate) redirect_uris: Vec<RegisteredRedirectUri>,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) auth_method: ClientAuthMethod,
    pub(crate) scope: ScopeSet,
    pub(crate) jwks: Option<JwkSet>,
    pub(crate) refresh_policy: RefreshPolicy,
    pub(crate) secrets: Vec<ClientSecretRecord>,
    pub(crate) issued_at: UnixTime,
    pub(crate) disabled: bool,
}

/// The alarming switches of a client, as a type: there is no `bool` to mix up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PkceDemand {
    /// Lost: code injection is noticed only by a client that checks `nonce`.
    DangerOptional,
    /// Always.
    Required,
}

impl RegisteredClient {
    /// Checks metadata against the rules and the server's policy, and completes it with the defaults.
    ///
    /// Errors name the member. What passes here is trusted at every request: a redirect URI that slips through is an
    /// open redirector, an auth method that does not fit the client is an identity that anybody can claim.
    pub fn register(
        metadata: ClientMetadata,
        made_up_id: &str,
        policy: &Policy,
        now: UnixTime,
    ) -> Result<RegisteredClient, MetadataError> {
        let err = MetadataError::new;
        let client = RegisteredClient::build(metadata, made_up_id, now)?;
        let metadata = &client.metadata;
        let resources = metadata.resources.as_deref().unwrap_or_default();
        for (member, named) in [("resources", resources), ("introspect_resources", &metadata.introspect_resources)] {
            if named.iter().any(|resource| policy.resource(resource).is_none()) {
                return Err(err(member, "name a resource that is not in the server's configuration"));
            }
        }
        if client.scope.iter().any(|token| !OPENID_SCOPES.contains(&token) && policy.resource_of_scope(token).is_none())
        {
            return Err(err("scope", "names a scope that is not in the server's configuration"));
        }
        // Else a request that leaves out resource would get what one that names it is refused.
        // defends: resource-indicator-abuse
        let closed = |token| policy.resource_of_scope(token).is_some_and(|api| !client.may_target(&api.identifier));
        if client.scope.iter().any(closed) {
            return Err(err("scope", "names a scope of a resource that resources leaves out"));
        }
        Ok(client)
    }

    /// Everything that can be checked of metadata alone.
    fn build(mut metadata: ClientMetadata, made_up_id: &str, now: UnixTime) -> Result<RegisteredClient, MetadataError> {
        let err = MetadataError::new;
        let id = metadata.client_id.clone().unwrap_or_else(|| made_up_id.to_owned());
        if id.is_empty() || id.len() > 128 || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/".contains(&b)) {
            return Err(err("client_id", "must be 1 to 128 letters, digits or -._~:/"));
        }
        // The subject of a client's own token is its id: it must never read as a person's subject.
        // defends: client-impersonating-resource-owner
        if id.starts_with(crate::record::SUBJECT_PREFIX) {
            return Err(err("client_id", "must not look like a person's subject"));
        }
        let application_type = metadata.application_type.unwrap_or(ApplicationType::Web);
        let auth_method = metadata.token_endpoint_auth_method.unwrap_or(match application_type {
            ApplicationType::Native => ClientAuthMethod::None,
            ApplicationType::Web => ClientAuthMethod::ClientSecretBasic,
        });
        // A secret in an app is in everybody's hands.  https://www.rfc-editor.org/rfc/rfc8252#section-8.5
        // defends: obtain-client-secret
        if application_type == ApplicationType::Native
            && matches!(auth_method, ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost)
        {
            return Err(err(
                "token_endpoint_auth_method",
                "must be none or private_key_jwt for a native client: an app cannot keep a shared secret",
            ));
        }
        let public = auth_method == ClientAuthMethod::None;
        let jwks = match (&metadata.jwks, auth_method) {
            (Some(value), ClientAuthMethod::PrivateKeyJwt) => {
                let set = JwkSet::from_value(value).map_err(|_| err("jwks", "is not a set of public keys that this server accepts (RFC 7517; RSA of 2048 bits or more, P-256, P-384 or Ed25519, no private members)"))?;
                if set.is_empty() {
                    return Err(err("jwks", "must hold at least one key"));
                }
                Some(set)
            }
            (None, ClientAuthMethod::PrivateKeyJwt) => return Err(err("jwks", "is needed for private_key_jwt")),
            (Some(_), _) => return Err(err("jwks", "is used with private_key_jwt only")),
            (None, _) => None,
        };
        let grant_types = metadata.grant_types.clone().unwrap_or_else(|| vec![GrantType::AuthorizationCode]);
        if grant_types.is_empty() && metadata.introspect_resources.is_empty() {
            return Err(err("grant_types", "must name a grant type, unless the client is a resource server"));
        }
        // defends: client-credentials-abuse, wrong-grant-for-client
        if public && grant_types.contains(&GrantType::ClientCredentials) {
            return Err(err(
                "grant_types",
                "must not hold client_credentials for a public client: nobody is authenticated",
            ));
        }
        let by_code = grant_types.contains(&GrantType::AuthorizationCode);
        if grant_types.contains(&GrantType::RefreshToken) && !by_code {
            return Err(err("grant_types", "must hold authorization_code beside refresh_token"));
        }
        if by_code == metadata.redirect_uris.is_empty() {
            return Err(err("redirect_uris", "go with the grant type authorization_code, and with no other"));
        }
        if metadata.redirect_uris.len() > 32 {
            return Err(err("redirect_uris", "are more than 32"));
        }
        let redirect_uris = metadata
            .redirect_uris
            .iter()
            .map(|uri| RegisteredRedirectUri::register(uri, application_type))
            .collect::<Result<Vec<_>, _>>()?;
        let response_types =
            metadata.response_types.clone().unwrap_or_else(|| if by_code { vec!["code".into()] } else { vec![] });
        if response_types.iter().any(|kind| kind != "code") || response_types.is_empty() == by_code {
            return Err(err("response_types", "must be code exactly where grant_types holds authorization_code"));
        }
        let refresh_policy = match (metadata.refresh_token_policy, grant_types.contains(&GrantType::RefreshToken)) {
            (None | Some(RefreshPolicy::None), false) => RefreshPolicy::None,
            (Some(_), false) => return Err(err("refresh_token_policy", "needs the grant type refresh_token")),
            // defends: refresh-token-replay, obtain-refresh-token-from-client
            (Some(RefreshPolicy::Reuse), true) if public => {
                return Err(err("refresh_token_policy", "must be rotate for a public client (RFC 9700 section 2.2.2)"));
            }
            (policy, true) => policy.unwrap_or(RefreshPolicy::Rotate),
        };
        if public && metadata.danger_allow_missing_pkce == Some(true) {
            return Err(err("danger_allow_missing_pkce", "is for confidential clients only (RFC 9700 section 2.1.1)"));
        }
        if public && metadata.remember_consent == Some(true) {
            return Err(err(
                "remember_consent",
                "must not be true for a public client: any app could use its name (RFC 6819 section 5.2.3.2)",
            ));
        }
        if public && !metadata.introspect_resources.is_empty() {
            return Err(err("introspect_resources", "needs a client that authenticates"));
        }
        if metadata.access_token_lifetime.is_some_and(|secs| !(10..=3600).contains(&secs)) {
            return Err(err("access_token_lifetime", "must be 10 to 3600 seconds"));
        }
        let scope = metadata.scope.clone().unwrap_or(ScopeSet::EMPTY);
        check_texts(&metadata)?;
        metadata.client_id = Some(id.clone());
        metadata.application_type = Some(application_type);
        metadata.grant_types = Some(grant_types.clone());
        metadata.response_types = Some(response_types);
        metadata.token_endpoint_auth_method = Some(auth_method);
        metadata.refresh_token_policy = Some(refresh_policy);
        metadata.scope = Some(scope.clone());
        Ok(RegisteredClient {
            id,
            metadata,
            application_type,
            redirect_uris,
            grant_types,
            auth_method,
            scope,
            jwks,
            refresh_policy,
            secrets: Vec::new(),
            issued_at: now,
            disabled: false,
        })
    }

    /// What the store keeps of it.
    pub fn to_stored(&self) -> StoredClient {
        StoredClient {
            metadata: self.metadata.clone(),
            secrets: self.secrets.clone(),
            issued_at: self.issued_at,
            disabled: self.disabled,
        }
    }

    /// The client that [`Self::to_stored`] came from. Errors when a newer version's rules refuse it.
    pub fn from_stored(stored: StoredClient) -> Result<RegisteredClient, MetadataError> {
        let mut client = RegisteredClient::build(stored.metadata, "", stored.issued_at)?;
        client.secrets = stored.secrets;
        client.disabled = stored.disabled;
        Ok(client)
    }

    /// Takes up the hash of a new secret; those before it end at `old_until`, and those that had ended before `now` go.
    pub fn add_secret(&mut self, id: Id, hash: SecretHash, old_until: UnixTime, now: UnixTime) {
        for secret in &mut self.secrets {
            secret.expires = Some(secret.expires.map_or(old_until, |set| set.min(old_until)));
        }
        self.secrets.retain(|secret| secret.expires.is_none_or(|end| end >= now));
        self.secrets.push(ClientSecretRecord { id, hash, expires: None });
    }

    /// The client identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Metadata with defaults filled in.
    pub fn metadata(&self) -> &ClientMetadata {
        &self.metadata
    }

    /// When it was registered.
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// Secrets at rest.
    pub fn secrets(&self) -> &[ClientSecretRecord] {
        &self.secrets
    }

    /// Whether the operator has switched it off.
    pub fn is_disabled(&self) -> bool {
        self.disabled
    }

    /// Switches it off or on.
    pub fn set_disabled(&mut self, disabled: bool) {
        self.disabled = disabled;
    }

    /// Whether the client has nothing that only it knows.
    pub fn is_public(&self) -> bool {
        self.auth_method == ClientAuthMethod::None
    }

    /// How it authenticates.
    pub fn auth_method(&self) -> ClientAuthMethod {
        self.auth_method
    }

    /// `web` or `native`.
    pub fn application_type(&self) -> ApplicationType {
        self.application_type
    }

    /// What people read.
    pub fn display_name(&self) -> &str {
        self.metadata.client_name.as_deref().unwrap_or(&self.id)
    }

    /// Whether it may use a grant type.
    pub fn allows(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// What becomes of its refresh tokens.
    pub fn refresh_policy(&self) -> RefreshPolicy {
        self.refresh_policy
    }

    /// Whether a challenge is demanded.
    pub fn pkce(&self) -> PkceDemand {
        if self.metadata.danger_allow_missing_pkce == Some(true) {
            PkceDemand::DangerOptional
        } else {
            PkceDemand::Required
        }
    }

    /// Whether a page of `origin` (RFC 6454, as browsers send it) is this client: a public client that runs in a browser,
    /// at the origin of one of its redirect URIs. A wrong "yes" lets a foreign page read this client's answers.
    pub fn runs_at(&self, origin: &str) -> bool {
        let at = |uri: &RegisteredRedirectUri| {
            let rest = uri.as_str().strip_prefix(origin);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with('?'))
        };
        self.is_public() && self.application_type == ApplicationType::Web && self.redirect_uris.iter().any(at)
    }

    /// Whether the operator answers for it (RFC 9700 section 4.11.2).
    pub fn is_vouched_for(&self) -> bool {
        self.metadata.vouched_for != Some(false)
    }

    /// Whether its assertions may name the token endpoint. Lost: see the metadata.
    pub fn danger_accepts_endpoint_audience(&self) -> bool {
        self.metadata.danger_accept_endpoint_audience == Some(true)
    }

    /// Whether consent may be remembered. Only for a client that must authenticate before a code is of use to it.
    pub fn may_remember_consent(&self) -> bool {
        !self.is_public() && self.metadata.remember_consent != Some(false)
    }

    /// Whether it may introspect tokens for `resource`.
    pub fn introspects(&self, resource: &str) -> bool {
        self.metadata.introspect_resources.iter().any(|have| have == resource)
    }

    /// Whether it may ask for `resource`.
    pub fn may_target(&self, resource: &str) -> bool {
        self.metadata.resources.as_ref().is_none_or(|list| list.iter().any(|have| have == resource))
    }

    /// How long its access tokens live, where it differs from the server's default.
    pub fn access_token_lifetime(&self) -> Option<Seconds> {
        self.metadata.access_token_lifetime.map(Seconds)
    }

    /// The algorithm that it asked for, for its ID tokens.
    pub fn id_token_alg(&self) -> Option<Algorithm> {
        self.metadata.id_token_signed_response_alg
    }
}

/// People read these on the consent page.  defends: consent-page-injection
fn check_texts(metadata: &ClientMetadata) -> Result<(), MetadataError> {
    let err = MetadataError::new;
    let clean = |text: &str, max: usize| !text.is_empty() && text.len() <= max && !text.chars().any(char::is_control);
    if metadata.client_name.as_deref().is_some_and(|name| !clean(name, 120)) {
        return Err(err("client_name", "must be 1 to 120 bytes without control characters"));
    }
    for (member, uri) in [
        ("client_uri", &metadata.client_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
        ("logo_uri", &metadata.logo_uri),
    ] {
        let https = |uri: &str| {
            clean(uri, 2048) && url::Url::parse(uri).is_ok_and(|url| url.scheme() == "https" && url.as_str() == uri)
        };
        if uri.as_deref().is_some_and(|uri| !https(uri)) {
            return Err(err(member, "must be an https URL in its normal form"));
        }
    }
    if metadata.contacts.len() > 8 || metadata.contacts.iter().any(|contact| !clean(contact, 254)) {
        return Err(err("contacts", "must be at most 8 entries of 1 to 254 bytes"));
    }
    Ok(())
}
