//! The stand-in for the person at the server's pages: reads a page, signs in, allows or denies.
//!
//! [`page`] reads HTML, [`form`] sends a form as a browser would, [`driver`] decides what a person would do. None of them
//! talks HTTP: the flow does, or [`chromium`] where pages need script.

pub mod chromium;
mod consent;
pub mod driver;
pub mod form;
mod found;
pub mod page;
mod read;
mod script;
pub mod selectors;
mod sign_in;
mod words;

pub use chromium::{Browser, BrowserError};
pub use driver::{Action, Credentials, Errand, Intent, Kind, Press, Visit};
pub use form::FormRequest;
pub use page::Page;
pub use selectors::{Preset, Selectors};

#[cfg(test)]
mod tests;
