//! The startup as data: phases by name, what each needs, how long it may take, how often it is tried, how it is undone.
//!
//! A [`Graph`] is declared, [`plan`](Graph::plan)ned, and the [`Plan`] started as often as one likes. Whatever is wrong
//! with the declaration is found before anything runs. A phase is called with what the phases that it needs have made, so
//! it cannot be called without. However a start ends but well (a failure, a deadline, a stop, a panic, a drop), everything
//! that it began is undone in reverse, and the next start begins afresh.
//!
//! A system of one's own, in four phases:
//!
//! ```
//! use nevernone_reference::{
//!     env::TokioEnv,
//!     retry::{Policy, Verdict},
//!     startup::graph::{Classify, Graph, Phase, Token},
//! };
//! use std::{
//!     num::NonZeroU32,
//!     sync::{
//!         Arc,
//!         atomic::{AtomicU32, Ordering},
//!     },
//!     time::Duration,
//! };
//!
//! /// What can go wrong, and whether another attempt makes sense.
//! #[derive(Debug, thiserror::Error)]
//! enum Problem {
//!     #[error("the database is not reachable yet")]
//!     Unreachable,
//!     #[error("the port is taken")]
//!     PortTaken,
//! }
//!
//! impl Classify for Problem {
//!     fn verdict(&self) -> Verdict {
//!         match self {
//!             Self::Unreachable => Verdict::Retry,
//!             Self::PortTaken => Verdict::GiveUp,
//!         }
//!     }
//! }
//!
//! /// What the phases work on. Here: a database that is reachable at the third attempt.
//! #[derive(Default)]
//! struct Shop {
//!     attempts: AtomicU32,
//!     open_pools: AtomicU32,
//! }
//!
//! #[derive(Clone)]
//! struct Config {
//!     database: String,
//! }
//! #[derive(Clone)]
//! struct Pool;
//! #[derive(Clone)]
//! struct Cache;
//! #[derive(Clone)]
//! struct Server;
//!
//! // A phase's name, and what it makes.
//! const CONFIG: Token<Config> = Token::new("config");
//! const DATABASE: Token<Pool> = Token::new("database");
//! const CACHE: Token<Cache> = Token::new("cache");
//! const SERVER: Token<Server> = Token::new("server");
//!
//! type Handle = Arc<Shop>;
//!
//! let three = Policy::linear(NonZeroU32::new(3).unwrap(), Duration::from_millis(10));
//! let graph: Graph<Handle, Problem> = Graph::new()
//!     // Declared in any order: this one needs what the others make.
//!     .phase(Phase::new(SERVER, (DATABASE, CACHE), |_shop, (_pool, _cache)| async { Ok(Server) }))
//!     .phase(Phase::new(CONFIG, (), |_shop, ()| async { Ok(Config { database: "db://orders".to_owned() }) }))
//!     .phase(
//!         Phase::new(DATABASE, CONFIG, |shop: Handle, config: Config| async move {
//!             assert_eq!(config.database, "db://orders");
//!             match shop.attempts.fetch_add(1, Ordering::SeqCst) {
//!                 0 | 1 => Err(Problem::Unreachable),
//!                 _ => {
//!                     shop.open_pools.fetch_add(1, Ordering::SeqCst);
//!                     Ok(Pool)
//!                 }
//!             }
//!         })
//!         .attempts(three)
//!         .deadline(Duration::from_secs(5))
//!         .undo_waiting(|shop, pool| async move {
//!             // Where it did not get that far, there is nothing to close.
//!             if pool.is_some() {
//!                 shop.open_pools.fetch_sub(1, Ordering::SeqCst);
//!             }
//!             Ok(())
//!         }),
//!     )
//!     .phase(Phase::new(CACHE, CONFIG, |_shop, _config| async { Ok(Cache) }))
//!     .deadline(Duration::from_secs(30))
//!     .undo_deadline(Duration::from_secs(1));
//!
//! let plan = graph.plan().unwrap();
//! assert_eq!(plan.to_string(), "config → database → cache → server");
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
//! # runtime.block_on(async {
//! let shop = Handle::default();
//! let up = plan.start(&TokioEnv::new(), Arc::clone(&shop)).await.unwrap();
//! assert!(up.made(SERVER).is_some());
//! assert_eq!(shop.attempts.load(Ordering::SeqCst), 3);
//! up.stop().await.unwrap();
//! assert_eq!(shop.open_pools.load(Ordering::SeqCst), 0);
//! # });
//! ```
//!
//! The platform is one such graph: [`Platform`](super::Platform) starts by it.

mod error;
mod phase;
mod plan;
mod rollback;
mod runner;

use std::time::Duration;

pub use self::{
    error::{Cause, Classify, Deadline, GraphError, StartError, UndoError, Why},
    phase::{Need, Needs, Outputs, Phase, Product, System, Token},
    plan::Plan,
    runner::Up,
};

/// The phases of a [`System`] `S`, whose errors are `F`, as declared.
#[must_use = "a graph does nothing until it is planned and started"]
pub struct Graph<S, F> {
    phases: Vec<phase::Node<S, F>>,
    deadline: Option<Duration>,
    undo_deadline: Option<Duration>,
}

impl<S, F> Default for Graph<S, F> {
    fn default() -> Self {
        Self { phases: Vec::new(), deadline: None, undo_deadline: None }
    }
}

impl<S: 'static, F: 'static> Graph<S, F> {
    /// No phases, no deadlines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a phase. The order of declaration decides only between phases whose needs are met at the same time.
    pub fn phase<T: Product>(mut self, phase: Phase<S, F, T>) -> Self {
        self.phases.push(phase.erase());
        self
    }

    /// The longest that a whole start may take. Undoing has a deadline of its own.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The longest that the undoing of each phase may take, where it waits; the next one then begins.
    pub fn undo_deadline(mut self, deadline: Duration) -> Self {
        self.undo_deadline = Some(deadline);
        self
    }

    /// The order in which the phases run.
    ///
    /// # Errors
    /// Whatever is wrong with the declaration: no phases, a deadline of zero, two phases of one name, a need that is not
    /// declared, is the phase itself, or is of another type, and phases that need one another.
    pub fn plan(self) -> Result<Plan<S, F>, GraphError> {
        plan::plan(self)
    }
}

#[cfg(test)]
mod tests;
