//! One request and its answer, as they went over the wire.

use serde::{Deserialize, Serialize};

/// A request as sent and what came back. Within a run it is raw; what a report holds went through [`crate::mask::Mask`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Exchange {
    /// What it was for, in a few words: "token request".
    pub what: String,
    /// Request line, headers, blank line and body.
    pub request: String,
    /// Status line, headers, blank line and body; empty when nothing came back.
    pub response: String,
    /// Why nothing, or not all, came back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// Milliseconds from the first byte sent to the last received.
    pub millis: u64,
}
