//! tokio's cooperative budget, used as a knife.
//!
//! tokio gives each poll a number of units; every operation of its own types that makes progress takes one, and the
//! operation that finds none left wakes its task and returns `Pending`. So a poll that begins with `k` units ends
//! after `k` operations, in unmodified code, on stable Rust (`coop::poll_proceed`, from tokio 1.47).

use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use tokio::task::coop::poll_proceed;

/// Leaves `units` of a full budget.
pub(super) fn leave(units: u32) {
    for _ in units..full() {
        if !take_one() {
            return;
        }
    }
}

/// Takes what is left of a full budget and tells how much had been used before.
pub(super) fn used() -> u32 {
    let full = full();
    let mut left = 0;
    while left < full && take_one() {
        left += 1;
    }
    full - left
}

/// A poll's whole budget; counted, because it is tokio's own affair and has changed before.
pub(super) fn full() -> u32 {
    static FULL: OnceLock<u32> = OnceLock::new();
    *FULL.get_or_init(|| {
        // On a thread of its own: the caller may be inside a runtime already, which can neither nest nor be dropped.
        let counted = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
            Some(runtime.handle().block_on(std::future::poll_fn(|_| Poll::Ready(count()))))
        });
        counted.join().ok().flatten().unwrap_or(0)
    })
}

/// More than any budget: outside a budget every unit is granted, and counting must end all the same.
const UNLIMITED: u32 = 1 << 20;

fn count() -> u32 {
    (0..UNLIMITED).take_while(|_| take_one()).count().try_into().unwrap_or(UNLIMITED)
}

fn take_one() -> bool {
    match poll_proceed(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(unit) => {
            // Forgotten, so not given back: the same as `made_progress` and a drop, at a third of the time. It holds
            // no resource, only the number to go back to.
            std::mem::forget(unit);
            true
        }
        Poll::Pending => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{full, leave, used};

    fn in_budget<R>(run: impl Fn() -> R) -> R {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.handle().block_on(std::future::poll_fn(|_| std::task::Poll::Ready(run())))
    }

    #[test]
    fn tokio_has_a_budget_and_it_is_counted() {
        assert!((2..1_000).contains(&full()), "{}", full());
    }

    #[test]
    fn what_is_left_plus_what_was_used_is_the_whole() {
        for units in [0, 1, 5] {
            assert_eq!(
                in_budget(|| {
                    leave(units);
                    used()
                }),
                full() - units
            );
        }
        assert_eq!(in_budget(used), 0);
    }
}
