//! Panics of foreign code end here: a cell or a start stays whole whatever an initialiser, a phase, a destructor or a
//! waker does.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

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

/// Wakes each of them, with no lock held. One that panics must not keep the others asleep, nor harm the one who happens to
/// wake it, which may be a destructor; the panic hook has told about it.
pub(crate) fn wake_each(wakers: impl IntoIterator<Item = Waker>) {
    for waker in wakers {
        let _ = contain(|| waker.wake());
    }
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

/// Wakers for the tests of whoever wakes several.
#[cfg(test)]
pub(crate) mod wakers {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    struct Bomb;

    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            std::panic::resume_unwind(Box::new("planned"));
        }
    }

    /// A waker that panics when it is woken.
    pub(crate) fn bomb() -> Waker {
        Waker::from(Arc::new(Bomb))
    }

    /// Counts how often it is woken.
    #[derive(Default)]
    pub(crate) struct Count(AtomicUsize);

    impl Count {
        pub(crate) fn woken(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}
