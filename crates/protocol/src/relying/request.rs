//! Form requests to the token, revocation and introspection endpoints, with client authentication.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use jose::{Audience, ClientAssertion, JoseError, Seconds, Secret, SigningKey, UnixTime};

use super::{ClientAuthentication, ClientIdentity, form};

/// How long a client assertion lives. Long enough for a slow link, too short to be worth stealing.
const ASSERTION_LIFE: Seconds = Seconds(60);

/// The time and the randomness of one request.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now.
    pub now: UnixTime,
    /// 128 fresh random bits. They become the `jti` of a client assertion; a repeated value gets the assertion refused.
    pub random: [u8; 16],
}

/// One parameter of a [`FormRequest`].
#[derive(Debug)]
pub struct Parameter {
    name: &'static str,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Public(String),
    Secret(Secret<String>),
}

impl Parameter {
    /// The parameter's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The value, unless it is a credential.
    pub fn public_value(&self) -> Option<&str> {
        match &self.value {
            Value::Public(value) => Some(value),
            Value::Secret(_) => None,
        }
    }

    fn value(&self) -> &str {
        match &self.value {
            Value::Public(value) => value,
            Value::Secret(value) => value.expose(),
        }
    }
}

/// A POST with a form body. `Debug` prints no credential.
///
/// Send it with `Content-Type: application/x-www-form-urlencoded` and `Accept: application/json`, and never follow a redirect
/// with it: the body holds credentials for this endpoint alone.
#[derive(Debug)]
pub struct FormRequest {
    endpoint: String,
    authorization: Option<Secret<String>>,
    parameters: Vec<Parameter>,
}

impl FormRequest {
    pub(crate) fn new(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), authorization: None, parameters: Vec::new() }
    }

    pub(crate) fn public(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.push(Parameter { name, value: Value::Public(value.to_owned()) });
        self
    }

    pub(crate) fn secret(mut self, name: &'static str, value: &Secret<String>) -> Self {
        self.parameters.push(Parameter { name, value: Value::Secret(value.clone()) });
        self
    }

    /// Adds the client's proof. `issuer` is the audience of an assertion, whatever endpoint receives it.
    ///
    /// Fails only when the library cannot sign a client assertion.
    pub(crate) fn authenticated(
        self,
        client: &ClientIdentity,
        issuer: &str,
        moment: Moment,
    ) -> Result<Self, JoseError> {
        let id = client.client_id();
        Ok(match client.authentication() {
            ClientAuthentication::None => self.public("client_id", id),
            ClientAuthentication::SecretBasic(secret) => self.with_basic(id, secret),
            ClientAuthentication::SecretPost(secret) => self.public("client_id", id).secret("client_secret", secret),
            ClientAuthentication::PrivateKeyJwt(key) => self
                .public("client_id", id)
                .public("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .secret("client_assertion", &assertion(key, id, issuer, moment)?),
        })
    }

    // RFC 6749 section 2.3.1 form-encodes both halves first, so that a colon in the identifier cannot move the border.
    fn with_basic(mut self, id: &str, secret: &Secret<String>) -> Self {
        let pair = Secret::new(format!("{}:{}", form::encode(id), form::encode(secret.expose())));
        self.authorization = Some(Secret::new(format!("Basic {}", BASE64.encode(pair.expose().as_bytes()))));
        self
    }

    /// The absolute URL to post to, taken from the record of the issuer that the credential belongs to.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The value of the `Authorization` header, for `client_secret_basic`.
    pub fn authorization(&self) -> Option<&Secret<String>> {
        self.authorization.as_ref()
    }

    /// The parameters in the order of the body, credentials unreadable.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The encoded body.
    pub fn body(&self) -> Secret<String> {
        let pairs = self.parameters.iter().map(|parameter| (parameter.name, parameter.value()));
        Secret::new(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
    }
}

fn assertion(key: &SigningKey, id: &str, issuer: &str, moment: Moment) -> Result<Secret<String>, JoseError> {
    let claims = ClientAssertion {
        iss: id.to_owned(),
        sub: id.to_owned(),
        // The issuer alone, as one string: an assertion that names an endpoint can be replayed by a server that copied
        // the endpoint into its own metadata.  defends: audience-injection-client-assertion
        aud: Audience::one(issuer),
        exp: moment.now + ASSERTION_LIFE,
        iat: Some(moment.now),
        nbf: None,
        jti: BASE64URL_NOPAD.encode(&moment.random),
    };
    key.sign(&claims).map(Secret::new)
}
