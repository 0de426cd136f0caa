//! Those who ask a cell, and what must hold when all have asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::cells::{Retryable, others_come_in};

/// How many ask, and how often the initialisation fails before it succeeds.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Callers of one cell, each asking until it has the value.
    pub callers: u32,
    /// Initialisations that fail: the first ones, or, where the tool can choose, any.
    pub failures: u32,
}

/// Two and three callers, none to two failures.
pub fn cases() -> impl Iterator<Item = Case> {
    (2..=3).flat_map(|callers| (0..=2).map(move |failures| Case { callers, failures }))
}

/// A cell and how often its initialisation began. The counter is std's under every tool: callers write it one at a time,
/// inside the initialisation, and a tool need not explore it.
#[derive(Debug)]
pub struct Asked<C> {
    cell: Arc<C>,
    begun: Arc<AtomicU32>,
}

impl<C> Clone for Asked<C> {
    fn clone(&self) -> Self {
        Asked { cell: Arc::clone(&self.cell), begun: Arc::clone(&self.begun) }
    }
}

impl<C: Retryable> Asked<C> {
    /// An empty cell.
    #[expect(clippy::new_without_default, reason = "a fresh cell for each execution is no default of anything")]
    pub fn new() -> Self {
        Asked { cell: Arc::new(C::default()), begun: Arc::default() }
    }

    /// One caller. `fails` is asked once an initialisation, with its number from 1.
    pub async fn ask(self, fails: impl Fn(u32) -> bool) {
        let initialise = || async {
            // Relaxed: one initialisation at a time, and the cell's lock orders one before the next.
            let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
            others_come_in().await;
            if fails(number) { Err(()) } else { Ok(number) }
        };
        while self.cell.get_or_try_init(initialise).await.is_err() {}
    }

    /// When all have asked: the last initialisation that began is the first that succeeded, and nobody made another.
    ///
    /// # Panics
    /// If that is not so.
    pub async fn agree(self) {
        let begun = self.begun.load(Ordering::Relaxed);
        let value = self.cell.get_or_try_init(async || unreachable!("the cell is filled")).await;
        assert_eq!(value, Ok(begun), "the value is the last initialisation's");
    }
}
