//! The ends of connections: what whoever holds one can do.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::task::{Poll, Waker};

use super::{HostId, Later, Network, Target};

/// An end, by its place; the other one of the connection differs in the lowest bit.
pub(crate) type EndId = usize;

/// What is on its way from one end to the other.
#[derive(Debug)]
pub(super) enum Packet {
    /// Somebody wants a connection.
    Call,
    /// They have it.
    Accepted,
    /// Nobody listens.
    Refused,
    Data(Vec<u8>),
    /// No more data will come.
    End,
    /// The connection is no more.
    Reset,
}

impl Packet {
    fn bytes(&self) -> usize {
        match self {
            Packet::Data(data) => data.len(),
            _ => 0,
        }
    }
}

/// How far an end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The call is on its way, or the answer.
    Calling,
    Refused,
    Open,
    /// Broken off by the other end, or on the way.
    Reset,
}

/// On the way from one end to the other, in order.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) packets: VecDeque<Packet>,
    /// The data in them.
    bytes: usize,
    /// Whether it stands in the ready list.
    pub(super) listed: bool,
}

impl Outbox {
    fn push(&mut self, packet: Packet) {
        self.bytes += packet.bytes();
        self.packets.push_back(packet);
    }

    pub(super) fn pop(&mut self) -> Option<Packet> {
        let packet = self.packets.pop_front()?;
        self.bytes -= packet.bytes();
        Some(packet)
    }

    pub(super) fn clear(&mut self) {
        self.packets.clear();
        self.bytes = 0;
    }
}

#[derive(Debug)]
pub(super) struct End {
    pub(super) host: HostId,
    pub(super) address: SocketAddr,
    pub(super) phase: Phase,
    pub(super) outbox: Outbox,
    /// Arrived here, and not read yet.
    pub(super) inbox: VecDeque<u8>,
    /// It has said that no more data will come.
    pub(super) shut: bool,
    /// The other end has, and that has arrived.
    pub(super) heard_all: bool,
    /// Nobody holds it any more.
    pub(super) gone: bool,
    /// Who waits for an answer, or for data.
    pub(super) reader: Option<Waker>,
    /// Who waits for room.
    pub(super) writer: Option<Waker>,
}

impl End {
    fn new(host: HostId, address: SocketAddr) -> Self {
        End {
            host,
            address,
            phase: Phase::Calling,
            outbox: Outbox::default(),
            inbox: VecDeque::new(),
            shut: false,
            heard_all: false,
            gone: false,
            reader: None,
            writer: None,
        }
    }
}

