//! Bytes to types and back: parameters, response modes, metadata documents.

pub mod metadata;
pub mod parameters;
pub mod response;
