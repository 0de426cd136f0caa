//! Timers.

use nevernone::{any_moment, millis, spawn};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::{Log, orders};

fn sleeps(log: &Log, last: usize, name: &'static str, time: u64) {
    let log = log.clone();
    drop(spawn(name, async move {
        sleep(millis(time)).await;
        log.note_of(last, name);
    }));
}

#[test]
fn sleeps_end_in_their_order_and_equal_ones_in_any() {
    let different = orders(|log| async move {
        for (name, time) in [("b", 20), ("a", 10), ("c", 30)] {
            sleeps(&log, 3, name, time);
        }
    });
    assert_eq!(different.into_iter().collect::<Vec<_>>(), [["a", "b", "c"]]);
    let equal = orders(|log| async move {
        for name in ["a", "b", "c"] {
            sleeps(&log, 3, name, 10);
        }
    });
    assert_eq!(equal.len(), 3 * 2);
    let one_later = orders(|log| async move {
        for (name, time) in [("a", 10), ("b", 10), ("c", 11)] {
            sleeps(&log, 3, name, time);
        }
    });
    assert_eq!(one_later.len(), 2);
}

#[test]
fn an_answer_beside_its_timeout_has_2_orders() {
    let orders = orders(|log| async move {
        let (send, receive) = oneshot::channel();
        let waits = log.clone();
        drop(spawn("waits", async move {
            let answer = timeout(millis(10), receive).await;
            waits.note_of(2, if answer.is_ok() { "answered" } else { "too long" });
        }));
        any_moment("the answer").await;
        log.note_of(2, if send.send(()).is_ok() { "sent" } else { "nobody there" });
    });
    // In time: sent, then answered, also where the timer has fired and the task was not polled since, for `timeout`
    // asks its future first. Too late: the receiver is gone by then. No answer is lost, and none comes before it was sent.
    let expected = [["sent", "answered"], ["too long", "nobody there"]];
    assert_eq!(orders.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn an_interval_beside_a_sleep_has_1_order_and_2_at_a_tie() {
    for (time, expected) in [(15, 1), (10, 2)] {
        let orders = orders(move |log| async move {
            sleeps(&log, 4, "sleep", time);
            drop(spawn("ticks", async move {
                let mut ticks = interval(millis(10));
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                for _ in 0..3 {
                    ticks.tick().await;
                    log.note_of(4, "tick");
                }
            }));
        });
        // Ticks at 0, 10 and 20; at 10 the sleep's task may come before or after the tick's, and the clock moves on only
        // when both have run.
        assert_eq!(orders.len(), expected, "{orders:?}");
    }
}
