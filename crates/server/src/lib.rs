//! The authorization server's HTTP edge: pages, sign-in, keys, events.

pub mod answer;
pub mod app;
mod back_channel;
mod browser;
mod call;
pub mod clock;
pub mod commands;
pub mod config;
pub mod control;
mod cors;
pub mod edge;
mod endpoints;
pub mod entropy;
pub mod events;
pub mod files;
mod front_channel;
pub mod keys;
pub mod pages;
pub mod password;
mod quota;
pub mod runtime;
mod sign_in;

pub use endpoints::router;
