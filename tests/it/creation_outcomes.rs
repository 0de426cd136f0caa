//! Every sequence of outcomes of three creations, through the bridge and through the startup: a complete manager, or
//! the one right error that tells every attempt.

use std::{
    collections::BTreeSet,
    error::Error,
    sync::{Arc, Mutex},
    time::Duration,
};

use mockall::{Sequence, mock};
use nevernone_reference::{
    bridge::{Bridge, BridgeError},
    env::TokioEnv,
    manager::{
        BoxFuture, Candidate, CreateError, ManagerCell, ManagerError, ManagerFactory, ManagerHandle, Outcome as Sent,
        Part,
    },
    retry::Attempts,
    startup::{StartupError, obtain_manager},
};
use tokio::time::Instant;

use crate::support::{Client, Outcome, PLANNED, cell, thread};

mock! {
    Factory {}

    impl ManagerFactory for Factory {
        fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>>;
    }
}

/// How many attempts both layers make.
pub(crate) const ATTEMPTS: usize = 3;

/// Everything that one creation can come to at once.
pub(crate) const OUTCOMES: [Outcome; 8] = [
    Outcome::Fine,
    Outcome::Nothing,
    Outcome::Without(Part::Connections),
    Outcome::Without(Part::UserConnections),
    Outcome::Without(Part::RoomMemberships),
    Outcome::Without(Part::SendToThread),
    Outcome::Error,
    Outcome::Panic,
];

/// What a layer gave, with everything that can be seen of how it did.
struct Seen {
    result: Result<ManagerHandle, Attempts<ManagerError>>,
    /// The error's own source, as text.
    source: Option<String>,
    /// When the factory was asked, since the start.
    asked: Vec<Duration>,
    /// When the layer answered, since the start.
    answered: Duration,
}

#[test]
fn the_bridge_gives_a_complete_manager_or_every_cause() {
    check_all("bridge", Duration::from_millis(50), |factory, cell| {
        Box::pin(async move {
            let bridge = Bridge::new(TokioEnv::new(), cell, factory);
            bridge.initialize().await.map_err(|error| {
                let source = error.source().map(ToString::to_string);
                match error {
                    BridgeError::Exhausted { attempts, .. } => (attempts, source),
                    degraded @ BridgeError::Degraded { .. } => {
                        panic!("not an error of creation: {degraded}")
                    }
                }
            })
        })
    });
}

#[test]
fn the_startup_gives_a_complete_manager_or_every_cause() {
    check_all("startup", Duration::from_millis(100), |factory, cell| {
        Box::pin(async move {
            let obtained = obtain_manager(&TokioEnv::new(), &cell, &*factory).await;
            obtained.map(|validated| validated.handle().clone()).map_err(|error| {
                let source = error.source().map(ToString::to_string);
                match error {
                    StartupError::ManagerUnavailable { attempts, .. } => (attempts, source),
                    other => panic!("not an error of creation: {other}"),
                }
            })
        })
    });
}

type Told = Result<ManagerHandle, (Attempts<ManagerError>, Option<String>)>;
type Layer = fn(Arc<dyn ManagerFactory>, Arc<ManagerCell>) -> BoxFuture<'static, Told>;

fn check_all(name: &str, step: Duration, layer: Layer) {
    let mut sequences = 0;
    let mut distinct = BTreeSet::new();
    for first in OUTCOMES {
        for second in OUTCOMES {
            for third in OUTCOMES {
                let planned = [first, second, third];
                let consumed = until_fine(&planned);
                check_one(consumed, step, layer);
                distinct.insert(format!("{consumed:?}"));
                sequences += 1;
            }
        }
    }
    // A sequence ends with its first success, so the distinct ones are 7 + 49 + … failures followed by it, or only
    // failures: with f kinds of failure 1 + f + f² + f³.
    let failures = OUTCOMES.len() - 1;
    let formula = 1 + failures + failures.pow(2) + failures.pow(3);
    println!("{name}: {sequences} sequences, {} of them distinct", distinct.len());
    assert_eq!((sequences, distinct.len()), (OUTCOMES.len().pow(3), formula));
}

