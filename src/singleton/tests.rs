//! The contract, one sentence a test. Futures are polled by hand, so that each test decides who is polled when.

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
        Self {
            future: Box::pin(future),
            bell: Arc::default(),
        }
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

fn failure<T: std::fmt::Debug>(
    poll: Poll<Result<T, Arc<Failure<&'static str>>>>,
) -> Arc<Failure<&'static str>> {
    match poll {
        Poll::Ready(Err(failure)) => failure,
        other => panic!("expected a failure, got {other:?}"),
    }
}

#[test]
fn a_value_is_made_once_and_read_by_everybody() {
    let (cell, gate) = (Cell::new(), Gate::default());
    assert_eq!(cell.get(), None);
    let mut first = Task::new(cell.get_or_try_init(gate.init()));
    let mut second = Task::new(cell.get_or_try_init(gate.init()));
    assert!(first.poll().is_pending());
    assert!(second.poll().is_pending());
    assert_eq!(cell.get(), None, "nothing is visible before it is complete");
    gate.open(Ok(7));
    assert_eq!(
        (first.bell.rung(), second.bell.rung()),
        (1, 0),
        "only the driver is woken by the initialiser"
    );
    assert!(matches!(first.poll(), Poll::Ready(Ok(7))));
    assert_eq!(second.bell.rung(), 1);
    assert!(matches!(second.poll(), Poll::Ready(Ok(7))));
    assert_eq!(gate.counts(), (1, 2, 1), "made, polled, dropped");
    assert_eq!((cell.get(), cell.generation()), (Some(&7), 1));
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let (cell, gate) = (Cell::new(), Gate::default());
    drop(cell.get_or_try_init(gate.init()));
    assert_eq!((gate.counts(), cell.generation()), ((0, 0, 0), 0));
}

#[test]
fn a_dropped_driver_hands_the_unfinished_initialiser_over() {
    let (cell, gate, other) = (Cell::new(), Gate::default(), Gate::default());
    let mut first = Task::new(cell.get_or_try_init(gate.init()));
    let mut second = Task::new(cell.get_or_try_init(other.init()));
    assert!(first.poll().is_pending());
    assert!(second.poll().is_pending());
    drop(first);
    assert_eq!(
        second.bell.rung(),
        0,
        "the initialiser rests: there is nothing to wake the heir for"
    );
    gate.open(Ok(1));
    assert_eq!(second.bell.rung(), 1);
    assert!(matches!(second.poll(), Poll::Ready(Ok(1))));
    assert_eq!(
        (gate.counts(), other.counts()),
        ((1, 2, 1), (0, 0, 0)),
        "nothing was restarted"
    );
}

#[test]
fn a_caller_dropped_between_its_wake_up_and_its_poll_passes_the_wake_up_on() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut tasks: Vec<_> = (0..3)
        .map(|_| Task::new(cell.get_or_try_init(gate.init())))
        .collect();
    for task in &mut tasks {
        assert!(task.poll().is_pending());
    }
    gate.open(Ok(1));
    drop(tasks.remove(0));
    assert_eq!((tasks[0].bell.rung(), tasks[1].bell.rung()), (1, 0));
    drop(tasks.remove(0));
    assert_eq!(tasks[0].bell.rung(), 1);
    assert!(matches!(tasks[0].poll(), Poll::Ready(Ok(1))));
}

#[test]
fn a_waiter_that_leaves_disturbs_nobody() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut driver = Task::new(cell.get_or_try_init(gate.init()));
    let mut waiter = Task::new(cell.get_or_try_init(gate.init()));
    assert!(driver.poll().is_pending());
    assert!(waiter.poll().is_pending());
    drop(waiter);
    assert_eq!(driver.bell.rung(), 0);
    gate.open(Ok(1));
    assert!(matches!(driver.poll(), Poll::Ready(Ok(1))));
}

#[test]
fn the_last_caller_takes_the_initialiser_along_and_leaves_the_cell_empty() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut only = Task::new(cell.get_or_try_init(gate.init()));
    assert!(only.poll().is_pending());
    drop(only);
    assert_eq!(gate.counts(), (1, 1, 1));
    gate.wake();
    assert_eq!(cell.get_or_try_init_blocking(|| ready(Ok(2))).unwrap(), &2);
    assert_eq!(cell.generation(), 2);
}

