//! Finds the metadata of an issuer, and builds what a run needs from a target file.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::cx::Shared;
use crate::http::jar::is_loopback;
use crate::http::{Bounds, Http, Request, Tls};
use crate::target::Target;

/// Requests per second to a server that somebody else may need.
pub const GENTLE: u32 = 20;
/// Requests per second to this machine.
const BRISK: u32 = 400;

/// Where the metadata of an issuer may be: OpenID Connect Discovery section 4, RFC 8414 section 3.1.
#[must_use]
pub fn well_known(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    [
        format!("{path}/.well-known/openid-configuration"),
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
    ]
    .iter()
    .map(|path| {
        let mut url = issuer.clone();
        url.set_path(path);
        url.set_query(None);
        url
    })
    .collect()
}

/// Fetches the metadata of the target.
///
/// # Errors
/// A sentence with the address and the cause of every place that was tried.
pub async fn metadata(http: &Http, issuer: &Url, given: Option<&Url>) -> Result<Value, String> {
    let places = given.map_or_else(|| well_known(issuer), |url| vec![url.clone()]);
    let mut causes = Vec::new();
    for url in places {
        let cause = match http.send(&Request::get("metadata request", url.clone())).await {
            Err(fault) => fault.to_string(),
            Ok(answer) if answer.status != 200 => format!("{url} answers with status {}", answer.status),
            Ok(answer) => match answer.json() {
                json if is_metadata(&json) => return Ok(json),
                _ => format!("{url} answers with something that is no metadata"),
            },
        };
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    Err(format!("no metadata: {}", causes.join("; ")))
}

/// Any JSON can come with status 200: metadata names at least itself or one of its endpoints.
fn is_metadata(json: &Value) -> bool {
    ["issuer", "authorization_endpoint", "token_endpoint"].iter().any(|name| json[name].is_string())
}

/// The sender for a target: its origins and bounds.
///
/// # Errors
/// A sentence about the file of authorities.
pub fn http(target: &Target) -> Result<Http, String> {
    let issuer = Url::parse(&target.issuer).map_err(|error| format!("issuer: {error}"))?;
    let resources = target.resource.iter().chain(&target.other_resource);
    let resources = resources.flat_map(|resource| std::iter::once(&resource.url).chain(&resource.high_url));
    let urls = [&issuer].into_iter().chain(&target.metadata).chain(target.endpoints.values()).chain(&target.origins);
    let urls = urls.chain(resources).chain(&target.operator.management);
    let origins: BTreeSet<String> = urls.map(|url| url.origin().ascii_serialization()).collect();
    let per_second = match target.limits.per_second {
        0 if is_loopback(&issuer) => BRISK,
        0 => GENTLE,
        given => given,
    };
    let exchange = Duration::from_secs(target.limits.exchange_seconds);
    let bounds = Bounds { exchange, per_second, requests: target.limits.requests, origins };
    Ok(Http::new(bounds, Tls::new(target.ca_file.as_deref())?))
}

/// All that a run shares. Of a target that cannot be reached every case is inconclusive.
///
/// # Errors
/// A sentence about what is wrong with the target file.
pub async fn shared(target: Target) -> Result<Arc<Shared>, String> {
    let http = http(&target)?;
    let issuer = Url::parse(&target.issuer).map_err(|error| format!("issuer: {error}"))?;
    let asked = http.recorder();
    let found = metadata(&asked, &issuer, target.metadata.as_ref()).await;
    // A server without metadata can be tested if the file names its endpoints.
    let named = target.endpoints.contains_key("token_endpoint");
    Ok(match found {
        Ok(metadata) => Shared::new(target, metadata, http),
        Err(_) if named => Shared::new(target, Value::Null, http),
        Err(why) => Shared::out_of_reach(target, asked, why),
    })
}
