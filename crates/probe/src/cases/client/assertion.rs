//! Client assertions that were meant for somebody else.

use serde_json::{Value, json};

use crate::case;
use crate::case::Case;
use crate::cx::{Cx, Role, random};
use crate::flow::proof::now;
use crate::flow::token::{Auth, BackRequest};
use crate::forge::proofs::client_assertion;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("audience-injection-client-assertion", "several-audiences", "An assertion for this server and another one",
            needs: ["key"], features: ["authorization-code"], phase: Normal,
            sections: ["draft-ietf-oauth-rfc7523bis section 4"], run: several),
        case!("audience-injection-client-assertion", "token-endpoint", "Assertions with other audiences at the token endpoint",
            needs: ["key"], features: ["authorization-code"], phase: Normal, sections: ["RFC 7523 section 3"], run: token),
        case!("audience-injection-client-assertion", "revocation-endpoint", "Assertions with other audiences at the revocation endpoint",
            needs: ["key"], features: ["revocation"], phase: Normal, sections: ["RFC 7523 section 3"], run: revocation),
        case!("audience-injection-client-assertion", "introspection-endpoint",
            "Assertions with other audiences at the introspection endpoint",
            needs: ["key"], features: ["introspection"], phase: Normal, sections: ["RFC 7523 section 3"], run: introspection),
        case!("audience-injection-client-assertion", "pushed-request-endpoint",
            "Assertions with other audiences at the endpoint for pushed requests",
            needs: ["key"], features: ["par"], phase: Normal, sections: ["RFC 9126 section 2", "RFC 7523 section 3"], run: pushed),
        case!("audience-injection-client-assertion", "device-endpoint", "Assertions with other audiences at the device endpoint",
            needs: ["key"], features: ["device-flow"], phase: Normal,
            sections: ["RFC 8628 section 3.1", "RFC 7523 section 3"], run: device),
    ]
}

/// With a code that does not exist: who is not believed gets `invalid_client`, who is believed `invalid_grant`.
fn at_token_endpoint(cx: &Cx, client: &Role) -> BackRequest {
    let request = cx.token(client, "authorization_code").set("code", random()).set("code_verifier", random());
    let uri = client.redirect_uri.clone().unwrap_or_else(|| "https://client.example/callback".into());
    request.set("redirect_uri", uri)
}

async fn token(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    audiences(cx, &client, &at_token_endpoint(cx, &client)).await
}

async fn revocation(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    audiences(cx, &client, &cx.revoke(&client, &random())).await
}

async fn introspection(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    audiences(cx, &client, &cx.introspect(&client, &random())).await
}

async fn pushed(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    let params = cx.request(&client)?.params;
    let request = BackRequest { endpoint: "pushed_authorization_request_endpoint", params, ..cx.token(&client, "") };
    audiences(cx, &client, &request).await
}

async fn device(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    let mut request =
        BackRequest { endpoint: "device_authorization_endpoint", ..cx.token(&client, "") }.unset("grant_type");
    if let Some(scope) = &client.scope {
        request = request.set("scope", scope);
    }
    audiences(cx, &client, &request).await
}

/// An assertion of the client's own key, genuine but for its audience; `None` leaves `aud` out.
fn assertion(cx: &Cx, client: &Role, audience: Option<Value>) -> Result<String, Stop> {
    let draft = client_assertion(&client.client_id, &cx.target().issuer, now());
    let draft = match audience {
        Some(audience) => draft.with_claim("aud", audience),
        None => draft.without_claim("aud"),
    };
    Ok(draft.sign(&client.key()?)?)
}

/// Whether the server believed that the client sent it.
async fn believed(cx: &Cx, request: &BackRequest, assertion: Option<String>) -> Result<bool, Stop> {
    let mut request = request.clone().set("client_id", &request.client.client_id).auth(Auth::Nothing);
    if let Some(assertion) = assertion {
        request = request.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        request = request.set("client_assertion", assertion);
    }
    let answer = request.send(cx).await?;
    match answer.outcome().as_str() {
        "trouble" => {
            Err(Stop::inconclusive(format!("the server answered an assertion with status {}", answer.answer.status)))
        }
        "error:invalid_client" => Ok(false),
        _ => Ok(answer.answer.status != 401),
    }
}

/// The controls: an honest assertion is believed, and none is not.
async fn controlled(cx: &Cx, client: &Role, request: &BackRequest) -> Result<(), Stop> {
    if !believed(cx, request, Some(assertion(cx, client, Some(json!(cx.target().issuer)))?)).await? {
        return Err(Stop::inconclusive("an assertion for the issuer was refused, too"));
    }
    if believed(cx, request, None).await? {
        return Err(Stop::inconclusive("no assertion at all makes no difference here, so none can be told apart"));
    }
    Ok(())
}

async fn audiences(cx: &Cx, client: &Role, request: &BackRequest) -> Result<Verdict, Stop> {
    controlled(cx, client, request).await?;
    let stranger = "https://other.example/token";
    let mut tried = vec![("another server", Some(json!(stranger))), ("nobody", None)];
    // At the token endpoint itself its URL is an audience that RFC 7523 allows.
    if request.endpoint != "token_endpoint" {
        tried.push(("the token endpoint", Some(json!(cx.endpoint("token_endpoint")?.as_str()))));
    }
    for (whom, audience) in tried {
        if believed(cx, request, Some(assertion(cx, client, audience)?)).await? {
            return Ok(Verdict::vulnerable(format!("an assertion meant for {whom} was accepted")));
        }
    }
    Ok(Verdict::resisted("assertions for anybody but the issuer were refused"))
}

/// RFC 7523 leaves room for several audiences; its successor does not, because each of them can use the assertion at the
/// others.
async fn several(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    let request = at_token_endpoint(cx, &client);
    controlled(cx, &client, &request).await?;
    let audience = json!([cx.target().issuer, "https://other.example"]);
    Ok(match believed(cx, &request, Some(assertion(cx, &client, Some(audience))?)).await? {
        true => Verdict::vulnerable(
            "an assertion meant for this server and another one was accepted: the other one can use it here",
        ),
        false => Verdict::resisted("an assertion for several servers was refused"),
    })
}
