//! What no single key can know: rules between keys, and the modes of secret files.

use super::bounds::FIX;
use super::error::{ConfigError, Source, Step, path_text};
use super::{Broken, Config, document};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Scopes with a meaning of their own (OpenID Connect Core sections 5.4 and 11).
const STANDARD_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// Every rule between keys; the first that is broken is returned.
pub(super) fn whole(config: &Config) -> Result<(), Broken> {
    listeners(config)?;
    spans(config)?;
    resources(config)
}

fn broken(path: &str, problem: &str, fix: &str) -> Broken {
    Broken {
        path: path.split('.').map(|key| Step::Key(key.to_owned())).collect(),
        message: format!("{problem}{FIX}{fix}"),
    }
}

fn ensure(holds: impl Into<Holds>, path: &str, problem: &str, fix: &str) -> Result<(), Broken> {
    match holds.into() {
        Holds::Yes => Ok(()),
        Holds::No => Err(broken(path, problem, fix)),
    }
}

enum Holds {
    No,
    Yes,
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Holds::Yes } else { Holds::No }
    }
}

fn listeners(config: &Config) -> Result<(), Broken> {
    let server = &config.server;
    // defends: eavesdrop-token-response, client-credentials-in-clear  passwords, secrets and tokens leave this machine
    // encrypted, or to a proxy that was named, or not at all.
    ensure(
        server.tls.is_some() || server.listen.ip().is_loopback() || !server.trusted_proxies.is_empty(),
        "server.listen",
        "is plain http on an address that other machines reach",
        "add [server.tls] with certificate and key, or listen on 127.0.0.1, or name the TLS proxy in \
         server.trusted_proxies",
    )?;
    ensure(
        server.tls.is_none() || config.issuer.is_https(),
        "issuer",
        "is http although server.tls is set",
        "write the issuer with https://",
    )?;
    // defends: management-surface-exposure
    ensure(
        server.admin_listen.ip().is_loopback() || server.danger_expose_admin,
        "server.admin_listen",
        "is an address that other machines reach",
        "listen on 127.0.0.1, or, on a private network only, set server.danger_expose_admin = true",
    )?;
    ensure(
        server.admin_listen.port() == 0 || server.admin_listen != server.listen,
        "server.admin_listen",
        "is the same as server.listen",
        "give it a port of its own",
    )?;
    ensure(
        server.hosts.iter().all(|host| is_authority(host)),
        "server.hosts",
        "has an entry that is not a host",
        "write hosts as a Host header carries them, lower case, with a port unless it is the scheme's own: \
         \"auth.internal:8443\"",
    )?;
    ensure(
        server.limits.connections_per_address.get() <= server.limits.connections.get(),
        "server.limits.connections_per_address",
        "is more than server.limits.connections",
        "lower it, or raise server.limits.connections",
    )
}

fn is_authority(host: &str) -> bool {
    (1..=255).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b))
}

fn spans(config: &Config) -> Result<(), Broken> {
    let (lives, keys, throttle) = (&config.lifetimes, &config.keys, &config.throttle);
    ensure(
        lives.refresh_idle.seconds() <= lives.refresh_total.seconds(),
        "lifetimes.refresh_idle",
        "is longer than lifetimes.refresh_total",
        "make it shorter, or refresh_total longer",
    )?;
    ensure(
        lives.session_idle.seconds() <= lives.session_total.seconds(),
        "lifetimes.session_idle",
        "is longer than lifetimes.session_total",
        "make it shorter, or session_total longer",
    )?;
    ensure(
        server_times_fit(config),
        "server.limits.body_time",
        "is longer than server.limits.request_time, which includes it",
        "make it shorter, or request_time longer",
    )?;
    ensure(
        keys.publish_ahead.seconds() < keys.rotation_age.seconds(),
        "keys.publish_ahead",
        "is not shorter than keys.rotation_age",
        "make it a few days, and rotation_age months",
    )?;
    ensure(
        throttle.first_delay.seconds() <= throttle.longest_delay.seconds(),
        "throttle.first_delay",
        "is longer than throttle.longest_delay",
        "make it shorter, or longest_delay longer",
    )?;
    let distinct: BTreeSet<_> = keys.algorithms.iter().collect();
    ensure(
        !keys.algorithms.is_empty() && distinct.len() == keys.algorithms.len(),
        "keys.algorithms",
        "is empty or names one algorithm twice",
        "write each algorithm once, [\"ES256\"] if in doubt",
    )
}

