//! The lane: tasks that the code under test gives to `tokio::spawn`, polled one at a time in tokio's own order.
//!
//! With `event_interval(1).global_queue_interval(1)`, `Runtime::block_on` of a future that is pending once and wakes
//! itself polls exactly one spawned task and lets no time pass. tokio's order: first what the steps of controlled tasks
//! woke, then what the lane and the clock woke, each first-in-first-out.
//!
//! What is in the queue: wakes of controlled steps go to the one queue whose length tokio tells; those of the lane and of
//! the clock go to another, which it does not tell. Whether something stands there is found out by polling, with a
//! *marker*: a task of our own that is put behind whatever is there. Where the marker is polled first, nothing was.
//!
//! tokio does not tell whether a panic ended its task, so one that the task caught itself fails the run all the same. A
//! task of `nevernone::spawn` may catch its own.

use std::cell::OnceCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::runtime::RuntimeMetrics;
use tokio::time::{Instant, sleep_until};

use super::host::{Advance, Host, SENTINEL};
use super::panics::{self, Caught};

/// tokio's timer wheel stops the clock at multiples of so many milliseconds even where no timer is due: there it moves
/// timers from a coarse level to a finer one.
const COARSE_MILLIS: u128 = 64;

/// The spawned tasks of one run.
pub(super) struct Lane {
    metrics: RuntimeMetrics,
    /// Spawned when it is first needed; it never ends.
    marker: OnceCell<Arc<Marker>>,
}

/// What a turn of the lane came to.
pub(super) struct LaneTurn {
    /// A spawned task was polled; otherwise none was ready.
    pub(super) polled: bool,
    /// A task panicked meanwhile.
    pub(super) panic: Option<Caught>,
}

impl Lane {
    pub(super) fn new(metrics: RuntimeMetrics) -> Self {
        Lane { metrics, marker: OnceCell::new() }
    }

    /// How many spawned tasks have not ended.
    pub(super) fn alive(&self) -> usize {
        self.metrics.num_alive_tasks().saturating_sub(usize::from(self.marker.get().is_some()))
    }

    /// How many spawned tasks the controlled steps have woken. Others may be ready as well.
    pub(super) fn queued(&self) -> usize {
        self.metrics.global_queue_depth()
    }

    /// Polls the next spawned task, if one is ready.
    async fn poll_one(&self) -> bool {
        // Where no spawned task was alive, time passed without a look at the queue, and the marker's turn came unseen.
        if let Some(marker) = self.marker.get() {
            marker.passed.store(false, Ordering::Relaxed);
        }
        loop {
            let (marker, behind_all) = self.place_marker();
            give_way().await;
            if !marker.passed.swap(false, Ordering::Relaxed) {
                return true;
            }
            if behind_all {
                return false;
            }
            // It stood there since an earlier turn, so others may stand behind it.
        }
    }

    /// Puts the marker behind all that is ready; `false` if it still stands in the queue. To be called within
    /// `Runtime::block_on`: elsewhere tokio would put it in front.
    fn place_marker(&self) -> (&Marker, bool) {
        if let Some(marker) = self.marker.get() {
            let waker = lock(&marker.waker).take();
            return (marker, waker.map(Waker::wake).is_some());
        }
        let marker = self.marker.get_or_init(Arc::default);
        drop(tokio::spawn(MarkerTask(Arc::clone(marker))));
        (marker, true)
    }
}

impl Host {
    /// Polls the next spawned task, if one is ready; time stands still.
    pub(super) fn poll_lane(&self) -> LaneTurn {
        let (polled, panic) = panics::watch(|| self.runtime.block_on(self.lane.poll_one()));
        LaneTurn { polled, panic }
    }

    /// Like `advance`, where spawned tasks may wait for timers. None of them may be ready, and none is polled, so that
    /// whoever comes first when the clock has moved is a choice; but see [`Advance::LanePolled`].
    pub(super) fn advance_beside_lane(&self, stop: Option<Duration>) -> (Advance, Option<Caught>) {
        panics::watch(|| self.runtime.block_on(self.next_wake(stop)))
    }

    async fn next_wake(&self, stop: Option<Duration>) -> Advance {
        let end = self.start + stop.unwrap_or(SENTINEL);
        let mut sentinel = pin!(sleep_until(end));
        while poll_fn(|cx| Poll::Ready(sentinel.as_mut().poll(cx).is_pending())).await {
            let before = Instant::now();
            // tokio's driver does not move the clock if it was woken since it parked last, as a new timer may do; parking
            // once without waiting clears that.
            give_way().await;
            self.unparked().await;
            let now = Instant::now();
            let stopped = before < now && now < end;
            let coarse = (now - self.start).as_millis().is_multiple_of(COARSE_MILLIS);
            if self.wakes.any() || (stopped && !coarse) {
                return Advance::Woken;
            }
            if stopped && self.lane.poll_one().await {
                return Advance::LanePolled;
            }
        }
        if stop.is_some() { Advance::Woken } else { Advance::Nothing }
    }

    /// Waits until the runtime has parked once, and is ready before any task that the park woke is polled.
    async fn unparked(&self) {
        let mut parked = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut parked, true) {
                return Poll::Ready(());
            }
            self.unpark.wake_with(cx.waker());
            Poll::Pending
        })
        .await;
    }
}

/// Wakes the hosting future when the runtime comes back from parking.
#[derive(Default)]
pub(super) struct Unpark(Mutex<Option<Waker>>);

impl Unpark {
    fn wake_with(&self, waker: &Waker) {
        *lock(&self.0) = Some(waker.clone());
    }

    /// Called by tokio whenever it was parked.
    pub(super) fn wake(&self) {
        let waker = lock(&self.0).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

fn lock(waker: &Mutex<Option<Waker>>) -> MutexGuard<'_, Option<Waker>> {
    // Nothing happens under the lock that could panic.
    waker.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets tokio poll one task.
async fn give_way() {
    let mut gave_way = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut gave_way, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A task that tells when the queue has come to it.
#[derive(Default)]
struct Marker {
    /// `None` while it stands in the queue.
    waker: Mutex<Option<Waker>>,
    /// Polled since somebody looked. Relaxed wherever it is used: a run's runtime stays on one thread, and it is atomic
    /// only because tokio wants its tasks `Send`.
    passed: AtomicBool,
}

struct MarkerTask(Arc<Marker>);

impl Future for MarkerTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        *lock(&self.0.waker) = Some(cx.waker().clone());
        self.0.passed.store(true, Ordering::Relaxed);
        Poll::Pending
    }
}
