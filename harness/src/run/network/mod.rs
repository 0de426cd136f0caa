//! The network of a run: hosts, listeners, and connections whose packets arrive when the explorer says so.
//!
//! A connection has two *ends*; what an end sends stands in its outbox, in order, until it arrives. Every outbox is an
//! entity of the scheduler: it is ready while it holds a packet and nothing holds its link, and a step takes exactly the
//! next packet out of it (`steps/packets.rs`). Nothing here knows a clock, and nothing depends on what the bytes are.
//!
//! `hosts.rs` names and addresses · `ends.rs` what the ends of a connection do · `arrivals.rs` what a packet does where it
//! arrives · `links.rs` what can happen to packets on the way.

mod arrivals;
mod ends;
mod hosts;
mod links;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ends::End;
pub(crate) use ends::EndId;
pub(crate) use hosts::{HostId, Target};
use hosts::{Hosts, is_own};
use links::Links;
pub(crate) use links::{Fate, KINDS};

use super::context::{State, try_with, with};
use super::tally::Tally;
use super::tasks::TaskFuture;

/// As much as Linux gives a socket without being asked.
const WINDOW: usize = 64 * 1024;

/// Where systems begin to number ports that nobody asked for.
const FIRST_FREE_PORT: u16 = 49_152;

/// The network of one run.
pub(crate) struct Network {
    hosts: Hosts,
    listeners: Vec<Listener>,
    /// The ends of connection `n` are `2n`, who called, and `2n + 1`.
    ends: Vec<End>,
    links: Links,
    next_port: u16,
    /// Bytes of one direction of a connection that were sent and are not read yet, at the most.
    pub(crate) window: usize,
    /// Bytes in one packet, at the most.
    pub(crate) packet_size: usize,
}

/// A port that somebody listens at.
struct Listener {
    host: HostId,
    address: SocketAddr,
    /// Ends whose connection was accepted by the host, and by nobody else yet.
    backlog: Vec<EndId>,
    waiting: Vec<Waker>,
    gone: bool,
}

impl Default for Network {
    fn default() -> Self {
        Network {
            hosts: Hosts::default(),
            listeners: Vec::new(),
            ends: Vec::new(),
            links: Links::default(),
            next_port: FIRST_FREE_PORT,
            window: WINDOW,
            packet_size: WINDOW,
        }
    }
}

/// What is done once the run's state is free again: the code of a waker, its destructor included, is anybody's.
#[derive(Default)]
pub(crate) struct Later {
    wakes: Vec<Waker>,
    dropped: Vec<Waker>,
}

impl Later {
    fn wake(&mut self, waker: &mut Option<Waker>) {
        self.wakes.extend(waker.take());
    }

    /// Puts `waker` into the place of another.
    fn replace(&mut self, place: &mut Option<Waker>, waker: &Waker) {
        if !place.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.dropped.extend(place.replace(waker.clone()));
        }
    }

    pub(crate) fn happen(self) {
        self.wakes.into_iter().for_each(Waker::wake);
    }
}

/// Does something in the network of the current run.
///
/// # Panics
/// Outside a run.
#[track_caller]
pub(crate) fn act<R>(f: impl FnOnce(&mut State, &mut Later) -> R) -> R {
    let mut later = Later::default();
    let result = with(|state| f(state, &mut later));
    later.happen();
    result
}

/// The same, or nothing outside a run.
pub(crate) fn try_act(f: impl FnOnce(&mut Network, &mut Later)) {
    let mut later = Later::default();
    let _ = try_with(|state| f(&mut state.network, &mut later));
    later.happen();
}

