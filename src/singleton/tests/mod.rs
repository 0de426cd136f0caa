//! The contract, one sentence a test. Futures are polled by hand, so that each test decides who is polled when.

mod failures;
mod hammer;
mod handover;
mod retirement;
mod value;
mod wakes;

use std::future::{pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use super::{Cause, Failure, Singleton};

type Cell = Singleton<u32, &'static str>;
type Answer<'a> = Result<&'a u32, Arc<Failure<&'static str>>>;

/// Counts how often it was woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Bell {
    fn rung(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A task polled by hand.
struct Task<'a> {
    future: Pin<Box<dyn Future<Output = Answer<'a>> + 'a>>,
    bell: Arc<Bell>,
}

impl<'a> Task<'a> {
    fn new(future: impl Future<Output = Answer<'a>> + 'a) -> Self {
        Self { future: Box::pin(future), bell: Arc::default() }
    }

    fn poll(&mut self) -> Poll<Answer<'a>> {
        let waker = Waker::from(Arc::clone(&self.bell));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

/// An initialiser whose end the test decides, and which counts what happens to it.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<GateState>>);

#[derive(Default)]
struct GateState {
    made: usize,
    polls: usize,
    dropped: usize,
    outcome: Option<Result<u32, &'static str>>,
    waker: Option<Waker>,
}

struct Gated(Gate);

impl Gate {
    fn init(&self) -> impl FnOnce() -> Gated + use<> {
        let gate = self.clone();
        move || {
            gate.with(|state| state.made += 1);
            Gated(gate)
        }
    }

    fn with<R>(&self, look: impl FnOnce(&mut GateState) -> R) -> R {
        look(&mut self.0.lock().unwrap())
    }

    fn wake(&self) {
        if let Some(waker) = self.with(|state| state.waker.clone()) {
            waker.wake();
        }
    }

    fn open(&self, outcome: Result<u32, &'static str>) {
        self.with(|state| state.outcome = Some(outcome));
        self.wake();
    }

    fn counts(&self) -> (usize, usize, usize) {
        self.with(|state| (state.made, state.polls, state.dropped))
    }
}

impl Future for Gated {
    type Output = Result<u32, &'static str>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.with(|state| {
            state.polls += 1;
            state.waker = Some(context.waker().clone());
            state.outcome.take().map_or(Poll::Pending, Poll::Ready)
        })
    }
}

impl Drop for Gated {
    fn drop(&mut self) {
        self.0.with(|state| state.dropped += 1);
    }
}

fn failure<T: std::fmt::Debug>(poll: Poll<Result<T, Arc<Failure<&'static str>>>>) -> Arc<Failure<&'static str>> {
    match poll {
        Poll::Ready(Err(failure)) => failure,
        other => panic!("expected a failure, got {other:?}"),
    }
}
