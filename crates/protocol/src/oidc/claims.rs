//! The `claims` parameter (OpenID Connect Core section 5.5) and the claims that scopes stand for (section 5.4).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::scope::ScopeSet;

const MAX_CLAIMS: usize = 64;
const MAX_VALUES: usize = 16;
const MAX_DEPTH: usize = 8;

/// Standard claims by scope (section 5.4).
const BY_SCOPE: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// Every claim that a person's record may hold and a client may get. None of those that the server itself makes is among
/// them, so a record can never set one.  defends: jwt-claims-unchecked
pub fn standard_claims() -> impl Iterator<Item = &'static str> {
    BY_SCOPE.into_iter().flat_map(|(_, claims)| claims.iter().copied())
}

/// One claim asked for by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedClaim {
    name: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    essential: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<Value>,
}

/// What the `claims` parameter asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    id_token: Vec<RequestedClaim>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    userinfo: Vec<RequestedClaim>,
}

impl ClaimsRequest {
    /// Reads the parameter: a JSON object with `id_token` and `userinfo`; other members are ignored, as the section asks.
    pub fn parse(text: &str) -> Option<ClaimsRequest> {
        // defends: dos-expensive-input
        if depth(text) > MAX_DEPTH {
            return None;
        }
        let top: Map<String, Value> = serde_json::from_str(text).ok()?;
        let part = |name: &str| match top.get(name) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Object(members)) if members.len() <= MAX_CLAIMS => members.iter().map(requested).collect(),
            Some(_) => None,
        };
        Some(ClaimsRequest { id_token: part("id_token")?, userinfo: part("userinfo")? })
    }

    /// The same without the claims about a person whose scope the client is not `registered` for: what it may not ask for by
    /// scope it may not ask for by name either.
    pub(crate) fn within(mut self, registered: &ScopeSet) -> ClaimsRequest {
        // defends: too-much-scope-granted
        let open = |claim: &RequestedClaim| {
            let mut scopes = BY_SCOPE.iter().filter(|(_, claims)| claims.contains(&claim.name.as_str()));
            scopes.all(|(scope, _)| registered.contains(scope))
        };
        self.id_token.retain(open);
        self.userinfo.retain(open);
        self
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }

    /// Whether an essential `acr` is asked for that is not `reached` (section 5.5.1.1).
    pub fn essential_acr_excludes(&self, reached: &str) -> bool {
        self.id_token.iter().any(|claim| {
            claim.name == "acr"
                && claim.essential
                && !claim.values.is_empty()
                && !claim.values.iter().any(|value| value == reached)
        })
    }

    /// Whether `subject` may be the one who is signed in. Where a subject is asked for by value, nobody else may.
    pub fn admits(&self, subject: &str) -> bool {
        let mut all = self.id_token.iter().chain(&self.userinfo);
        all.all(|claim| {
            claim.name != "sub" || claim.values.is_empty() || claim.values.iter().any(|value| value == subject)
        })
    }

    /// Names asked for, wherever they are to appear, that tell about the person: the consent page shows them.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for claim in self.id_token.iter().chain(&self.userinfo) {
            if standard_claims().any(|name| name == claim.name) && !names.contains(&claim.name.as_str()) {
                names.push(&claim.name);
            }
        }
        names
    }

    /// Claims about a person for the ID token: those asked for one by one. `person` is a JSON object.
    pub fn for_id_token(&self, person: &str) -> Map<String, Value> {
        if self.id_token.is_empty() {
            return Map::new();
        }
        select(person, |name| self.id_token.iter().any(|claim| claim.name == name))
    }

    /// Claims about a person for userinfo: those of the scopes, and those asked for.
    pub fn for_userinfo(&self, person: &str, scope: &ScopeSet) -> Map<String, Value> {
        select(person, |name| {
            BY_SCOPE.iter().any(|(token, claims)| claims.contains(&name) && scope.contains(token))
                || self.userinfo.iter().any(|claim| claim.name == name)
        })
    }
}

fn select(person: &str, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let person: Map<String, Value> = serde_json::from_str(person).unwrap_or_default();
    // Other claims have no words on the consent page: they would leave without anybody having read of it.
    // defends: too-much-scope-granted
    let known = |name: &str| standard_claims().any(|known| known == name);
    person.into_iter().filter(|(name, _)| known(name) && wanted(name)).collect()
}

fn requested((name, wish): (&String, &Value)) -> Option<RequestedClaim> {
    if name.len() > 128 {
        return None;
    }
    let (essential, values) = match wish {
        Value::Null => (false, Vec::new()),
        Value::Object(members) => {
            let essential = match members.get("essential") {
                None => false,
                Some(value) => value.as_bool()?,
            };
            let mut values: Vec<Value> = members.get("value").cloned().into_iter().collect();
            if let Some(list) = members.get("values") {
                values.extend(list.as_array()?.iter().cloned());
            }
            (essential, values)
        }
        _ => return None,
    };
    (values.len() <= MAX_VALUES).then(|| RequestedClaim { name: name.clone(), essential, values })
}

/// How deep brackets nest outside strings: checked before a parser recurses.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: &str = r#"{"name":"Ada","email":"ada@example.com","sub":"u_other","auth_time":1,"badge":7,"address":{"country":"UK"}}"#;

    #[test]
    fn scopes_and_single_claims_select_and_reserved_names_never_pass() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo":{"email":null,"sub":null,"badge":null},"id_token":{"name":{"essential":true},"auth_time":null,"badge":null}}"#,
        )
        .expect("well-formed");
        let scope = ScopeSet::parse("openid address").expect("scope");
        let userinfo = request.for_userinfo(PERSON, &scope);
        assert_eq!(userinfo.keys().collect::<Vec<_>>(), ["address", "email"]);
        assert_eq!(request.for_id_token(PERSON).keys().collect::<Vec<_>>(), ["name"]);
        assert_eq!(request.names(), ["name", "email"]);
    }

    #[test]
    fn authentication_strength_bypass_essential_acr_is_seen() {
        let wish = |text| ClaimsRequest::parse(text).expect("well-formed").essential_acr_excludes("have");
        assert!(wish(r#"{"id_token":{"acr":{"essential":true,"values":["other"]}}}"#));
        assert!(!wish(r#"{"id_token":{"acr":{"essential":true,"values":["other","have"]}}}"#));
        assert!(!wish(r#"{"id_token":{"acr":{"values":["other"]}}}"#));
    }

    #[test]
    fn dos_expensive_input_deep_and_wide_claims_are_refused() {
        assert!(ClaimsRequest::parse(&format!("{}1{}", r#"{"id_token":{"x":{"value":["#, "]}}}")).is_some());
        assert!(ClaimsRequest::parse(&format!("{}{}", "[".repeat(4000), "]".repeat(4000))).is_none());
        for text in
            ["", "1", "[]", r#"{"id_token":1}"#, r#"{"id_token":{"x":1}}"#, r#"{"id_token":{"x":{"essential":"yes"}}}"#]
        {
            assert!(ClaimsRequest::parse(text).is_none(), "{text}");
        }
    }
}
