//! Logs: lines for people or JSON for machines, on standard error.
//!
//! What was received can stand in a log only as the value of a field, and no value can look like a line of its own: every
//! control character and every character that changes the direction of text is written as an escape.

use crate::config::{Log, LogFormat};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;

/// The crates of Safeconduct, by the names that log targets begin with.
pub(crate) const OURS: [&str; 8] = ["client", "jose", "lab", "protocol", "resource", "safeconduct", "server", "store"];

/// Something else in this process has taken the log already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("logging was set up before")]
pub struct AlreadyLogging;

/// Starts logging for the whole process, and makes panics tell their place instead of their message.
///
/// # Errors
/// When logging was set up before.
pub fn start(config: &Log) -> Result<(), AlreadyLogging> {
    let subscriber = subscriber(config, io::stderr);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| AlreadyLogging)?;
    std::panic::set_hook(Box::new(|panic| {
        // The message may quote what was being worked on: `unwrap` prints the error it met.
        // defends: secrets-in-logs-and-errors
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
    Ok(())
}

/// What [`start`] starts, with lines going to `writer`.
pub fn subscriber<W>(config: &Log, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = filter(config.level.as_str());
    let writer = OneLine(writer);
    match config.format {
        LogFormat::Json => {
            let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(writer);
            Box::new(Registry::default().with(layer.with_filter(filter)))
        }
        LogFormat::Text => {
            let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
            Box::new(Registry::default().with(layer.with_filter(filter)))
        }
    }
}

/// The operator's level for crates of ours; others speak up from `warn` on only, whatever the level: at `debug` and
/// `trace` HTTP libraries print headers, and those hold secrets.
// defends: secrets-in-logs-and-errors
fn filter(directives: &str) -> Targets {
    let mut targets = Targets::new().with_default(LevelFilter::WARN);
    for directive in directives.split(',') {
        let (target, level) = directive.split_once('=').unwrap_or(("", directive));
        // Checked when the configuration was read.
        let level = level.parse().unwrap_or(LevelFilter::INFO);
        if target.is_empty() {
            targets = targets.with_default(level.min(LevelFilter::WARN)).with_targets(OURS.map(|name| (name, level)));
        } else {
            targets = targets.with_target(target, level);
        }
    }
    targets
}

/// Writes each event as one line.
struct OneLine<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for OneLine<W> {
    type Writer = OneLineWriter<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        OneLineWriter(self.0.make_writer())
    }
}

struct OneLineWriter<W>(W);

impl<W: Write> Write for OneLineWriter<W> {
    /// Takes one whole event, which is how the formatter writes.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let mut safe = escape(line).into_owned();
        safe.push('\n');
        self.0.write_all(safe.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Replaces what could forge a line, drive a terminal or turn text around.
// defends: injection-into-stores-and-logs
fn escape(line: &str) -> Cow<'_, str> {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !line.contains(hostile) {
        return Cow::Borrowed(line);
    }
    let mut safe = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        if hostile(c) {
            let _ = write!(safe, "\\u{:04x}", u32::from(c)); // a `String` takes everything
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::tests::stage::Memory;

    fn logged(config: &Log, events: impl FnOnce()) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        tracing::subscriber::with_default(subscriber(config, move || writer.clone()), events);
        memory.text()
    }

    fn config(format: &str, level: &str) -> Log {
        serde_json::from_value(serde_json::json!({ "format": format, "level": level })).expect("good")
    }

    const HOSTILE: &str =
        "x\n2026-11-20T00:00:00Z  INFO server: signed in user=admin\r\n\u{1b}[2K\u{9b}1m\u{202e}evil\u{2028}y\0";

    #[test]
    fn injection_into_stores_and_logs_a_value_cannot_forge_a_line() {
        for format in ["text", "json"] {
            let text = logged(&config(format, "info"), || {
                tracing::info!(name = HOSTILE, "one");
                tracing::info!(name = %HOSTILE, "two");
                tracing::info!(name = ?HOSTILE, "three");
                tracing::info!("four {HOSTILE}");
                let span = tracing::info_span!("span", name = %HOSTILE);
                span.in_scope(|| tracing::warn!("five"));
            });
            assert_eq!(text.lines().count(), 5, "{format}: {text}");
            assert!(!text.contains(['\r', '\u{1b}', '\u{9b}', '\u{202e}', '\u{2028}', '\0']), "{format}: {text}");
            if format == "json" {
                for line in text.lines() {
                    serde_json::from_str::<serde_json::Value>(line).expect("one object per line");
                }
            }
        }
    }

    #[test]
    fn secrets_in_logs_and_errors_libraries_do_not_get_to_print_headers() {
        for level in ["trace", "info,server=trace", "debug"] {
            let text = logged(&config("text", level), || {
                tracing::debug!(target: "hyper::proto", "authorization: hunter2");
                tracing::trace!(target: "h2::codec", "authorization: hunter2");
                tracing::warn!(target: "hyper", "heard");
                tracing::info!(target: "server::edge", "heard");
            });
            assert!(!text.contains("hunter2"), "{level}: {text}");
            assert_eq!(text.matches("heard").count(), 2, "{level}: {text}");
        }
        let quiet = logged(&config("text", "error"), || tracing::warn!(target: "hyper", "heard"));
        assert!(quiet.is_empty(), "{quiet}");
    }

    #[test]
    fn secrets_in_logs_and_errors_a_level_for_a_library_is_refused() {
        for level in ["hyper=trace", "info,h2=debug"] {
            let parsed: Result<Log, _> = serde_json::from_value(serde_json::json!({ "level": level }));
            assert!(parsed.is_err(), "{level}");
        }
    }

    #[test]
    fn parts_have_levels_of_their_own() {
        let text = logged(&config("text", "warn,server::edge=debug"), || {
            tracing::debug!(target: "server::edge::listener", "heard");
            tracing::info!(target: "server::config", "not heard");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
