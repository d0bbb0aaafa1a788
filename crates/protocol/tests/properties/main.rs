//! Laws that hold for every value, and not only for those that somebody thought of.

#[path = "../cast/mod.rs"]
mod cast;

mod names;
mod redirects;
mod rotation;
mod texts;
