//! Who waits for connections.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::address::ToSocketAddrs;
use super::stream::TcpStream;
use super::{current_run, in_budget, own};
use crate::run::identity::Identity;
use crate::run::network::{act, try_act};
use crate::run::waits::Wait;

/// Listens at a port of the run's network: tokio's `TcpListener`..
///
/// From [`bind`](TcpListener::bind) on, calls that arrive are accepted by the host, whether anybody calls
/// [`accept`](TcpListener::accept) or not: that is what makes a server reachable before it is ready. Dropped, it listens no
/// more, and connections that nobody took are reset.
///
/// # Panics
/// Every method panics, and says what to do instead, where the run that it belongs to is not being executed on this thread.
/// To drop it is fine anywhere.
#[derive(Debug)]
pub struct TcpListener {
    run: Arc<Identity>,
    place: usize,
    address: SocketAddr,
}

impl TcpListener {
    /// Listens at `address` of the host that the task runs on: `"0.0.0.0:80"` or `"[::]:80"` for everybody,
    /// `"127.0.0.1:80"` for the host itself, or the host's own name. Port 0 is any that is free. Never waits.
    ///
    /// # Errors
    /// `AddrInUse`; `AddrNotAvailable` where the address is another host's; `InvalidInput` for a text that is no
    /// `host:port`.
    ///
    /// # Panics
    /// Outside a run.
    #[expect(clippy::unused_async, reason = "tokio's signature")]
    pub async fn bind<A: ToSocketAddrs>(address: A) -> io::Result<TcpListener> {
        let run = current_run();
        let target = address.target()?;
        let (place, address) = act(|state, _| state.network.listen(&target))?;
        Ok(TcpListener { run, place, address })
    }

    /// Takes the connection whose call arrived first. Cancel safe: dropped, it takes none.
    ///
    /// # Errors
    /// None; it is tokio's signature.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// The same, for code that polls.
    ///
    /// # Errors
    /// None; it is tokio's signature.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        own(&self.run);
        in_budget(cx, |cx| {
            let taken = act(|state, _| {
                let taken = state.network.accept(self.place, cx.waker());
                if taken.is_none() {
                    state.wait_for(Wait::Network("a call to", state.network.listening_host(self.place)));
                }
                taken
            });
            let Some(end) = taken else { return Poll::Pending };
            let stream = TcpStream::new(Arc::clone(&self.run), end);
            let peer = stream.peer_addr()?;
            Poll::Ready(Ok((stream, peer)))
        })
    }

    /// Where it listens; where port 0 was asked for, the one that it was given.
    ///
    /// # Errors
    /// None; it is tokio's signature.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        own(&self.run);
        Ok(self.address)
    }
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        if self.run.is_here() {
            try_act(|network, later| network.stop_listening(self.place, later));
        }
    }
}
