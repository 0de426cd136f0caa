//! A network inside the run.
mod address;
mod links;
mod listener;
mod stream;

pub use address::ToSocketAddrs;
pub use links::{LinkFaults, faults, heal, hold, packet_size, window};
pub use listener::TcpListener;
pub use stream::TcpStream;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::task::coop::poll_proceed;

use crate::run::context::with;
use crate::run::network::OnHost;

/// Runs `future` as on a host.
pub fn on<F: Future>(host: &'static str, future: F) -> impl Future<Output = F::Output> {
    let mut future: Pin<Box<F>> = Box::pin(future);
    poll_fn(move |cx| {
        let host = with(|state| state.network.host(host));
        Pin::new(&mut OnHost::new(host, future.as_mut())).poll(cx)
    })
}

/// Does what may be cut, as tokio's own operations may.
fn in_budget<T>(cx: &mut Context<'_>, operation: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    let unit = ready!(poll_proceed(cx));
    let polled = operation(cx);
    if polled.is_ready() {
        unit.made_progress();
    }
    polled
}
