//! One end of a connection.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::address::ToSocketAddrs;
use super::in_budget;
use crate::run::context::with;
use crate::run::identity::Identity;
use crate::run::network::{EndId, act, try_act};
use crate::run::waits::Wait;

/// One end of a connection in the run's network.
#[derive(Debug)]
pub struct TcpStream {
    run: Arc<Identity>,
    end: EndId,
}

/// # Panics
/// If this thread does not execute the run that the socket belongs to.
#[track_caller]
pub(super) fn own(run: &Arc<Identity>) {
    run.demand_by("a socket of `nevernone::net`");
}

impl TcpStream {
    pub(super) fn new(run: Arc<Identity>, end: EndId) -> Self {
        TcpStream { run, end }
    }

    /// Connects.
    pub async fn connect<A: ToSocketAddrs>(address: A) -> io::Result<TcpStream> {
        let run = Identity::current();
        let target = address.target()?;
        let end = act(|state, _| state.network.call(&target))?;
        // Hangs up where the caller gives up.
        let stream = TcpStream::new(run, end);
        poll_fn(|cx| {
            in_budget(cx, |cx| {
                stream.ask(Waits::ForAnswer, |state, later| state.network.answered(end, cx.waker(), later))
            })
        })
        .await?;
        Ok(stream)
    }

    /// Its own address.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        own(&self.run);
        Ok(with(|state| state.network.addresses(self.end).0))
    }

    /// The other end's address.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        own(&self.run);
        Ok(with(|state| state.network.addresses(self.end).1))
    }

    fn ask<T>(
        &self,
        waits: Waits,
        operation: impl FnOnce(&mut crate::run::context::State, &mut crate::run::network::Later) -> Poll<T>,
    ) -> Poll<T> {
        own(&self.run);
        act(|state, later| {
            let polled = operation(state, later);
            if polled.is_pending() {
                let host = state.network.name_of(self.end ^ 1);
                state.wait_for(Wait::Network(waits.told(), host));
            }
            polled
        })
    }
}

/// What a task waits for at a stream.
#[derive(Debug, Clone, Copy)]
enum Waits {
    ForAnswer,
    ForData,
    ForRoom,
}

impl Waits {
    fn told(self) -> &'static str {
        match self {
            Waits::ForAnswer => "the answer of",
            Waits::ForData => "data from",
            Waits::ForRoom => "room for data to",
        }
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        in_budget(cx, |cx| {
            let unfilled = buffer.initialize_unfilled();
            let read = self.ask(Waits::ForData, |state, later| {
                state.network.read(self.end, (unfilled, false), Some(cx.waker()), later)
            });
            read.map_ok(|count| buffer.advance(count))
        })
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(data)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        in_budget(cx, |cx| {
            self.ask(Waits::ForRoom, |state, later| state.network.write(self.end, data, Some(cx.waker()), later))
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        own(&self.run);
        Poll::Ready(with(|state| state.network.shut(self.end)))
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        if self.run.is_here() {
            try_act(|network, later| network.hang_up(self.end, later));
        }
    }
}
