//! Bad input, from tables: each parameter of each endpoint, missing, empty, twice, too long, wrongly encoded, with control
//! characters, of the wrong type; and every rule of the catalogue broken at least once.

#[path = "../cast/mod.rs"]
mod cast;

mod authorization;
mod back_channel;
mod defect;
mod registration;
mod rules;
