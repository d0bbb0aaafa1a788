//! Every command explains itself.

mod common;

use common::run;

/// Visits a command and all below it.
fn visit(path: &[String], seen: &mut Vec<String>) {
    let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
    args.push("--help");
    let done = run(&args, "");
    let name = path.join(" ");
    assert!(done.status.success(), "{name}: {}", done.err);
    assert!(done.out.contains("Example"), "`safeconduct {name} --help` has no example");
    assert!(done.out.lines().all(|line| line.chars().count() <= 200), "`safeconduct {name} --help` has a long line");
    seen.push(name);
    let below = done.out.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for line in below {
        let indent = line.len() - line.trim_start().len();
        let word = line.split_whitespace().next().unwrap_or("help");
        if indent == 2 && word != "help" {
            visit(&[path, &[word.to_owned()]].concat(), seen);
        }
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let mut seen = Vec::new();
    visit(&[], &mut seen);
    for command in [
        "backup",
        "client add",
        "client disable",
        "client enable",
        "client list",
        "client new",
        "client remove",
        "client roll-secret",
        "client show",
        "config check",
        "config reference",
        "config schema",
        "doctor",
        "events tail",
        "grant end",
        "grant list",
        "init",
        "keys discard",
        "keys list",
        "keys rotate",
        "lab",
        "quickstart",
        "serve",
        "user add",
        "user list",
        "user lock",
        "user remove",
        "user set-password",
        "user unlock",
        "version",
    ] {
        assert!(seen.iter().any(|name| name == command), "{command} is not in the help: {seen:?}");
    }
}

#[test]
fn wrong_words_are_refused_by_name() {
    for (args, word) in [
        (&["no-such"][..], "no-such"),
        (&["client", "no-such"], "no-such"),
        (&["serve", "--no-such"], "--no-such"),
        (&["init"], "--issuer"),
        (&["quickstart", "--listen", "everywhere"], "--listen"),
        (&["keys", "rotate", "--alg", "HS256"], "HS256"),
        (&["grant", "end", "short"], "short"),
        (&["events", "tail", "--since", "yesterday"], "yesterday"),
        (&["events", "tail", "--lines", "0"], "--lines"),
        (&["client", "roll-secret", "robot", "--overlap", "-1"], "-1"),
    ] {
        let done = run(args, "");
        assert_eq!(done.status.code(), Some(2), "{args:?}");
        assert!(done.out.is_empty() && done.err.contains(word), "{args:?}: {}", done.err);
    }
}

#[test]
fn version_is_told_to_people_and_programs() {
    assert!(run(&["version"], "").out.starts_with("safeconduct "));
    assert_eq!(run(&["version", "--json"], "").json()["name"], "safeconduct");
    assert!(run(&["--version"], "").status.success());
}
