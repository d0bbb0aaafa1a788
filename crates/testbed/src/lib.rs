//! Dev only: borders, threats and whole stories with a simulated clock.

pub mod targets;
