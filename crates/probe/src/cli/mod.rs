//! The commands.

pub mod init;
pub mod run;
