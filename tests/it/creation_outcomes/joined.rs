//! Two consumers at once over one cell: each creation serves both, is told once, and counts as an attempt of both.

use std::time::Duration;

use futures_util::future::join;

use super::{
    Layer,
    outcomes::DEADLINE,
    retrying::{HURRIED_BRIDGE, bridge, through},
    sequences::check_all,
};

/// Each creation takes a while, in which the second bridge joins it.
pub(super) const JOINED: Layer = Layer {
    pause: Duration::from_millis(5),
    consumers: 2,
    drive: |world| {
        Box::pin(async move {
            let [one, two] = [bridge(&world), bridge(&world)].map(|bridge| bridge.with_attempt_deadline(DEADLINE));
            // Polled in this order each time, so that the rows have one order too.
            let (first, second) = join(through(&one), through(&two)).await;
            vec![first, second]
        })
    },
    ..HURRIED_BRIDGE
};

#[test]
fn whoever_joins_a_creation_is_given_what_its_owner_is_given() {
    check_all("two bridges over one cell", JOINED, 1_222);
}
