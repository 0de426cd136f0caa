//! What no model of two threads reaches: many OS threads at once against the cores, in rounds.
//!
//! `cargo test` plays a few rounds; `SOAK_SECONDS=60 cargo test --release --test it soak -- --nocapture` plays on for a
//! minute and prints how many.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use nevernone_reference::{
    agents::Agent,
    manager::{BoxFuture, Candidate, CreateError, Limits, ManagerCell, ManagerFactory, ManagerHandle, Outcome, obtain},
    registry::Registry,
    tools::ToolDispatcher,
};
use tokio::sync::Barrier;

use crate::support::{Client, cell, event, thread};

const THREADS: usize = 64;

/// Played without `SOAK_SECONDS`.
const ROUNDS: usize = 20;

/// Events that each task sends in a round.
const EVENTS: usize = 64;

/// Fails twice, then succeeds, whoever asks.
#[derive(Default)]
struct ThirdTime(AtomicUsize);

impl ManagerFactory for ThirdTime {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let created = self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            tokio::task::yield_now().await;
            match created {
                0 => Ok(None),
                1 => Err(CreateError::new("planned")),
                _ => Ok(Some(Candidate::complete(Limits { outbox_events: usize::MAX, ..Limits::default() }))),
            }
        })
    }
}

struct Round {
    cell: Arc<ManagerCell>,
    factory: ThirdTime,
    registry: Registry,
    barrier: Barrier,
}

impl Round {
    fn new() -> Arc<Self> {
        let registry = Registry::new(Agent::standard(), ToolDispatcher::standard()).unwrap();
        Arc::new(Round { cell: cell(), factory: ThirdTime::default(), registry, barrier: Barrier::new(THREADS) })
    }

    /// One task's part: gets the manager, wires it or finds it wired, sends to everybody.
    async fn play(self: Arc<Self>, number: usize) {
        self.barrier.wait().await;
        let manager = self.obtain().await;
        assert!(self.registry.current().is_none_or(|wired| wired.agents().len() == 8), "a registry wired in part");
        if number.is_multiple_of(4) {
            self.registry.wire(Some(manager.clone())).unwrap();
        }
        assert_eq!(self.cell.get().map(ManagerHandle::probe), Some(Ok(())), "a cell that was filled is so no more");
        let mut client = Client::attach(&manager, &number.to_string());
        self.barrier.wait().await;
        assert_eq!(self.registry.wired(), 8);
        for nth in 0..EVENTS {
            let to = thread(&((number + nth) % THREADS).to_string());
            assert_eq!(manager.send_to_thread(&to, event(0)), Outcome::Delivered(1));
        }
        self.barrier.wait().await;
        let numbers: Vec<u64> = client.events().iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=EVENTS as u64).collect::<Vec<_>>(), "each thread got one event of each task");
    }

    /// Asks until there is one: a failure is everybody's who waited for it, and no longer.
    async fn obtain(&self) -> ManagerHandle {
        loop {
            match obtain(&self.cell, &self.factory).await {
                Ok(manager) => return manager,
                Err(error) => assert!(self.factory.0.load(Ordering::Relaxed) <= 3, "{error}"),
            }
        }
    }
}

#[test]
fn sixty_four_threads_lose_nothing_and_never_meet_none() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).build().unwrap();
    let seconds = std::env::var("SOAK_SECONDS").ok().map(|text| text.parse().expect("SOAK_SECONDS is a whole number"));
    let (begun, mut rounds) = (Instant::now(), 0);
    let is_over = |rounds| match seconds {
        Some(seconds) => begun.elapsed() >= Duration::from_secs(seconds),
        None => rounds == ROUNDS,
    };
    while !is_over(rounds) {
        let round = Round::new();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..THREADS).map(|number| tokio::spawn(Arc::clone(&round).play(number))).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        assert_eq!(round.factory.0.load(Ordering::Relaxed), 3, "two failures, one manager");
        rounds += 1;
    }
    println!("{rounds} rounds of {THREADS} threads, {} events", rounds * THREADS * EVENTS);
}
