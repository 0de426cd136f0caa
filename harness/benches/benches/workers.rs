//! How much two threads get done beside one: each searches the same tree on its own, so whatever they share (the panic
//! hook, tokio's counters, the allocator) shows as less than twice as much. This is the most that worker threads which
//! divide one tree can reach on this machine.

use std::thread;
use std::time::Instant;

use nevernone::campaign::{Options, check};
use nevernone_benches::callers::Case;
use nevernone_benches::tools::{Failing, scenario};
use tokio::sync::OnceCell;

/// Executions of one search.
const EXECUTIONS: u64 = 100_000;
/// The best of so many, since other work on the machine only ever takes away.
const ROUNDS: u32 = 5;

fn main() {
    let best = |threads: u32| (0..ROUNDS).map(|_| executions_per_second(threads)).fold(0.0, f64::max);
    executions_per_second(1);
    let (one, two) = (best(1), best(2));
    println!("one thread {one:.0} executions/s, two {two:.0}: {:.2} times as many", two / one);
}

fn executions_per_second(threads: u32) -> f64 {
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let scenario = scenario::<OnceCell<u32>>(Case { callers: 6, failures: 6 }, Failing::Chosen);
                let report = check(&scenario, &Options { max_executions: Some(EXECUTIONS), ..Options::default() });
                assert_eq!(report.executions, EXECUTIONS);
            });
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let executions = EXECUTIONS as f64;
    executions * f64::from(threads) / started.elapsed().as_secs_f64()
}
