#![doc = include_str!("../README.md")]

#[cfg(not(any(fuzzing, trybuild)))]
pub mod stage;
pub mod targets;
