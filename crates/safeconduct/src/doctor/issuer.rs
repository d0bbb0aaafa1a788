//! Whether the issuer can be reached by its own name, and says what it should.

use serde_json::Value;
use tokio::time::Duration;

use super::http::{self, Failure};
use super::{Findings, Patient, certificate, clock};

/// Where RFC 8414 section 3.1 puts the document: between host and path.
const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn check(patient: &Patient<'_>, findings: &mut Findings) {
    let issuer = &patient.config.issuer;
    let path = format!("{WELL_KNOWN}{}", issuer.path());
    let shown = format!("{}{path}", issuer.origin());
    let fix = "look at DNS, firewall and proxy between here and the server; clients go the same way";
    let answer = tokio::time::timeout(PATIENCE, http::get(issuer, &path)).await;
    let answer = match answer.unwrap_or(Err(Failure::Slow)) {
        Ok(answer) => answer,
        Err(Failure::NoRoots) => {
            let fix = "install the package ca-certificates, or set SSL_CERT_FILE";
            return findings.notice(
                "issuer",
                shown,
                "this machine has no list of certificate authorities to check it by",
                fix,
            );
        }
        Err(failure) => return findings.error("issuer", shown, failure.to_string(), fix),
    };
    if let Some(chain) = &answer.certificate {
        certificate::check(chain, issuer.authority(), patient.now, findings);
    }
    if let Some(date) = &answer.date {
        clock::check_date(patient, date, findings);
    }
    if answer.status != 200 {
        let problem = format!("answers with status {} where its metadata should be", answer.status);
        let fix = "let the proxy pass /.well-known/ on to the server, with the path as it is";
        return findings.error("issuer", shown, problem, fix);
    }
    let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if document["issuer"] != issuer.as_str() {
        let problem = "another server answers there: its metadata names another issuer";
        findings.error("issuer", shown, problem, "let the proxy send this host to this server, or put issuer right");
    }
}
