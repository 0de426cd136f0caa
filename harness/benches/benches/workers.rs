//! How much sooner two workers end a search than one: the engine's own, which divide one tree into units. Tries alternate,
//! so that what else runs on the machine takes from both; the processor's time tells how much more the two do in all.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use nevernone::Verdict;
use nevernone::campaign::{Options, check};
use nevernone_benches::callers::Case;
use nevernone_benches::tools::{Failing, scenario};
use tokio::sync::OnceCell;

/// The best of so many counts, since other work on the machine only ever takes away.
const TRIES: u32 = 7;

/// What one search took.
#[derive(Clone, Copy)]
struct Took {
    clock: Duration,
    processor: Duration,
}

fn main() {
    let mut best = [Took { clock: Duration::MAX, processor: Duration::MAX }; 2];
    search(1);
    for attempt in 1..=TRIES {
        let took = [search(1), search(2)];
        for (best, took) in best.iter_mut().zip(took) {
            best.clock = best.clock.min(took.clock);
            best.processor = best.processor.min(took.processor);
        }
        print(&format!("try {attempt}"), took);
    }
    print("best", best);
}

fn print(what: &str, [one, two]: [Took; 2]) {
    let ratio = |one: Duration, two: Duration| one.as_secs_f64() / two.as_secs_f64();
    println!(
        "{what}: one worker {:.2?}, two {:.2?}: {:.2} times as fast, with {:.2} times the processor's time",
        one.clock,
        two.clock,
        ratio(one.clock, two.clock),
        ratio(two.processor, one.processor)
    );
}

fn search(jobs: usize) -> Took {
    let scenario = scenario::<OnceCell<u32>>(Case { callers: 4, failures: 3 }, Failing::Chosen);
    let (started, processor) = (Instant::now(), ProcessTime::now());
    let report = check(&scenario, &Options { jobs: NonZeroUsize::new(jobs), ..Options::default() });
    assert_eq!(report.verdict, Verdict::Verified);
    Took { clock: started.elapsed(), processor: processor.elapsed() }
}
