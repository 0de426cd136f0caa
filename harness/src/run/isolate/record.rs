//! What a run's own process tells its parent: the calls on the explorer as they happen, so that they survive whatever
//! becomes of the process, and at the end what else there is to know.
//!
//! The explorer that answers is the child's copy of the parent's. The parent then asks its own the very same questions,
//! through the very same code, and so has the explorer, the tape and the draws of the run as if it had executed it.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use super::Region;
use super::sys::leave;
use super::tallies;
use super::wire::{Reader, Writer};
use crate::choice::{Alternatives, Draw, Label};
use crate::ending::{CutShort, Ending, Failure, Location};
use crate::hash::History;
use crate::names::interned;
use crate::run::context::State;
use crate::run::timeline::{Hears, TimelineEntry};
use crate::uncontrolled::Uncontrolled;

/// Stands for the answer that an explorer did not give.
const REFUSED: u32 = u32::MAX;

const DRAW: u8 = 1;
const CLOSED: u8 = 2;
const VOID: u8 = 3;
const ACTS: u8 = 4;
const ENTRY: u8 = 5;
const END: u8 = 6;
const BROKEN: u8 = 7;

/// Written by the child.
#[derive(Debug)]
pub(crate) struct Record {
    region: Arc<Region>,
    writer: RefCell<Writer>,
    /// Who acted last: most tasks take several steps in a row.
    acting: RefCell<String>,
}

impl Record {
    pub(super) fn new(region: Arc<Region>) -> Self {
        Record { region, writer: RefCell::default(), acting: RefCell::default() }
    }

    pub(in crate::run) fn beat(&self) {
        self.region.beat();
    }

    /// The explorer answered a draw in that step, or did not.
    pub(in crate::run) fn drawn(&self, draw: &Draw<'_>, step: u32, answer: Option<u32>) {
        self.write(|writer| {
            writer.byte(DRAW).byte(draw.label.kind as u8).text(draw.label.name).long(draw.history.value()).number(step);
            match draw.alternatives {
                Alternatives::Listed(costs) => {
                    writer.byte(0).count(costs.len());
                    for cost in costs {
                        writer.cost(*cost);
                    }
                }
                Alternatives::FirstFree { arity, rest } => {
                    writer.byte(1).number(arity).cost(rest);
                }
                Alternatives::Open { rest } => {
                    writer.byte(2).cost(rest);
                }
            }
            writer.number(answer.unwrap_or(REFUSED));
        });
    }

    pub(in crate::run) fn closed(&self, position: usize, arity: u32) {
        self.write(|writer| {
            writer.byte(CLOSED).count(position).number(arity);
        });
    }

    pub(in crate::run) fn was_void(&self, position: usize, arity: u32) {
        self.write(|writer| {
            writer.byte(VOID).count(position).number(arity);
        });
    }

    pub(super) fn end(&self, state: &State, ending: &Ending, lane: usize) {
        self.write(|writer| {
            write_ending(writer.byte(END), ending);
            writer.long(state.history.value()).number(state.steps).count(lane);
            tallies::write(writer, &state.tally);
            writer.text(&serde_json::to_string(&state.stuck).unwrap_or_default());
        });
    }

    /// The engine itself panicked.
    pub(super) fn broken(&self, message: &str) {
        self.write(|writer| {
            writer.byte(BROKEN).text(message);
        });
    }

    fn write(&self, write: impl FnOnce(&mut Writer)) {
        let mut writer = self.writer.borrow_mut();
        write(&mut writer);
        writer.take(|bytes| {
            if !self.region.append(bytes) {
                leave(&self.region);
            }
        });
    }
}

impl Hears for Record {
    fn acts(&self, actor: &str) {
        if *self.acting.borrow() != actor {
            actor.clone_into(&mut self.acting.borrow_mut());
            self.write(|writer| {
                writer.byte(ACTS).text(actor);
            });
        }
    }

    fn adds(&self, entry: &TimelineEntry) {
        self.write(|writer| {
            writer.byte(ENTRY).number(entry.step).long(entry.at.as_secs()).number(entry.at.subsec_nanos());
            writer.text(&entry.actor).byte(u8::from(entry.outside)).text(&entry.what);
        });
    }

    #[cfg(feature = "fail")]
    fn forgets(&self) {
        // A child executes its run once: see `drive_fail_point`.
    }
}

/// What the parent learns of a run from its record, beside what it finds in the state.
pub(super) enum Told {
    /// The run came to its end; with the most spawned tasks that were alive at once.
    Ended(Ending, usize),
    /// The process ended in the middle of it, in a step of this task.
    Interrupted(String),
    /// The engine panicked.
    Broken(String),
}

