//! How the lab's programs send requests: plainly, or through somebody who writes down what passes.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use client::{HyperTransport, Transport, TransportError};
use http::{Request, Response};

/// What a wire gives for one request.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send>>;

type Carry = dyn Fn(Request<Bytes>) -> Answering + Send + Sync;

/// A transport whose kind is chosen at run time. Cheap to clone.
#[derive(Clone)]
pub struct Wire(Arc<Carry>);

impl Wire {
    /// Reaches http on this machine, and nothing else.
    pub fn loopback_only() -> Self {
        Self::through(|request| Box::pin(async move { HyperTransport::loopback_only().send(request).await }))
    }

    /// Hands every request to `carry`.
    pub fn through(carry: impl Fn(Request<Bytes>) -> Answering + Send + Sync + 'static) -> Self {
        Self(Arc::new(carry))
    }
}

impl Transport for Wire {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        (self.0)(request).await
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}
