//! One end of a connection.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::address::ToSocketAddrs;
use super::{current_run, in_budget, own};
use crate::run::context::{State, with};
use crate::run::identity::Identity;
use crate::run::network::{EndId, Later, act, try_act};
use crate::run::waits::Wait;

/// One end of a connection in the run's network: tokio's `TcpStream`, as far as an async service needs it.
///
/// `AsyncRead` and `AsyncWrite`, `Send` and `Sync`, so that `tokio-tungstenite`, hyper and `tokio::io` work on it. Reads and
/// writes can be cut like tokio's own. What it does and does not do beyond that: see [the module](super#what-a-connection-does).
///
/// # Panics
/// Every method panics, and says what to do instead, where the run that it belongs to is not being executed on this thread.
/// To drop it is fine anywhere.
#[derive(Debug)]
pub struct TcpStream {
    run: Arc<Identity>,
    end: EndId,
}

impl TcpStream {
    pub(super) fn new(run: Arc<Identity>, end: EndId) -> Self {
        TcpStream { run, end }
    }

    /// Calls whoever listens at `address`, and waits for the answer: two packets.
    ///
    /// Cancel safe: the call goes on its way, and whoever accepts it finds that the caller has hung up.
    ///
    /// # Errors
    /// `ConnectionRefused` where nobody listens when the call arrives, or by a fault; `ConnectionReset` by a fault, or where
    /// whoever listened stopped meanwhile; `HostUnreachable` for an IP address that no host of the run has; `InvalidInput`
    /// for a text that is no `host:port`.
    ///
    /// # Panics
    /// Outside a run.
    pub async fn connect<A: ToSocketAddrs>(address: A) -> io::Result<TcpStream> {
        let run = current_run();
        let target = address.target()?;
        let end = act(|state, _| state.network.call(&target))?;
        // From here on it hangs up when it is dropped.
        let stream = TcpStream::new(run, end);
        let answered = |cx: &mut Context<'_>| {
            stream.ask("the answer of", |state, later| state.network.answered(end, cx.waker(), later))
        };
        poll_fn(|cx| in_budget(cx, answered)).await?;
        Ok(stream)
    }

    /// Its own address.
    ///
    /// # Errors
    /// None; it is tokio's signature.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        own(&self.run);
        Ok(with(|state| state.network.addresses(self.end).0))
    }

    /// The other end's address.
    ///
    /// # Errors
    /// None; it is tokio's signature.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        own(&self.run);
        Ok(with(|state| state.network.addresses(self.end).1))
    }

    /// Changes nothing: every write goes on its way at once.
    ///
    /// # Errors
    /// None; it is tokio's signature.
    pub fn set_nodelay(&self, _nodelay: bool) -> io::Result<()> {
        own(&self.run);
        Ok(())
    }

    /// Does something at this end; where it has to wait, says for what.
    fn ask<T>(&self, what: &'static str, act_at: impl FnOnce(&mut State, &mut Later) -> Poll<T>) -> Poll<T> {
        own(&self.run);
        act(|state, later| {
            let polled = act_at(state, later);
            if polled.is_pending() {
                let host = state.network.other_host(self.end);
                state.wait_for(Wait::Network(what, host));
            }
            polled
        })
    }

    pub(super) fn read(&self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        in_budget(cx, |cx| {
            let unfilled = buffer.initialize_unfilled();
            let read = self.ask("data from", |state, later| state.network.read(self.end, unfilled, cx.waker(), later));
            read.map_ok(|count| buffer.advance(count))
        })
    }

    pub(super) fn write(&self, cx: &mut Context<'_>, data: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        in_budget(cx, |cx| {
            self.ask("room for data to", |state, later| state.network.write(self.end, data, cx.waker(), later))
        })
    }

    pub(super) fn shut(&self) -> io::Result<()> {
        own(&self.run);
        with(|state| state.network.shut(self.end))
    }

    /// Says that no more data will come, unless the run is over.
    pub(super) fn shut_if_here(&self) {
        if self.run.is_here() {
            try_act(|network, _| {
                // Where the connection is broken off there is nothing to say.
                let _ = network.shut(self.end);
            });
        }
    }
}

/// Reading and writing as tokio's types do it, through a shared reference to the stream.
macro_rules! is_stream {
    (reads $type:ty) => {
        impl AsyncRead for $type {
            fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
                self.stream().read(cx, buffer)
            }
        }
    };
    (writes $type:ty) => {
        impl AsyncWrite for $type {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
                self.stream().write(cx, &[IoSlice::new(data)])
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                data: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.stream().write(cx, data)
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.stream().shut())
            }
        }
    };
}

pub(super) use is_stream;

impl TcpStream {
    fn stream(&self) -> &TcpStream {
        self
    }
}

is_stream!(reads TcpStream);
is_stream!(writes TcpStream);

impl Drop for TcpStream {
    fn drop(&mut self) {
        if self.run.is_here() {
            try_act(|network, later| network.hang_up(self.end, later));
        }
    }
}
