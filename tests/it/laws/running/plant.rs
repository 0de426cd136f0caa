//! A system that is declared by a generated graph, and tells what happens to it.

use std::{
    future::pending,
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use nevernone::{fault, inject_panic, strategy};
use nevernone_reference::{
    env::Env,
    retry::{Policy, Verdict},
    scenarios::ExploredEnv,
    startup::graph::{Classify, Deadline, Graph, Needs, Phase, Plan, Token, UndoError, Why},
};

/// What an attempt can come to besides success.
pub(super) const ATTEMPT_FAULTS: [&str; 5] = ["transient", "final", "panic", "hang", "late"];
/// What an undoing that waits for nothing can come to besides success.
pub(super) const UNDO_AT_ONCE: [&str; 2] = ["error", "panic"];
/// The same of one that waits.
pub(super) const UNDO_WAITING: [&str; 3] = ["error", "panic", "hang"];

/// How often a phase is tried at most.
pub(super) const MOST_ATTEMPTS: u32 = 3;

// In milliseconds.
pub(super) const WAIT: u64 = 1;
pub(super) const LATE: u64 = 3;
pub(super) const ATTEMPT_DEADLINE: u64 = 10;
pub(super) const PHASE_DEADLINE: u64 = 18;
pub(super) const START_DEADLINE: u64 = 50;
pub(super) const UNDO_DEADLINE: u64 = 5;

/// How a phase is tried and undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::laws) struct Shape {
    pub(super) attempts: u32,
    pub(super) attempt_deadline: bool,
    pub(super) deadline: bool,
    pub(super) undo: Undo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::laws) enum Undo {
    Nothing,
    AtOnce,
    Waiting,
}

impl Shape {
    pub(in crate::laws) fn is_undone(self) -> bool {
        self.undo != Undo::Nothing
    }
}

/// What happened to a phase, and when, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::laws) enum Happened {
    /// An attempt.
    Begun {
        phase: &'static str,
        at: u64,
    },
    Made {
        phase: &'static str,
        at: u64,
    },
    /// And whether it had made anything.
    Undone {
        phase: &'static str,
        made: bool,
        at: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::laws) enum Problem {
    #[error("transient")]
    Transient,
    #[error("final")]
    Final,
}

impl Classify for Problem {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Transient => Verdict::Retry,
            Self::Final => Verdict::GiveUp,
        }
    }
}

/// The system.
#[derive(Clone)]
pub(in crate::laws) struct Plant(Arc<Inner>);

struct Inner {
    env: ExploredEnv,
    happened: Mutex<Vec<Happened>>,
    held: AtomicUsize,
}

/// What a phase makes: its name, and a place that its drop gives back.
#[derive(Clone)]
pub(in crate::laws) struct Made(Arc<Held>);

struct Held {
    phase: &'static str,
    plant: Plant,
}

impl Drop for Held {
    fn drop(&mut self) {
        // SeqCst here and below: one thread, so any ordering does.
        self.plant.0.held.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Plant {
    pub(in crate::laws) fn new(env: &ExploredEnv) -> Self {
        Self(Arc::new(Inner { env: env.clone(), happened: Mutex::default(), held: AtomicUsize::new(0) }))
    }

    pub(in crate::laws) fn happened(&self) -> Vec<Happened> {
        self.0.happened.lock().unwrap().clone()
    }

    /// How much is not given back.
    pub(in crate::laws) fn held(&self) -> usize {
        self.0.held.load(Ordering::SeqCst)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.env.now().as_millis()).expect("runs are short")
    }

    fn note(&self, happened: Happened) {
        self.0.happened.lock().unwrap().push(happened);
    }

    /// One attempt, with what it was given: of whatever it needs, in the order in which it asks.
    async fn make(self, phase: &'static str, given: Vec<Made>, needs: &[&str]) -> Result<Made, Problem> {
        assert!(given.iter().map(|made| made.0.phase).eq(needs.iter().copied()), "{phase} was given something else");
        drop(given);
        self.note(Happened::Begun { phase, at: self.now() });
        self.0.held.fetch_add(1, Ordering::SeqCst);
        let made = Made(Arc::new(Held { phase, plant: self.clone() }));
        match fault(phase, &ATTEMPT_FAULTS).map(|fault| fault.kind) {
            None => {}
            Some("transient") => return Err(Problem::Transient),
            Some("final") => return Err(Problem::Final),
            Some("panic") => inject_panic(),
            Some("late") => tokio::time::sleep(Duration::from_millis(LATE)).await,
            Some(_) => pending().await,
        }
        self.note(Happened::Made { phase, at: self.now() });
        Ok(made)
    }

    fn note_undone(&self, phase: &'static str, made: Option<&Made>) {
        self.note(Happened::Undone { phase, made: made.is_some(), at: self.now() });
    }
}

fn undo(place: &'static str, kinds: &[&'static str]) -> Option<Result<(), Problem>> {
    match fault(place, kinds).map(|fault| fault.kind) {
        None => Some(Ok(())),
        Some("error") => Some(Err(Problem::Transient)),
        Some("panic") => inject_panic(),
        Some(_) => None,
    }
}

