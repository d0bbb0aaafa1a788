//! The demo cast: mailbox API and mail robots.
