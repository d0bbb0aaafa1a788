//! A request body that cannot be larger than allowed, and that tells the edge how far it got.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

/// How far the body of one request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing more is awaited: it is complete, or nobody reads it.
    Done = 0,
    /// More is awaited.
    Reading = 1,
    /// It went over the limit.
    TooLarge = 2,
}

/// Shared by a body and the edge. A request without a body needs none.
#[derive(Debug, Default)]
pub(super) struct Watch(Option<Arc<AtomicU8>>);

impl Watch {
    pub(super) fn progress(&self) -> Progress {
        match self.0.as_ref().map(|cell| cell.load(Ordering::Relaxed)) {
            Some(1) => Progress::Reading,
            Some(2) => Progress::TooLarge,
            _ => Progress::Done,
        }
    }
}

/// Why a body ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The connection broke, or the framing was wrong.
    #[error("the request body ended early")]
    Broken,
    /// It is larger than `server.limits.body_bytes`.
    #[error("the request body is too large")]
    TooLarge,
}

/// The body of a request, as the application reads it.
#[derive(Debug)]
pub struct BoundedBody {
    inner: Incoming,
    left: u64,
    watch: Option<Arc<AtomicU8>>,
}

impl BoundedBody {
    /// Bounds `inner` to `most` bytes.
    pub(super) fn new(inner: Incoming, most: u64) -> (Self, Watch) {
        let watch = (!inner.is_end_stream()).then(|| Arc::new(AtomicU8::new(Progress::Reading as u8)));
        let body = Self { inner, left: most, watch: watch.clone() };
        (body, Watch(watch))
    }

    fn tell(&self, progress: Progress) {
        if let Some(cell) = &self.watch {
            cell.store(progress as u8, Ordering::Relaxed);
        }
    }
}

impl Body for BoundedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(frame) = ready!(Pin::new(&mut self.inner).poll_frame(cx)) else {
            self.tell(Progress::Done);
            return Poll::Ready(None);
        };
        let Ok(frame) = frame else {
            self.tell(Progress::Done);
            return Poll::Ready(Some(Err(BodyError::Broken)));
        };
        let size = frame.data_ref().map_or(0, |data| data.len() as u64);
        // defends: dos-expensive-input  a chunked body announces no length, so the bytes are counted as they come.
        let Some(left) = self.left.checked_sub(size) else {
            self.tell(Progress::TooLarge);
            return Poll::Ready(Some(Err(BodyError::TooLarge)));
        };
        self.left = left;
        if self.inner.is_end_stream() {
            self.tell(Progress::Done);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for BoundedBody {
    fn drop(&mut self) {
        // What nobody reads is not awaited. A verdict stays.
        if let Some(cell) = &self.watch {
            let _ = cell.compare_exchange(
                Progress::Reading as u8,
                Progress::Done as u8,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }
}

impl BoundedBody {
    /// The whole body. It is bounded, so it fits in memory.
    ///
    /// # Errors
    /// When it is too large or breaks off.
    pub async fn bytes(self) -> Result<Bytes, BodyError> {
        Ok(self.collect().await?.to_bytes())
    }
}
