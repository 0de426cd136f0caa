//! Runs that were accepted and did not tell their end yet.

use std::collections::HashMap;

use super::report::Place;

/// By run; a process that starts anew gives the same names again.
#[derive(Debug, Default)]
pub(super) struct Runs {
    open: HashMap<String, Vec<Place>>,
    accepted: u64,
}

impl Runs {
    pub(super) fn accept(&mut self, run: &str, place: Place) {
        self.accepted += 1;
        self.open.entry(run.to_owned()).or_default().push(place);
    }

    /// The end of a run that was accepted before the log begins is no news.
    pub(super) fn end(&mut self, run: &str) {
        if let Some(places) = self.open.get_mut(run) {
            places.pop();
            if places.is_empty() {
                self.open.remove(run);
            }
        }
    }

    pub(super) fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Those that are left, in the order of the log.
    pub(super) fn left(self) -> Vec<(Place, String)> {
        let open = self.open.into_iter();
        let mut left: Vec<_> =
            open.flat_map(|(run, places)| places.into_iter().map(move |place| (place, run.clone()))).collect();
        left.sort();
        left
    }
}
