//! Runs that were accepted and did not tell their end yet, and those that told it more than once.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::report::Place;

/// By run; a process that starts anew gives the same names again.
#[derive(Debug, Default)]
pub(super) struct Runs {
    open: HashMap<String, Vec<Place>>,
    /// Runs that were accepted and told their end since; of their names only the hash, for a log may have millions.
    ended: HashSet<u64>,
    accepted: u64,
}

impl Runs {
    pub(super) fn accept(&mut self, run: &str, place: Place) {
        self.accepted += 1;
        self.ended.remove(&hash(run));
        self.open.entry(run.to_owned()).or_default().push(place);
    }

    /// Whether it is the second end of a run that was accepted once. The end of one that was accepted before the log begins
    /// is no news.
    pub(super) fn end(&mut self, run: &str) -> bool {
        let Some(places) = self.open.get_mut(run) else {
            return self.ended.contains(&hash(run));
        };
        places.pop();
        if places.is_empty() {
            self.open.remove(run);
            self.ended.insert(hash(run));
        }
        false
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

fn hash(run: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    run.hash(&mut hasher);
    hasher.finish()
}
