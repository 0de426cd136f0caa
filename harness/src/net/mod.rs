//! A network inside the run: streams of bytes between hosts, in which it is the explorer who says when a packet arrives.
//!
//! [`TcpListener`] and [`TcpStream`] are called as in tokio, and what speaks over tokio's streams speaks over these: hyper,
//! `tokio-tungstenite`, your own protocol. There is no socket, no clock and no chance behind them.
//!
//! ```
//! use std::cell::OnceCell;
//! use std::rc::Rc;
//! use nevernone::net::{self, TcpListener, TcpStream};
//! use nevernone::{Scenario, Verdict, campaign, daemon};
//! use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
//!
//! /// Listens, then connects its database, then answers: what the database says, or 0 where there is none yet.
//! async fn serve(wired_first: bool) {
//!     let database: Rc<OnceCell<u8>> = Rc::default();
//!     let wire = |database: Rc<OnceCell<u8>>| async move {
//!         tokio::task::yield_now().await; // the database answers
//!         database.set(7).unwrap();
//!     };
//!     if wired_first {
//!         wire(Rc::clone(&database)).await;
//!     }
//!     let listener = TcpListener::bind("0.0.0.0:80").await.unwrap();
//!     if !wired_first {
//!         daemon("wires", wire(Rc::clone(&database)));
//!     }
//!     while let Ok((mut stream, _)) = listener.accept().await {
//!         let _request = stream.read_u8().await;
//!         let _ = stream.write_u8(database.get().copied().unwrap_or(0)).await;
//!     }
//! }
//!
//! let scenario = |wired_first| {
//!     Scenario::new("a server that starts", move || async move {
//!         daemon("server", net::on("server", serve(wired_first)));
//!         net::on("client", async {
//!             let Ok(mut stream) = TcpStream::connect("server:80").await else { return }; // it does not listen yet
//!             stream.write_u8(1).await.unwrap();
//!             assert_eq!(stream.read_u8().await.unwrap(), 7, "answered before it was wired");
//!         })
//!         .await;
//!     })
//! };
//! let check = |wired_first| campaign::check(&scenario(wired_first), &campaign::Options::default());
//! let red = check(false);
//! assert_eq!((red.verdict, red.failure.unwrap().cost), (Verdict::Failed, 0));
//! assert_eq!(check(true).verdict, Verdict::Verified);
//! ```
//!
//! # Hosts
//! [`on`] runs a future as on a host, and what is spawned in there runs there too; whoever was never put on one is on
//! `localhost`. A host is there as soon as somebody names it, so a name that nobody listens on refuses. Addresses are
//! `name:port`; `0.0.0.0` to listen for everybody; `127.0.0.1` and `localhost` for the host itself, which nobody else reaches
//! there. To the others a host has an IP address as well, 10.0.0.1 or so, which is not the same in every run.
//!
//! # What a step is
//! Each direction of each connection has its packets in order, and one step lets the next of them arrive. Where several could,
//! or a task is ready, who comes first is a free choice: packets of different connections, and of the two directions of one,
//! overtake each other and all tasks. A packet takes no virtual time; while one can arrive, time passes only as a stall. So
//! an answer that is late is what [`faults`] are for, and so is one that never comes. In the heal phase packets arrive
//! first-in-first-out.
//!
//! # What a connection does
//! - `connect` sends a call. Where somebody listens when it arrives, it is accepted there and then, and `accept` takes it
//!   later; else it is refused. The answer is a packet as well.
//! - A `write` is one packet, a longer one several ([`packet_size`]); it returns at once. What has arrived stands in line: a
//!   `read` gives as much of that as it has room for, so what was written twice may be read at once, or the other way round.
//! - At most 64 KiB in each direction are sent and not read ([`window`]). Whoever writes more waits until somebody reads.
//! - `shutdown`, or to drop the half that writes: the other end reads what there is, then its end. It can go on writing.
//! - Whoever drops a stream says the same; whoever leaves data unread breaks the connection off. Data for somebody who is
//!   gone is answered by a reset: so a write to a peer that has closed succeeds, and a later one does not.
//! - After a reset, what had arrived can still be read, then there is `ConnectionReset`; writes fail at once, with
//!   `BrokenPipe` where the other end had closed before.
//!
//! # What it is not
//! Whatever nobody can tell apart is left out, since each packet multiplies the tree: there are no acknowledgements, and room
//! is told at once, even where a direction is held; the handshake has two packets. Nothing is lost, doubled or out of
//! order within a connection, as TCP has it, and TCP's own timeouts never come: what is held waits. There are no
//! `TcpSocket`, `readable`, `peek` and UDP, and no limit on calls that nobody took.
//!
//! A future given to `tokio::spawn` itself is on `localhost` unless it is put elsewhere inside; those of
//! [`nevernone::tokio`](mod@crate::tokio) stay on the host. A [`restartable`](crate::restartable) names its host inside, too: what
//! crashes hangs up.
//!
//! Nothing of what a search compares depends on what the bytes are, so a handshake with a random key is the same run each
//! time.

mod address;
mod links;
mod listener;
mod split;
mod stream;

pub use address::ToSocketAddrs;
pub use links::{LinkFaults, faults, heal, hold, packet_size, window};
pub use listener::TcpListener;
pub use split::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
pub use stream::TcpStream;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::task::coop::poll_proceed;

use crate::run::context::{try_with, with};
use crate::run::identity::Identity;
use crate::run::misplaced;
use crate::run::network::OnHost;

/// Runs `future` as on the host `host`: it listens there, and calls from there. What it starts with
/// [`spawn`](crate::spawn), [`daemon`](crate::daemon) and [`nevernone::tokio`](mod@crate::tokio) runs there as well.
///
/// A stream stays what it is wherever it is used. Cancel safe where `future` is.
///
/// # Panics
/// When awaited outside a run.
pub fn on<F: Future>(host: &'static str, future: F) -> impl Future<Output = F::Output> {
    let mut future = Box::pin(future);
    poll_fn(move |cx| {
        let host = with(|state| state.network.host(host));
        OnHost::new(host, future.as_mut()).poll_there(cx)
    })
}

/// The run that a socket is to belong to.
///
/// # Panics
/// Outside a run.
fn current_run() -> Arc<Identity> {
    if try_with(|_| ()).is_none() {
        misplaced::no_network();
    }
    Identity::current()
}

/// # Panics
/// If this thread does not execute the run that a socket belongs to.
#[track_caller]
fn own(run: &Arc<Identity>) {
    run.demand_by("a socket of `nevernone::net`");
}

/// Does what a cut may deny, as it may tokio's own operations.
fn in_budget<T>(cx: &mut Context<'_>, operation: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    let unit = ready!(poll_proceed(cx));
    let polled = operation(cx);
    if polled.is_ready() {
        unit.made_progress();
    }
    polled
}
