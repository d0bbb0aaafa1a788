//! The honest steps of the protocol, each of which a case can bend.

pub mod authorize;
mod browser;
pub mod call;
pub mod landing;
pub mod person;
pub mod proof;
pub mod token;
pub mod walk;
