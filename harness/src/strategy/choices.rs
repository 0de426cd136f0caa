//! Schedules, whole choice sequences, and the runs that these stand for.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::campaign::{self, SingleRun};
use crate::ending::Ending;
use crate::explore::{Bounds, Bytes};
use crate::scenario::Scenario;

/// Schedules of at most that many draws; the rest is first-come-first-served.
pub fn schedules(draws: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![4 => Just(0_u8), 1 => any::<u8>()], 0..=draws)
}

/// How long choice sequences are, and how far from the simplest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequences {
    /// Draws from the beginning that may be answered otherwise than by the simplest alternative; at least 1.
    pub draws: usize,
    /// How many of them are, at most.
    pub deviations: usize,
}

/// Whole choice sequences, for [`Bytes`](crate::explore::Bytes) and for a fuzzer's body: every draw is answered by the
/// simplest alternative but for a few, wherever those are. Shrinks to fewer of them, and then to simpler answers; each stays
/// where it is, so that what is left means what it meant before.
///
/// ```
/// use nevernone::strategy::{Sequences, choice_sequences};
/// use proptest::test_runner::{TestError, TestRunner};
///
/// let sequences = choice_sequences(Sequences { draws: 40, deviations: 6 });
/// let searched = TestRunner::deterministic().run(&sequences, |bytes| {
///     assert!(bytes.iter().skip(20).all(|byte| *byte < 3));
///     Ok(())
/// });
/// let Err(TestError::Fail(_, least)) = searched else { panic!("some differ after the first twenty") };
/// let (last, simplest) = least.split_last().unwrap();
/// assert!(*last == 3 && simplest.len() >= 20 && simplest.iter().all(|byte| *byte == 0), "{least:?}");
/// ```
pub fn choice_sequences(size: Sequences) -> impl Strategy<Value = Vec<u8>> {
    let deviation = ((0..size.draws.max(1)).no_shrink(), 1..=u8::MAX);
    vec(deviation, 0..=size.deviations).prop_map(|deviations| {
        let mut bytes = Vec::new();
        for (position, answer) in deviations {
            if bytes.len() <= position {
                bytes.resize(position + 1, 0);
            }
            bytes[position] = answer;
        }
        bytes
    })
}

/// Runs of a scenario within these bounds, each executed when it is generated, and again when it is shrunk. The few sequences
/// that leave no step to take are passed over. Shrinks as [`choice_sequences`] do.
///
/// For whatever has to hold of each run, and of what belongs to it: its token, its tally, its length.
///
/// ```
/// use nevernone::explore::Bounds;
/// use nevernone::strategy::{Sequences, runs};
/// use nevernone::{Ending, Scenario, fault};
/// use proptest::prelude::*;
///
/// let scenario = Scenario::new("three attempts", || async {
///     let failed = (1..=3).take_while(|_| fault("connect", &["refused", "late"]).is_some()).count();
///     nevernone::event(if failed < 3 { "connected" } else { "gave up" });
/// });
/// let size = Sequences { draws: 12, deviations: 4 };
/// proptest!(|(run in runs(&scenario, Bounds::default(), size))| {
///     prop_assert_eq!(&run.ending, &Ending::Passed, "replay: {}", run.token);
///     // Within these bounds two faults fire at most, so that it never gives up.
///     prop_assert!(run.tally.faults.iter().map(|fault| fault.fired).sum::<u64>() <= 2);
/// });
/// ```
///
/// # Panics
/// Where a value is generated within a tokio runtime, or within a run.
pub fn runs(scenario: &Scenario, bounds: Bounds, size: Sequences) -> impl Strategy<Value = SingleRun> + use<> {
    let scenario = scenario.clone();
    choice_sequences(size).prop_filter_map("the sequence leaves no step to take", move |bytes| {
        let run = campaign::run_once(&scenario, Bytes::new(bytes, bounds));
        run.filter(|run| !matches!(run.ending, Ending::Void { .. }))
    })
}
