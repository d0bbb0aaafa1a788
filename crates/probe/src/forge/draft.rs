//! A token before it is signed, and a token taken apart without any check.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use super::{ForgeError, SigningKey, hmac};

/// Header and payload of a token to come. Both are kept as text, so that what no JSON library would write can be set.
#[derive(Debug, Clone)]
pub struct Draft {
    header: Value,
    claims: Value,
    raw_header: Option<String>,
    raw_claims: Option<String>,
}

impl Draft {
    /// A draft of these members.
    pub fn new(header: Value, claims: Value) -> Self {
        Draft { header, claims, raw_header: None, raw_claims: None }
    }

    /// The header members as they stand.
    pub fn header(&self) -> &Value {
        &self.header
    }

    /// The claims as they stand.
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// Sets one header member.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, name, value.into());
        self
    }

    /// Leaves one header member out.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        unset(&mut self.header, name);
        self
    }

    /// Sets one claim.
    #[must_use]
    pub fn with_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, name, value.into());
        self
    }

    /// Leaves one claim out.
    #[must_use]
    pub fn without_claim(mut self, name: &str) -> Self {
        unset(&mut self.claims, name);
        self
    }

    /// The header, verbatim: duplicate names, text that is not JSON.
    #[must_use]
    pub fn with_raw_header(mut self, text: &str) -> Self {
        self.raw_header = Some(text.to_owned());
        self
    }

    /// The payload, verbatim.
    #[must_use]
    pub fn with_raw_claims(mut self, text: &str) -> Self {
        self.raw_claims = Some(text.to_owned());
        self
    }

    /// Writes a claim twice: the present value first, then `second`. Readers differ in which one they take.
    #[must_use]
    pub fn with_claim_twice(self, name: &str, second: impl Into<Value>) -> Self {
        let text = twice(&self.claims, name, &second.into());
        self.with_raw_claims(&text)
    }

    /// Writes a header member twice.
    #[must_use]
    pub fn with_header_twice(self, name: &str, second: impl Into<Value>) -> Self {
        let text = twice(&self.header, name, &second.into());
        self.with_raw_header(&text)
    }

    /// What a signature is made over: header and payload in base64url, with a dot.
    pub fn signing_input(&self) -> String {
        let header = self.raw_header.clone().unwrap_or_else(|| self.header.to_string());
        let claims = self.raw_claims.clone().unwrap_or_else(|| self.claims.to_string());
        format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()))
    }

    /// Genuinely signed by `key` with its usual algorithm; `alg` and `kid` of the header are set to fit.
    pub fn sign(self, key: &SigningKey) -> Result<String, ForgeError> {
        self.with_header("alg", key.algorithm()).with_header("kid", key.kid()).sign_as(key, key.algorithm())
    }

    /// Signed by `key` with `alg`, whatever the header says.
    pub fn sign_as(self, key: &SigningKey, alg: &str) -> Result<String, ForgeError> {
        let input = self.signing_input();
        let signature = key.sign(alg, input.as_bytes())?;
        Ok(format!("{input}.{}", encode(&signature)))
    }

    /// Authenticated by `secret`; `alg` of the header is set.
    pub fn mac(self, alg: &str, secret: &[u8]) -> String {
        let input = self.with_header("alg", alg).signing_input();
        let tag = hmac(alg, secret, input.as_bytes());
        format!("{input}.{}", encode(&tag))
    }

    /// With these bytes for a signature.
    pub fn with_signature(self, signature: &[u8]) -> String {
        format!("{}.{}", self.signing_input(), encode(signature))
    }

    /// With nothing after the second dot.
    pub fn unsigned(self) -> String {
        self.with_signature(&[])
    }

    /// The JSON serialisations (RFC 7515 section 7.2) of a compact token: flattened, then general.
    pub fn json_forms(compact: &str) -> Option<(String, String)> {
        let mut parts = compact.split('.');
        let (protected, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let flattened = json!({ "protected": protected, "payload": payload, "signature": signature });
        let general = json!({ "payload": payload, "signatures": [{ "protected": protected, "signature": signature }] });
        Some((flattened.to_string(), general.to_string()))
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    match object.as_object_mut() {
        Some(members) => drop(members.insert(name.to_owned(), value)),
        None => *object = Value::Object(Map::from_iter([(name.to_owned(), value)])),
    }
}

fn unset(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.remove(name);
    }
}

/// The object's text with one more member of that name at the end.
fn twice(object: &Value, name: &str, second: &Value) -> String {
    let text = object.to_string();
    let members = object.as_object().map_or(0, Map::len);
    let inner = text.strip_suffix('}').unwrap_or(&text);
    let comma = if members == 0 { "" } else { "," };
    format!("{inner}{comma}{}:{second}}}", Value::from(name))
}

/// A token taken apart. Nothing about it has been checked.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The header.
    pub header: Value,
    /// The payload.
    pub claims: Value,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// Header and payload as they were sent, with the dot.
    pub signing_input: String,
}

impl Decoded {
    /// A draft with the same header and claims.
    pub fn draft(&self) -> Draft {
        Draft::new(self.header.clone(), self.claims.clone())
    }

    /// The same header and payload text under another signature.
    pub fn with_signature(&self, signature: &[u8]) -> String {
        format!("{}.{}", self.signing_input, encode(signature))
    }
}

/// Takes a compact JWT apart; `None` when it is not one (an opaque token, say).
pub fn decode(token: &str) -> Option<Decoded> {
    let (input, signature) = token.rsplit_once('.')?;
    let (header, payload) = input.split_once('.')?;
    let object = |part: &str| -> Option<Value> {
        let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
        serde_json::from_slice(&bytes).ok().filter(Value::is_object)
    };
    Some(Decoded {
        header: object(header)?,
        claims: object(payload)?,
        signature: BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?,
        signing_input: input.to_owned(),
    })
}

/// base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Fresh text of 128 random bits, for `jti`, `state` and the like.
pub fn random_text() -> String {
    let mut bytes = [0; 16];
    // The system's generator does not fail after start-up; should it, the text repeats and a control fails loudly.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    encode(&bytes)
}
