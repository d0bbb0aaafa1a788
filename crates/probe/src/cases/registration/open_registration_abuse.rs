use serde_json::json;

use super::register::{as_stranger, honestly, ordinary, send, with};
use crate::cx::{Cx, Role, random};
use crate::flow::person::Intent;
use crate::target::Client;
use crate::verdict::{Stop, Verdict};

pub(super) async fn own_account(cx: &Cx) -> Result<Verdict, Stop> {
    let open = as_stranger(cx, &ordinary()).await?;
    if !open.is_made() {
        return Ok(Verdict::resisted(format!("a stranger's registration was answered with status {}", open.status)));
    }
    for grant_type in ["client_credentials", "password", "urn:ietf:params:oauth:grant-type:token-exchange"] {
        let wanted = with(json!({ "grant_types": [grant_type, "authorization_code"] }));
        let made = as_stranger(cx, &wanted).await?;
        if !made.is_made() {
            continue;
        }
        let client = Role {
            role: "registered".into(),
            client: Client {
                client_id: made.member("client_id").into(),
                client_secret: made.json["client_secret"].as_str().map(Into::into),
                ..Client::default()
            },
        };
        let mut request = cx.token(&client, grant_type);
        if grant_type == "password" {
            let user = cx.user()?;
            request = request.set("username", &user.username).set("password", &user.password);
        }
        if request.send(cx).await?.has_tokens() {
            return Ok(Verdict::vulnerable(format!(
                "a stranger registered a client with the grant {grant_type} and got a token with it"
            )));
        }
    }
    Ok(Verdict::resisted("strangers may register, but no grant that needs no consent brought a token"))
}

pub(super) async fn privileged_members(cx: &Cx) -> Result<Verdict, Stop> {
    if !as_stranger(cx, &ordinary()).await?.is_made() {
        return Ok(Verdict::resisted("strangers may not register"));
    }
    let mut refused = 0;
    for (name, value) in [
        ("skip_consent", json!(true)),
        ("trusted", json!(true)),
        ("first_party", json!(true)),
        ("is_admin", json!(true)),
        ("service_accounts_enabled", json!(true)),
        ("scope", json!("admin")),
        ("client_id", json!("probe-chosen")),
        ("client_secret", json!("probe-chosen-secret-probe-chosen-secret")),
    ] {
        let made = as_stranger(cx, &with(json!({ name: value }))).await?;
        if made.is_made() && made.json[name] == value {
            return Ok(Verdict::vulnerable(format!("a stranger's registration set the member {name}")));
        }
        refused += u32::from(!made.is_made());
    }
    Ok(Verdict::resisted(format!(
        "of eight members that belong to the operator {refused} were refused and the others dropped"
    )))
}

/// Addresses that no web client may register, and the section that says so.
const HOSTILE: [(&str, &str); 6] = [
    ("javascript:alert(1)", "RFC 9700 section 2.6"),
    ("data:text/html,<script>alert(1)</script>", "RFC 9700 section 2.6"),
    ("file:///etc/passwd", "RFC 9700 section 2.6"),
    ("https://registered.client.example/callback#fragment", "RFC 6749 section 3.1.2"),
    ("http://registered.client.example/callback", "RFC 9700 section 2.6"),
    ("/callback", "RFC 6749 section 3.1.2"),
];

pub(super) async fn hostile_redirects(cx: &Cx) -> Result<Verdict, Stop> {
    honestly(cx, &ordinary()).await?;
    let token = cx.target().operator.initial_access_token.clone();
    for (uri, section) in HOSTILE {
        let made = send(cx, &with(json!({ "redirect_uris": [uri] })), token.as_deref()).await?;
        if made.is_made() && made.json["redirect_uris"][0] == uri {
            return Ok(Verdict::vulnerable(format!(
                "the redirect address {uri} was registered for a web client ({section})"
            )));
        }
    }
    // A star is a sign like any other, as long as it is not taken for a pattern.
    let made =
        send(cx, &with(json!({ "redirect_uris": ["https://*.client.example/callback"] })), token.as_deref()).await?;
    if made.is_made() {
        let client = Role {
            role: "registered".into(),
            client: Client {
                client_id: made.member("client_id").into(),
                redirect_uri: Some("https://attacker.client.example/callback".into()),
                ..Client::default()
            },
        };
        let landing = cx.walk(&mut cx.stranger(), &cx.request(&client)?, Intent::Anonymous).await?;
        if matches!(landing.outcome().as_str(), "sign-in-page" | "consent-page" | "code") {
            return Ok(Verdict::vulnerable(
                "a registered redirect address with a star was taken for a pattern (RFC 9700 section 2.1)",
            ));
        }
    }
    Ok(Verdict::resisted(
        "redirect addresses with script, fragments and plain http were refused, and a star matched nothing else",
    ))
}

pub(super) async fn wrong_token(cx: &Cx) -> Result<Verdict, Stop> {
    if as_stranger(cx, &ordinary()).await?.is_made() {
        return Err(Stop::NotApplicable("anybody may register here, so a token decides nothing".into()));
    }
    honestly(cx, &ordinary()).await?;
    let made = send(cx, &ordinary(), Some(&random())).await?;
    if made.is_made() {
        return Ok(Verdict::vulnerable("a made-up token was good enough to register with"));
    }
    Ok(Verdict::resisted(format!("a made-up token was answered with status {}", made.status)))
}
