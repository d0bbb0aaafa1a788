use serde_json::json;

use super::register::{as_stranger, honestly, ordinary, send, with};
use crate::cx::{Cx, Role, random};
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
            return Ok(Verdict::vulnerable(format!("a stranger registered a client with the grant {grant_type} and got a token with it")));
        }
    }
    Ok(Verdict::resisted("strangers may register, but no grant that needs no consent brought a token"))
}

pub(super) async fn privileged_members(cx: &Cx) -> Result<Verdict, Stop> {
    let members = json!({
        "skip_consent": true, "trusted": true, "is_admin": true, "first_party": true, "scope": "openid admin",
        "service_accounts_enabled": true, "client_id": "probe-chosen", "client_secret": "probe-chosen-secret-probe-chosen-secret",
    });
    if !as_stranger(cx, &ordinary()).await?.is_made() {
        return Ok(Verdict::resisted("strangers may not register"));
    }
    let made = as_stranger(cx, &with(members.clone())).await?;
    if !made.is_made() {
        return Ok(Verdict::resisted(format!("a registration with privileged members was refused with status {}", made.status)));
    }
    for name in ["skip_consent", "trusted", "is_admin", "first_party", "service_accounts_enabled", "client_id", "client_secret"] {
        if made.json[name] == members[name] {
            return Ok(Verdict::vulnerable(format!("a stranger's registration set the member {name}")));
        }
    }
    if made.member("scope").split(' ').any(|scope| scope == "admin") {
        return Ok(Verdict::vulnerable("a stranger's registration set the scope admin"));
    }
    Ok(Verdict::resisted("members that belong to the operator were dropped"))
}

pub(super) async fn hostile_redirects(cx: &Cx) -> Result<Verdict, Stop> {
    honestly(cx, &ordinary()).await?;
    let token = cx.target().operator.initial_access_token.clone();
    for uri in [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "https://registered.client.example/callback#fragment",
        "https://*.client.example/callback",
        "http://registered.client.example/callback",
        "/callback",
    ] {
        let made = send(cx, &with(json!({ "redirect_uris": [uri] })), token.as_deref()).await?;
        if made.is_made() && made.json["redirect_uris"][0] == uri {
            return Ok(Verdict::vulnerable(format!("the redirect address {uri} was registered for a web client")));
        }
    }
    Ok(Verdict::resisted("redirect addresses with script, fragments, wildcards and plain http were refused"))
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
