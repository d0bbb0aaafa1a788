//! Parameters and claims: bytes to types.

use proptest::prelude::*;
use protocol::oidc::claims::ClaimsRequest;
use protocol::rules::Rule;
use protocol::scope::ScopeSet;
use protocol::wire::parameters::{Parameters, decode};

use crate::cast::Form;

const NAMES: [&str; 8] = ["state", "scope", "nonce", "login_hint", "client_id", "redirect_uri", "prompt", "code"];

/// Text that a parameter may have.
fn value() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>().prop_filter("no control character", |c| !c.is_control()), 1..60)
        .prop_map(|chars| chars.into_iter().collect())
}

/// A form of distinct known names.
fn honest() -> impl Strategy<Value = Form> {
    proptest::sample::subsequence(&NAMES[..], 0..=NAMES.len()).prop_flat_map(|names| {
        let count = names.len();
        proptest::collection::vec(value(), count)
            .prop_map(move |values| Form(names.iter().map(|name| (*name).to_owned()).zip(values).collect()))
    })
}

/// Writes every byte of `text` as it is or as a percent code, as `coin` decides.
fn spelled(text: &str, mut coin: impl FnMut() -> bool) -> String {
    text.bytes()
        .map(|b| if coin() && b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02x}") })
        .collect()
}

proptest! {
    #[test]
    fn what_is_rendered_is_read_back_however_it_is_spelled(form in honest(), coins in any::<u64>()) {
        let parsed = Parameters::parse(&form.bytes()).expect("honest");
        let mut coins = coins;
        let mut coin = || { coins = coins.rotate_left(1); coins & 1 == 1 };
        let pairs: Vec<String> = form.0.iter()
            .map(|(name, value)| format!("{}={}", spelled(name, &mut coin), spelled(value, &mut coin)))
            .collect();
        let respelled = Parameters::parse(pairs.join("&").as_bytes()).expect("the same form");
        for (name, value) in &form.0 {
            prop_assert_eq!(parsed.get(name), Some(value.as_str()));
            prop_assert_eq!(respelled.get(name), Some(value.as_str()));
        }
        prop_assert_eq!(parsed.is_empty(), form.0.is_empty());
    }

    #[test]
    fn a_second_one_is_always_refused(form in honest(), at in any::<prop::sample::Index>(), value in ".{0,20}") {
        prop_assume!(!form.0.is_empty());
        let name = at.get(&form.0).0.clone();
        let refusal = Parameters::parse(&form.clone().and(&name, &value).bytes()).expect_err("twice");
        prop_assert!(matches!(refusal.rule(), Rule::ParameterRepeated));
        prop_assert_eq!(refusal.parameter(), name);
    }

    #[test]
    fn no_bytes_make_it_panic_and_what_it_lets_in_is_clean(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(parameters) = Parameters::parse(&bytes) {
            for name in NAMES {
                if let Some(value) = parameters.get(name) {
                    prop_assert!(!value.is_empty() && !value.chars().any(char::is_control));
                    prop_assert!(parameters.all(name).count() == 1);
                }
            }
        }
    }

    #[test]
    fn decoding_undoes_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let encoded: String = form_urlencoded::byte_serialize(&bytes).collect();
        prop_assert_eq!(decode(encoded.as_bytes()), Some(bytes));
    }

    #[test]
    fn any_text_is_a_claims_request_or_none(text in ".{0,300}") {
        let _ = ClaimsRequest::parse(&text);
    }

    #[test]
    fn a_claims_request_reads_back_as_it_was(names in proptest::collection::btree_set("[a-z_]{1,12}", 0..8), essential in any::<bool>()) {
        let members: serde_json::Map<String, serde_json::Value> =
            names.iter().map(|name| (name.clone(), serde_json::json!({ "essential": essential }))).collect();
        let text = serde_json::json!({ "userinfo": members }).to_string();
        let request = ClaimsRequest::parse(&text).expect("well-formed");
        let stored = serde_json::to_string(&request).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<ClaimsRequest>(&stored).expect("JSON"), request.clone());
        // Whatever is asked for, the server's own claims are not taken from a person's record.
        let person = r#"{"sub":"x","iss":"x","aud":"x","acr":"x","nonce":"x","name":"Ada"}"#;
        let told = request.for_userinfo(person, &ScopeSet::parse("openid profile").expect("scope"));
        prop_assert_eq!(told.keys().collect::<Vec<_>>(), ["name"]);
    }
}
