//! One cell: a set of layers, and a kind of fault as the only one.

use std::fmt;
use std::sync::Arc;

use nevernone::explore::Bounds;
use nevernone::{Scenario, any_moment, require, sometimes, spawn};

use super::Caught;
use super::caught::{LOST, SEEN};
use crate::event::EventKind;
use crate::legacy::{Found, Graph, Layers, Pipeline};
use crate::manager::{Batch, Connection};
use crate::scenarios::client::{FIVE, attach, read, request, thread};
use crate::scenarios::env::ExploredEnv;
use crate::scenarios::factory::{ChosenFactory, KINDS};
use crate::supervisor::Supervisor;

/// What may go wrong in a cell, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    NoFault,
    /// Nothing but the order of things: a race.
    Preempted,
    /// A creation of the manager, in any number of attempts.
    Creation(&'static [&'static str]),
    /// Nobody made a supervisor.
    NoSupervisor,
    /// The agents are those of a second object graph, built from nothing but `None`s.
    Decoy,
}

/// A set of layers and a kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The layers that are in place.
    pub layers: Layers,
    /// What may go wrong.
    pub kind: Kind,
}

impl Kind {
    /// Every kind, in the order of the table's columns.
    pub fn all() -> Vec<Self> {
        let creations = KINDS.iter().map(std::slice::from_ref).map(Self::Creation);
        [Self::NoFault, Self::Preempted].into_iter().chain(creations).chain([Self::NoSupervisor, Self::Decoy]).collect()
    }

    fn preemptions(self) -> u32 {
        if self == Self::Preempted { 2 } else { 0 }
    }

    /// What a pipeline starts from, and whether the draw for it was a fault.
    fn graph(self, factory: Arc<ChosenFactory>) -> (Graph, bool) {
        let drawn = match self {
            Self::NoSupervisor => nevernone::fault("supervisor.create", &["missing"]),
            Self::Decoy => nevernone::fault("graph.build", &["decoy"]),
            Self::NoFault | Self::Preempted | Self::Creation(_) => None,
        };
        let supervisor = (self != Self::NoSupervisor || drawn.is_none()).then(Supervisor::default);
        let is_decoy = self == Self::Decoy && drawn.is_some();
        (Graph { factory, supervisor, is_decoy }, drawn.is_some())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoFault => "no fault",
            Self::Preempted => "a race",
            Self::Creation(kinds) => kinds.first().copied().unwrap_or_default(),
            Self::NoSupervisor => "no supervisor",
            Self::Decoy => "a decoy",
        })
    }
}

impl Cell {
    /// All of them, set by set.
    pub fn all() -> Vec<Self> {
        let row = |layers| Kind::all().into_iter().map(move |kind| Self { layers, kind });
        Layers::sets().flat_map(row).collect()
    }

    /// What it is called, as in `layers/prevention-rejection/without-connections`.
    pub fn name(&self) -> String {
        format!("layers/{}/{}", self.layers, self.kind.to_string().replace(' ', "-"))
    }

    /// What is expected of it.
    pub fn expected(&self) -> Caught {
        Caught::expected(self.layers, self.kind)
    }

    /// The cell as something to check. Faults in any number; preemptions for a race alone, so that the kind is the only
    /// thing that goes wrong.
    pub fn scenario(self) -> Scenario {
        let preemptions = Some(self.kind.preemptions());
        let none = Some(0);
        let (cancellations, panics, stalls, crashes) = (none, none, none, none);
        let scenario = Scenario::new(self.name(), move || self.check()).within(Bounds {
            preemptions,
            cancellations,
            panics,
            stalls,
            crashes,
            ..Bounds::unbounded()
        });
        match self.expected().fails_by() {
            None => scenario,
            Some(property) => scenario.expect_failed_by(property),
        }
    }

    /// A consumer looks at any moment of a start, and a request follows the start. The incident's own two properties: an
    /// accepted request's events reach its thread, and nobody meets a missing or half-built manager.
    async fn check(self) {
        let kinds = if let Kind::Creation(kinds) = self.kind { kinds } else { &[] };
        let factory = ChosenFactory::new(kinds);
        let (graph, drawn) = self.kind.graph(Arc::clone(&factory));
        let pipeline = Arc::new(Pipeline::new(ExploredEnv::default(), self.layers, graph));
        let looking = spawn("consumer", {
            let pipeline = Arc::clone(&pipeline);
            async move {
                any_moment("a consumer looks").await;
                let is_fit = match pipeline.look() {
                    Found::NotYet => true,
                    Found::Whole(manager) => manager.probe().is_ok(),
                    Found::Missing | Found::HalfBuilt(_) => false,
                };
                require(SEEN, is_fit);
            }
        });
        let started = pipeline.start().await;
        let served = started.is_ok();
        if served {
            require(LOST, ask(&pipeline).await == FIVE);
        } else {
            assert!(pipeline.run(request(&thread())).await.is_err(), "accepted after {started:?}");
        }
        looking.await;
        let faults = factory.faults() + u32::from(drawn);
        self.expected().judge(faults, served);
    }
}

/// A client connects, if there is something to connect to, sends a request, and reads what came of it.
async fn ask(pipeline: &Pipeline<ExploredEnv>) -> Vec<EventKind> {
    let client = match pipeline.look() {
        Found::Whole(manager) => Some(attach(&manager, thread())),
        Found::NotYet | Found::Missing | Found::HalfBuilt(_) => None,
    };
    pipeline.run(request(&thread())).await.expect("a platform that has started accepts requests");
    client.map(heard).unwrap_or_default()
}

/// What is there by now: a request is over when it was run.
fn heard(mut client: Connection) -> Vec<EventKind> {
    match client.try_batch(usize::MAX) {
        Some(Batch::Frames(frames)) => frames.iter().map(|frame| read(&frame.bytes()).kind).collect(),
        Some(Batch::Closed(_)) | None => Vec::new(),
    }
}

/// By how many faults a start was served all the same.
pub(super) fn served_after(faults: u32, held: bool) {
    match faults {
        0 => sometimes("served", held),
        1 => sometimes("served after one fault", held),
        2 => sometimes("served after two faults", held),
        _ => sometimes("served after three faults", held),
    }
}