/// The outcomes that the layer gets to see.
fn until_fine(planned: &[Outcome; ATTEMPTS]) -> &[Outcome] {
    let fine = planned.iter().position(|outcome| *outcome == Outcome::Fine);
    &planned[..fine.map_or(ATTEMPTS, |fine| fine + 1)]
}

fn check_one(consumed: &[Outcome], step: Duration, layer: Layer) {
    let seen = run(consumed, layer);
    let expected = [Duration::ZERO, step, step * 3];
    assert_eq!(seen.asked, expected[..consumed.len()], "{consumed:?}: one call per attempt, each at its time");
    assert_eq!(Some(&seen.answered), seen.asked.last(), "{consumed:?}: no wait after the last attempt");
    let ends_fine = consumed.last() == Some(&Outcome::Fine);
    match seen.result {
        Ok(manager) => {
            assert!(ends_fine, "{consumed:?} gave a manager");
            assert_complete(&manager);
        }
        Err(attempts) => {
            assert!(!ends_fine, "{consumed:?} gave {attempts}");
            assert_eq!(attempts.count(), ATTEMPTS, "{consumed:?}");
            for ((place, attempt), outcome) in attempts.iter().enumerate().zip(consumed) {
                assert_eq!(usize::try_from(attempt.number), Ok(place + 1), "{consumed:?}");
                assert!(tells(&attempt.cause, *outcome), "{consumed:?}: attempt {attempt}");
            }
            assert_eq!(
                seen.source,
                Some(attempts.last().cause.to_string()),
                "{consumed:?}: the source is the last cause"
            );
        }
    }
}

fn run(consumed: &[Outcome], layer: Layer) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut factory = Arc::new(mock_of(consumed, &asked));
    let (start, told, end) = runtime.block_on(async {
        let start = Instant::now();
        let told = layer(Arc::clone(&factory) as Arc<dyn ManagerFactory>, cell()).await;
        (start, told, Instant::now())
    });
    drop(runtime);
    Arc::get_mut(&mut factory).expect("nobody keeps the factory").checkpoint();
    let (result, source) = match told {
        Ok(manager) => (Ok(manager), None),
        Err((attempts, source)) => (Err(attempts), source),
    };
    let asked = asked.lock().unwrap().iter().map(|at: &Instant| *at - start).collect();
    Seen { result, source, asked, answered: end - start }
}

/// Expects exactly these outcomes in this order; one call more panics, one less fails the checkpoint.
fn mock_of(consumed: &[Outcome], asked: &Arc<Mutex<Vec<Instant>>>) -> MockFactory {
    let mut factory = MockFactory::new();
    let mut sequence = Sequence::new();
    for outcome in consumed.iter().copied() {
        let asked = Arc::clone(asked);
        factory.expect_create().times(1).in_sequence(&mut sequence).returning(move || {
            asked.lock().unwrap().push(Instant::now());
            // The panic comes when the future is polled: mockall's own lock is free again by then.
            Box::pin(outcome.happen())
        });
    }
    factory
}

/// Complete means usable: an event gets through to a receiver.
fn assert_complete(manager: &ManagerHandle) {
    manager.probe().unwrap();
    let mut client = Client::attach(manager, "thread");
    let event = crate::support::event(1);
    assert_eq!(manager.send_to_thread(&thread("thread"), event), Sent::Delivered(1));
    assert_eq!(client.events().len(), 1);
}

/// Whether the error is the one right one for the outcome. Any panic but the planned one is a test's own mistake.
pub(crate) fn tells(cause: &ManagerError, outcome: Outcome) -> bool {
    match (cause, outcome) {
        (ManagerError::Nothing, Outcome::Nothing) => true,
        (ManagerError::Incomplete(incomplete), Outcome::Without(part)) => incomplete.missing == [part],
        (ManagerError::Failed(error), Outcome::Error) => error.to_string() == PLANNED,
        (ManagerError::Panicked(message), Outcome::Panic) => message == PLANNED,
        _ => false,
    }
}
