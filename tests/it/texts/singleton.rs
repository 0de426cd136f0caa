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
    ");
    insta::assert_snapshot!(texts_of!(Failure<String> {
        Failure { .. } => Failure { generation: 3, attempt: 2, cause: Cause::Retired },
    }), @r"
    ");
}