fn server_times_fit(config: &Config) -> bool {
    let limits = &config.server.limits;
    limits.body_time.seconds() <= limits.request_time.seconds()
}

fn resources(config: &Config) -> Result<(), Broken> {
    let mut identifiers = BTreeSet::new();
    let mut scopes = BTreeMap::new();
    for (index, resource) in config.resource.iter().enumerate() {
        let fail = |tail: &[&str], message: String| Broken {
            path: [Step::Key("resource".to_owned()), Step::Index(index)]
                .into_iter()
                .chain(tail.iter().map(|key| Step::Key((*key).to_owned())))
                .collect(),
            message,
        };
        if !identifiers.insert(&resource.identifier) {
            let message = format!("is used by another resource{FIX}give every resource an identifier of its own");
            return Err(fail(&["identifier"], message));
        }
        if resource.signing_alg.is_some_and(|algorithm| !config.keys.algorithms.contains(&algorithm)) {
            let message = format!("is not one of keys.algorithms{FIX}add it to keys.algorithms");
            return Err(fail(&["signing_alg"], message));
        }
        for name in resource.scopes.keys() {
            // A scope that two APIs share would give a token for one of them rights at the other.
            if let Some(other) = scopes.insert(name, index) {
                let message =
                    format!("is a scope of resource[{other}], too{FIX}rename one, with the API's name in front");
                return Err(fail(&["scopes", name.as_str()], message));
            }
            if STANDARD_SCOPES.contains(&name.as_str()) {
                let message =
                    format!("is a scope of OpenID Connect{FIX}choose another name, with the API's name in front");
                return Err(fail(&["scopes", name.as_str()], message));
            }
        }
    }
    Ok(())
}

/// The files that must be there and must be private.
pub(super) fn files(config: &Config, source: Source<'_>) -> Result<(), ConfigError> {
    let Some(tls) = &config.server.tls else {
        return Ok(());
    };
    for (key, path, secret) in [("certificate", &tls.certificate, Secrecy::Public), ("key", &tls.key, Secrecy::Private)]
    {
        if let Err((problem, fix)) = file(path, secret) {
            let steps: Vec<Step> = ["server", "tls", key].map(|key| Step::Key(key.to_owned())).into();
            return Err(ConfigError {
                origin: source.locate(&steps),
                key: path_text(&steps),
                problem,
                why: document::why(&steps),
                fix,
            });
        }
    }
    Ok(())
}

/// Whether a file's content is a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrecy {
    Private,
    Public,
}

/// Checks that `path` is a file and, if private, closed to other users. A group may read it, as `ssl-cert` does.
pub(super) fn file(path: &Path, secrecy: Secrecy) -> Result<(), (String, String)> {
    use std::os::unix::fs::PermissionsExt;
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|e| {
        (format!("cannot be read: {e}"), format!("put the file at {shown}, readable by the server's user"))
    })?;
    if !metadata.is_file() {
        return Err(("is not a file".to_owned(), format!("put a PEM file at {shown}")));
    }
    let mode = metadata.permissions().mode();
    // defends: signing-key-compromise
    if secrecy == Secrecy::Private && mode & 0o027 != 0 {
        let problem = format!("can be read or changed by other users of this machine (mode {:o})", mode & 0o777);
        return Err((problem, format!("chmod 600 {shown}, and replace the key if others were here")));
    }
    Ok(())
}
