//! Panics of spawned tasks that nobody saw before the run ended.

use super::Steps;
use crate::ending::{Ending, Failure};

impl Steps {
    /// A run in which a task panicked unseen has failed by that. Whoever awaited the task is forgiven where the run ended
    /// before its turn came; not where it never comes because the run is stuck, as the panic is the likely cause.
    pub(super) fn or_unseen_panic(&self, ending: Ending) -> Ending {
        let unseen = std::mem::take(&mut self.state.borrow_mut().spawned.unseen);
        let stuck = matches!(&ending, Ending::Failed(Failure { property, .. }) if property == "stuck");
        if ending != Ending::Passed && !stuck {
            return ending;
        }
        let told = unseen.into_iter().find(|panic| stuck || !panic.joiner.waits());
        told.map_or(ending, |panic| Ending::Failed(panic.failure))
    }
}
