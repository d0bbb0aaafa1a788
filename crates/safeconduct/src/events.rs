//! `events tail`: the record of security events.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use jose::UnixTime;
use protocol::handle::Id;
use serde_json::Value;
use server::clock::{Clock, SystemClock};
use server::commands::{Command, Kind};
use server::config::Config;
use server::control::{self, StoreLock};

use crate::args::ConfigFile;
use crate::output::{cell, items, line, time};
use crate::serve::StopSignals;

/// Events asked for at a time.
const PAGE: u32 = 500;
/// Events that a person is shown unasked.
const NEWEST: u32 = 20;
/// How often `--follow` asks.
const EVERY: Duration = Duration::from_millis(300);

#[derive(Subcommand)]
#[command(after_help = "Example:\n  safeconduct events tail --follow")]
pub enum Task {
    /// Print the newest events, oldest first.
    #[command(
        after_help = "Example: watch\n  safeconduct events tail --follow\n\nExample: everything of the last two hours, \
                            one JSON object per line\n  safeconduct events tail --json --since 2h"
    )]
    Tail(Tail),
}

#[derive(Args)]
pub struct Tail {
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
    /// Go on printing events as they happen, also across restarts of the server. Ends on Ctrl-C.
    #[arg(long, short)]
    follow: bool,
    /// All events since then: a span such as 90s, 10m, 2h, 7d, or a time such as 2027-01-15T08:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<UnixTime>,
    /// How many of the newest. [default: 20; all with --since, and with --json unless it follows]
    #[arg(long, short = 'n', value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1000))]
    lines: Option<u32>,
    #[command(flatten)]
    config: ConfigFile,
}

fn since(text: &str) -> Result<UnixTime, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(UnixTime(at.as_second()));
    }
    let wrong = || "is neither a span such as 10m nor a time such as 2027-01-15T08:00:00Z".to_owned();
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    // The last character is one of four ASCII letters, so this cuts at a border.
    let count: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    let span = count.checked_mul(unit).filter(|span| *span >= 0).ok_or_else(wrong)?;
    Ok(UnixTime(SystemClock.now().0.saturating_sub(span)))
}

pub async fn run(task: Task) -> Result<ExitCode> {
    let Task::Tail(tail) = task;
    let config = tail.config.load()?;
    // All pages from there on, or the newest few.
    // A program that reads events must not miss the one it looks for, because twenty came after it.
    let since = match (tail.since, tail.lines) {
        (None, None) if tail.json && !tail.follow => Some(UnixTime(0)),
        (since, _) => since,
    };
    let limit = if since.is_some() { PAGE } else { tail.lines.unwrap_or(NEWEST) };
    let mut page = control::perform(&config, Command::EventsList { after: None, since, limit }).await?;
    let mut last = print(&page, &tail)?;
    while since.is_some() && items(&page).len() == PAGE as usize {
        page = control::perform(&config, Command::EventsList { after: last, since: None, limit: PAGE }).await?;
        last = print(&page, &tail)?.or(last);
    }
    if tail.follow { follow(&config, &tail, last.unwrap_or(Id::NONE)).await } else { Ok(ExitCode::SUCCESS) }
}

/// Prints what is new, until interrupted.
async fn follow(config: &Config, tail: &Tail, mut last: Id) -> Result<ExitCode> {
    let mut stop = StopSignals::new()?;
    let mut waiting = false;
    loop {
        tokio::select! {
            () = stop.next() => return Ok(ExitCode::SUCCESS),
            () = tokio::time::sleep(EVERY) => {}
        }
        // Nothing happens on a stopped server, and holding its store would keep it from starting.
        if StoreLock::is_free(&control::folder(config)) {
            if !waiting {
                eprintln!("the server is stopped; waiting for it");
                waiting = true;
            }
            continue;
        }
        let next = Command::EventsList { after: Some(last), since: None, limit: PAGE };
        match control::perform(config, next).await {
            Ok(page) => {
                waiting = false;
                last = print(&page, tail)?.unwrap_or(last);
            }
            // It stops or starts just now.
            Err(error) if error.kind == Kind::Unreachable => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Prints events; answers the id of the last.
fn print(page: &Value, tail: &Tail) -> Result<Option<Id>> {
    let mut last = None;
    for event in items(page) {
        line(&if tail.json { event.to_string() } else { sentence(event) })?;
        let id = event["id"].as_str().and_then(Id::parse);
        last = Some(id.ok_or_else(|| anyhow!("the server answered an event without an id"))?);
    }
    Ok(last)
}

fn sentence(event: &Value) -> String {
    let mut text = format!("{} {:7} {}", time(&event["at"]), cell(&event["severity"]), cell(&event["signal"]));
    for (name, member) in [
        ("client", "client_id"),
        ("user", "subject"),
        ("grant", "grant"),
        ("from", "address"),
        ("rule", "rule"),
        ("request", "request_id"),
    ] {
        if let Some(value) = event.get(member) {
            text.push_str(&format!(" {name}={}", cell(value)));
        }
    }
    match event.get("detail") {
        Some(detail) => format!("{text}: {}", cell(detail)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_spans_and_times() {
        let now = SystemClock.now().0;
        assert!((now - 7200..=now - 7198).contains(&since("2h").expect("a span").0));
        assert_eq!(since("2027-01-15T08:00:00Z"), Ok(UnixTime(1_800_000_000)));
        for text in ["", "h", "2", "-2h", "yesterday", "99999999999999999999d", "9223372036854775807d", "2ü"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
