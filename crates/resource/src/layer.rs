//! A tower layer that guards one route.

use std::{
    convert::Infallible,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use protocol::resource::Requirement;
use tower::{Layer, Service};

use crate::{Fetch, Guard, rejection::guard_headers};

impl<F: Fetch> Guard<F> {
    /// A layer that lets calls through that satisfy `requirement` and puts the [`crate::Access`] into their extensions.
    ///
    /// Put one on every route: the extractors refuse a route that has none.
    #[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
    pub fn require(&self, requirement: Requirement) -> Protect<F> {
        Protect { guard: self.clone(), requirement: Arc::new(requirement) }
    }
}

/// Made by [`Guard::require`].
#[derive(Debug)]
pub struct Protect<F> {
    guard: Guard<F>,
    requirement: Arc<Requirement>,
}

impl<F> Clone for Protect<F> {
    fn clone(&self) -> Self {
        Self { guard: self.guard.clone(), requirement: self.requirement.clone() }
    }
}

impl<F, S> Layer<S> for Protect<F> {
    type Service = ProtectService<F, S>;

    fn layer(&self, inner: S) -> Self::Service {
        ProtectService { protect: self.clone(), inner }
    }
}

/// A service behind [`Protect`].
#[derive(Debug)]
pub struct ProtectService<F, S> {
    protect: Protect<F>,
    inner: S,
}

impl<F, S: Clone> Clone for ProtectService<F, S> {
    fn clone(&self) -> Self {
        Self { protect: self.protect.clone(), inner: self.inner.clone() }
    }
}

impl<F, S, B, R> Service<Request<B>> for ProtectService<F, S>
where
    F: Fetch,
    S: Service<Request<B>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: From<String> + Send + 'static,
{
    type Response = Response<R>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The clone is not ready, the original is: the call takes the original.
        let inner = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, inner);
        let Protect { guard, requirement } = self.protect.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match guard.authorize(&parts, &requirement).await {
                Ok(access) => {
                    parts.extensions.insert(access);
                    let mut response = inner.call(Request::from_parts(parts, body)).await?;
                    guard_headers(&mut response);
                    Ok(response)
                }
                Err(rejection) => Ok(rejection.into_response()),
            }
        })
    }
}
