//! An initialiser that waits until a thread of the model opens its gate.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use loom::sync::{Arc, Mutex};

/// Closed until `open`. Built on loom's mutex, so that whatever the opener did happened before the initialiser's end.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Mutex<State>>);

struct State {
    open: bool,
    waker: Option<Waker>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { open: false, waker: None })))
    }

    pub(crate) fn open(&self) {
        let waker = {
            let mut state = self.0.lock().unwrap();
            state.open = true;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Future for Gate {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let former;
        let mut state = self.0.lock().unwrap();
        if state.open {
            return Poll::Ready(());
        }
        former = state.waker.replace(context.waker().clone());
        drop(state);
        drop(former);
        Poll::Pending
    }
}
