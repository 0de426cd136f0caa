//! What a start has to do, computed from the graph and the planned faults alone: one phase after another, in whole
//! milliseconds, without a single future.

use std::collections::BTreeMap;

use nevernone::{explore::FaultPlan, strategy};

use super::plant::{
    ATTEMPT_DEADLINE, ATTEMPT_FAULTS, Happened, LATE, PHASE_DEADLINE, START_DEADLINE, Shape, UNDO_AT_ONCE,
    UNDO_DEADLINE, UNDO_WAITING, Undo, WAIT,
};

/// An injected panic has no text.
const PANICKED: &str = "it panicked: a panic whose payload is no text";

/// What is to be seen of a start, and of its undoing.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) happened: Vec<Happened>,
    /// Why it ended, in short.
    pub(super) told: String,
    /// What could not be undone, in the order in which that was tried.
    pub(super) left: Vec<String>,
}

/// What the start comes to. One that is up is taken down afterwards.
pub(super) fn of(graph: &strategy::Graph, shapes: &[Shape], faults: &FaultPlan) -> Seen {
    let mut model = Model { faults, met: BTreeMap::new(), now: 0, happened: Vec::new(), begun: Vec::new() };
    let shape_of = |name: &str| {
        let place = graph.nodes.iter().position(|node| node.name == name);
        shapes[place.expect("it is in the graph")]
    };
    let ended = order(graph).into_iter().try_for_each(|name| model.phase(name, shape_of(name)));
    let told = ended.err().unwrap_or_else(|| "it is up".to_owned());
    let mut left = Vec::new();
    for (name, made) in std::mem::take(&mut model.begun).into_iter().rev() {
        left.extend(model.undo(name, shape_of(name).undo, made));
    }
    Seen { happened: model.happened, told, left }
}

/// Of those whose needs are met, always the one that was declared first.
fn order(graph: &strategy::Graph) -> Vec<&'static str> {
    let mut order: Vec<&'static str> = Vec::new();
    while order.len() < graph.nodes.len() {
        let is_next =
            |node: &&strategy::Node| !order.contains(&node.name) && node.needs.iter().all(|need| order.contains(need));
        order.push(graph.nodes.iter().find(is_next).expect("it makes sense").name);
    }
    order
}

struct Model<'a> {
    faults: &'a FaultPlan,
    /// How often each place was met.
    met: BTreeMap<&'static str, u32>,
    now: u64,
    happened: Vec<Happened>,
    /// With whether it made anything.
    begun: Vec<(&'static str, bool)>,
}

impl Model<'_> {
    fn fault(&mut self, place: &'static str, kinds: &[&'static str]) -> Option<&'static str> {
        let met = self.met.entry(place).or_default();
        let planned = self.faults.faults.get(&(place.to_owned(), *met)).copied();
        *met += 1;
        planned.map(|kind| kinds[kind as usize])
    }

    /// The error is what is told.
    fn phase(&mut self, phase: &'static str, shape: Shape) -> Result<(), String> {
        self.begun.push((phase, false));
        let ends = shape.deadline.then_some(self.now + PHASE_DEADLINE);
        let mut causes: Vec<String> = Vec::new();
        for attempt in 1.. {
            self.happened.push(Happened::Begun { phase, at: self.now });
            let fault = self.fault(phase, &ATTEMPT_FAULTS);
            let takes = match fault {
                Some("late") => Some(LATE),
                Some("hang") => None,
                _ => Some(0),
            };
            let too_long = shape.attempt_deadline && takes.is_none();
            let takes = if too_long { Some(ATTEMPT_DEADLINE) } else { takes };
            self.pass(takes, ends).map_err(|whose| whose.told(phase, causes.len()))?;
            let (cause, again) = match fault {
                None | Some("late") => {
                    self.happened.push(Happened::Made { phase, at: self.now });
                    self.begun.last_mut().expect("it has begun").1 = true;
                    return Ok(());
                }
                Some("hang") => (format!("it did not end within {ATTEMPT_DEADLINE} ms"), true),
                Some("panic") => (PANICKED.to_owned(), false),
                Some(other) => (other.to_owned(), other == "transient"),
            };
            causes.push(cause);
            if !again || attempt == shape.attempts {
                break;
            }
            self.pass(Some(WAIT * u64::from(attempt)), ends).map_err(|whose| whose.told(phase, causes.len()))?;
        }
        Err(format!("{phase} failed: {}", causes.join(", ")))
    }

    /// Lets so much time pass, or all that there is; what takes as long as there is time has ended in time.
    fn pass(&mut self, takes: Option<u64>, phase_ends: Option<u64>) -> Result<(), Whose> {
        let phase = phase_ends.map(|at| (at, Whose::Phase));
        let (at, whose) = phase.filter(|(at, _)| *at <= START_DEADLINE).unwrap_or((START_DEADLINE, Whose::Start));
        match takes {
            Some(takes) if self.now + takes <= at => {
                self.now += takes;
                Ok(())
            }
            _ => {
                self.now = at;
                Err(whose)
            }
        }
    }

    /// What is left of it.
    fn undo(&mut self, phase: &'static str, undo: Undo, made: bool) -> Option<String> {
        let (place, kinds): (_, &[&'static str]) = match undo {
            Undo::Nothing => return None,
            Undo::AtOnce => ("undo at once", &UNDO_AT_ONCE),
            Undo::Waiting => ("undo waiting", &UNDO_WAITING),
        };
        self.happened.push(Happened::Undone { phase, made, at: self.now });
        let cause = match self.fault(place, kinds)? {
            "error" => "transient".to_owned(),
            "panic" => PANICKED.to_owned(),
            _ => {
                self.now += UNDO_DEADLINE;
                format!("it did not end within {UNDO_DEADLINE} ms")
            }
        };
        Some(format!("{phase}: {cause}"))
    }
}

/// Whose deadline passed.
enum Whose {
    Phase,
    Start,
}

impl Whose {
    fn told(&self, phase: &str, failed: usize) -> String {
        match self {
            Self::Phase => format!("{phase} took too long after {failed}"),
            Self::Start => format!("the start took too long at {phase} after {failed}"),
        }
    }
}
