//! Cells, locks and permits.

use std::rc::Rc;

use nevernone::explore::Bounds;
use nevernone::spawn;
use tokio::sync::{Mutex, Notify, OnceCell, RwLock, Semaphore};
use tokio::task::yield_now;

use super::{orders, orders_within};

#[test]
fn two_tasks_of_four_permits_have_70_orders_in_252_runs() {
    let (orders, report) = orders_within(Bounds::unbounded(), |log| async move {
        let semaphore = Rc::new(Semaphore::new(8));
        for name in ["left", "right"] {
            let (semaphore, log) = (Rc::clone(&semaphore), log.clone());
            drop(spawn(name, async move {
                for _ in 0..4 {
                    semaphore.acquire().await.expect("never closed").forget();
                    log.note_of(8, name);
                }
            }));
        }
    });
    // Eight acquisitions, four of each: 8! / (4! 4!). A task has five pieces, since a cut comes after a permit was taken
    // and before its owner hears of it: up to each permit, and the rest. 10! / (5! 5!).
    assert_eq!((orders.len(), report.runs), (70, 252));
}

#[test]
fn three_callers_of_a_once_cell_have_6_orders() {
    let orders = orders(|log| async move {
        let cell = Rc::new(OnceCell::new());
        for name in ["a", "b", "c"] {
            let (cell, log) = (Rc::clone(&cell), log.clone());
            drop(spawn(name, async move {
                let creator = *cell
                    .get_or_init(|| async {
                        yield_now().await;
                        name
                    })
                    .await;
                log.note_of(3, format!("{name} has {creator}'s"));
            }));
        }
    });
    // Whoever creates it has it first, for no await lies between: 3. The other two in either order: 2.
    assert_eq!(orders.len(), 3 * 2);
    assert!(orders.iter().all(|order| order.iter().all(|line| line.ends_with(&order[0][order[0].len() - 3..]))));
}

#[test]
fn three_owners_of_a_mutex_have_6_orders() {
    let orders = orders(|log| async move {
        let lock = Rc::new(Mutex::new(()));
        for name in ["a", "b", "c"] {
            let (lock, log) = (Rc::clone(&lock), log.clone());
            drop(spawn(name, async move {
                let guard = lock.lock().await;
                log.note(format!("{name} in"));
                yield_now().await;
                log.note_of(6, format!("{name} out"));
                drop(guard);
            }));
        }
    });
    // One after the other, each of three may be the first, each of two the second; nobody is in while another one is.
    assert_eq!(orders.len(), 3 * 2);
    assert!(orders.iter().flat_map(|order| order.chunks(2)).all(|pair| pair[0][..1] == pair[1][..1]), "{orders:?}");
}

#[test]
fn two_readers_and_a_writer_have_14_orders() {
    let orders = orders(|log| async move {
        let lock = Rc::new(RwLock::new(()));
        for name in ["left", "right"] {
            let (lock, log) = (Rc::clone(&lock), log.clone());
            drop(spawn(name, async move {
                let guard = lock.read().await;
                log.note(format!("{name} in"));
                yield_now().await;
                log.note_of(6, format!("{name} out"));
                drop(guard);
            }));
        }
        drop(spawn("writer", async move {
            let guard = lock.write().await;
            log.note("writer in");
            yield_now().await;
            log.note_of(6, "writer out");
            drop(guard);
        }));
    });
    // The readers alone have 4! / (2! 2!) = 6 orders. In two of them one reader follows the other, and the writer fits
    // before, between and after: 2 * 3. In four they overlap, and it fits before and after: 4 * 2.
    assert_eq!(orders.len(), 2 * 3 + 4 * 2);
}

#[test]
fn three_that_are_notified_at_once_have_6_orders_and_a_handover_has_one() {
    let at_once = orders(|log| async move {
        let signals = [(); 3].map(|()| Rc::new(Notify::new()));
        for (number, signal) in signals.iter().enumerate() {
            let (signal, log) = (Rc::clone(signal), log.clone());
            drop(spawn("waits", async move {
                signal.notified().await;
                log.note_of(3, number.to_string());
            }));
        }
        for signal in &signals {
            signal.notify_one();
        }
    });
    assert_eq!(at_once.len(), 3 * 2);
    let handover = orders(|log| async move {
        let (mine, theirs) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
        mine.notify_one();
        for (name, own, other) in [("ping", mine.clone(), theirs.clone()), ("pong", theirs, mine)] {
            let log = log.clone();
            drop(spawn(name, async move {
                for _ in 0..3 {
                    own.notified().await;
                    log.note_of(6, name);
                    other.notify_one();
                }
            }));
        }
    });
    // Each waits for the other: whatever the interleaving, one order.
    assert_eq!(handover.len(), 1);
}
