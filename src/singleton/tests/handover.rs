//! Callers that are dropped.

use super::*;

#[test]
fn a_dropped_driver_hands_the_unfinished_initialiser_over() {
    let (cell, gate, other) = (Cell::new(), Gate::default(), Gate::default());
    let mut first = Task::new(cell.get_or_try_init(gate.init()));
    let mut second = Task::new(cell.get_or_try_init(other.init()));
    assert!(first.poll().is_pending());
    assert!(second.poll().is_pending());
    drop(first);
    assert_eq!(second.bell.rung(), 0, "the initialiser rests: there is nothing to wake the heir for");
    gate.open(Ok(1));
    assert_eq!(second.bell.rung(), 1);
    assert!(matches!(second.poll(), Poll::Ready(Ok(1))));
    assert_eq!((gate.counts(), other.counts()), ((1, 2, 1), (0, 0, 0)), "nothing was restarted");
}

#[test]
fn a_caller_dropped_between_its_wake_up_and_its_poll_passes_the_wake_up_on() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut tasks: Vec<_> = (0..3).map(|_| Task::new(cell.get_or_try_init(gate.init()))).collect();
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
fn the_destructor_of_an_abandoned_initialiser_may_use_the_cell_and_panic() {
    struct Rude(Arc<Cell>);
    impl Drop for Rude {
        fn drop(&mut self) {
            assert_eq!(self.0.get_or_try_init_blocking(|| ready(Ok(3))).unwrap(), &3);
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
