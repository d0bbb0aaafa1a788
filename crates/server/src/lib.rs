//! The authorization server's HTTP edge: pages, sign-in, keys, events.

pub mod pages;
