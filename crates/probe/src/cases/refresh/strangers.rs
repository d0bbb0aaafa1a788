//! Whoever is on the way.

use crate::case;
use crate::case::Case;
use crate::cx::Cx;
use crate::http::Fault;
use crate::verdict::{Stop, Verdict};

use super::{fresh, refreshed};

pub(super) fn all() -> Vec<Case> {
    vec![case!("refresh-eavesdropping", "plain-http", "The refresh request without TLS",
            needs: ["user", "native"], features: [], phase: Normal,
            sections: ["RFC 6749 section 3.2", "RFC 6749 section 10.4"], run: plain_http)]
}

/// Only for an issuer with TLS. Whatever answers on the same port, or on 80 for the usual one, must not serve the request.
async fn plain_http(cx: &Cx) -> Result<Verdict, Stop> {
    let client = cx.client("native")?;
    let token = refreshed(cx, &client, &fresh(cx, &client).await?).await?;
    let mut request = cx.refresh(&client, &token).build(cx)?;
    if request.url.scheme() != "https" {
        return Err(Stop::NotApplicable(
            "the server is reached over plain http on this machine: there is no TLS to leave out".into(),
        ));
    }
    // A special scheme takes another special one, and a URL with a host takes any port.
    let _ = request.url.set_scheme("http");
    if request.url.port().is_none() {
        let _ = request.url.set_port(Some(80));
    }
    match cx.http.send(&request).await {
        Err(Fault::Outside(origin)) => {
            Err(Stop::inconclusive(format!("{origin} is not among the `origins` of the target file")))
        }
        Err(Fault::Connect(..) | Fault::Garbage(..)) => {
            Ok(Verdict::resisted("nothing serves the token endpoint without TLS"))
        }
        Err(fault) => Err(fault.into()),
        Ok(answer) if answer.json()["access_token"].is_string() => {
            Ok(Verdict::vulnerable("the token endpoint gave tokens over a connection without TLS"))
        }
        Ok(answer) => {
            Ok(Verdict::resisted(format!("without TLS the request was answered with status {}", answer.status)))
        }
    }
}
