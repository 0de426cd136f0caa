//! What several suites build on: a factory that follows a script, and a client that reads events.

use std::{
    collections::VecDeque,
    future::pending,
    panic::resume_unwind,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use nevernone_reference::{
    event::{Event, EventKind, RunId, ThreadId, UserId, WireEvent},
    manager::{
        Attach, Batch, BoxFuture, Budget, Candidate, Connection, CreateError, Limits, ManagerCell, ManagerFactory,
        ManagerHandle, Part,
    },
};

/// What one creation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Fine,
    Nothing,
    Without(Part),
    Error,
    /// Somebody else has one of the places that a manager needs.
    Exhausted,
    Panic,
    Hang,
    /// Fine, but after this long.
    Late(Duration),
}

impl Outcome {
    pub(crate) async fn happen(self) -> Result<Option<Candidate>, CreateError> {
        self.happen_within(&Budget::new(places())).await
    }

    /// The same, with the places of a budget that has just enough of them.
    pub(crate) async fn happen_within(self, budget: &Budget) -> Result<Option<Candidate>, CreateError> {
        let within = || Candidate::within(Limits::default(), budget);
        let complete = || within().expect("whatever failed before gave its places back");
        match self {
            Self::Fine => Ok(Some(complete())),
            Self::Nothing => Ok(None),
            Self::Without(part) => Ok(Some(complete().without(part))),
            Self::Error => Err(CreateError::new(PLANNED)),
            Self::Exhausted => {
                let _taken = budget.reserve(1).expect("a place is free");
                Ok(Some(within()?))
            }
            // Unwinds like any panic, but without the hook's noise for hundreds of planned ones.
            Self::Panic => resume_unwind(Box::new(PLANNED)),
            Self::Hang => pending().await,
            Self::Late(after) => {
                tokio::time::sleep(after).await;
                Ok(Some(complete()))
            }
        }
    }
}

/// How many places one manager takes.
pub(crate) fn places() -> usize {
    let limits = Limits::default();
    limits.connections + limits.threads
}

/// The text of every planned error and panic: any other text is an unplanned one.
pub(crate) const PLANNED: &str = "planned";

/// A factory that follows a script, and is fine once that is over.
#[derive(Debug, Default)]
pub(crate) struct Script {
    left: Mutex<VecDeque<Outcome>>,
    created: AtomicUsize,
}

impl Script {
    pub(crate) fn new(outcomes: impl IntoIterator<Item = Outcome>) -> Arc<Self> {
        let left = Mutex::new(outcomes.into_iter().collect());
        Arc::new(Self { left, created: AtomicUsize::new(0) })
    }

    /// How often it was asked.
    pub(crate) fn created(&self) -> usize {
        self.created.load(Ordering::SeqCst)
    }
}

impl ManagerFactory for Script {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        self.created.fetch_add(1, Ordering::SeqCst);
        let outcome = self.left.lock().unwrap().pop_front().unwrap_or(Outcome::Fine);
        Box::pin(outcome.happen())
    }
}

pub(crate) fn manager() -> ManagerHandle {
    Candidate::complete(Limits::default()).validate().unwrap()
}

pub(crate) fn cell() -> Arc<ManagerCell> {
    Arc::new(ManagerCell::new())
}

pub(crate) fn thread(name: &str) -> ThreadId {
    ThreadId::new(name).unwrap()
}

/// A client that follows one thread.
pub(crate) struct Client(Connection);

impl Client {
    pub(crate) fn attach(manager: &ManagerHandle, name: &str) -> Self {
        let user = UserId::new("user").unwrap();
        Self(manager.attach(Attach { user, thread: thread(name) }).unwrap())
    }

    /// Every event that is there now.
    pub(crate) fn events(&mut self) -> Vec<WireEvent> {
        let mut events = Vec::new();
        while let Some(Batch::Frames(frames)) = self.0.try_batch(usize::MAX) {
            events.extend(frames.iter().map(|frame| serde_json::from_slice::<WireEvent>(&frame.bytes()).unwrap()));
        }
        events
    }

    /// Waits until `runs` terminal events came, and gives everything up to the last of them.
    pub(crate) async fn until_ended(&mut self, runs: usize) -> Vec<WireEvent> {
        let mut events: Vec<WireEvent> = Vec::new();
        while events.iter().filter(|event| event.kind.is_terminal()).count() < runs {
            match self.0.next_batch(1).await {
                Batch::Frames(frames) => {
                    events.extend(
                        frames.iter().map(|frame| serde_json::from_slice::<WireEvent>(&frame.bytes()).unwrap()),
                    );
                }
                Batch::Closed(close) => {
                    panic!("closed with {} before the end: {events:?}", close.code)
                }
            }
        }
        events
    }

    /// The code with which the connection was closed, after whatever waits before that.
    pub(crate) fn close_code(&mut self) -> Option<u16> {
        loop {
            match self.0.try_batch(usize::MAX)? {
                Batch::Frames(_) => {}
                Batch::Closed(close) => return Some(close.code),
            }
        }
    }
}

pub(crate) fn kinds(events: &[WireEvent]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

/// A progress event of nobody's run.
pub(crate) fn event(number: u64) -> Event {
    Event {
        kind: EventKind::ProgressUpdate,
        run_id: RunId::new("a-run").unwrap(),
        agent_name: "triage".to_owned(),
        timestamp: Duration::ZERO,
        payload: number.into(),
    }
}

/// A factory whose every creation takes a while and then comes to the same.
#[derive(Debug)]
pub(crate) struct Delayed {
    after: Duration,
    outcome: Outcome,
    created: AtomicUsize,
}

impl Delayed {
    pub(crate) fn new(after: Duration, outcome: Outcome) -> Self {
        Self { after, outcome, created: AtomicUsize::new(0) }
    }

    /// How often it was asked.
    pub(crate) fn created(&self) -> usize {
        self.created.load(Ordering::SeqCst)
    }
}

impl ManagerFactory for Delayed {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        self.created.fetch_add(1, Ordering::SeqCst);
        let (after, outcome) = (self.after, self.outcome);
        Box::pin(async move {
            tokio::time::sleep(after).await;
            outcome.happen().await
        })
    }
}
