//! The first of two futures, without a task for either.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

/// Which future was first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Either<A, B> {
    First(A),
    Second(B),
}

/// The first to end. `first` is always polled first, and wins a tie: no coin is tossed, so the outcome is a function
/// of what the two do. `second` is not polled, and so registers nothing, when `first` is ready at once.
pub(crate) async fn race<A, B>(
    mut first: Pin<&mut (impl Future<Output = A> + ?Sized)>,
    mut second: Pin<&mut (impl Future<Output = B> + ?Sized)>,
) -> Either<A, B> {
    poll_fn(|context| {
        if let Poll::Ready(value) = first.as_mut().poll(context) {
            return Poll::Ready(Either::First(value));
        }
        second.as_mut().poll(context).map(Either::Second)
    })
    .await
}
