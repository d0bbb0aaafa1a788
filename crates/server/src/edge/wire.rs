//! One connection's bytes and its clock: what has been read, whether a request runs, and since when nothing happens.
//!
//! hyper has timers of its own, one allocated per request; these marks cost two atomics per request and one timer per
//! connection, and they count the same way for HTTP/1.1, HTTP/2 and for an opening that never becomes either.

use super::connection::Verdict;
use crate::config::Limits;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// What starts every HTTP/2 connection (RFC 9113 section 3.4).
const H2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which protocol a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// Marks in milliseconds since the connection was accepted. Zero means "none", so every mark is at least one.
#[derive(Debug)]
pub(super) struct Activity {
    start: Instant,
    running: AtomicU32,
    head_since: AtomicU64,
    idle_since: AtomicU64,
}

impl Activity {
    /// A connection accepted now, whose first request is awaited from now on.
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            running: AtomicU32::new(0),
            head_since: AtomicU64::new(1),
            idle_since: AtomicU64::new(1),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// Bytes came in: outside a request they begin the next head.
    fn bytes_read(&self) {
        if self.running.load(Ordering::Relaxed) == 0 && self.head_since.load(Ordering::Relaxed) == 0 {
            self.head_since.store(self.now(), Ordering::Relaxed);
        }
    }

    /// A head is complete. The request runs while the returned value lives.
    pub(super) fn request(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.head_since.store(0, Ordering::Relaxed);
        Running(Arc::clone(self))
    }

    /// What is to be done with the connection now, or when to ask again.
    pub(super) fn verdict(&self, limits: &Limits) -> Verdict {
        let header_time = limits.header_time.duration();
        if self.running.load(Ordering::Relaxed) > 0 {
            return Verdict::AskIn(header_time); // the request has a time limit of its own
        }
        let now = self.now();
        let since = |mark: u64| Duration::from_millis(now.saturating_sub(mark));
        let head = self.head_since.load(Ordering::Relaxed);
        if head != 0 {
            // defends: dos-expensive-input  a head that trickles in byte by byte.
            return match header_time.checked_sub(since(head)) {
                Some(left) if !left.is_zero() => Verdict::AskIn(left),
                _ => Verdict::Cut,
            };
        }
        let idle = since(self.idle_since.load(Ordering::Relaxed));
        match limits.keep_alive_idle.duration().checked_sub(idle) {
            // A head may begin meanwhile, and its time is up `header_time` later at the earliest.
            Some(left) if !left.is_zero() => Verdict::AskIn(left.min(header_time)),
            _ => Verdict::Close,
        }
    }
}

/// A request that runs.
pub(super) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.now(), Ordering::Relaxed);
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection's bytes: what was read to tell the protocol, then the rest.
pub(super) struct Wire<T> {
    inner: T,
    opening: [u8; H2_PREFACE.len()],
    opening_left: std::ops::Range<u8>,
    marks: Option<Arc<Activity>>,
}

impl<T: AsyncRead + Unpin> Wire<T> {
    /// Reads as much of the opening as tells HTTP/2 from HTTP/1.1.
    pub(super) async fn sniff(mut inner: T, activity: &Arc<Activity>) -> io::Result<(Self, Protocol)> {
        let mut opening = [0; H2_PREFACE.len()];
        let mut filled = 0;
        let protocol = loop {
            let read = inner.read(&mut opening[filled..]).await?;
            filled += read;
            if read == 0 || opening[..filled] != H2_PREFACE[..filled] {
                break Protocol::Http1;
            }
            if filled == opening.len() {
                break Protocol::Http2;
            }
        };
        if filled == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut wire = Self::known(inner, protocol, activity);
        wire.opening = opening;
        #[allow(clippy::cast_possible_truncation)] // at most 24
        let filled = filled as u8;
        wire.opening_left = 0..filled;
        Ok((wire, protocol))
    }

    /// A connection whose protocol TLS has told (ALPN).
    pub(super) fn known(inner: T, protocol: Protocol, activity: &Arc<Activity>) -> Self {
        Self {
            inner,
            opening: [0; H2_PREFACE.len()],
            opening_left: 0..0,
            // HTTP/2 reads pings and settings between requests; only idleness bounds it there.
            marks: (protocol == Protocol::Http1).then(|| Arc::clone(activity)),
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.opening_left.is_empty() {
            let from = usize::from(self.opening_left.start);
            let to = usize::from(self.opening_left.end).min(from + buf.remaining());
            buf.put_slice(&self.opening[from..to]);
            #[allow(clippy::cast_possible_truncation)] // at most 24
            let start = to as u8;
            self.opening_left.start = start;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if let Some(marks) = self.marks.as_ref().filter(|_| buf.filled().len() > before) {
            marks.bytes_read();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, data)
    }
}
