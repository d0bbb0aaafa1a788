//! What is for the log has no way into an answer.

use protocol::rules::{LogText, WireText};

fn leak(detail: LogText) -> WireText {
    detail.into()
}

fn main() {}
