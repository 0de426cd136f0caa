//! Links: from one host to another, one direction. What can happen to packets on the way, and what is held there.

use super::ends::{EndId, Packet};
use super::{HostId, Network};
use crate::names::interned;
use crate::run::tally::Tally;

/// What can go wrong with a packet.
pub(crate) const KINDS: &[&str] = &["refused", "held", "reset"];

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    /// It stays where it is, and so does everything behind it and beside it on its link.
    Held,
    /// A call: as if nobody listened.
    Refused,
    /// The connection is broken off.
    Reset,
}

impl Fate {
    pub(crate) fn of(kind: &str) -> Self {
        match kind {
            "held" => Fate::Held,
            "refused" => Fate::Refused,
            "reset" => Fate::Reset,
            _ => Fate::Arrives,
        }
    }
}

/// What is to be known of a packet before its fate is drawn.
pub(crate) struct Arrival {
    /// How the link is called.
    pub(crate) link: &'static str,
    /// The number of the connection, from 1.
    connection: usize,
    what: String,
    /// What can go wrong with this packet.
    pub(crate) kinds: Vec<&'static str>,
}

impl Arrival {
    /// For people.
    pub(crate) fn told(&self, fate: Fate) -> String {
        let Arrival { connection, what, .. } = self;
        match fate {
            Fate::Arrives => format!("{what} arrives (connection {connection})"),
            Fate::Held => format!("fault: {what} is held, and so is all that follows (connection {connection})"),
            Fate::Refused => format!("fault: {what} is refused (connection {connection})"),
            Fate::Reset => format!("fault: {what} comes to a reset (connection {connection})"),
        }
    }
}

#[derive(Default)]
pub(super) struct Links {
    /// What can go wrong, as it was described last.
    faults: Vec<Faults>,
    held: Vec<(HostId, HostId)>,
}

struct Faults {
    link: (HostId, HostId),
    place: &'static str,
    kinds: &'static [&'static str],
}

impl Links {
    pub(super) fn is_held(&self, from: HostId, to: HostId) -> bool {
        self.held.contains(&(from, to))
    }

    pub(super) fn hold(&mut self, from: HostId, to: HostId) {
        if !self.is_held(from, to) {
            self.held.push((from, to));
        }
    }

    pub(super) fn heal_all(&mut self) {
        self.held.clear();
    }

    pub(super) fn held(&self) -> impl Iterator<Item = (HostId, HostId)> {
        self.held.iter().copied()
    }

    pub(super) fn declare(&self, tally: &mut Tally) {
        for faults in &self.faults {
            tally.declare(faults.place, faults.kinds);
        }
    }
}

impl Network {
    /// Describes what can go wrong from one host to another. The last description is the one in effect.
    pub(crate) fn describe(&mut self, (from, to): (&str, &str), kinds: &'static [&'static str]) {
        let link = (self.host(from), self.host(to));
        let place = self.link_name(link);
        match self.links.faults.iter_mut().find(|faults| faults.link == link) {
            Some(faults) => faults.kinds = kinds,
            None => self.links.faults.push(Faults { link, place, kinds }),
        }
    }

    /// Holds every packet from one host to another from now on, or no more.
    pub(crate) fn hold(&mut self, (from, to): (&str, &str), hold: bool) {
        let link = (self.host(from), self.host(to));
        self.links.held.retain(|held| *held != link);
        if hold {
            self.links.held.push(link);
        }
    }

    /// What is about to arrive from an end. `told` says whether anybody reads what it is.
    pub(crate) fn next_arrival(&mut self, end: EndId, told: bool) -> Option<Arrival> {
        let link = (self.ends[end].host, self.ends[end ^ 1].host);
        let name = self.link_name(link);
        let packet = self.ends[end].outbox.packets.front()?;
        let faults = self.links.faults.iter().find(|faults| faults.link == link);
        let possible = faults.into_iter().flat_map(|faults| faults.kinds).copied();
        Some(Arrival {
            link: name,
            connection: end / 2 + 1,
            what: if told { packet.told() } else { String::new() },
            kinds: possible.filter(|kind| packet.can_be(Fate::of(kind))).collect(),
        })
    }

    fn link_name(&mut self, (from, to): (HostId, HostId)) -> &'static str {
        let (from, to) = (self.hosts.name(from), self.hosts.name(to));
        interned(&format!("{from}->{to}"))
    }
}

impl Packet {
    fn can_be(&self, fate: Fate) -> bool {
        match fate {
            Fate::Arrives | Fate::Held => true,
            Fate::Refused => matches!(self, Packet::Call),
            Fate::Reset => matches!(self, Packet::Accepted | Packet::Data(_) | Packet::End),
        }
    }

    /// For people.
    fn told(&self) -> String {
        match self {
            Packet::Call => "a call".to_owned(),
            Packet::Accepted => "the answer to a call".to_owned(),
            Packet::Refused => "the refusal of a call".to_owned(),
            Packet::Data(data) if data.len() == 1 => "1 byte".to_owned(),
            Packet::Data(data) => format!("{} bytes", data.len()),
            Packet::End => "the end".to_owned(),
            Packet::Reset => "a reset".to_owned(),
        }
    }
}
