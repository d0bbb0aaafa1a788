//! The self-test, with stand-ins for the probe: what it makes of reports, and of programs that write none.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use lab::self_test::{Around, KillTable, Plan, Probe, group_of, run, visible};
use lab::straw::{Options, weakness};
use serde_json::Value;
use tempfile::TempDir;

/// A stand-in: a shell script that gets the target as `$2` and writes the report to `$4/report.json`.
fn stand_in(body: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("probe");
    std::fs::write(&path, format!("#!/bin/sh\nset -e\nmkdir -p \"$4\"\n{body}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    (folder, path)
}

fn plan(only: &[&str], around: Around) -> Plan {
    let only = only.iter().map(|id| (*id).to_owned()).collect();
    Plan { groups: Vec::new(), only, around, jobs: 2, options: Options::default() }
}

async fn table(plan: &Plan, body: &str) -> KillTable {
    let (_folder, path) = stand_in(body);
    run(plan, Probe::at(path), |_| {}).await.expect("a table")
}

fn report(threats: &str) -> String {
    format!("echo '{{\"schema\":1,\"threats\":{{{threats}}}}}' > \"$4/report.json\"")
}

fn threat(id: &str, verdict: &str) -> String {
    format!(
        "\"{id}\":{{\"verdict\":\"{verdict}\",\"cases\":[{{\"name\":\"one\",\"verdict\":\"{verdict}\",\"because\":\"so\"}}]}}"
    )
}

/// The stand-in tells a clean straw from a weak one by `--and-quick`, which only the run of a weakness has.
fn by_run(clean: &str, weak: &str) -> String {
    format!("if [ \"$7\" = --and-quick ]; then {}; else {}; fi", report(weak), report(clean))
}

#[tokio::test]
async fn a_weakness_that_is_found_alone_is_killed() {
    let body = by_run(&threat("code-replay", "resisted"), &threat("code-replay", "vulnerable"));
    let table = table(&plan(&["code-replay"], Around::Quick), &body).await;
    assert_eq!((table.total, table.killed, table.false_alarms), (1, 1, 0), "{table}");
    assert!(table.is_good());
    assert_eq!(table.rows[0].because, "one: so");
}

#[tokio::test]
async fn consequences_are_told_from_false_alarms() {
    let lit = ["code-replay", "code-exchange-race", "code-injection"].map(|id| threat(id, "vulnerable")).join(",");
    let table = table(&plan(&["code-replay"], Around::Quick), &by_run(&threat("code-replay", "resisted"), &lit)).await;
    assert_eq!(table.rows[0].lit, ["code-exchange-race", "code-injection"]);
    assert_eq!(table.rows[0].unexpected, ["code-injection"]);
    assert_eq!((table.killed, table.false_alarms, table.is_good()), (1, 1, false));
}

#[tokio::test]
async fn a_clean_straw_that_is_called_vulnerable_is_a_false_alarm() {
    let lit = threat("code-replay", "vulnerable");
    let table = table(&plan(&["code-replay"], Around::Quick), &by_run(&lit, &lit)).await;
    assert_eq!((table.killed, table.false_alarms, table.is_good()), (1, 1, false), "{table}");
}

#[tokio::test]
async fn what_is_not_called_vulnerable_is_missed() {
    for verdict in ["resisted", "inconclusive", "not-applicable"] {
        let body = report(&threat("code-replay", verdict));
        let table = table(&plan(&["code-replay"], Around::Nothing), &body).await;
        assert_eq!((table.killed, table.is_good()), (0, false), "{verdict}");
        assert!(table.rows[0].because.starts_with(verdict), "{table}");
    }
}

#[tokio::test]
async fn a_probe_without_a_good_report_kills_nothing() {
    let other_schema = report(&threat("code-replay", "vulnerable")).replace("\"schema\":1", "\"schema\":2");
    let halfway =
        report(&threat("code-replay", "vulnerable")).replace("\"schema\":1", "\"schema\":1,\"complete\":false");
    for (body, said) in [
        ("echo no target >&2; exit 2", "no target"),
        ("echo '{' > \"$4/report.json\"", "not as expected"),
        (other_schema.as_str(), "schema 2"),
        (halfway.as_str(), "did not run every case"),
    ] {
        let table = table(&plan(&["code-replay"], Around::Nothing), body).await;
        assert_eq!((table.killed, table.is_good()), (0, false), "{body}");
        assert!(table.rows[0].because.contains(said), "{}", table.rows[0].because);
        assert_eq!(table.clean.failed.len(), 1);
    }
}

#[tokio::test]
async fn a_threat_without_a_weakness_is_no_kill() {
    let id = visible().map(|threat| threat.id()).find(|id| weakness::TABLE.iter().all(|row| row.threat != *id));
    let Some(id) = id else { return };
    let table = table(&plan(&[id], Around::Quick), &report(&threat(id, "vulnerable"))).await;
    assert_eq!(table.killed, 0);
}

#[test]
fn every_weakness_and_exception_is_a_threat_that_can_be_seen() {
    let known = |id: &str| visible().any(|threat| threat.id() == id);
    for row in weakness::TABLE {
        assert!(known(row.threat), "{}", row.threat);
        assert!(row.also.iter().all(|(other, _)| known(other)), "{}", row.threat);
    }
    assert!(weakness::EXCEPTIONS.iter().all(|(id, why)| known(id) && !why.is_empty()));
    assert_eq!(visible().map(group_of).filter(|group| group == "authorization-endpoint").count(), 24);
}

#[test]
fn the_program_says_what_does_not_exist() {
    for (args, said) in [(["--only", "code-repaly"], "code-repaly"), (["--group", "codes"], "authorization-code")] {
        let output = Command::new(env!("CARGO_BIN_EXE_self-test")).args(args).output().expect("started");
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{output:?}");
    }
}

#[test]
fn the_program_prints_one_object_and_fails_on_a_miss() {
    let (_folder, path) = stand_in(&report(&threat("code-replay", "resisted")));
    let mut command = Command::new(env!("CARGO_BIN_EXE_self-test"));
    command.args(["--json", "--only", "code-replay"]).env("SAFECONDUCT_PROBE", path);
    let output = command.output().expect("started");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let table: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&table["total"], &table["killed"], &table["false_alarms"]), (&1.into(), &0.into(), &0.into()));
    assert_eq!(table["rows"][0]["threat"], "code-replay");
}
