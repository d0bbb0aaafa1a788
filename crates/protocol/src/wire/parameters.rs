//! Parameters of OAuth requests: `application/x-www-form-urlencoded`, each name once.

use std::fmt;

use std::borrow::Cow;

use crate::rules::{Refusal, Rule};

/// At most this many pairs in one request.
const MAX_PAIRS: usize = 64;
/// At most this many bytes of parameters in one request.
pub const MAX_BYTES: usize = 32 * 1024;
const MAX_VALUE: usize = 4096;
const MAX_LARGE_VALUE: usize = 8192;

/// Every parameter name that some endpoint reads. Others are counted and then ignored (RFC 6749 section 3.1).
const KNOWN: &[&str] = &[
    "access_token",
    "acr_values",
    "claims",
    "claims_locales",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "display",
    "grant_type",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "registration",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "token",
    "token_type_hint",
    "ui_locales",
];

/// Names whose empty value is an error rather than an omission: dropping it silently would drop a check.
/// defends: pkce-downgrade
const NEVER_EMPTY: &[&str] = &[
    "client_assertion",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "resource",
];

const LARGE: &[&str] = &["claims", "client_assertion", "id_token_hint", "access_token", "token"];

/// The parameters of one request. No name but `resource` is there twice, no value is empty.
#[derive(Default)]
pub struct Parameters {
    pairs: Vec<(&'static str, String)>,
}

/// Names only: among the values are codes, secrets and tokens.  defends: secrets-in-logs-and-errors
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

impl Parameters {
    /// Reads a query string or a form body.
    ///
    /// Errors: [`Rule::RequestTooLarge`], [`Rule::ParameterRepeated`], [`Rule::ParameterMalformed`],
    /// [`Rule::ParameterTooLong`], [`Rule::ParameterEmpty`]. Accepting a repeated parameter would let two readers of one
    /// request see two requests.
    pub fn parse(bytes: &[u8]) -> Result<Parameters, Refusal> {
        // defends: dos-expensive-input
        if bytes.len() > MAX_BYTES {
            return Err(Rule::RequestTooLarge.refuse());
        }
        let mut pairs: Vec<(&'static str, String)> = Vec::with_capacity(12);
        let mut unknown: Vec<Cow<[u8]>> = Vec::new();
        let chunks = bytes.split(|&b| b == b'&').filter(|chunk| !chunk.is_empty());
        for (at, chunk) in chunks.enumerate() {
            if at >= MAX_PAIRS {
                return Err(Rule::RequestTooLarge.refuse());
            }
            let (name, value) = match chunk.iter().position(|&b| b == b'=') {
                Some(eq) => (&chunk[..eq], &chunk[eq + 1..]),
                None => (chunk, &[][..]),
            };
            let name = decoded(name).ok_or_else(|| Rule::ParameterMalformed.on("A parameter name"))?;
            let Some(known) = KNOWN.iter().copied().find(|known| known.as_bytes() == &*name) else {
                // defends: duplicate-parameters
                if unknown.contains(&name) {
                    return Err(Rule::ParameterRepeated.on("A parameter"));
                }
                unknown.push(name);
                continue;
            };
            if known != "resource" && pairs.iter().any(|(have, _)| *have == known) {
                return Err(Rule::ParameterRepeated.on(known));
            }
            if value.len() > if LARGE.contains(&known) { MAX_LARGE_VALUE } else { MAX_VALUE } {
                return Err(Rule::ParameterTooLong.on(known));
            }
            let value = decode(value)
                .and_then(|bytes| String::from_utf8(bytes).ok())
                // defends: injection-into-stores-and-logs
                .filter(|text| !has_control(text))
                .ok_or_else(|| Rule::ParameterMalformed.on(known))?;
            pairs.push((known, value));
        }
        if let Some((name, _)) = pairs.iter().find(|(name, value)| value.is_empty() && NEVER_EMPTY.contains(name)) {
            return Err(Rule::ParameterEmpty.on(name));
        }
        // "Parameters sent without a value MUST be treated as if they were omitted from the request."
        // https://www.rfc-editor.org/rfc/rfc6749#section-3.1
        pairs.retain(|(_, value)| !value.is_empty());
        Ok(Parameters { pairs })
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    pub fn require(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Rule::ParameterMissing.on(name))
    }

    /// Takes the value out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(have, _)| *have == name)?;
        Some(self.pairs.swap_remove(at).1)
    }

