//! What `select!` calls: where it starts, and whether there is budget.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::task::{Context, Poll};

use ::tokio::task::coop::poll_proceed;

use crate::choice::{Alternatives, Cost, Kind, Label};
use crate::run::context::try_with;

/// The output of one of several branches, or of none.
#[derive(Debug)]
pub enum Either<A, B> {
    /// Of this one.
    This(A),
    /// Of one of those that stand behind it.
    Later(B),
}

/// As tokio's own: without budget the futures would wait anyway, and other futures would not.
pub fn budget(cx: &mut Context<'_>) -> Poll<()> {
    poll_proceed(cx).map(drop)
}

/// The branch that is polled first, among those that are not disabled: in a run an answer of the explorer, elsewhere a
/// random one. Starting at a disabled branch is starting at the next that is not.
pub fn start(disabled: u64, branches: u32) -> u32 {
    let enabled = || (0..branches).filter(|branch| disabled & 1 << branch == 0);
    let count = u32::try_from(enabled().count()).unwrap_or(u32::MAX);
    let branch = |first: u32| enabled().nth(first as usize).unwrap_or(0);
    if count < 2 {
        return branch(0);
    }
    let drawn = try_with(|state| {
        let label = Label { kind: Kind::Value, name: "select" };
        let first = branch(state.draw(label, Alternatives::FirstFree { arity: count, rest: Cost::Free }));
        state.note(|| format!("select! begins with branch {first}"));
        first
    });
    drawn.unwrap_or_else(|| branch(random(count)))
}

/// The branch whose turn it is. A function, since lints would look at the arithmetic where the macro is used.
pub fn branch(start: u32, turn: u32, branches: u32) -> u32 {
    (start + turn) % branches
}

/// Below `count`. Nothing hangs on how good it is; what tokio uses can be had with its feature `macros` alone.
fn random(count: u32) -> u32 {
    thread_local! {
        static NUMBERS: Cell<u64> = Cell::new(RandomState::new().hash_one(0));
    }
    // The steps of Weyl's sequence, mixed: the generator called SplitMix64.
    let weyl = NUMBERS.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    NUMBERS.set(weyl);
    let mixed = (weyl ^ weyl >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    let below = (u128::from(mixed ^ mixed >> 31) * u128::from(count)) >> 64;
    u32::try_from(below).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{random, start};

    #[test]
    fn every_number_below_is_as_likely() {
        let mut seen = [0; 5];
        (0..5_000).for_each(|_| seen[random(5) as usize] += 1);
        assert!(seen.iter().all(|times| (800..1_200).contains(times)), "{seen:?}");
    }

    #[test]
    fn a_start_is_never_a_disabled_branch() {
        for disabled in 0..0b1111 {
            let start = start(disabled, 4);
            assert!(start < 4 && disabled & 1 << start == 0, "{disabled:04b}: {start}");
        }
    }
}
