//! tokio's cooperative budget, used as a knife.
//!
//! tokio gives each poll a number of units; every operation of its own types that makes progress takes one, and the
//! operation that finds none left wakes its task and returns `Pending`. So a poll that begins with `k` units ends
//! after `k` operations, in unmodified code, on stable Rust (`coop::poll_proceed`, from tokio 1.47).

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::future::poll_fn;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use tokio::task::coop::{RestoreOnPending, poll_proceed};

thread_local! {
    /// Granted units, each at a number of units of its own, from a full budget down. One that is dropped brings back the
    /// budget that it was granted from: so any number of units is two steps away, and none has to be burnt.
    static GRANTED: RefCell<Vec<Option<RestoreOnPending>>> = const { RefCell::new(Vec::new()) };
}

/// Leaves `units` of a full budget, or all of it where it has no more; tells how many there are.
pub(super) fn leave(units: u32) -> u32 {
    let Some(place) = full().checked_sub(units.saturating_add(1)) else { return full() };
    GRANTED.with_borrow_mut(|granted| {
        if granted.is_empty() {
            granted.extend((0..full()).map(|_| grant()));
        }
        let slot = &mut granted[place as usize];
        drop(slot.take());
        *slot = grant();
    });
    units
}

fn grant() -> Option<RestoreOnPending> {
    match poll_proceed(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(unit) => Some(unit),
        Poll::Pending => None,
    }
}

/// How much was used since `given` units were there. What is left may be gone afterwards, so this is for the end of a step.
pub(super) fn used_of(given: u32) -> u32 {
    let counts = given <= FEW || !budget().told;
    given.saturating_sub(if counts { take(given) } else { look().unwrap_or(0) })
}

/// So many units are counted faster than tokio tells how many there are.
const FEW: u32 = 32;

/// A poll's whole budget; counted, because it is tokio's own affair and has changed before.
pub(super) fn full() -> u32 {
    budget().full
}

#[derive(Debug, Clone, Copy, Default)]
struct Budget {
    full: u32,
    /// Whether [`look`] tells the truth.
    told: bool,
}

/// Learnt once a process.
fn budget() -> Budget {
    static BUDGET: OnceLock<Budget> = OnceLock::new();
    *BUDGET.get_or_init(|| {
        // On a thread of its own: the caller may be inside a runtime already, which can neither nest nor be dropped.
        let learnt = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
            let in_one_poll = |learn: &dyn Fn() -> u32| runtime.handle().block_on(poll_fn(|_| Poll::Ready(learn())));
            let full = in_one_poll(&|| take(UNLIMITED));
            let told = in_one_poll(&|| {
                (0..=full).rev().take_while(|left| look() == Some(*left)).count().try_into().unwrap_or(0)
            });
            Some(Budget { full, told: told == full + 1 })
        });
        learnt.join().ok().flatten().unwrap_or_default()
    })
}

/// More than any budget: outside a budget every unit is granted, and counting must end all the same.
const UNLIMITED: u32 = 1 << 20;

/// Takes up to that many units, and tells how many there were.
fn take(units: u32) -> u32 {
    for taken in 0..units {
        let Some(unit) = grant() else { return taken };
        // Forgotten, so not given back: the same as `made_progress` and a drop, at a third of the time. It holds no
        // resource, only the number to go back to.
        std::mem::forget(unit);
    }
    units
}

/// What is left, as tokio tells it, and takes one unit. A granted unit remembers the budget before it, and shows it to who
/// debugs: reading that takes a fifth of the time of taking all units that are left. It is no promise of tokio's, so
/// it is believed only after it was compared with counting, at every number of units.
fn look() -> Option<u32> {
    let Some(unit) = grant() else { return Some(0) };
    let mut number = FirstNumber(None);
    // The error that ends the writing is our own.
    let _ = write!(number, "{unit:?}");
    std::mem::forget(unit);
    number.0
}

/// Takes the first number of a text that is written to it, and refuses to hear more.
struct FirstNumber(Option<u32>);

impl Write for FirstNumber {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            return Ok(());
        }
        self.0 = text.parse().ok();
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, budget, full, leave, take, used_of};

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
        // The second time through, each number is left from what the first time granted.
        for units in [0, 1, 5, FEW, FEW + 1, full() - 1, full(), full() + 1, u32::MAX].repeat(2) {
            let given = units.min(full());
            assert_eq!(in_budget(|| [leave(units), used_of(full())]), [given, full() - given]);
            assert_eq!(in_budget(|| [leave(units), take(1), used_of(given)]), [given, given.min(1), given.min(1)]);
        }
        assert_eq!(in_budget(|| used_of(full())), 0);
    }

    #[test]
    fn tokio_tells_what_is_left_and_counting_agrees() {
        assert!(budget().told, "slower, and right all the same: this tokio shows its budget in another way");
        for units in [0, 1, full() / 2, full()] {
            assert_eq!(
                in_budget(|| [take(units), used_of(full()), take(full())]),
                [units, units, full().saturating_sub(units + 1)]
            );
        }
    }
}
