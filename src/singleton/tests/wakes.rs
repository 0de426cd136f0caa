//! Who is woken, how often, and who polls then.

use super::*;

#[test]
fn the_initialiser_wakes_one_caller_once_for_each_poll() {
    let (cell, gate) = (Cell::new(), Gate::default());
    let mut tasks: Vec<_> = (0..4).map(|_| Task::new(cell.get_or_try_init(gate.init()))).collect();
    for task in &mut tasks {
        assert!(task.poll().is_pending());
    }
    for _ in 0..3 {
        gate.wake();
    }
    let rung = |tasks: &[Task<'_>]| tasks.iter().map(|task| task.bell.rung()).collect::<Vec<_>>();
    assert_eq!(rung(&tasks), [1, 0, 0, 0]);
    // Another one happens to be polled first: it drives from now on, and the one that was woken only waits.
    assert!(tasks[2].poll().is_pending());
    assert!(tasks[0].poll().is_pending());
    assert_eq!(gate.counts(), (1, 2, 0));
    gate.wake();
    assert_eq!(rung(&tasks), [1, 0, 1, 0]);
    gate.with(|state| state.outcome = Some(Ok(1)));
    assert!(matches!(tasks[2].poll(), Poll::Ready(Ok(1))));
    assert_eq!(rung(&tasks), [2, 1, 1, 1], "the end wakes everybody else, once");
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
            if polls < 3 { Poll::Pending } else { Poll::Ready(Ok(polls)) }
        })
    }));
    assert!(task.poll().is_pending());
    assert!(task.poll().is_pending());
    assert_eq!(task.bell.rung(), 2);
    assert!(matches!(task.poll(), Poll::Ready(Ok(3))));
    assert_eq!(task.bell.rung(), 2, "a wake-up during the last poll disturbs nobody");
}
