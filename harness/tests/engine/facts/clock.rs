//! The paused clock.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::{Instant, advance, sleep, sleep_until};

use super::{Wakes, in_step, pass, paused, poll};

/// The engine's sentinel: two years.
const SENTINEL: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);

#[test]
fn it_moves_to_the_next_timer_and_no_further() {
    let runtime = paused();
    runtime.block_on(async {
        let start = Instant::now();
        let far = sleep(Duration::from_millis(70));
        sleep(Duration::from_millis(5)).await;
        assert_eq!(start.elapsed(), Duration::from_millis(5));
        far.await;
        assert_eq!(start.elapsed(), Duration::from_millis(70));
    });
}

#[test]
fn a_timer_that_was_set_in_handle_block_on_fires_in_runtime_block_on() {
    let (runtime, wakes) = (paused(), Arc::<Wakes>::default());
    let mut timer = pin!(in_step(&runtime, || sleep(Duration::from_millis(5))));
    assert!(in_step(&runtime, || poll(timer.as_mut(), &wakes)).is_pending());
    assert_eq!(wakes.seen(), 0);
    pass(&runtime, Duration::from_millis(5));
    assert_eq!(wakes.seen(), 1);
    assert!(in_step(&runtime, || poll(timer.as_mut(), &wakes)).is_ready());
}

#[test]
fn handle_block_on_lets_no_time_pass() {
    let runtime = paused();
    let start = in_step(&runtime, Instant::now);
    let mut timer = pin!(in_step(&runtime, || sleep(Duration::from_millis(5))));
    for _ in 0..100 {
        assert!(in_step(&runtime, || poll(timer.as_mut(), &Arc::default())).is_pending());
    }
    assert_eq!(in_step(&runtime, Instant::now), start);
}

#[test]
fn the_sentinel_lies_within_the_wheel_and_beyond_other_timers() {
    let (runtime, wakes) = (paused(), Arc::<Wakes>::default());
    let start = in_step(&runtime, Instant::now);
    let mut year = pin!(in_step(&runtime, || sleep(SENTINEL / 2)));
    assert!(in_step(&runtime, || poll(year.as_mut(), &wakes)).is_pending());
    runtime.block_on(async { sleep_until(start + SENTINEL).await });
    // A deadline beyond the wheel's longest is moved to that, so it would fire early.
    assert_eq!((in_step(&runtime, Instant::now) - start, wakes.seen()), (SENTINEL, 1));
    let longest = Duration::from_millis(1 << 36);
    assert!(SENTINEL < longest, "a wheel of six levels of 64 slots holds 2^36 ms");
}

#[test]
fn timers_of_a_fresh_runtime_are_a_function_of_the_sequence_and_those_of_a_used_one_are_not() {
    for _ in 0..3 {
        assert!(!fire_together(&paused()));
    }
    let used = paused();
    used.block_on(advance(Duration::from_micros(500)));
    // Deadlines are rounded up to milliseconds since the runtime was made: 1.5 and 1.9 are both 2.
    assert!(fire_together(&used));
}

/// Whether 1 ms and 1.4 ms end at the same movement of the clock.
fn fire_together(runtime: &Runtime) -> bool {
    let (sooner, later) = (Arc::<Wakes>::default(), Arc::<Wakes>::default());
    let [mut short, mut long] =
        [1_000, 1_400].map(|micros| in_step(runtime, || Box::pin(sleep(Duration::from_micros(micros)))));
    assert!(in_step(runtime, || poll(short.as_mut(), &sooner)).is_pending());
    assert!(in_step(runtime, || poll(long.as_mut(), &later)).is_pending());
    runtime.block_on(short);
    later.seen() > 0
}
