//! Made once, read by everybody, dropped once.

use super::*;

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
    assert_eq!((first.bell.rung(), second.bell.rung()), (1, 0), "only the driver is woken by the initialiser");
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
fn blocking_and_async_callers_share_a_flight() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut task = Task::new(cell.get_or_try_init(gate.init()));
    assert!(task.poll().is_pending());
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| cell.get_or_try_init_blocking(gate.init()).copied().unwrap());
        let blocked_too = scope.spawn(|| cell.get_or_try_init_blocking(gate.init()).copied().unwrap());
        // Whether they registered before or after this, or drive, or start anew, there is one value.
        gate.open(Ok(6));
        drop(task);
        gate.with(|state| state.outcome = Some(Ok(6)));
        gate.wake();
        assert_eq!((blocked.join().unwrap(), blocked_too.join().unwrap()), (6, 6));
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
