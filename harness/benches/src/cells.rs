//! A retryable cell, once for each tool's primitives: the same lines over `std`, shuttle's or loom's `Mutex`, and tokio's
//! `OnceCell`, which is written over its own primitives in tokio and again in shuttle's wrapper.
//!
//! Nobody is cancelled in these benches, so the cell of our own needs no guard that hands it on.

use std::future::{Future, poll_fn};
use std::task::Poll;

/// Asked for its value by callers that retry until they have it.
pub trait Retryable: Default + 'static {
    /// Gives the value, or makes it with `initialise` where no other caller is about to.
    ///
    /// # Errors
    /// What `initialise` says. The cell is empty then, and the next caller in line makes the value.
    fn get_or_try_init<F: Future<Output = Result<u32, ()>>>(
        &self,
        initialise: impl FnOnce() -> F,
    ) -> impl Future<Output = Result<u32, ()>>;
}

impl Retryable for tokio::sync::OnceCell<u32> {
    async fn get_or_try_init<F: Future<Output = Result<u32, ()>>>(
        &self,
        initialise: impl FnOnce() -> F,
    ) -> Result<u32, ()> {
        self.get_or_try_init(initialise).await.copied()
    }
}

impl Retryable for shuttle_tokio::sync::OnceCell<u32> {
    async fn get_or_try_init<F: Future<Output = Result<u32, ()>>>(
        &self,
        initialise: impl FnOnce() -> F,
    ) -> Result<u32, ()> {
        self.get_or_try_init(initialise).await.copied()
    }
}

/// Pending once: the one point inside an initialisation where others can come in between.
pub async fn others_come_in() {
    let mut pending = true;
    poll_fn(|context| {
        if std::mem::take(&mut pending) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

/// The cell over the `Mutex` of `$sync`.
macro_rules! cell_over {
    ($(#[$what:meta])* $tool:ident, $($sync:ident)::+) => {
        $(#[$what])*
        pub mod $tool {
            use std::future::{Future, poll_fn};
            use std::task::{Poll, Waker};

            use $($sync)::+::Mutex;

            /// The cell.
            #[derive(Default)]
            pub struct Cell(Mutex<State>);

            #[derive(Default)]
            struct State {
                value: Option<u32>,
                initialising: bool,
                waiting: Vec<Waker>,
            }

            impl super::Retryable for Cell {
                async fn get_or_try_init<F: Future<Output = Result<u32, ()>>>(
                    &self,
                    initialise: impl FnOnce() -> F,
                ) -> Result<u32, ()> {
                    let value = poll_fn(|context| {
                        let mut state = self.0.lock().unwrap();
                        if state.value.is_none() && state.initialising {
                            state.waiting.push(context.waker().clone());
                            return Poll::Pending;
                        }
                        state.initialising = state.value.is_none();
                        Poll::Ready(state.value)
                    })
                    .await;
                    if let Some(value) = value {
                        return Ok(value);
                    }
                    let made = initialise().await;
                    let waiting = {
                        let mut state = self.0.lock().unwrap();
                        state.initialising = false;
                        state.value = made.ok();
                        std::mem::take(&mut state.waiting)
                    };
                    waiting.into_iter().for_each(Waker::wake);
                    made
                }
            }
        }
    };
}

cell_over!(
    /// Over std's primitives, for nevernone.
    plain,
    std::sync
);
cell_over!(
    /// Over shuttle's primitives.
    shuttled,
    shuttle::sync
);
cell_over!(
    /// Over loom's primitives.
    loomed,
    loom::sync
);
