//! One sequence, run through a layer on a stopped clock, and compared with what is expected.

use std::{sync::Arc, time::Duration};

use nevernone_reference::{
    env::{Env, TokioEnv},
    manager::{ManagerFactory, ManagerHandle, Outcome as Sent},
};
use tokio::time::Instant;

use super::{
    Layer, Refusal, Told, World,
    expected::{Ending, Expected},
    factory::Notes,
    outcomes::tells,
};
use crate::{
    rows::Rows,
    support::{Client, Outcome, PLANNED, cell, event, thread},
};

/// Everything that could be seen.
pub(super) struct Seen {
    plan: Vec<Outcome>,
    calls: Vec<Duration>,
    done: Duration,
    rows: Vec<String>,
    told: Vec<Told>,
    /// How many places were taken while somebody had what was told.
    places: usize,
    notes: Notes,
}

impl Seen {
    /// Runs the plan.
    ///
    /// # Panics
    /// Where the factory was asked once more than planned, which is the mock's panic as somebody's attempt told it, or
    /// once less, which is the checkpoint's.
    pub(super) fn of(layer: Layer, plan: &[Outcome]) -> Self {
        let (notes, rows) = (Notes::new(), Rows::default());
        let mut factory = Arc::new(notes.mock(plan, layer.pause));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (start, told, done) = tracing::subscriber::with_default(rows.clone(), || {
            runtime.block_on(async {
                let (start, env) = (Instant::now(), TokioEnv::new());
                let asked = Arc::clone(&factory) as Arc<dyn ManagerFactory>;
                let told = (layer.drive)(World { env: env.clone(), cell: cell(), factory: asked }).await;
                (start, told, env.now())
            })
        });
        drop(runtime);
        let rows = rows.take();
        assert_all_panics_are_planned(plan, &rows, &told);
        Arc::get_mut(&mut factory).expect("nobody keeps the factory").mock.checkpoint();
        let calls = notes.asked.lock().unwrap().iter().map(|at| *at - start).collect();
        let places = notes.budget.taken();
        Self { plan: plan.to_vec(), calls, done, rows, told, places, notes }
    }

    pub(super) fn compare(self, expected: &Expected) {
        self.compare_times(expected);
        self.compare_rows(expected);
        self.compare_endings(expected);
        let Self { plan, told, notes, .. } = self;
        drop(told);
        assert_eq!(notes.budget.taken(), 0, "{plan:?}: places are kept for nobody");
    }

    pub(super) fn compare_times(&self, expected: &Expected) {
        assert_eq!(self.calls, expected.calls, "{:?}: one call for each attempt, each at its time", self.plan);
        assert_eq!(self.done, expected.done, "{:?}: no wait after the last attempt", self.plan);
    }

    pub(super) fn compare_rows(&self, expected: &Expected) {
        assert_eq!(self.rows, expected.rows, "{:?}: these rows in this order", self.plan);
    }

    pub(super) fn compare_endings(&self, expected: &Expected) {
        for told in &self.told {
            match (told, &expected.ending) {
                (Ok(manager), Ending::Manager) => assert_complete(manager),
                (Err(refusal), Ending::Refused { text, source }) => {
                    assert_eq!(
                        (&refusal.text, &refusal.source),
                        (text, source),
                        "{:?}: the one right error",
                        self.plan
                    );
                    self.compare_attempts(refusal, &expected.outcomes);
                }
                (Ok(_), refused) => panic!("{:?}: a manager in place of {refused:?}", self.plan),
                (Err(refusal), Ending::Manager) => panic!("{:?}: no manager but {refusal:?}", self.plan),
            }
        }
        assert_eq!(self.places, expected.places, "{:?}: places are taken for a manager alone", self.plan);
    }

    fn compare_attempts(&self, refusal: &Refusal, outcomes: &[Outcome]) {
        let numbers: Vec<u32> = refusal.attempts.iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers, [1, 2, 3], "{:?}: no attempt is forgotten", self.plan);
        for (attempt, outcome) in refusal.attempts.iter().zip(outcomes) {
            assert!(tells(&attempt.cause, *outcome), "{:?}: {outcome:?} is told as {attempt}", self.plan);
        }
    }
}

/// A mock that is asked once too often panics, and whoever retries takes that for one more failure. The log has its
/// words; so does the error, where it came to one.
fn assert_all_panics_are_planned(plan: &[Outcome], rows: &[String], told: &[Told]) {
    let errors = told.iter().filter_map(|told| told.as_ref().err()).map(|refusal| &refusal.text);
    for text in rows.iter().chain(errors) {
        for after in text.split("panicked: ").skip(1) {
            assert!(after.starts_with(&format!("{PLANNED};")), "{plan:?}: an unplanned panic: {after}");
        }
    }
}

/// Complete means usable: an event gets through to a receiver.
fn assert_complete(manager: &ManagerHandle) {
    manager.probe().unwrap();
    let mut client = Client::attach(manager, "proof");
    assert_eq!(manager.send_to_thread(&thread("proof"), event(1)), Sent::Delivered(1));
    assert_eq!(client.events().len(), 1);
}

/// The same manager, by use: what is sent through one arrives at a client of the other.
pub(super) fn assert_same(one: &ManagerHandle, other: &ManagerHandle) {
    let mut client = Client::attach(one, "both");
    assert_eq!(other.send_to_thread(&thread("both"), event(1)), Sent::Delivered(1));
    assert_eq!(client.events().len(), 1);
}
