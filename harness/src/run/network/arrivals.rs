//! What a packet does where it arrives.

use super::ends::{EndId, Packet, Phase};
use super::{Fate, Later, Network};

impl Network {
    /// The next packet from `end` meets its fate.
    pub(crate) fn arrive(&mut self, end: EndId, fate: Fate, later: &mut Later) {
        self.ends[end].outbox.listed = false;
        match fate {
            Fate::Arrives => self.hand_over(end, later),
            Fate::Held => {
                let (from, to) = (self.ends[end].host, self.ends[end ^ 1].host);
                self.links.hold(from, to);
            }
            Fate::Refused => {
                self.ends[end].outbox.pop();
                self.send(end ^ 1, Packet::Refused);
            }
            Fate::Reset => {
                self.ends[end].outbox.pop();
                self.reset(end ^ 1, later);
                // The one who sent it hears of it by a packet that takes the way back.
                self.send(end ^ 1, Packet::Reset);
            }
        }
    }

    fn hand_over(&mut self, end: EndId, later: &mut Later) {
        let Some(packet) = self.ends[end].outbox.pop() else { return };
        let there = end ^ 1;
        if let Packet::Call = packet {
            return self.call_arrives(there, later);
        }
        let receiver = &mut self.ends[there];
        if receiver.phase == Phase::Reset {
            return;
        }
        if receiver.gone {
            if matches!(packet, Packet::Data(_) | Packet::Accepted) {
                // Nobody is there: the rest of what was sent will find the same.
                self.send(there, Packet::Reset);
                self.ends[end].outbox.clear();
            }
            return;
        }
        match packet {
            Packet::Call => {}
            Packet::Accepted => receiver.phase = Phase::Open,
            Packet::Refused => receiver.phase = Phase::Refused,
            Packet::Data(data) => receiver.inbox.extend(data),
            Packet::End => receiver.heard_all = true,
            Packet::Reset => return self.reset(there, later),
        }
        later.wake(&mut receiver.reader);
    }

    fn call_arrives(&mut self, there: EndId, later: &mut Later) {
        let (host, address) = (self.ends[there].host, self.ends[there].address);
        let Some(listener) = self.listener_at(host, address) else {
            return self.send(there, Packet::Refused);
        };
        listener.backlog.push(there);
        later.wakes.append(&mut listener.waiting);
        self.ends[there].phase = Phase::Open;
        self.send(there, Packet::Accepted);
    }

    /// An end learns that the connection is no more: what it has under way comes nowhere.
    fn reset(&mut self, end: EndId, later: &mut Later) {
        let own = &mut self.ends[end];
        own.phase = Phase::Reset;
        own.outbox.clear();
        later.wake(&mut own.reader);
        later.wake(&mut own.writer);
    }
}