impl Network {
    /// Listens on the current host. Gives the listener's place, and its address with a port that is none of 0.
    pub(crate) fn listen(&mut self, target: &Target) -> io::Result<(usize, SocketAddr)> {
        let host = self.hosts.current();
        let (of, mut address) = self.hosts.resolve(target)?;
        if of != host || !is_own(&self.hosts, host, address.ip()) {
            return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, "the address belongs to another host"));
        }
        if address.port() == 0 {
            address.set_port(self.free_port());
        }
        let clashes = |other: &Listener| {
            let ip = other.address.ip();
            let same = ip == address.ip() || ip.is_unspecified() || address.ip().is_unspecified();
            !other.gone && other.host == host && other.address.port() == address.port() && same
        };
        if self.listeners.iter().any(clashes) {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "somebody listens there already"));
        }
        self.listeners.push(Listener { host, address, backlog: Vec::new(), waiting: Vec::new(), gone: false });
        Ok((self.listeners.len() - 1, address))
    }

    /// Takes a connection that the host has accepted. Where there is none, `waker` is told of the next.
    pub(crate) fn accept(&mut self, listener: usize, waker: &Waker) -> Option<EndId> {
        let listener = &mut self.listeners[listener];
        if !listener.backlog.is_empty() {
            return Some(listener.backlog.remove(0));
        }
        if !listener.waiting.iter().any(|known| known.will_wake(waker)) {
            listener.waiting.push(waker.clone());
        }
        None
    }

    /// Listens no more. Connections that nobody took are reset, as Linux does.
    pub(crate) fn stop_listening(&mut self, listener: usize, later: &mut Later) {
        let listener = &mut self.listeners[listener];
        listener.gone = true;
        later.dropped.append(&mut listener.waiting);
        for end in std::mem::take(&mut listener.backlog) {
            self.let_go(end, later);
        }
    }

    /// Who listens at an address of a host.
    fn listener_at(&mut self, host: HostId, address: SocketAddr) -> Option<&mut Listener> {
        self.listeners.iter_mut().find(|listener| {
            let ip = listener.address.ip();
            let reached = ip.is_unspecified() || ip == address.ip();
            !listener.gone && listener.host == host && listener.address.port() == address.port() && reached
        })
    }

    fn free_port(&mut self) -> u16 {
        // Nobody opens sixteen thousand sockets in a run; whoever does meets their own again.
        self.next_port = self.next_port.checked_add(1).unwrap_or(FIRST_FREE_PORT);
        self.next_port
    }

    /// Gives every packet that is on its way, in the order of the connections, to `begin` where it has become possible that
    /// it arrives, and to `end` where that is over.
    pub(super) fn look_at_outboxes(&mut self, mut begin: impl FnMut(EndId), mut end: impl FnMut(EndId)) {
        for id in 0..self.ends.len() {
            let to = self.ends[id ^ 1].host;
            let from = &mut self.ends[id];
            let can_arrive = !from.outbox.packets.is_empty() && !self.links.is_held(from.host, to);
            if can_arrive != from.outbox.listed {
                from.outbox.listed = can_arrive;
                if can_arrive { begin(id) } else { end(id) }
            }
        }
    }

    /// The heal phase begins: everything that was held goes on.
    pub(super) fn heal(&mut self) {
        self.links.heal_all();
    }

    /// Every fault that was described counts as declared, whether a packet came to it or not.
    pub(super) fn declare(&self, tally: &mut Tally) {
        self.links.declare(tally);
    }

    /// Nobody is woken any more. The rest stays for what is dropped last.
    pub(super) fn take_wakers(&mut self) -> Vec<Waker> {
        let of_ends = self.ends.iter_mut().flat_map(|end| [end.reader.take(), end.writer.take()]).flatten();
        let mut wakers: Vec<Waker> = of_ends.collect();
        self.listeners.iter_mut().for_each(|listener| wakers.append(&mut listener.waiting));
        wakers
    }

    /// For the story of a run in which nothing wakes any more; empty where nothing is held.
    pub(super) fn told_of_held(&self) -> String {
        let held =
            self.links.held().map(|(from, to)| format!("`{}` to `{}`", self.hosts.name(from), self.hosts.name(to)));
        let held: Vec<String> = held.collect();
        if held.is_empty() { String::new() } else { format!(". Packets are held from {}", held.join(" and from ")) }
    }

    /// Which host somebody listens on, for what people read.
    pub(crate) fn listening_host(&self, listener: usize) -> &'static str {
        self.hosts.name(self.listeners[listener].host)
    }

    /// Which host the other end is on, for what people read.
    pub(crate) fn other_host(&self, end: EndId) -> &'static str {
        self.hosts.name(self.ends[end ^ 1].host)
    }
}

/// A future that runs as on a host.
pub(crate) struct OnHost<F> {
    host: HostId,
    future: F,
}

impl<F> OnHost<F> {
    pub(crate) fn new(host: HostId, future: F) -> Self {
        OnHost { host, future }
    }
}

impl<F: Future + Unpin> OnHost<F> {
    pub(crate) fn poll_there(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _left = Entered(with(|state| state.network.hosts.enter(Some(self.host))));
        Pin::new(&mut self.future).poll(cx)
    }
}

impl<F: Future + Unpin> Future for OnHost<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.poll_there(cx)
    }
}

/// Goes back to the host before when dropped, by a panic as well.
struct Entered(Option<HostId>);

impl Drop for Entered {
    fn drop(&mut self) {
        let _ = try_with(|state| state.network.hosts.enter(self.0));
    }
}

impl Network {
    /// The host of that name.
    pub(crate) fn host(&mut self, name: &str) -> HostId {
        self.hosts.named(name)
    }

    /// Lets a new task run on the host of the task that starts it.
    pub(super) fn inherit(&self, task: TaskFuture) -> TaskFuture {
        match self.hosts.entered() {
            Some(host) => Box::pin(OnHost::new(host, task)),
            None => task,
        }
    }
}
