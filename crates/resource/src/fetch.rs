//! How the kit reaches the authorization server: one trait, so that any HTTP stack fits.

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};
use thiserror::Error;

/// No answer came. Nothing is then known about the token, so the call is refused with 503.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the authorization server did not answer")]
pub struct FetchError;

/// Sends one request (the key set, or an introspection) and reads the whole answer.
///
/// What an implementation must do, and what a wrong one costs:
/// * Never follow a redirect: an introspection request carries this API's secret and the caller's token.
/// * Check the server's certificate and name: whoever can answer in its place can make any token good.
/// * Bound size and time of the answer: calls wait for it.
///
/// Every closure `Fn(Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, FetchError>>` is one.
pub trait Fetch: Send + Sync + 'static {
    /// The answer with its whole body, whatever its status.
    fn fetch(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, FetchError>> + Send;
}

impl<F, A> Fetch for F
where
    F: Fn(Request<Bytes>) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response<Bytes>, FetchError>> + Send,
{
    fn fetch(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, FetchError>> + Send {
        self(request)
    }
}