#[test]
fn a_failure_is_shared_by_those_who_were_registered_and_the_next_caller_tries_again() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut tasks: Vec<_> = (0..3)
        .map(|_| Task::new(cell.get_or_try_init(gate.init())))
        .collect();
    for task in &mut tasks {
        assert!(task.poll().is_pending());
    }
    gate.open(Err("no memory"));
    let told = failure(tasks[0].poll());
    assert!(matches!(
        (told.generation, told.attempt, &told.cause),
        (1, 1, Cause::Failed("no memory"))
    ));
    // One starts again and succeeds before the others look: what they joined failed all the same.
    assert_eq!(cell.get_or_try_init_blocking(|| ready(Ok(5))).unwrap(), &5);
    assert!(Arc::ptr_eq(&told, &failure(tasks[1].poll())));
    drop(tasks);
    assert_eq!(
        Arc::strong_count(&told),
        1,
        "the cell keeps no failure that nobody can collect"
    );
    assert_eq!((gate.counts(), cell.generation()), ((1, 2, 1), 2));
}

#[test]
fn attempts_count_failures_and_generations_count_flights() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut abandoned = Task::new(cell.get_or_try_init(gate.init()));
    assert!(abandoned.poll().is_pending());
    drop(abandoned);
    for attempt in 1..=3 {
        let told = cell
            .get_or_try_init_blocking(|| ready(Err("down")))
            .unwrap_err();
        assert_eq!(
            (told.generation, told.attempt),
            (u64::from(attempt) + 1, attempt)
        );
    }
}

#[test]
fn a_panic_is_a_failure_wherever_the_initialiser_panics() {
    struct PanicsWhenDropped;
    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("in the destructor");
        }
    }
    let cell = Cell::new();
    let making =
        cell.get_or_try_init_blocking(|| -> std::future::Ready<_> { panic!("while making {}", 1) });
    let polling = cell.get_or_try_init_blocking(|| async { panic!("while polling") });
    let ending = cell.get_or_try_init_blocking(|| {
        let guard = PanicsWhenDropped;
        poll_fn(move |_| {
            let _kept = &guard;
            Poll::Ready(Ok(1))
        })
    });
    for (answer, place) in [
        (making, "while making 1"),
        (polling, "while polling"),
        (ending, "in the destructor"),
    ] {
        let told = failure(Poll::Ready(answer));
        assert!(
            matches!(&told.cause, Cause::Panicked(message) if message == place),
            "{told:?}"
        );
    }
    assert_eq!(cell.get(), None);
    assert_eq!(cell.get_or_try_init_blocking(|| ready(Ok(4))).unwrap(), &4);
}

#[test]
fn waiters_of_a_flight_that_panicked_are_told() {
    let (cell, gate) = (Arc::new(Cell::new()), Gate::default());
    let mut first = Task::new(cell.get_or_try_init(|| {
        let inner = gate.init()();
        async move { inner.await.map(|_| panic!("half way")) }
    }));
    let mut second = Task::new(cell.get_or_try_init(gate.init()));
    assert!(first.poll().is_pending());
    assert!(second.poll().is_pending());
    gate.open(Ok(0));
    let told = failure(first.poll());
    assert_eq!(second.bell.rung(), 1);
    assert!(Arc::ptr_eq(&told, &failure(second.poll())));
}

#[test]
fn re_entry_is_an_error_and_not_a_hang() {
    let cell = Arc::new(Singleton::<u32, String>::new());
    let (blocking, waiting) = (Arc::clone(&cell), Arc::clone(&cell));
    let answer = cell.get_or_try_init_blocking(move || async move {
        let inner = blocking
            .get_or_try_init_blocking(|| ready(Ok(1)))
            .unwrap_err();
        assert!(matches!(inner.cause, Cause::Reentered));
        let inner = waiting.get_or_try_init(|| ready(Ok(1))).await.unwrap_err();
        Err(inner.cause.to_string())
    });
    assert!(
        matches!(&answer.unwrap_err().cause, Cause::Failed(text) if text.contains("asked for the value"))
    );
    let making = Arc::clone(&cell);
    let answer = cell.get_or_try_init_blocking(|| {
        ready(Ok(making
            .get_or_try_init_blocking(|| ready(Ok(1)))
            .map_or(9, |v| *v)))
    });
    assert_eq!(
        answer.unwrap(),
        &9,
        "making the initialiser is re-entry as well, and it may recover"
    );
}

