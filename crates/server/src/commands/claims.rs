//! Claims about a person as the operator writes them: the standard ones of OpenID Connect Core section 5.1, of the right
//! type.
//!
//! decision: no other names. A client can ask for any claim by name, and the consent page has words for the standard ones
//! only: another claim would leave without the person having read of it.

use protocol::UnixTime;
use protocol::oidc::claims::standard_claims;
use serde_json::{Map, Value, json};

use super::CommandError;

const LONGEST: usize = 1024;
const ADDRESS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];

/// Checks `given` and adds what the server knows itself: `preferred_username` and `updated_at`, unless given.
pub(super) fn check(
    mut given: Map<String, Value>,
    username: &str,
    now: UnixTime,
) -> Result<Map<String, Value>, CommandError> {
    for (name, value) in &given {
        // `sub` and the token's own claims are not standard claims of a person: they cannot be set here.
        // defends: jwt-claims-unchecked
        if !standard_claims().any(|known| known == name) {
            let known: Vec<&str> = standard_claims().collect();
            return Err(CommandError::invalid(
                format!("claim {name} is not a standard claim about a person (OpenID Connect Core section 5.1)"),
                format!("remove it. Known are {}", known.join(", ")),
            ));
        }
        shape(name, value).map_err(|fix| CommandError::invalid(format!("claim {name} has the wrong form"), fix))?;
    }
    given.entry("preferred_username").or_insert_with(|| json!(username));
    given.entry("updated_at").or_insert_with(|| json!(now));
    Ok(given)
}

/// Whether a value fits its claim; else what to write.
fn shape(name: &str, value: &Value) -> Result<(), &'static str> {
    let fits = |fits: bool, fix: &'static str| if fits { Ok(()) } else { Err(fix) };
    match name {
        "email_verified" | "phone_number_verified" => fits(value.is_boolean(), "write true or false"),
        "updated_at" => fits(value.as_i64().is_some_and(|at| at >= 0), "write seconds since 1970-01-01"),
        "address" => fits(
            value.as_object().is_some_and(|parts| {
                !parts.is_empty() && parts.iter().all(|(name, part)| ADDRESS.contains(&name.as_str()) && is_lines(part))
            }),
            "write an object of texts: formatted, street_address, locality, region, postal_code, country",
        ),
        "email" => fits(is_line(value) && text(value).contains('@'), "write one address, ada@example.org"),
        "profile" | "picture" | "website" => fits(is_line(value) && is_web(text(value)), "write an http or https URL"),
        "birthdate" => fits(is_birthdate(text(value)), "write YYYY-MM-DD, 0000-MM-DD or YYYY"),
        _ => fits(is_line(value), "write one line of text, 1 to 1024 bytes"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_line(value: &Value) -> bool {
    (1..=LONGEST).contains(&text(value).len()) && !text(value).chars().any(char::is_control)
}

fn is_lines(value: &Value) -> bool {
    let text = text(value);
    (1..=LONGEST).contains(&text.len()) && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\r')
}

fn is_web(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_birthdate(text: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    match text.split('-').collect::<Vec<_>>()[..] {
        [year] => digits(year, 4),
        [year, month, day] => {
            digits(year, 4)
                && digits(month, 2)
                && digits(day, 2)
                && ("01"..="12").contains(&month)
                && ("01"..="31").contains(&day)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(given: Value) -> Result<Map<String, Value>, CommandError> {
        let Value::Object(given) = given else { panic!("an object") };
        check(given, "ada", UnixTime(1_800_000_000))
    }

    #[test]
    fn standard_claims_pass_and_are_completed() {
        let claims = checked(json!({
            "name": "Ada Lovelace", "email": "ada@example.org", "email_verified": true, "birthdate": "1815-12-10",
            "address": { "formatted": "12 St James's Square\nLondon", "country": "UK" },
            "website": "https://ada.example.org/", "phone_number": "+44 20 7946 0000", "zoneinfo": "Europe/London",
        }))
        .expect("good");
        assert_eq!(claims["preferred_username"], "ada");
        assert_eq!(claims["updated_at"], 1_800_000_000);
    }

    #[test]
    fn jwt_claims_unchecked_names_of_the_server_and_unknown_names_are_refused() {
        for name in ["sub", "iss", "aud", "exp", "acr", "auth_time", "role", "x_role", ""] {
            let error = checked(json!({ name: "x" })).expect_err("refused");
            assert!(error.problem.starts_with(&format!("claim {name} ")), "{error}");
        }
    }

    #[test]
    fn a_claim_of_the_wrong_type_is_refused_by_name() {
        for (name, value) in [
            ("name", json!(1)),
            ("name", json!("")),
            ("name", json!("a\nb")),
            ("email", json!("ada")),
            ("email_verified", json!("true")),
            ("updated_at", json!("today")),
            ("updated_at", json!(-1)),
            ("birthdate", json!("10.12.1815")),
            ("birthdate", json!("1815-13-10")),
            ("website", json!("javascript:alert(1)")),
            ("picture", json!("ada.png")),
            ("address", json!("London")),
            ("address", json!({ "planet": "Earth" })),
            ("address", json!({ "country": 44 })),
        ] {
            let error = checked(json!({ name: value.clone() })).expect_err("refused");
            assert_eq!(error.problem, format!("claim {name} has the wrong form"), "{value}");
        }
    }
}
