//! Age and kind of signing keys.

use serde_json::Value;

use super::{Findings, Patient, days};
use crate::output::items;

pub fn check(patient: &Patient<'_>, keys: &Value, findings: &mut Findings) {
    let config = &patient.config.keys;
    let most = i64::from(config.rotation_age.seconds().0);
    let active = |alg: &str| items(keys).iter().find(|key| key["alg"] == alg && key["state"] == "active");
    for alg in &config.algorithms {
        if active(alg.as_str()).is_none() {
            findings.error(
                "keys",
                alg.as_str(),
                "no key signs with this algorithm of keys.algorithms",
                "start the server, which makes one, or run `safeconduct keys rotate --now --alg ...`",
            );
        }
    }
    for key in items(keys) {
        let (kid, from) = (key["kid"].as_str().unwrap_or_default(), key["signs_from"].as_i64().unwrap_or(0));
        let age = patient.now.0 - from;
        // A running server rotates before that; a day is what a stopped one may be late.
        if key["state"] == "active" && age > most + 86_400 {
            findings.warning(
                "keys",
                kid,
                format!("it has signed for {} days; keys.rotation_age is {} days", days(age), days(most)),
                "safeconduct keys rotate; a server that runs does so by itself",
            );
        }
        if key["created"].as_i64().unwrap_or(0) > patient.now.0 + super::clock::TOLERANCE {
            findings.warning("keys", kid, "it was made in the future", "set the clock right, and keep it with NTP");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jose::UnixTime;
    use serde_json::json;
    use server::config::{Config, Issuer};

    #[test]
    fn signing_key_compromise_old_keys_and_missing_keys_are_found() {
        let config = Config::with_issuer(Issuer::parse("https://login.example.org").expect("an issuer"));
        let patient = Patient { config: &config, now: UnixTime(1_900_000_000) };
        let key =
            |from: i64| json!([{ "kid": "k", "alg": "ES256", "state": "active", "created": from, "signs_from": from }]);
        let found = |keys: Value| {
            let mut findings = Findings::default();
            check(&patient, &keys, &mut findings);
            findings.list.len()
        };
        assert_eq!(found(key(1_900_000_000 - 80 * 86_400)), 0);
        assert_eq!(found(key(1_900_000_000 - 92 * 86_400)), 1);
        assert_eq!(found(key(1_900_000_000 + 86_400)), 1);
        assert_eq!(found(json!([])), 1);
    }
}
