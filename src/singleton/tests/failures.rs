//! Errors, panics, re-entry.

use super::*;

#[test]
fn a_failure_is_shared_by_those_who_were_registered_and_the_next_caller_tries_again() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut tasks: Vec<_> = (0..3).map(|_| Task::new(cell.get_or_try_init(gate.init()))).collect();
    for task in &mut tasks {
        assert!(task.poll().is_pending());
    }
    gate.open(Err("no memory"));
    let told = failure(tasks[0].poll());
    assert!(matches!((told.generation, told.attempt, &told.cause), (1, 1, Cause::Failed("no memory"))));
    // One starts again and succeeds before the others look: what they joined failed all the same.
    assert_eq!(cell.get_or_try_init_blocking(|| ready(Ok(5))).unwrap(), &5);
    assert!(Arc::ptr_eq(&told, &failure(tasks[1].poll())));
    drop(tasks);
    assert_eq!(Arc::strong_count(&told), 1, "the cell keeps no failure that nobody can collect");
    assert_eq!((gate.counts(), cell.generation()), ((1, 2, 1), 2));
}

#[test]
fn a_failure_that_one_caller_was_told_is_kept_nowhere() {
    let cell = Cell::new();
    let told = failure(Poll::Ready(cell.get_or_try_init_blocking(|| ready(Err("down")))));
    assert_eq!(Arc::strong_count(&told), 1);
}

#[test]
fn attempts_count_failures_and_generations_count_flights() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut abandoned = Task::new(cell.get_or_try_init(gate.init()));
    assert!(abandoned.poll().is_pending());
    drop(abandoned);
    for attempt in 1..=3 {
        let told = cell.get_or_try_init_blocking(|| ready(Err("down"))).unwrap_err();
        assert_eq!((told.generation, told.attempt), (u64::from(attempt) + 1, attempt));
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
    let making = cell.get_or_try_init_blocking(|| -> std::future::Ready<_> { panic!("while making {}", 1) });
    let polling = cell.get_or_try_init_blocking(|| async { panic!("while polling") });
    let ending = cell.get_or_try_init_blocking(|| {
        let guard = PanicsWhenDropped;
        poll_fn(move |_| {
            let _kept = &guard;
            Poll::Ready(Ok(1))
        })
    });
    for (answer, place) in [(making, "while making 1"), (polling, "while polling"), (ending, "in the destructor")] {
        let told = failure(Poll::Ready(answer));
        assert!(matches!(&told.cause, Cause::Panicked(message) if message == place), "{told:?}");
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
        let inner = blocking.get_or_try_init_blocking(|| ready(Ok(1))).unwrap_err();
        assert!(matches!(inner.cause, Cause::Reentered));
        let inner = waiting.get_or_try_init(|| ready(Ok(1))).await.unwrap_err();
        Err(inner.cause.to_string())
    });
    assert!(matches!(&answer.unwrap_err().cause, Cause::Failed(text) if text.contains("asked for the value")));
    let making = Arc::clone(&cell);
    let answer =
        cell.get_or_try_init_blocking(|| ready(Ok(making.get_or_try_init_blocking(|| ready(Ok(1))).map_or(9, |v| *v))));
    assert_eq!(answer.unwrap(), &9, "making the initialiser is re-entry as well, and it may recover");
}
