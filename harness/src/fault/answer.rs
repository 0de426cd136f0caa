//! The time that an answer takes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::run::context::{State, try_with, with};

/// Waits once, as for an answer that is on its way: whoever awaits it is woken from outside when the step has ended. So
/// there is one scheduling point at which the answer has not arrived yet, where a request, a cancellation or any
/// other task can come in between; no virtual time passes.
///
/// Can be sent, as production futures often must be.
#[derive(Default)]
pub(super) struct Answer {
    /// Among those that are on their way, from the first poll on.
    id: Option<u64>,
}

impl Future for Answer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let id = match self.id {
            Some(id) => id,
            None => with(State::next_id),
        };
        // Polled again within the step, by a combinator that polls everything: the answer is still on its way.
        let waiting = with(|state| state.upsets().forget_answer(id));
        if self.id.replace(id).is_some() && waiting.is_none() {
            return Poll::Ready(());
        }
        with(|state| state.upsets().await_answer(id, cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            // Its waker is dropped outside the state's borrow.
            let _waker = try_with(|state| state.upsets().forget_answer(id));
        }
    }
}