    /// All values of a parameter that may come more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(have, _)| *have == name).map(|(_, value)| value.as_str())
    }

    /// Whether `scope` holds `openid`: the request is for a sign-in, and an ID token comes of it.
    pub(crate) fn asks_for_openid(&self) -> bool {
        self.get("scope").is_some_and(|scope| scope.split(' ').any(|token| token == "openid"))
    }

    /// Whether no known parameter was sent.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

/// Percent and plus decoding. A stray percent sign is refused: it has no agreed reading.
pub fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    decoded(bytes).map(Cow::into_owned)
}

/// The same without a copy where there is nothing to decode, which is the rule for names.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(plain) = bytes.iter().position(|byte| matches!(byte, b'+' | b'%')) else {
        return Some(Cow::Borrowed(bytes));
    };
    let (plain, mut rest) = bytes.split_at(plain);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(plain);
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'+' => out.push(b' '),
            b'%' => {
                let [high, low, tail @ ..] = rest else { return None };
                out.push(hex(*high)? << 4 | hex(*low)?);
                rest = tail;
            }
            byte => out.push(byte),
        }
    }
    Some(Cow::Owned(out))
}

/// Whether there is a control character of Unicode (category Cc): those of ASCII, and U+0080 to U+009F.
fn has_control(text: &str) -> bool {
    if text.is_ascii() { text.bytes().any(|byte| byte.is_ascii_control()) } else { text.chars().any(char::is_control) }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(query: &[u8]) -> (Rule, &'static str) {
        let refusal = Parameters::parse(query).expect_err("must be refused");
        (refusal.rule(), refusal.parameter())
    }

    #[test]
    fn duplicate_parameters_are_refused_known_or_not() {
        assert_eq!(rule(b"state=a&state=a"), (Rule::ParameterRepeated, "state"));
        assert_eq!(rule(b"state=a&st%61te=b"), (Rule::ParameterRepeated, "state"));
        assert_eq!(rule(b"x=1&x=2"), (Rule::ParameterRepeated, "A parameter"));
        assert_eq!(rule(b"scope=&scope=a"), (Rule::ParameterRepeated, "scope"));
        assert_eq!(Parameters::parse(b"resource=a&resource=b").expect("may repeat").all("resource").count(), 2);
    }

    #[test]
    fn pkce_downgrade_empty_values_of_checks_are_errors() {
        for name in NEVER_EMPTY {
            assert_eq!(rule(format!("{name}=").as_bytes()).0, Rule::ParameterEmpty);
            assert_eq!(rule(name.as_bytes()).0, Rule::ParameterEmpty);
        }
        assert_eq!(Parameters::parse(b"scope=&state").expect("omitted").get("scope"), None);
    }

    #[test]
    fn injection_into_stores_and_logs_control_characters_and_bad_utf8_are_refused() {
        for query in
            [&b"state=%00"[..], b"state=a%0ab", b"state=%ff", b"state=%C2%85", b"state=%", b"state=%4", b"state=%zz"]
        {
            assert_eq!(rule(query), (Rule::ParameterMalformed, "state"));
        }
        assert_eq!(Parameters::parse("state=é%C3%A9+%2B".as_bytes()).expect("fine").get("state"), Some("éé +"));
    }

    #[test]
    fn dos_expensive_input_is_bounded() {
        assert_eq!(rule(format!("state={}", "a".repeat(4097)).as_bytes()), (Rule::ParameterTooLong, "state"));
        assert_eq!(rule("a".repeat(MAX_BYTES + 1).as_bytes()).0, Rule::RequestTooLarge);
        let many: String = (0..65).map(|n| format!("p{n}=1&")).collect();
        assert_eq!(rule(many.as_bytes()).0, Rule::RequestTooLarge);
    }
}
