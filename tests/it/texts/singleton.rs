//! What the callers of a cell can be told.

use nevernone_reference::singleton::{Cause, Failure};

#[test]
fn of_a_flight() {
    insta::assert_snapshot!(texts_of!(Cause<String> {
        Cause::Failed(_) => Cause::Failed("no ports left".to_owned()),
        Cause::Panicked(_) => Cause::Panicked("index out of bounds".to_owned()),
        Cause::Reentered => Cause::Reentered,
        Cause::Retired => Cause::Retired,
    }), @r"
    Cause::Failed(_): the initialiser returned an error; the cell is empty and the next call tries again
    Cause::Panicked(_): the initialiser panicked: index out of bounds; the cell is empty and the next call tries again
    Cause::Reentered: the initialiser asked for the value that it is making: pass what it needs as an argument instead
    Cause::Retired: the singleton was retired, probably by a shutdown: a second start needs a new one
    ");
    insta::assert_snapshot!(texts_of!(Failure<String> {
        Failure { .. } => Failure { generation: 3, attempt: 2, cause: Cause::Retired },
    }), @"Failure { .. }: the singleton is not initialised (generation 3, failed attempts so far: 2)");
}
