//! Retirement is for good.

use super::*;

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
    assert_eq!((gate.counts(), driver.bell.rung(), waiter.bell.rung()), ((1, 1, 1), 1, 1));
    gate.open(Ok(1));
    for task in [&mut driver, &mut waiter] {
        assert!(matches!(failure(task.poll()).cause, Cause::Retired));
    }
    let late = cell.get_or_try_init_blocking(gate.init()).unwrap_err();
    assert!(matches!((late.generation, late.attempt, &late.cause), (1, 0, Cause::Retired)));
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
