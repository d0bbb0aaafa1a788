//! The authorization server's HTTP edge: pages, sign-in, keys, events.

pub mod clock;
pub mod config;
pub mod edge;
pub mod entropy;
pub mod password;