impl Network {
    /// Sends a call from the current host. Gives the end that calls.
    pub(crate) fn call(&mut self, target: &Target) -> io::Result<EndId> {
        let host = self.hosts.current();
        let (to, mut address) = self.hosts.resolve(target)?;
        if address.ip().is_unspecified() {
            // As on Linux: whoever calls no address in particular calls their own host.
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        let own = if address.ip().is_loopback() { address.ip() } else { self.hosts.address(host) };
        let own = SocketAddr::new(own, self.free_port());
        let end = self.ends.len();
        self.ends.push(End::new(host, own));
        self.ends.push(End::new(to, address));
        self.send(end, Packet::Call);
        Ok(end)
    }

    /// Whether a call was answered.
    pub(crate) fn answered(&mut self, end: EndId, waker: &Waker, later: &mut Later) -> Poll<io::Result<()>> {
        let own = &mut self.ends[end];
        match own.phase {
            Phase::Open => Poll::Ready(Ok(())),
            Phase::Refused => Poll::Ready(Err(ErrorKind::ConnectionRefused.into())),
            Phase::Reset => Poll::Ready(Err(ErrorKind::ConnectionReset.into())),
            Phase::Calling => {
                later.replace(&mut own.reader, waker);
                Poll::Pending
            }
        }
    }

    /// What has arrived, as far as it fits into `buffer`: how many bytes there were, 0 at their end. What arrived before a
    /// reset can still be read.
    pub(crate) fn read(
        &mut self,
        end: EndId,
        buffer: &mut [u8],
        waker: &Waker,
        later: &mut Later,
    ) -> Poll<io::Result<usize>> {
        let own = &mut self.ends[end];
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if own.inbox.is_empty() {
            return match own.phase {
                _ if own.heard_all => Poll::Ready(Ok(0)),
                Phase::Reset => Poll::Ready(Err(ErrorKind::ConnectionReset.into())),
                _ => {
                    later.replace(&mut own.reader, waker);
                    Poll::Pending
                }
            };
        }
        let (first, second) = own.inbox.as_slices();
        let arrived = if first.is_empty() { second } else { first };
        let count = arrived.len().min(buffer.len());
        buffer[..count].copy_from_slice(&arrived[..count]);
        own.inbox.drain(..count);
        later.wake(&mut self.ends[end ^ 1].writer);
        Poll::Ready(Ok(count))
    }

    /// Sends as much of `data` as there is room for: how many bytes that is.
    pub(crate) fn write(
        &mut self,
        end: EndId,
        data: &[IoSlice<'_>],
        waker: &Waker,
        later: &mut Later,
    ) -> Poll<io::Result<usize>> {
        let room = self.window.saturating_sub(self.ends[end].outbox.bytes + self.ends[end ^ 1].inbox.len());
        let own = &mut self.ends[end];
        if own.phase == Phase::Reset && !own.heard_all {
            return Poll::Ready(Err(ErrorKind::ConnectionReset.into()));
        }
        if own.shut || own.phase == Phase::Reset {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        let mut sent: Vec<u8> = data.iter().flat_map(|part| part.iter().copied()).take(room).collect();
        if sent.is_empty() && data.iter().any(|part| !part.is_empty()) {
            later.replace(&mut own.writer, waker);
            return Poll::Pending;
        }
        let count = sent.len();
        while !sent.is_empty() {
            let rest = sent.split_off(sent.len().min(self.packet_size));
            self.send(end, Packet::Data(std::mem::replace(&mut sent, rest)));
        }
        Poll::Ready(Ok(count))
    }

    /// Says that no more data will come.
    pub(crate) fn shut(&mut self, end: EndId) -> io::Result<()> {
        let own = &mut self.ends[end];
        if own.phase == Phase::Reset {
            return Err(ErrorKind::NotConnected.into());
        }
        if !std::mem::replace(&mut own.shut, true) {
            self.send(end, Packet::End);
        }
        Ok(())
    }

    /// Nobody holds the end any more. Whoever leaves data unread breaks the connection off, as on Linux.
    pub(crate) fn hang_up(&mut self, end: EndId, later: &mut Later) {
        let own = &mut self.ends[end];
        if own.phase == Phase::Open && own.inbox.is_empty() && !std::mem::replace(&mut own.shut, true) {
            self.send(end, Packet::End);
        }
        self.let_go(end, later);
    }

    /// The same, where data that was left unread, or the connection that nobody took, is a reason to break it off.
    pub(super) fn let_go(&mut self, end: EndId, later: &mut Later) {
        let own = &mut self.ends[end];
        own.gone = true;
        later.dropped.extend(own.reader.take());
        later.dropped.extend(own.writer.take());
        if own.phase == Phase::Open && (!own.inbox.is_empty() || !own.shut) {
            self.send(end, Packet::Reset);
        }
        // Whether these arrive nobody can tell any more.
        let matters = |packet: &Packet| matches!(packet, Packet::Call | Packet::Accepted | Packet::Data(_));
        self.ends[end ^ 1].outbox.packets.retain(matters);
    }

    pub(super) fn send(&mut self, end: EndId, packet: Packet) {
        let other = &self.ends[end ^ 1];
        // What nobody can tell has arrived is not sent. Data for somebody who is gone is answered; for somebody who knows
        // that the connection is broken off it is not, since that was told to both.
        let nobody_hears = other.gone && matches!(packet, Packet::End | Packet::Reset);
        if nobody_hears || other.phase == Phase::Reset {
            return;
        }
        self.ends[end].outbox.push(packet);
    }

    /// The addresses of an end and of the other.
    pub(crate) fn addresses(&self, end: EndId) -> (SocketAddr, SocketAddr) {
        (self.ends[end].address, self.ends[end ^ 1].address)
    }
}
