//! The ledger of threats, as far as it goes: each id of these groups stands beside the line that defends, in a rule or a
//! signal, and in a test. `rg -i code.?injection` tells the whole story of one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use protocol::rules::Rule;
use protocol::signal::Signal;
use protocol::threat::{Group, Threat};

/// The groups that the present endpoints meet.
const GROUPS: &[Group] = &[
    Group::Client,
    Group::AuthorizationEndpoint,
    Group::TokenEndpoint,
    Group::AuthorizationCode,
    Group::ClientCredentials,
    Group::Refresh,
    Group::Browser,
    Group::Jose,
    Group::Dos,
    Group::Operations,
];

/// Threats to what does not exist yet. A line, a rule and a test come with the feature, and the row goes.
const WAITING: &[(Threat, &str)] = &[
    (Threat::BffRequestForgery, "there is no backend for browsers that holds tokens"),
    (Threat::DosClientSecretCreation, "clients are registered by operators only, not over HTTP"),
    (Threat::ParRequestUriAbuse, "there are no pushed requests; any request_uri is refused"),
    (Threat::TokenExchangeEscalation, "there is no token exchange; the grant type is refused"),
];

/// How a threat shows where no rule of the catalogue refuses it.
enum Otherwise {
    /// Nothing is refused: the defence is in what is done, whoever asks.
    Always(&'static str),
    /// It is seen, and told.
    Told(Signal),
}

use Otherwise::{Always, Told};

const WITHOUT_RULE: &[(Threat, Otherwise)] = &[
    (Threat::AccessTokenFromAsDatabase, Always("hashes are stored")),
    (Threat::AccountEnumeration, Always("one text for all that must not be told apart")),
    (Threat::AsRedirectToPhishingClient, Always("a page stands between")),
    (Threat::AttackGoesUnnoticed, Always("every refusal with a signal is an event")),
    (Threat::ClientCredentialsInClear, Told(Signal::PlaintextRequest)),
    (Threat::ClientSecretFromAsDatabase, Always("hashes are stored")),
    (Threat::CodeFromAsDatabase, Always("hashes are stored")),
    (Threat::ConsentPageInjection, Always("texts are checked at registration and escaped on the page")),
    (Threat::CorsMisconfiguration, Always("headers are given to some endpoints only")),
    (Threat::CredentialLeakViaReferrer, Always("a header of every answer")),
    (Threat::DosLockoutAbuse, Always("a stranger's try changes nothing")),
    (Threat::DosManufacturedCodes, Told(Signal::CodeUnknownBurst)),
    (Threat::EavesdropTokenResponse, Told(Signal::PlaintextRequest)),
    (Threat::FormPostInjection, Always("values are escaped")),
    (Threat::ForwardedHeaderForgery, Told(Signal::ForwardedHeaderRejected)),
    (Threat::ManagementSurfaceExposure, Told(Signal::ManagementAccessRefused)),
    (Threat::MetadataImpersonation, Always("one document, made of the configuration")),
    (Threat::MixUp, Always("iss is in every answer")),
    (Threat::PasswordPhishingCounterfeitAs, Told(Signal::LoginNewLocation)),
    (Threat::Redirect307, Always("the status is 303")),
    (Threat::RedirectUriDangerousScheme, Always("refused at registration, where no request is")),
    (Threat::RedirectUriHomograph, Always("refused at registration, where no request is")),
    (Threat::RedirectUriParameterPollution, Always("refused at registration, where no request is")),
    (Threat::RefreshFromAsDatabase, Always("hashes are stored")),
    (Threat::ResourceOwnerImpersonation, Told(Signal::ConsentTooFast)),
    (Threat::RevocationCrossClient, Told(Signal::RevocationClientMismatch)),
    (Threat::SecretsInLogsAndErrors, Always("secrets have no printed form")),
    (Threat::SigningKeyCompromise, Told(Signal::KeyUnusable)),
    (Threat::TokenResponseCached, Always("a header of every answer")),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is where it was built")
}

/// Path (from the root) and text of every source of the project.
fn sources() -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.join("crates"), root.join("e2e"), root.join("interop")];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != "target" && name != "node_modules" {
                open.push(path);
            } else if path
                .extension()
                .is_some_and(|kind| ["rs", "py", "mjs", "js", "ts"].iter().any(|known| kind == *known))
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push((path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned(), text));
            }
        }
    }
    found
}

fn is_source(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/") && path.ends_with(".rs")
}

