//! A future that waits until a thread of the model opens it.

use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};

use loom::sync::{Arc, Mutex, MutexGuard};

/// Closed until [`open`](Gate::open); a future that ends then. It stands for whatever an initialiser waits for.
///
/// Built on loom's mutex, so that what the opener did before happened before the future's end. One task waits at a time: of
/// two, the later one's waker replaces the other's.
///
/// ```
/// # fn main() {
/// use nevernone::loom::{Gate, OnceCell};
///
/// loom::model(|| {
///     let (pool, connected) = (OnceCell::new(), Gate::new());
///     let network = connected.clone();
///     let network = loom::thread::spawn(move || network.open());
///     let connect = || async {
///         connected.await;
///         "a pool"
///     };
///     assert_eq!(loom::future::block_on(pool.get_or_init(connect)), &"a pool");
///     network.join().unwrap();
/// });
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Gate(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    open: bool,
    waker: Option<Waker>,
}

impl Gate {
    /// A closed gate. Inside a model only, as everything of loom's.
    #[expect(clippy::new_without_default, reason = "a gate belongs to a model: no type should make one unasked")]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State { open: false, waker: None })))
    }

    /// Opens it, for good.
    pub fn open(&self) {
        let waker = {
            let mut state = self.state();
            state.open = true;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Future for Gate {
    type Output = ();

    /// Cancel safe: dropping it closes nothing.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Foreign code: not under the lock, nor the former one's destructor.
        let waker = context.waker().clone();
        let former = {
            let mut state = self.state();
            if state.open {
                return Poll::Ready(());
            }
            state.waker.replace(waker)
        };
        drop(former);
        Poll::Pending
    }
}