pub(in crate::laws) type Planned = Plan<Plant, Problem>;

/// The plan of a generated graph. The first three needs of a phase are typed, so it is given what they made.
pub(in crate::laws) fn plan(graph: &strategy::Graph, shapes: &[Shape]) -> Planned {
    let millis = Duration::from_millis;
    let phases = graph.nodes.iter().zip(shapes).map(|(node, shape)| shaped(node.name, phase(node), *shape));
    let graph = phases.fold(Graph::new(), Graph::phase);
    graph.deadline(millis(START_DEADLINE)).undo_deadline(millis(UNDO_DEADLINE)).plan().expect("it makes sense")
}

type Declared = Phase<Plant, Problem, Made>;

fn phase(node: &strategy::Node) -> Declared {
    let need = |place: usize| Token::<Made>::new(node.needs[place]);
    match node.needs.len() {
        0 => typed(node, (), |()| vec![]),
        1 => typed(node, need(0), |one| vec![one]),
        2 => typed(node, (need(0), need(1)), |(one, two)| vec![one, two]),
        _ => typed(node, (need(0), need(1), need(2)), |(one, two, three)| vec![one, two, three])
            .after(node.needs[3..].iter().copied()),
    }
}

fn typed<N: Needs>(node: &strategy::Node, needs: N, given: fn(N::Given) -> Vec<Made>) -> Declared {
    let (name, wanted) = (node.name, node.needs.clone());
    Phase::new(Token::new(name), needs, move |plant: Plant, made| {
        let (made, wanted) = (given(made), wanted.clone());
        async move { plant.make(name, made, &wanted[..wanted.len().min(3)]).await }
    })
}

fn shaped(name: &'static str, mut phase: Declared, shape: Shape) -> Declared {
    let millis = Duration::from_millis;
    let attempts = NonZeroU32::new(shape.attempts).expect("at least one");
    phase = phase.attempts(Policy::linear(attempts, millis(WAIT)));
    if shape.attempt_deadline {
        phase = phase.attempt_deadline(millis(ATTEMPT_DEADLINE));
    }
    if shape.deadline {
        phase = phase.deadline(millis(PHASE_DEADLINE));
    }
    match shape.undo {
        Undo::Nothing => phase,
        Undo::AtOnce => phase.undo(move |plant: Plant, made| {
            plant.note_undone(name, made.as_ref());
            undo("undo at once", &UNDO_AT_ONCE).unwrap_or(Ok(()))
        }),
        Undo::Waiting => phase.undo_waiting(move |plant: Plant, made| async move {
            plant.note_undone(name, made.as_ref());
            match undo("undo waiting", &UNDO_WAITING) {
                Some(undone) => undone,
                None => pending().await,
            }
        }),
    }
}

/// Why a start ended, in short.
pub(super) fn told(why: &Why<Problem>) -> String {
    match why {
        Why::Failed { phase, attempts } => {
            let causes: Vec<String> = attempts.iter().map(|attempt| attempt.cause.to_string()).collect();
            format!("{phase} failed: {}", causes.join(", "))
        }
        Why::DeadlineExceeded { deadline: Deadline::Start, phase, failed, .. } => {
            format!("the start took too long at {phase} after {}", failed.len())
        }
        Why::DeadlineExceeded { phase, failed, .. } => format!("{phase} took too long after {}", failed.len()),
        Why::Stopped { .. } => "stopped".to_owned(),
    }
}

/// What could not be undone, and why, in short.
pub(super) fn left(left: Vec<UndoError<Problem>>) -> Vec<String> {
    left.into_iter().map(|left| format!("{}: {}", left.phase, left.cause)).collect()
}
