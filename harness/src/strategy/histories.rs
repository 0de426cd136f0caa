//! What was told of requests, in order: runs of several threads, interleaved.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::*;

use super::Flaw;

/// Everything that was told, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The oldest first.
    pub told: Vec<Told>,
}

/// One thing that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// To whom: which thread, conversation, client. From 0.
    pub thread: usize,
    /// Of which run, request, job. From 0; no two threads share one.
    pub run: usize,
    /// What.
    pub what: Happened,
}

/// What can be told of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It was accepted: from here on its end is owed.
    Accepted,
    /// It goes on.
    Progress,
    /// It ended well. Terminal.
    Completed,
    /// It ended badly. Terminal.
    Failed,
}

impl Happened {
    /// Whether it is the last that may be told of a run.
    pub fn is_terminal(self) -> bool {
        matches!(self, Happened::Completed | Happened::Failed)
    }
}

/// How large histories are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistorySize {
    /// How many threads, at most; at least 1.
    pub threads: usize,
    /// How many runs. Where something is planted, at least one.
    pub runs: RangeInclusive<usize>,
    /// How often a run tells that it goes on, at most.
    pub progress: usize,
}

impl Default for HistorySize {
    /// Up to five runs in up to three threads, with up to three events each between acceptance and end.
    fn default() -> Self {
        HistorySize { threads: 3, runs: 0..=5, progress: 3 }
    }
}

/// Well-formed histories: each run is accepted once, then goes on, then ends once, all in one thread, beside all the others.
/// Shrinks to fewer runs that tell less, and towards one run after another.
///
/// ```
/// use nevernone::strategy::{Happened, HistorySize, Told, histories};
/// use proptest::test_runner::{TestError, TestRunner};
///
/// // A reader that takes the latest acceptance for the run of whatever comes next.
/// let searched = TestRunner::deterministic().run(&histories(&HistorySize::default()), |history| {
///     let mut latest = None;
///     for told in history.told {
///         if told.what == Happened::Accepted {
///             latest = Some(told.run);
///         }
///         assert_eq!(Some(told.run), latest);
///     }
///     Ok(())
/// });
/// let Err(TestError::Fail(_, least)) = searched else { panic!("two runs can go on at a time") };
/// assert_eq!(least.told.len(), 4, "two runs that are accepted and end: {least:?}");
/// ```
pub fn histories(size: &HistorySize) -> impl Strategy<Value = History> + use<> {
    stories(size).prop_map(|stories| History { told: stories })
}

/// What [`histories`] are made from.
pub(super) fn stories(size: &HistorySize) -> impl Strategy<Value = Vec<Told>> + use<> {
    let longest = size.runs.end() * (size.progress + 2);
    let run = (0..size.threads.max(1), 0..=size.progress, any::<bool>());
    let turns = vec(0..(*size.runs.end()).max(1), longest);
    (vec(run, size.runs.clone()), turns).prop_map(|(runs, turns)| {
        let mut left: Vec<Vec<Told>> = runs.into_iter().enumerate().map(|(run, shape)| life(run, shape)).collect();
        let mut told = Vec::new();
        for turn in turns {
            left.retain(|life| !life.is_empty());
            if left.is_empty() {
                break;
            }
            let place = turn % left.len();
            told.push(left[place].remove(0));
        }
        told
    })
}

/// A whole run.
fn life(run: usize, (thread, progress, failed): (usize, usize, bool)) -> Vec<Told> {
    let end = if failed { Happened::Failed } else { Happened::Completed };
    let middle = std::iter::repeat_n(Happened::Progress, progress);
    let life = std::iter::once(Happened::Accepted).chain(middle).chain([end]);
    life.map(|what| Told { thread, run, what }).collect()
}

impl History {
    /// What a thread was told, in order.
    pub fn of_thread(&self, thread: usize) -> impl Iterator<Item = Told> {
        self.told.iter().copied().filter(move |told| told.thread == thread)
    }

    /// The first thing that is wrong with it, and of which run; `None` where it is well-formed. Made for histories that
    /// somebody recorded, as well.
    ///
    /// ```
    /// use nevernone::strategy::{Flaw, Happened, History, Told};
    ///
    /// let told = |run, what| Told { thread: 0, run, what };
    /// let mut history = History { told: vec![told(0, Happened::Accepted), told(0, Happened::Progress)] };
    /// assert_eq!(history.flaw(), Some((0, Flaw::NoEnd)));
    /// history.told.push(told(0, Happened::Failed));
    /// assert_eq!(history.flaw(), None);
    /// history.told.push(told(0, Happened::Completed));
    /// assert_eq!(history.flaw(), Some((0, Flaw::EndedTwice)));
    /// ```
    pub fn flaw(&self) -> Option<(usize, Flaw)> {
        /// What is known of a run that was accepted.
        struct Known {
            thread: usize,
            ended: bool,
        }
        let mut runs: BTreeMap<usize, Known> = BTreeMap::new();
        for told in &self.told {
            let flaw = match (runs.get_mut(&told.run), told.what) {
                (None, Happened::Accepted) => {
                    runs.insert(told.run, Known { thread: told.thread, ended: false });
                    None
                }
                (None, _) => Some(Flaw::NotAccepted),
                (Some(_), Happened::Accepted) => Some(Flaw::AcceptedTwice),
                (Some(known), _) if known.thread != told.thread => Some(Flaw::OtherThread),
                (Some(known), what) if known.ended => {
                    Some(if what.is_terminal() { Flaw::EndedTwice } else { Flaw::AfterEnd })
                }
                (Some(known), what) => {
                    known.ended = what.is_terminal();
                    None
                }
            };
            if let Some(flaw) = flaw {
                return Some((told.run, flaw));
            }
        }
        runs.iter().find(|(_, known)| !known.ended).map(|(run, _)| (*run, Flaw::NoEnd))
    }
}
