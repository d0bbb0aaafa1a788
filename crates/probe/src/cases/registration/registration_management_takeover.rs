use serde_json::json;

use super::register::{Registered, honestly, manage, ordinary, send, with};
use crate::cx::{Cx, random};
use crate::forge::Draft;
use crate::verdict::{Stop, Verdict};

/// Registers a client whose own token opens its configuration: the control.
async fn managed(cx: &Cx) -> Result<Registered, Stop> {
    let client = honestly(cx, &ordinary()).await?;
    let read = manage(cx, &client, "GET", Some(client.member("registration_access_token")), None).await?;
    if read.is_made() {
        // The token may be another one after each use (RFC 7592 section 5).
        let mut json = client.json;
        for name in ["registration_access_token", "registration_client_uri"] {
            if read.json[name].is_string() {
                json[name] = read.json[name].clone();
            }
        }
        return Ok(Registered { status: client.status, json });
    }
    Err(Stop::NotApplicable(format!(
        "a client's own registration token is answered with status {}: there is no management",
        read.status
    )))
}

pub(super) async fn foreign_token(cx: &Cx) -> Result<Verdict, Stop> {
    let (mine, theirs) = (managed(cx).await?, managed(cx).await?);
    let hostile = with(
        json!({ "client_id": theirs.member("client_id"), "redirect_uris": ["https://attacker.example/callback"] }),
    );
    let made_up = random();
    for (whose, token) in [
        ("another client's token", Some(mine.member("registration_access_token"))),
        ("a made-up token", Some(&*made_up)),
        ("no token", None),
    ] {
        for (method, body) in [("GET", None), ("PUT", Some(&hostile)), ("DELETE", None)] {
            let answer = manage(cx, &theirs, method, token, body).await?;
            if answer.status < 300 {
                return Ok(Verdict::vulnerable(format!(
                    "{method} with {whose} was answered with status {}",
                    answer.status
                )));
            }
            if answer.status >= 500 {
                return Err(Stop::inconclusive(format!("{method} with {whose} came to status {}", answer.status)));
            }
        }
    }
    Ok(Verdict::resisted("another client's token, a made-up one and none opened nothing"))
}

pub(super) async fn changed_client(cx: &Cx) -> Result<Verdict, Stop> {
    let client = managed(cx).await?;
    let id = client.member("client_id").to_owned();
    let honest =
        with(json!({ "client_id": id, "client_secret": client.json["client_secret"], "client_name": "Renamed" }));
    let renamed = manage(cx, &client, "PUT", Some(client.member("registration_access_token")), Some(&honest)).await?;
    if renamed.member("client_name") != "Renamed" {
        return Err(Stop::NotApplicable(format!(
            "a client's own honest update is answered with status {}",
            renamed.status
        )));
    }
    let chosen = random();
    for (what, members) in [
        ("another client_id", json!({ "client_id": format!("{id}-other") })),
        ("a secret of its own choice", json!({ "client_id": id, "client_secret": chosen })),
        ("members of the operator", json!({ "client_id": id, "skip_consent": true, "trusted": true })),
    ] {
        let fresh = managed(cx).await?;
        let mut members = members;
        if members["client_id"] == id.as_str() {
            members["client_id"] = json!(fresh.member("client_id"));
        }
        if members["client_secret"].is_null() {
            members["client_secret"] = fresh.json["client_secret"].clone();
        }
        let token = fresh.member("registration_access_token").to_owned();
        let after = manage(cx, &fresh, "PUT", Some(&token), Some(&with(members.clone()))).await?;
        if !after.is_made() {
            continue;
        }
        let took = after.member("client_id") != fresh.member("client_id")
            || after.json["client_secret"] == chosen.as_str()
            || after.json["skip_consent"] == true
            || after.json["trusted"] == true;
        if took {
            return Ok(Verdict::vulnerable(format!("an update with {what} was taken")));
        }
    }
    Ok(Verdict::resisted(
        "updates with another client_id, a secret of its own and members of the operator changed none of these",
    ))
}

pub(super) async fn unsigned_statement(cx: &Cx) -> Result<Verdict, Stop> {
    honestly(cx, &ordinary()).await?;
    let claims =
        json!({ "iss": "https://attacker.example", "software_id": "probe", "client_name": "Vouched for by nobody" });
    let statement = Draft::new(json!({ "alg": "none" }), claims).unsigned();
    let token = cx.target().operator.initial_access_token.clone();
    let made = send(cx, &with(json!({ "software_statement": statement })), token.as_deref()).await?;
    if made.is_made() && made.member("client_name") == "Vouched for by nobody" {
        return Ok(Verdict::vulnerable("members of a software statement without a signature were taken"));
    }
    Ok(Verdict::resisted(format!("an unsigned software statement changed nothing (status {})", made.status)))
}