/// Ids after `defends:` in the sources of our crates: a list parted by commas, after which prose may follow.
fn defended(sources: &[(String, String)]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (_, text) in sources.iter().filter(|(path, _)| is_source(path)) {
        for rest in text.split("defends:").skip(1) {
            for piece in rest.lines().next().unwrap_or_default().split(',') {
                let piece = piece.trim_start();
                let end = piece.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
                let (id, more) = piece.split_at(end.unwrap_or(piece.len()));
                ids.insert(id.to_owned());
                if !more.trim().is_empty() {
                    break;
                }
            }
        }
    }
    ids.remove("");
    ids
}

/// Everything that could carry a test's name: files below a folder of tests, and test functions beside the code. This file
/// names ids for another reason.
fn tested(sources: &[(String, String)]) -> String {
    let mut names = String::new();
    for (path, text) in sources {
        let own = path.contains("/tests") || path.starts_with("e2e/") || path.starts_with("interop/");
        if own && !path.ends_with("testbed/tests/threats.rs") {
            names.push_str(path);
            names.push('\n');
            names.push_str(text);
        } else if is_source(path) {
            for after in text.split("#[test]").chain(text.split("#[tokio::test]")).skip(1) {
                names
                    .push_str(after.split_once("fn ").and_then(|(_, rest)| rest.split('(').next()).unwrap_or_default());
                names.push('\n');
            }
        }
    }
    names
}

fn met() -> impl Iterator<Item = Threat> {
    let waits = |threat: &Threat| WAITING.iter().any(|(waiting, _)| waiting == threat);
    Threat::ALL.iter().copied().filter(|threat| GROUPS.contains(&threat.group())).filter(move |threat| !waits(threat))
}

#[test]
fn every_threat_has_its_line() {
    let defended = defended(&sources());
    let open: Vec<&str> = met().map(Threat::id).filter(|id| !defended.contains(*id)).collect();
    assert!(open.is_empty(), "no line says that it defends against {open:?}");
}

#[test]
fn every_threat_has_its_test() {
    let tested = tested(&sources());
    let open: Vec<&str> = met().map(Threat::id).filter(|id| !tested.contains(&id.replace('-', "_"))).collect();
    assert!(open.is_empty(), "no test carries the name of {open:?}");
}

#[test]
fn every_threat_has_its_rule_or_shows_otherwise() {
    let ruled: BTreeSet<Threat> = Rule::ALL.iter().flat_map(|rule| rule.defends()).copied().collect();
    let otherwise: BTreeSet<Threat> = WITHOUT_RULE.iter().map(|(threat, _)| *threat).collect();
    let open: Vec<&str> =
        met().filter(|threat| !ruled.contains(threat) && !otherwise.contains(threat)).map(Threat::id).collect();
    assert!(open.is_empty(), "no rule refuses {open:?}, and nothing says why");
    let both: Vec<&str> = otherwise.intersection(&ruled).map(|threat| threat.id()).collect();
    assert!(both.is_empty(), "a rule refuses {both:?} after all");
}

#[test]
fn signals_that_stand_in_for_rules_are_raised() {
    let sources = sources();
    let raised = |signal: Signal| {
        let word = format!("Signal::{signal:?}");
        let by_rule = Rule::ALL.iter().any(|rule| rule.signal() == Some(signal));
        by_rule
            || sources
                .iter()
                .any(|(path, text)| is_source(path) && !path.ends_with("signal.rs") && text.contains(&word))
    };
    for (threat, otherwise) in WITHOUT_RULE {
        match otherwise {
            Told(signal) => {
                assert!(raised(*signal), "{} is to be told by {signal:?}, which nothing raises", threat.id())
            }
            Always(reason) => assert!(!reason.is_empty()),
        }
    }
}

#[test]
fn what_waits_has_no_line_yet() {
    let defended = defended(&sources());
    for (threat, reason) in WAITING {
        assert!(!defended.contains(threat.id()), "{} no longer waits: {reason}", threat.id());
    }
}

#[test]
fn no_line_defends_against_what_is_no_threat() {
    let unknown: Vec<String> = defended(&sources()).into_iter().filter(|id| Threat::from_id(id).is_none()).collect();
    assert!(unknown.is_empty(), "no such threats: {unknown:?}");
}

/// Folders of the probe's cases.
fn probed() -> BTreeSet<String> {
    let folder = root().join("crates/probe/cases");
    let entries = std::fs::read_dir(folder).expect("the probe's cases");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_probe_knows_every_threat_that_is_seen_from_outside_and_no_other() {
    let seen: BTreeSet<String> =
        Threat::ALL.iter().filter(|threat| threat.seen_from_outside()).map(|threat| threat.id().to_owned()).collect();
    let known = probed();
    let missing: Vec<_> = seen.difference(&known).collect();
    let more: Vec<_> = known.difference(&seen).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing: {missing:?}; unknown: {more:?}");
}
