//! Settings that are allowed and weak.

use super::{Findings, Patient};

pub fn check(patient: &Patient<'_>, findings: &mut Findings) {
    let config = patient.config;
    if !config.issuer.is_https() {
        findings.notice(
            "config",
            "issuer",
            "is plain http on loopback: good for trying out, and reachable from this machine only",
            "for others, choose an https issuer with `safeconduct init`",
        );
    }
    if config.server.danger_expose_admin {
        findings.warning(
            "config",
            "server.danger_expose_admin",
            "health and metrics can be reached from other machines, and ask nobody who he is",
            "remove it, or keep a firewall in front of server.admin_listen",
        );
    }
    for network in &config.server.trusted_proxies {
        let wide = if network.get().addr().is_ipv4() { 24 } else { 64 };
        if network.get().prefix_len() < wide {
            findings.warning(
                "config",
                "server.trusted_proxies",
                format!("{} is a wide network: everybody in it can claim any address", network.get()),
                "name the proxies' own addresses",
            );
        }
    }
    if config.log.level.as_str().contains("trace") {
        findings.warning(
            "config",
            "log.level",
            "trace logs what libraries see, which can be more than you want to keep",
            "set it to info when you are done",
        );
    }
    for resource in &config.resource {
        if resource.scopes.is_empty() {
            findings.notice(
                "config",
                resource.identifier.as_str(),
                "has no scopes, so no client can be given anything there",
                "add [resource.scopes.\"name\"] with a description",
            );
        }
    }
}
