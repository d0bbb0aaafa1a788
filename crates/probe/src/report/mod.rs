//! What a run leaves behind.

pub mod json;
pub mod progress;
