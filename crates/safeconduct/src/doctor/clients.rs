//! Client settings that are allowed and weak.

use serde_json::Value;

use super::{Findings, Patient, Severity, days};
use crate::output::{cell, items};

/// A secret that is older was seen by more people than remember it.
const OLD_SECRET: i64 = 365 * 86_400;

pub fn check(patient: &Patient<'_>, clients: &Value, findings: &mut Findings) {
    for client in items(clients).iter().filter(|client| client["disabled"] != true) {
        let id = format!("client {}", cell(&client["client_id"]));
        for (severity, problem, fix) in weaknesses(patient, client) {
            findings.add(severity, "clients", id.clone(), problem, fix);
        }
    }
}

type Weakness = (Severity, String, &'static str);

fn weaknesses(patient: &Patient<'_>, client: &Value) -> Vec<Weakness> {
    let mut found: Vec<Weakness> = Vec::new();
    let mut add = |severity, problem: &str, fix| found.push((severity, problem.to_owned(), fix));
    let web = client["application_type"] == "web";
    let public = client["token_endpoint_auth_method"] == "none";
    let by_code = items(&client["grant_types"]).iter().any(|grant| grant == "authorization_code");
    if client["danger_allow_missing_pkce"] == true {
        add(
            Severity::Warning,
            "danger_allow_missing_pkce: a stolen code that is injected into it is not noticed here",
            "teach the client PKCE, register it anew without the setting, remove this one",
        );
    }
    if client["danger_accept_endpoint_audience"] == true {
        add(
            Severity::Warning,
            "danger_accept_endpoint_audience: a hostile server that it also uses can replay its assertions here",
            "let the client name the issuer alone as audience, register it anew without the setting",
        );
    }
    if client["refresh_token_policy"] == "reuse" {
        add(
            Severity::Notice,
            "refresh_token_policy is reuse: a copied refresh token works beside the real one",
            "let it rotate, if the client can keep the newest token",
        );
    }
    if by_code && client["client_name"].is_null() {
        add(
            Severity::Warning,
            "has no client_name: people see its id on the consent page, and cannot know whom they allow",
            "register it anew with a client_name",
        );
    }
    let http = items(&client["redirect_uris"]).iter().filter_map(Value::as_str).any(|uri| uri.starts_with("http://"));
    // Registration takes http on loopback only.
    if web && http {
        let severity = if patient.config.issuer.is_https() { Severity::Warning } else { Severity::Notice };
        add(
            severity,
            "redirects a web client to this machine itself: good for trying out",
            "use https and the client's own host",
        );
    }
    if web && public {
        add(
            Severity::Notice,
            "is public: anybody can use its name, and tokens lie in the browser",
            "keep its tokens on a small server of its own (token_endpoint_auth_method client_secret_basic)",
        );
    }
    if by_code && client["scope"].as_str().is_none_or(str::is_empty) {
        add(Severity::Notice, "may ask for no scope at all", "register it anew with a scope");
    }
    let age = |secret: &Value| patient.now.0 - secret["created"].as_i64().unwrap_or(0);
    let oldest = items(&client["secrets"]).iter().filter(|secret| secret["expires"].is_null()).map(age).max();
    if let Some(age) = oldest.filter(|age| *age > OLD_SECRET) {
        let problem = format!("its secret is {} days old", days(age));
        found.push((Severity::Warning, problem, "safeconduct client roll-secret CLIENT_ID --overlap 86400"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use jose::UnixTime;
    use serde_json::json;
    use server::config::{Config, Issuer};

    fn found(client: &Value) -> usize {
        let config = Config::with_issuer(Issuer::parse("https://login.example.org").expect("an issuer"));
        weaknesses(&Patient { config: &config, now: UnixTime(1_900_000_000) }, client).len()
    }

    #[test]
    fn each_weak_setting_is_found_once() {
        let good = json!({
            "client_id": "robot", "client_name": "Robot", "application_type": "web", "scope": "openid",
            "token_endpoint_auth_method": "client_secret_basic", "grant_types": ["authorization_code"],
            "redirect_uris": ["https://robot.example/cb"], "refresh_token_policy": "none",
            "secrets": [{ "created": 1_899_999_000, "expires": null }],
        });
        assert_eq!(found(&good), 0);
        for (member, value) in [
            ("danger_allow_missing_pkce", json!(true)),
            ("danger_accept_endpoint_audience", json!(true)),
            ("refresh_token_policy", json!("reuse")),
            ("client_name", json!(null)),
            ("redirect_uris", json!(["http://127.0.0.1/cb"])),
            ("token_endpoint_auth_method", json!("none")),
            ("scope", json!("")),
            ("secrets", json!([{ "created": 1_800_000_000, "expires": null }])),
        ] {
            let mut client = good.clone();
            client[member] = value;
            assert_eq!(found(&client), 1, "{member}");
        }
    }
}
