//! Request objects (RFC 9101): signed by nobody, by somebody else, for somebody else.

use serde_json::json;

use super::par::bare;
use crate::case;
use crate::case::Case;
use crate::cx::{Cx, Role, random};
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::landing::Landing;
use crate::flow::person::Intent;
use crate::flow::proof::now;
use crate::forge::{Draft, KeyKind, SigningKey};
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("request-object-bypass", "unsigned", "An object that nobody signed",
            needs: ["user", "key"], features: ["request-object"], phase: Normal, sections: ["RFC 9101 section 10.1"], run: unsigned),
        case!("request-object-bypass", "foreign-signature", "An object signed by another key",
            needs: ["user", "key"], features: ["request-object"], phase: Normal, sections: ["RFC 9101 section 6.2"], run: foreign_signature),
        case!("request-object-bypass", "for-others", "An object for another client or another server, or out of date",
            needs: ["user", "key", "web"], features: ["request-object"], phase: Normal, sections: ["RFC 9101 section 6.3", "RFC 9101 section 10.2"], run: for_others),
        case!("request-object-bypass", "outside-wins", "Values outside the object",
            needs: ["user", "key"], features: ["request-object"], phase: Normal, sections: ["RFC 9101 section 6.3"], run: outside_wins),
        case!("request-object-bypass", "nested", "An object that names another request",
            needs: ["user", "key"], features: ["request-object"], phase: Normal, sections: ["RFC 9101 section 4"], run: nested),
    ]
}

/// A request as an object, not signed yet, and the request that carries it.
fn draft(cx: &Cx, client: &Role) -> Result<(AuthorizationRequest, Draft), Stop> {
    let request = cx.request(client)?;
    let mut claims = json!({
        "iss": client.client_id,
        "aud": cx.target().issuer,
        "iat": now(),
        "nbf": now(),
        "exp": now() + 120,
        "jti": random(),
    });
    for (name, value) in &request.params.0 {
        claims[name] = json!(value);
    }
    let header = json!({ "typ": "oauth-authz-req+jwt" });
    Ok((request, Draft::new(header, claims)))
}

async fn send(cx: &Cx, client: &Role, object: String) -> Result<Landing, Stop> {
    let mut request = bare(cx, client)?.set("request", object);
    // OpenID Connect wants these two outside as well (OpenID Connect Core section 6.1).
    request.params.set("response_type", "code");
    request.params.set("scope", "openid");
    cx.walk(&mut cx.person(), &request, Intent::Allow).await
}

/// The control: an object that the client signed brings a code.
async fn works(cx: &Cx, client: &Role, key: &SigningKey) -> Result<(), Stop> {
    let (_, draft) = draft(cx, client)?;
    let landing = send(cx, client, draft.sign(key)?).await?;
    landing.code().map(|_| ()).map_err(|_| {
        Stop::inconclusive(format!(
            "an object that the client signed should bring a code, but came to {}",
            landing.describe()
        ))
    })
}

/// A name for the sentence, and the object.
type Bad = (&'static str, String);

async fn judge(cx: &Cx, client: &Role, objects: Vec<Bad>) -> Result<Verdict, Stop> {
    for (what, object) in objects {
        let landing = send(cx, client, object).await?;
        match landing.outcome().as_str() {
            "code" | "token" | "elsewhere" => {
                return Ok(Verdict::vulnerable(format!("the server took a request object {what}")));
            }
            "trouble" => return Err(Stop::inconclusive(format!("a request object {what} put the server in trouble"))),
            _ => {}
        }
    }
    Ok(Verdict::resisted("every one of the bad objects was refused"))
}

async fn unsigned(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    works(cx, &client, &client.key()?).await?;
    let with_alg = |alg: &str| -> Result<String, Stop> { Ok(draft(cx, &client)?.1.with_header("alg", alg).unsigned()) };
    let objects = vec![
        ("with algorithm none", with_alg("none")?),
        ("with algorithm noNe", with_alg("noNe")?),
        ("with an empty signature", with_alg("ES256")?),
        ("without an algorithm", draft(cx, &client)?.1.unsigned()),
    ];
    judge(cx, &client, objects).await
}

async fn foreign_signature(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    let key = client.key()?;
    works(cx, &client, &key).await?;
    let foreign = SigningKey::generate(KeyKind::P256)?;
    let posing = SigningKey::generate(KeyKind::P256)?.named(key.kid());
    let mut objects = vec![
        ("signed by a foreign key", draft(cx, &client)?.1.sign(&foreign)?),
        ("signed by a foreign key under the client's key id", draft(cx, &client)?.1.sign(&posing)?),
        (
            "signed by a foreign key that it brings along",
            draft(cx, &client)?.1.with_header("jwk", foreign.public_jwk()).sign(&foreign)?,
        ),
        (
            "with a signature of zeros",
            draft(cx, &client)?.1.with_header("alg", key.algorithm()).with_signature(&[0; 64]),
        ),
    ];
    for (_, secret) in key.public().spellings() {
        objects.push((
            "authenticated with the client's public key as a secret",
            draft(cx, &client)?.1.mac("HS256", &secret),
        ));
    }
    if let Some(secret) = &client.client_secret {
        objects.push(("authenticated with the client's secret", draft(cx, &client)?.1.mac("HS256", secret.as_bytes())));
    }
    judge(cx, &client, objects).await
}

async fn for_others(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    let key = client.key()?;
    works(cx, &client, &key).await?;
    let other = cx.client("web")?.client_id.clone();
    let with = |name: &str, value: serde_json::Value| -> Result<String, Stop> {
        Ok(draft(cx, &client)?.1.with_claim(name, value).sign(&key)?)
    };
    let objects = vec![
        ("that names another client inside", with("client_id", json!(other))?),
        ("that another client issued", with("iss", json!(other))?),
        ("for another server", with("aud", json!("https://other.example"))?),
        ("that is out of date", with("exp", json!(now() - 3600))?),
        ("that is not valid yet", with("nbf", json!(now() + 86_400))?),
    ];
    judge(cx, &client, objects).await
}

async fn outside_wins(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    let key = client.key()?;
    works(cx, &client, &key).await?;
    for (name, value) in
        [("state", "probe-outside"), ("redirect_uri", "https://evil.example/probe"), ("response_mode", "fragment")]
    {
        let (_, inside) = draft(cx, &client)?;
        let request = bare(cx, &client)?
            .set("request", inside.sign(&key)?)
            .set("response_type", "code")
            .set("scope", "openid")
            .set(name, value);
        let landing = cx.walk(&mut cx.person(), &request, Intent::Allow).await?;
        let fragment = landing.url().fragment().is_some_and(|fragment| fragment.contains("code="));
        if landing.outcome() == "elsewhere" || landing.param("state") == Some("probe-outside") || fragment {
            return Ok(Verdict::vulnerable(format!("{name} outside the object counted")));
        }
    }
    Ok(Verdict::resisted("nothing outside the object counted"))
}

async fn nested(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("key")?;
    let key = client.key()?;
    works(cx, &client, &key).await?;
    let (_, inner) = draft(cx, &client)?;
    let inner = inner.sign(&key)?;
    let objects = vec![
        ("with another object inside", draft(cx, &client)?.1.with_claim("request", inner).sign(&key)?),
        (
            "with an address of another object inside",
            draft(cx, &client)?.1.with_claim("request_uri", "https://evil.example/object").sign(&key)?,
        ),
    ];
    judge(cx, &client, objects).await
}
