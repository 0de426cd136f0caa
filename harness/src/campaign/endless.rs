//! Runs that do not end: when a search has seen enough of them.

/// What never ends often has an endless tree, a search in which a run was stopped is incomplete anyway, and people wait for
/// seconds, not minutes. So a search goes on for a while after its first run that was stopped, and no longer.
#[derive(Debug, Default)]
pub(super) struct Endless {
    /// The steps that the search had executed by the end of that run.
    first: Option<u64>,
}

impl Endless {
    /// A run was stopped; the search has executed that many steps, void runs included.
    pub(super) fn begins(&mut self, steps: u64) {
        self.first.get_or_insert(steps);
    }

    /// Whether to give the search up: it has gone on for as long as a hundred such runs take, a million steps at the most.
    pub(super) fn is_enough(&self, steps: u64, step_limit: u32) -> bool {
        let patience = (100 * u64::from(step_limit)).min(1_000_000);
        self.first.is_some_and(|first| steps - first >= patience)
    }
}
