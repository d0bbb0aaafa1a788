//! Under which names a listener answers.

use super::signal::Signal;
use crate::config::Issuer;
use http::{HeaderMap, Request, header};
use std::net::IpAddr;

/// What a request's host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostVerdict {
    Known,
    /// None, or more than one.
    Missing,
    Unknown,
}

/// The names a listener answers to. Anything else is 421: a cache, a proxy or a page with a rebound name cannot get an
/// answer of ours under a name that is not ours.
#[derive(Clone, Debug)]
pub struct Hosts {
    names: Vec<String>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Literals,
    Named,
}

impl Hosts {
    /// The issuer's host and port, and `others` as a `Host` header carries them.
    #[must_use]
    pub fn of_issuer(issuer: &Issuer, others: &[String]) -> Self {
        let authority = issuer.authority().to_owned();
        // The parsed issuer never writes the default port, but a client may.
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let default_port = if issuer.is_https() { 443 } else { 80 };
        let with_port = (!has_port).then(|| format!("{authority}:{default_port}"));
        let names = std::iter::once(authority).chain(with_port).chain(others.iter().cloned()).collect();
        Self { names, kind: Kind::Named }
    }

    /// Address literals and `localhost`, and `others`. A page that rebinds its own name to our address still sends that
    /// name, so it gets nothing.
    #[must_use]
    pub fn literals(others: &[String]) -> Self {
        Self { names: others.to_vec(), kind: Kind::Literals }
    }

    /// The event that a strange name is, if it is one.
    pub(super) fn signal(&self) -> Option<Signal> {
        (self.kind == Kind::Literals).then_some(Signal::ManagementAccessRefused)
    }

    pub(super) fn check<B>(&self, request: &Request<B>) -> HostVerdict {
        // HTTP/2 and absolute-form targets carry the host in the target, which then counts (RFC 9112 section 3.2.2).
        let host = match request.uri().authority() {
            Some(authority) => authority.as_str(),
            None => match single_host(request.headers()) {
                Some(host) => host,
                None => return HostVerdict::Missing,
            },
        };
        // defends: forwarded-header-forgery, management-surface-exposure
        if self.names.iter().any(|name| name.eq_ignore_ascii_case(host)) || self.is_literal(host) {
            HostVerdict::Known
        } else {
            HostVerdict::Unknown
        }
    }

    fn is_literal(&self, host: &str) -> bool {
        if self.kind != Kind::Literals {
            return false;
        }
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
            _ => host,
        };
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        bare.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost")
    }
}

fn single_host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).into_iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(hosts: &Hosts, host: &str) -> HostVerdict {
        hosts.check(&Request::builder().uri("/token").header("host", host).body(()).expect("a request"))
    }

    #[test]
    fn forwarded_header_forgery_only_the_issuers_name_is_answered() {
        let issuer = Issuer::parse("https://login.example.org").expect("good");
        let hosts = Hosts::of_issuer(&issuer, &["auth.internal:8443".to_owned()]);
        for good in ["login.example.org", "LOGIN.example.org", "login.example.org:443", "auth.internal:8443"] {
            assert_eq!(verdict(&hosts, good), HostVerdict::Known, "{good}");
        }
        for bad in
            ["evil.example", "login.example.org:80", "login.example.org.", "127.0.0.1", "login.example.org@evil", ""]
        {
            assert_eq!(verdict(&hosts, bad), HostVerdict::Unknown, "{bad}");
        }
        let twice = Request::builder().header("host", "login.example.org").header("host", "evil.example");
        assert_eq!(hosts.check(&twice.body(()).expect("a request")), HostVerdict::Missing);
        assert_eq!(hosts.check(&Request::new(())), HostVerdict::Missing);
        let absolute = Request::builder().uri("http://evil.example/token").header("host", "login.example.org");
        assert_eq!(hosts.check(&absolute.body(()).expect("a request")), HostVerdict::Unknown);
    }

    #[test]
    fn management_surface_exposure_a_rebound_name_is_refused() {
        let hosts = Hosts::literals(&["metrics.internal".to_owned()]);
        for good in ["127.0.0.1:8083", "[::1]:8083", "[::1]", "localhost:8083", "10.0.0.7", "metrics.internal"] {
            assert_eq!(verdict(&hosts, good), HostVerdict::Known, "{good}");
        }
        for bad in ["evil.example", "evil.example:8083", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3"] {
            assert_eq!(verdict(&hosts, bad), HostVerdict::Unknown, "{bad}");
        }
        assert_eq!(hosts.signal(), Some(Signal::ManagementAccessRefused));
    }
}