#[test]
fn the_destructor_of_an_abandoned_initialiser_may_use_the_cell_and_panic() {
    struct Rude(Arc<Cell>);
    impl Drop for Rude {
        fn drop(&mut self) {
            assert_eq!(
                self.0.get_or_try_init_blocking(|| ready(Ok(3))).unwrap(),
                &3
            );
            panic!("a destructor's panic, on purpose");
        }
    }
    let cell = Arc::new(Cell::new());
    let rude = Rude(Arc::clone(&cell));
    let mut task = Task::new(cell.get_or_try_init(|| async move {
        let _rude = rude;
        pending().await
    }));
    assert!(task.poll().is_pending());
    drop(task);
    assert_eq!(cell.get(), Some(&3));
}

#[test]
fn retirement_ends_the_value_the_flight_and_every_later_call() {
    let filled = Cell::new();
    let kept = filled.get_or_try_init_blocking(|| ready(Ok(8))).unwrap();
    filled.retire();
    assert_eq!((filled.get(), kept, filled.is_retired()), (None, &8, true));

    let (cell, gate) = (Cell::new(), Gate::default());
    let mut driver = Task::new(cell.get_or_try_init(gate.init()));
    let mut waiter = Task::new(cell.get_or_try_init(gate.init()));
    assert!(driver.poll().is_pending());
    assert!(waiter.poll().is_pending());
    cell.retire();
    assert_eq!(
        (gate.counts(), driver.bell.rung(), waiter.bell.rung()),
        ((1, 1, 1), 1, 1)
    );
    gate.open(Ok(1));
    for task in [&mut driver, &mut waiter] {
        assert!(matches!(failure(task.poll()).cause, Cause::Retired));
    }
    let late = cell.get_or_try_init_blocking(gate.init()).unwrap_err();
    assert!(matches!(
        (late.generation, late.attempt, &late.cause),
        (1, 0, Cause::Retired)
    ));
}

#[test]
fn an_initialiser_that_retires_its_own_cell_publishes_nothing() {
    let cell = Arc::new(Cell::new());
    let inner = Arc::clone(&cell);
    let answer = cell.get_or_try_init_blocking(move || async move {
        inner.retire();
        Ok(1)
    });
    assert!(matches!(answer.unwrap_err().cause, Cause::Retired));
    assert_eq!(cell.get(), None);
}

#[test]
fn the_initialiser_wakes_one_caller_once_for_each_poll() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut tasks: Vec<_> = (0..4)
        .map(|_| Task::new(cell.get_or_try_init(gate.init())))
        .collect();
    for task in &mut tasks {
        assert!(task.poll().is_pending());
    }
    for _ in 0..3 {
        gate.wake();
    }
    let rung = |tasks: &[Task<'_>]| {
        tasks
            .iter()
            .map(|task| task.bell.rung())
            .collect::<Vec<_>>()
    };
    assert_eq!(rung(&tasks), [1, 0, 0, 0]);
    // Another one happens to be polled first: it drives from now on, and the one that was woken only waits.
    assert!(tasks[2].poll().is_pending());
    assert!(tasks[0].poll().is_pending());
    assert_eq!(gate.counts(), (1, 2, 0));
    gate.wake();
    assert_eq!(rung(&tasks), [1, 0, 1, 0]);
    gate.with(|state| state.outcome = Some(Ok(1)));
    assert!(matches!(tasks[2].poll(), Poll::Ready(Ok(1))));
    assert_eq!(
        rung(&tasks),
        [2, 1, 1, 1],
        "the end wakes everybody else, once"
    );
}