/// Takes over what a child recorded: asks `state`'s explorer what the child's was asked.
pub(super) fn take_over(state: &mut State, bytes: &[u8]) -> Told {
    let mut reader = Reader(bytes);
    let mut acting = "scenario";
    let mut strayed = false;
    loop {
        let next = match reader.byte() {
            Some(DRAW) => draw_again(state, &mut reader).map(|same| strayed |= !same),
            Some(CLOSED) => position_and_arity(&mut reader).map(|(position, arity)| state.close_open(position, arity)),
            Some(VOID) => position_and_arity(&mut reader).map(|(position, arity)| state.cut_was_void(position, arity)),
            Some(ACTS) => reader.text().map(|actor| acting = actor),
            Some(ENTRY) => read_entry(&mut reader).map(|entry| state.timeline.entries.push(entry)),
            Some(END) => match read_end(state, &mut reader) {
                Some((ending, lane)) => return Told::Ended(if strayed { astray() } else { ending }, lane),
                None => None,
            },
            Some(BROKEN) => return Told::Broken(reader.text().unwrap_or_default().to_owned()),
            _ => None,
        };
        if next.is_none() {
            return if strayed { Told::Ended(astray(), 0) } else { Told::Interrupted(acting.to_owned()) };
        }
    }
}

fn astray() -> Ending {
    Ending::Uncontrolled(Uncontrolled::Isolation(
        "the explorer answered a draw in one way in the run's own process and in another outside: it is no function of \
         the draws that it was given"
            .to_owned(),
    ))
}

fn position_and_arity(reader: &mut Reader<'_>) -> Option<(usize, u32)> {
    Some((reader.count()?, reader.number()?))
}

/// Whether the explorer answers as its copy did.
fn draw_again(state: &mut State, reader: &mut Reader<'_>) -> Option<bool> {
    let label = Label { kind: reader.kind()?, name: literal(reader.text()?) };
    state.history = History::of_value(reader.long()?);
    state.steps = reader.number()?;
    let mut costs = Vec::new();
    let alternatives = match reader.byte()? {
        0 => {
            for _ in 0..reader.count()? {
                costs.push(reader.cost()?);
            }
            Alternatives::Listed(&costs)
        }
        1 => Alternatives::FirstFree { arity: reader.number()?, rest: reader.cost()? },
        _ => Alternatives::Open { rest: reader.cost()? },
    };
    let answer = reader.number()?;
    if state.decided.is_some() {
        return Some(false);
    }
    let again = state.draw(label, alternatives);
    Some(if state.decided.is_some() { answer == REFUSED } else { answer == again })
}

/// The engine's own draws have no name.
fn literal(name: &str) -> &'static str {
    if name.is_empty() { "" } else { interned(name) }
}

fn read_entry(reader: &mut Reader<'_>) -> Option<TimelineEntry> {
    let (step, seconds, nanoseconds) = (reader.number()?, reader.long()?, reader.number()?);
    let (actor, outside, what) = (reader.text()?.to_owned(), reader.byte()? != 0, reader.text()?.to_owned());
    Some(TimelineEntry { step, at: Duration::new(seconds, nanoseconds), actor, outside, what })
}

fn read_end(state: &mut State, reader: &mut Reader<'_>) -> Option<(Ending, usize)> {
    let ending = read_ending(reader)?;
    state.history = History::of_value(reader.long()?);
    state.steps = reader.number()?;
    let lane = reader.count()?;
    state.tally = tallies::read(reader)?;
    state.stuck = serde_json::from_str(reader.text()?).ok()?;
    Some((ending, lane))
}

fn write_ending(writer: &mut Writer, ending: &Ending) {
    match ending {
        Ending::Passed => writer.byte(0),
        Ending::Failed(Failure { property, message, location }) => {
            writer.byte(1).text(property).text(message);
            match location {
                None => writer.byte(0),
                Some(Location { file, line }) => writer.byte(1).text(file).number(*line),
            }
        }
        Ending::Void { position } => writer.byte(2).count(*position),
        Ending::CutShort(CutShort::Steps(steps)) => writer.byte(3).number(*steps),
        Ending::CutShort(CutShort::Horizon(time)) => writer.byte(4).long(time.as_secs()).number(time.subsec_nanos()),
        Ending::CutShort(CutShort::Background(steps)) => writer.byte(6).number(*steps),
        Ending::Uncontrolled(what) => writer.byte(5).text(&serde_json::to_string(what).unwrap_or_default()),
    };
}

fn read_ending(reader: &mut Reader<'_>) -> Option<Ending> {
    Some(match reader.byte()? {
        0 => Ending::Passed,
        1 => {
            let (property, message) = (reader.text()?.to_owned(), reader.text()?.to_owned());
            let location = match reader.byte()? {
                0 => None,
                _ => Some(Location { file: reader.text()?.to_owned(), line: reader.number()? }),
            };
            Ending::Failed(Failure { property, message, location })
        }
        2 => Ending::Void { position: reader.count()? },
        3 => Ending::CutShort(CutShort::Steps(reader.number()?)),
        4 => Ending::CutShort(CutShort::Horizon(Duration::new(reader.long()?, reader.number()?))),
        6 => Ending::CutShort(CutShort::Background(reader.number()?)),
        5 => Ending::Uncontrolled(serde_json::from_str(reader.text()?).ok()?),
        _ => return None,
    })
}
