//! What the metadata make clients do.

use serde_json::Value;
use url::Url;

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::http::jar::is_loopback;
use crate::verdict::{Stop, Verdict};

pub(super) fn all() -> Vec<Case> {
    vec![
        case!("metadata-impersonation", "issuer", "Whether each document names the issuer that it was fetched for",
            needs: [], features: [], phase: Normal, sections: ["RFC 8414 section 3.3"], run: issuer),
        case!("metadata-impersonation", "agreement", "Whether the two documents say the same",
            needs: [], features: [], phase: Normal, sections: ["RFC 8414 section 5"], run: agreement),
        case!("metadata-impersonation", "protected-endpoints", "Whether each endpoint is protected by TLS",
            needs: [], features: [], phase: Normal, sections: ["RFC 8414 section 2", "RFC 9700 section 2.6"], run: endpoints),
        case!("metadata-impersonation", "pkce-announced", "Whether PKCE is announced, with S256 alone",
            needs: [], features: ["authorization-code"], phase: Normal,
            sections: ["RFC 9700 section 2.1.1", "RFC 8414 section 2"], run: pkce),
        case!("metadata-impersonation", "algorithms", "Whether an algorithm is offered that proves nothing",
            needs: [], features: [], phase: Normal, sections: ["RFC 8414 section 2", "RFC 8725 section 3.2"], run: algorithms),
        case!("metadata-impersonation", "public-keys-only", "Whether the key set holds public keys only",
            needs: [], features: [], phase: Normal, sections: ["RFC 7517 section 9.2", "RFC 8414 section 2"], run: keys),
    ]
}

/// Both well-known documents, as far as they exist: the path of the issuer goes behind for OpenID Connect, and behind the
/// well-known part for RFC 8414.
async fn documents(cx: &Cx) -> Result<Vec<(&'static str, Value)>, Stop> {
    let issuer = cx.target().issuer.trim_end_matches('/').to_owned();
    let parsed = Url::parse(&issuer).map_err(|error| Stop::inconclusive(format!("the issuer: {error}")))?;
    let origin = parsed[..url::Position::BeforePath].to_owned();
    let path = parsed.path().trim_end_matches('/').to_owned();
    let mut found = Vec::new();
    for (name, place) in [
        ("openid-configuration", format!("{issuer}/.well-known/openid-configuration")),
        ("oauth-authorization-server", format!("{origin}/.well-known/oauth-authorization-server{path}")),
    ] {
        let Ok(url) = Url::parse(&place) else { continue };
        let answer = cx.get("metadata", &url).await?;
        match answer.json() {
            json @ Value::Object(_) if answer.status == 200 => found.push((name, json)),
            _ => {}
        }
    }
    if found.is_empty() {
        return Err(Stop::NotApplicable("the server has no metadata document at either well-known place".into()));
    }
    Ok(found)
}

async fn issuer(cx: &Cx) -> Result<Verdict, Stop> {
    for (name, document) in documents(cx).await? {
        if document["issuer"] != cx.target().issuer.as_str() {
            let found = document["issuer"].as_str().unwrap_or("none");
            return Ok(Verdict::vulnerable(format!(
                "{name} names another issuer than the one it was fetched for: {found}"
            )));
        }
    }
    Ok(Verdict::resisted("each document names the issuer byte for byte"))
}

async fn agreement(cx: &Cx) -> Result<Verdict, Stop> {
    let documents = documents(cx).await?;
    let [(_, one), (_, other)] = documents.as_slice() else {
        return Err(Stop::NotApplicable("there is one document only".into()));
    };
    let members = one.as_object().into_iter().flatten();
    let differs = |(name, value): &(&String, &Value)| other.get(name.as_str()).is_some_and(|found| found != *value);
    Ok(match members.into_iter().find(differs) {
        Some((name, _)) => Verdict::vulnerable(format!(
            "the two documents differ in {name}: what a client does depends on which it reads"
        )),
        None => Verdict::resisted("the two documents agree in all that both have"),
    })
}

async fn endpoints(cx: &Cx) -> Result<Verdict, Stop> {
    let mut seen = 0;
    for (document, json) in documents(cx).await? {
        let members = json.as_object().into_iter().flatten();
        for (name, value) in members.filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri") {
            let url = value.as_str().and_then(|url| Url::parse(url).ok());
            match url {
                Some(url) if url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url) => seen += 1,
                _ => return Ok(Verdict::vulnerable(format!("{name} in {document} is not an https URL"))),
            }
        }
    }
    match seen {
        0 => Err(Stop::inconclusive("the metadata name no endpoint")),
        _ => Ok(Verdict::resisted(format!("all {seen} endpoints are https, or on this machine"))),
    }
}

async fn pkce(cx: &Cx) -> Result<Verdict, Stop> {
    for (name, document) in documents(cx).await? {
        let Some(methods) = document["code_challenge_methods_supported"].as_array() else {
            return Ok(Verdict::vulnerable(format!("{name} does not announce PKCE, so that clients leave it out")));
        };
        if !methods.iter().any(|method| method == "S256") {
            return Ok(Verdict::vulnerable(format!("{name} does not announce S256")));
        }
        if methods.iter().any(|method| method == "plain") {
            return Ok(Verdict::vulnerable(format!("{name} offers the method plain")));
        }
    }
    Ok(Verdict::resisted("S256 is announced, and plain is not"))
}

/// `none` as a signature proves nothing. For userinfo and identity assurance it means "not signed", and is no weakness.
async fn algorithms(cx: &Cx) -> Result<Verdict, Stop> {
    for (document, json) in documents(cx).await? {
        for name in [
            "id_token_signing_alg_values_supported",
            "request_object_signing_alg_values_supported",
            "token_endpoint_auth_signing_alg_values_supported",
            "introspection_endpoint_auth_signing_alg_values_supported",
            "revocation_endpoint_auth_signing_alg_values_supported",
            "dpop_signing_alg_values_supported",
        ] {
            let none = json[name].as_array().is_some_and(|list| {
                list.iter().filter_map(|value| value.as_str()).any(|value| value.eq_ignore_ascii_case("none"))
            });
            if none {
                return Ok(Verdict::vulnerable(format!("{name} in {document} offers none, which proves nothing")));
            }
        }
    }
    Ok(Verdict::resisted("none is offered nowhere"))
}

async fn keys(cx: &Cx) -> Result<Verdict, Stop> {
    let Some(url) = cx.find_endpoint("jwks_uri") else {
        return Err(Stop::NotApplicable("the metadata name no jwks_uri".into()));
    };
    let set = cx.get("key set", &url).await?.json();
    let keys = set["keys"].as_array().ok_or_else(|| Stop::inconclusive("jwks_uri brings no key set"))?;
    for key in keys {
        let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().find(|member| key.get(**member).is_some());
        if let Some(member) = private {
            return Ok(Verdict::vulnerable(format!("a key of the key set has the private member {member}")));
        }
    }
    match keys.len() {
        0 => Err(Stop::inconclusive("the key set is empty")),
        count => Ok(Verdict::resisted(format!("the key set holds {count} public keys and nothing private"))),
    }
}