#[test]
fn a_poll_nobody_asked_for_does_not_reach_the_initialiser() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut task = Task::new(cell.get_or_try_init(gate.init()));
    for _ in 0..3 {
        assert!(task.poll().is_pending());
    }
    assert_eq!(gate.counts(), (1, 1, 0));
}

#[test]
fn an_initialiser_that_wakes_itself_is_polled_again() {
    let cell = Cell::new();
    let mut task = Task::new(cell.get_or_try_init(|| {
        let mut polls = 0;
        poll_fn(move |context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls < 3 {
                Poll::Pending
            } else {
                Poll::Ready(Ok(polls))
            }
        })
    }));
    assert!(task.poll().is_pending());
    assert!(task.poll().is_pending());
    assert_eq!(task.bell.rung(), 2);
    assert!(matches!(task.poll(), Poll::Ready(Ok(3))));
    assert_eq!(
        task.bell.rung(),
        2,
        "a wake-up during the last poll disturbs nobody"
    );
}

#[test]
fn blocking_and_async_callers_share_a_flight() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut task = Task::new(cell.get_or_try_init(gate.init()));
    assert!(task.poll().is_pending());
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| cell.get_or_try_init_blocking(gate.init()).copied().unwrap());
        let blocked_too =
            scope.spawn(|| cell.get_or_try_init_blocking(gate.init()).copied().unwrap());
        // Whether they registered before or after this, or drive, or start anew, there is one value.
        gate.open(Ok(6));
        drop(task);
        gate.with(|state| state.outcome = Some(Ok(6)));
        gate.wake();
        assert_eq!(
            (blocked.join().unwrap(), blocked_too.join().unwrap()),
            (6, 6)
        );
    });
}

#[test]
fn the_value_is_dropped_once_with_the_cell() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    for retired in [false, true] {
        let drops = Arc::new(AtomicUsize::new(0));
        let cell = Singleton::<Counted, ()>::new();
        let value = Counted(Arc::clone(&drops));
        assert!(cell.get_or_try_init_blocking(|| ready(Ok(value))).is_ok());
        if retired {
            cell.retire();
        }
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        drop(cell);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn futures_and_cells_cross_threads() {
    fn crosses<T: Send>(_: &T) {}
    let cell = Cell::new();
    crosses(&cell);
    crosses(&&cell);
    let future = pin!(cell.get_or_try_init(|| ready(Ok(1))));
    crosses(&future);
}

/// 64 threads; each flight's outcome is a function of its generation: two flights fail, one panics, the next succeeds.
#[test]
fn sixty_four_threads_agree() {
    for _ in 0..50 {
        let (cell, made) = (Singleton::<u64, u64>::new(), AtomicUsize::new(0));
        let barrier = std::sync::Barrier::new(64);
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    barrier.wait();
                    hammer(&cell, &made);
                });
            }
        });
        assert_eq!(
            (made.load(Ordering::SeqCst), cell.generation(), cell.get()),
            (4, 4, Some(&4))
        );
    }
}

fn hammer(cell: &Singleton<u64, u64>, made: &AtomicUsize) {
    let mut last = 0;
    loop {
        let answer = cell.get_or_try_init_blocking(|| {
            let generation = made.fetch_add(1, Ordering::SeqCst) as u64 + 1;
            let mut yields = generation;
            poll_fn(move |context| {
                if yields > 0 {
                    yields -= 1;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                match generation {
                    3 => std::panic::panic_any("planned"),
                    4 => Poll::Ready(Ok(generation)),
                    _ => Poll::Ready(Err(generation)),
                }
            })
        });
        match answer {
            Ok(value) => {
                assert_eq!((value, cell.get()), (&4, Some(value)));
                return;
            }
            Err(failure) => {
                assert!(failure.generation > last, "a failure answers a caller once");
                last = failure.generation;
                assert_eq!(
                    u64::from(failure.attempt),
                    failure.generation,
                    "nobody left, so each flight was an attempt"
                );
                match &failure.cause {
                    Cause::Failed(told) => assert_eq!(*told, failure.generation),
                    Cause::Panicked(message) => {
                        assert_eq!((message.as_str(), failure.generation), ("planned", 3))
                    }
                    other => panic!("nobody retired or re-entered, yet {other}"),
                }
            }
        }
    }
}
