//! Whatever a server says, the file is a target file.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::Target;
use super::*;

fn asked() -> Asked {
    Asked {
        issuer: "https://as.example/x".to_owned(),
        metadata: None,
        ca_file: Some("a \"b\".pem".into()),
        clients: Clients::List,
        initial_access_token: Some("token\"\n".to_owned()),
    }
}

fn found(metadata: Value, made: &dyn Fn(&Wish) -> Made) -> Found {
    let clients = wishes(&metadata).expect("keys").into_iter().map(|wish| (wish.clone(), made(&wish))).collect();
    let origins = [String::from("https://login.example")].into();
    Found { metadata, origins, preset: Preset::Rauthy, registers: Url::parse("https://as.example/reg").ok(), clients }
}

fn read(text: &str) -> Target {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn offers() -> Value {
    json!({
        "issuer": "https://as.example/x", "introspection_endpoint": "https://as.example/i", "userinfo_endpoint": "https://as.example/u",
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", "password", "urn:ietf:params:oauth:grant-type:device_code"],
        "scopes_supported": ["openid", "offline_access", "email", "mail:read", "a\"b", "mail:send"],
        "response_types_supported": ["code", "id_token token"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "none"],
    })
}

#[test]
fn the_clients_fit_what_the_server_offers() {
    let roles = |metadata: &Value| wishes(metadata).expect("keys").iter().map(|wish| wish.role).collect::<Vec<_>>();
    assert_eq!(roles(&offers()), ["web", "other", "native", "key", "implicit", "machine", "api", "device", "password"]);
    assert_eq!(roles(&json!({})), ["web", "other", "native"]);
    assert_eq!(roles(&json!({ "grant_types_supported": [] })), <[&str; 0]>::default());
    let web = wishes(&offers()).expect("keys").swap_remove(0).metadata;
    assert_eq!(
        (web["scope"].as_str(), web["token_endpoint_auth_method"].as_str()),
        (Some("openid offline_access mail:read mail:send"), Some("client_secret_post"))
    );
}

#[test]
fn the_file_is_ready_to_be_filled_in() {
    let waiting = found(offers(), &|_| Made::Not("no\nissuer = \"https://evil.example\"".to_owned()));
    let text = write(&asked(), &waiting);
    let target = read(&text);
    assert_eq!((target.issuer.as_str(), target.clients.len()), ("https://as.example/x", 0));
    assert_eq!(target.operator.initial_access_token.as_deref(), Some("token\"\n"));
    assert_eq!(target.pages.preset, Preset::Rauthy);
    // Taking the `#` away is all that remains to be done.
    let filled: String = text
        .lines()
        .map(|line| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let words: Vec<&str> = bare.splitn(3, ' ').collect();
            let waits = bare.starts_with('[') || words.get(1) == Some(&"=");
            format!("{}\n", if waits { bare } else { line })
        })
        .collect::<String>()
        .replacen("origins = [\"https://login.example\"]\norigins", "origins", 1);
    let target = read(&filled);
    assert_eq!(target.clients.len(), 9);
    assert!(target.user.is_some() && target.second_user.is_some() && target.resource.is_some());
    assert_eq!(waiting.to_make().len(), 9);
}

#[test]
fn registered_clients_are_in_the_file() {
    let made = |wish: &Wish| Made::Registered {
        client: super::super::Client {
            client_id: format!("id of {}\u{7f}", wish.role),
            client_secret: Some("s\\".to_owned()),
            scope: Some("openid offline_access".to_owned()),
            redirect_uri: Some("https://x.example".to_owned()),
            ..Default::default()
        },
        removal: Some(("https://as.example/reg/1\nname = 3".to_owned(), "t".to_owned())),
    };
    let target = read(&write(&asked(), &found(offers(), &made)));
    assert_eq!(target.clients["web"].client_id, "id of web\u{7f}");
    assert_eq!(target.clients["web"].parameters["prompt"], "consent");
    assert_eq!(target.clients["api"].client_secret.as_deref(), Some("s\\"));
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from)
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_metadata_breaks_the_file(values in prop::collection::vec(anything(), 6), name in any::<String>(), why in any::<String>()) {
        let mut metadata = json!({});
        let names = ["scopes_supported", "grant_types_supported", "response_types_supported", "token_endpoint_auth_methods_supported", "introspection_endpoint"];
        for (name, value) in names.iter().map(|name| (*name).to_owned()).chain([format!("{name}_endpoint")]).zip(values) {
            metadata[name] = value;
        }
        let target = read(&write(&asked(), &found(metadata, &|_| Made::Not(why.clone()))));
        prop_assert_eq!(target.issuer.as_str(), "https://as.example/x");
        prop_assert!(target.clients.is_empty());
    }
}
