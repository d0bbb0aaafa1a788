//! How requests leave: one trait, so that any HTTP stack fits.

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};
use thiserror::Error;

/// Why no answer came.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// The connection failed or broke.
    #[error("the connection failed")]
    Connection,
    /// The URL is http and not a loopback literal, or https without a TLS stack.
    #[error("refused to send a request without TLS to an address other than 127.0.0.1 or [::1]")]
    Plaintext,
    /// No complete answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than anything this kit expects.
    #[error("the answer is too large")]
    TooLarge,
}

/// Sends one HTTP request and reads the whole answer.
///
/// What an implementation must do, and what a wrong one costs:
/// * Never follow a redirect: the request carries credentials for the one address in it.
/// * Check the server's certificate and name: otherwise codes, secrets and tokens go to whoever answers.
/// * Bound size and time of the answer: otherwise a hostile server holds the client's memory.
/// * Not log headers or bodies: they are credentials.
pub trait Transport: Send + Sync {
    /// The answer with its whole body, whatever its status.
    fn send(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send;
}

impl<T: Transport> Transport for &T {
    fn send(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send {
        (**self).send(request)
    }
}
