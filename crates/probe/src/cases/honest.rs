//! What many cases begin with: genuine tokens, the key set, the places where an access token is taken.

use serde_json::Value;
use url::Url;

use crate::cx::{Cx, Role, random};
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::call::Place;
use crate::flow::person::{Intent, Person};
use crate::flow::token::BackAnswer;
use crate::http::Answer;
use crate::verdict::{Stop, Verdict};

/// What an answer says about a bent thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reception {
    /// 2xx.
    Accepted,
    /// A redirect or any 4xx but 429.
    Refused,
    /// 429 or 5xx: it shows neither.
    Trouble,
}

/// Reads the status of an answer.
pub(super) fn reception(answer: &Answer) -> Reception {
    match answer.status {
        200..300 => Reception::Accepted,
        429 | 500.. => Reception::Trouble,
        _ => Reception::Refused,
    }
}

/// A place that takes access tokens.
#[derive(Debug, Clone)]
pub(super) struct Door {
    /// In words.
    pub(super) name: &'static str,
    url: Url,
    method: String,
}

impl Door {
    /// Presents a token in the `Authorization` header.
    pub(super) async fn knock(&self, cx: &Cx, token: &str) -> Result<Answer, Stop> {
        cx.call(&self.url, &self.method, token, Place::Header).await
    }

    /// Its address.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The method that it is called with.
    pub(super) fn method(&self) -> &str {
        &self.method
    }
}

/// The protected resource and userinfo, as far as the target has them.
pub(super) fn doors(cx: &Cx) -> Vec<Door> {
    let mut doors = Vec::new();
    if let Ok(resource) = cx.resource() {
        doors.push(Door { name: "the protected resource", url: resource.url.clone(), method: resource.method.clone() });
    }
    if let Some(url) = cx.find_endpoint("userinfo_endpoint") {
        doors.push(Door { name: "userinfo", url, method: "GET".into() });
    }
    doors
}

/// The doors that open for this genuine token: the control of every attack on it.
pub(super) async fn open_doors(cx: &Cx, token: &str) -> Result<Vec<Door>, Stop> {
    let mut open = Vec::new();
    for door in doors(cx) {
        if reception(&door.knock(cx, token).await?) == Reception::Accepted {
            open.push(door);
        }
    }
    if open.is_empty() {
        return Err(Stop::inconclusive("neither a protected resource nor userinfo took the genuine access token"));
    }
    Ok(open)
}

/// Presents every token at every door. One that opens is the finding; trouble without an opening is inconclusive.
pub(super) async fn try_doors(cx: &Cx, doors: &[Door], tokens: &[crate::forge::bent::Bent]) -> Result<Verdict, Stop> {
    let mut trouble = None;
    for bent in tokens {
        for door in doors {
            let answer = door.knock(cx, &bent.token).await?;
            match reception(&answer) {
                Reception::Accepted => {
                    return Ok(Verdict::vulnerable(format!(
                        "{} took an access token with this flaw: {}",
                        door.name, bent.name
                    )));
                }
                Reception::Refused => {}
                Reception::Trouble => {
                    let status = answer.status;
                    trouble.get_or_insert_with(|| {
                        format!("{} answered {status} to an access token with this flaw: {}", door.name, bent.name)
                    });
                }
            }
        }
    }
    let names: Vec<&str> = doors.iter().map(|door| door.name).collect();
    match trouble {
        Some(trouble) => Err(Stop::Inconclusive(trouble)),
        None => Ok(Verdict::resisted(format!("{} bent tokens were refused by {}", tokens.len(), names.join(" and ")))),
    }
}

/// The server's published keys.
pub(super) async fn jwks(cx: &Cx) -> Result<Value, Stop> {
    let jwks = cx.get("key set", &cx.endpoint("jwks_uri")?).await?.json();
    if jwks["keys"].as_array().is_none_or(Vec::is_empty) {
        return Err(Stop::inconclusive("the document at jwks_uri holds no keys"));
    }
    Ok(jwks)
}

/// A whole honest run of `person` that ends in tokens.
pub(super) async fn tokens_of(
    cx: &Cx,
    person: &mut Person,
    request: &AuthorizationRequest,
) -> Result<BackAnswer, Stop> {
    let landing = cx.walk(person, request, Intent::Allow).await?;
    let tokens = cx.redeem(request, landing.code()?).send(cx).await?;
    tokens.expect("access_token")?;
    Ok(tokens)
}

/// Tokens for the client's usual scope.
pub(super) async fn usual_tokens(cx: &Cx, client: &Role) -> Result<BackAnswer, Stop> {
    tokens_of(cx, &mut cx.person(), &cx.request(client)?).await
}

/// An access token that a machine gets on its own account.
pub(super) async fn machine_token(cx: &Cx) -> Result<String, Stop> {
    let tokens = cx.client_credentials(&cx.client("machine")?).send(cx).await?;
    Ok(tokens.expect("access_token")?.to_owned())
}

/// What a client comes to that authenticates rightly and asks for nothing that exists: anything but `error:invalid_client`
/// and `trouble` means that it was let in.
pub(super) async fn lets_in(cx: &Cx, client: &Role) -> Result<String, Stop> {
    let nothing = random();
    let request = match cx.find_endpoint("revocation_endpoint") {
        Some(_) => cx.revoke(client, &nothing),
        None => cx.token(client, "authorization_code").set("code", nothing).set("code_verifier", random()),
    };
    Ok(request.send(cx).await?.outcome())
}

/// The control of cases that guess secrets: what the client comes to with its right one.
pub(super) async fn is_let_in(cx: &Cx, client: &Role) -> Result<String, Stop> {
    let outcome = lets_in(cx, client).await?;
    if matches!(outcome.as_str(), "error:invalid_client" | "trouble") {
        return Err(Stop::inconclusive(format!("with the right secret the client came to {outcome}")));
    }
    Ok(outcome)
}
