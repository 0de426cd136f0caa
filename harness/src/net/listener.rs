//! Who waits for connections.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::address::ToSocketAddrs;
use super::in_budget;
use super::stream::{TcpStream, own};
use crate::run::identity::Identity;
use crate::run::network::{act, try_act};
use crate::run::waits::Wait;

/// Waits for connections at a port of the run's network.
#[derive(Debug)]
pub struct TcpListener {
    run: Arc<Identity>,
    place: usize,
    address: SocketAddr,
}

impl TcpListener {
    /// Listens.
    pub async fn bind<A: ToSocketAddrs>(address: A) -> io::Result<TcpListener> {
        let run = Identity::current();
        let target = address.target()?;
        let (place, address) = act(|state, _| state.network.listen(&target))?;
        Ok(TcpListener { run, place, address })
    }

    /// Accepts.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// The same, for code that polls.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        own(&self.run);
        in_budget(cx, |cx| {
            let taken = act(|state, _| {
                let taken = state.network.accept(self.place, cx.waker());
                if taken.is_none() {
                    state.wait_for(Wait::Network("a call on", state.network.listener_host(self.place)));
                }
                taken
            });
            let Some(end) = taken else { return Poll::Pending };
            let stream = TcpStream::new(Arc::clone(&self.run), end);
            let peer = stream.peer_addr()?;
            Poll::Ready(Ok((stream, peer)))
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
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
