//! Panics of foreign code end here: a cell or a start stays whole whatever an initialiser, a phase, a destructor or a
//! waker does.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs foreign code; a panic becomes its message.
///
/// What `run` borrowed is not looked at again after a panic, only dropped: that is why it may be asserted unwind safe.
pub(crate) fn contain<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(message)
}

/// Drops what nobody wants any more, and swallows a panic of its destructor: the one who happens to drop it is a caller
/// that leaves, or one that already has an answer, and neither may be harmed. The panic hook has told about it.
pub(crate) fn discard<R>(unwanted: R) {
    let _ = contain(|| drop(unwanted));
}

fn message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => {
            let text =
                payload.downcast_ref::<&str>().map_or("a panic whose payload is no text", |text| *text).to_owned();
            // A payload may be any type, and its destructor may panic once more: leaked, on purpose.
            std::mem::forget(payload);
            text
        }
    }
}
