//! Channels.

use nevernone::spawn;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::yield_now;

use super::orders;

#[test]
fn two_senders_into_a_full_mpsc_have_4_orders_and_6_if_they_take_their_time() {
    for (takes_its_time, expected) in [(false, 4), (true, 6)] {
        let orders = orders(move |log| async move {
            let (send, mut receive) = mpsc::channel(1);
            for name in ["left", "right"] {
                let send = send.clone();
                drop(spawn(name, async move {
                    for message in 1..=2 {
                        if takes_its_time {
                            yield_now().await;
                        }
                        send.send(format!("{name} {message}")).await.expect("received");
                    }
                }));
            }
            drop(send);
            while let Some(message) = receive.recv().await {
                log.note_of(4, message);
            }
        });
        // Two of each, in its sender's order: 4! / (2! 2!), where they take their time. If not, one that has sent stands
        // in the queue for its second place at once, for no cut lies in between (the printed limit). So whoever sends
        // first, 2, has either nobody before its second message, or the other's first one if that was waiting already: 2.
        assert_eq!(orders.len(), expected, "{orders:?}");
    }
}

#[test]
fn three_oneshots_that_are_sent_at_once_have_6_orders() {
    let orders = orders(|log| async move {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel()).unzip();
        for receive in receivers {
            let log = log.clone();
            drop(spawn("receives", async move {
                let number: u32 = receive.await.expect("sent");
                log.note_of(3, number.to_string());
            }));
        }
        for (send, number) in senders.into_iter().zip(0..) {
            send.send(number).expect("received");
        }
    });
    assert_eq!(orders.len(), 3 * 2);
}

#[test]
fn a_watch_of_three_values_shows_4_histories() {
    let orders = orders(|log| async move {
        let (send, mut receive) = watch::channel(0);
        drop(spawn("writes", async move {
            for value in 1..=3 {
                send.send_replace(value);
                yield_now().await;
            }
        }));
        while *receive.borrow() < 3 {
            receive.changed().await.expect("written");
            log.note(receive.borrow_and_update().to_string());
        }
        log.end();
    });
    // It waits before the first is written. The last one is always seen, each of the others or not: 2^(3-1).
    assert_eq!(orders.len(), 4);
}

#[test]
fn two_receivers_of_a_broadcast_of_two_have_6_orders() {
    let orders = orders(|log| async move {
        let (send, _keep) = broadcast::channel(2);
        for name in ["left", "right"] {
            let (mut receive, log) = (send.subscribe(), log.clone());
            drop(spawn(name, async move {
                for _ in 0..2 {
                    let message: u32 = receive.recv().await.expect("neither closed nor lagging");
                    log.note_of(4, format!("{name} has {message}"));
                }
            }));
        }
        for message in 1..=2 {
            send.send(message).expect("received");
            yield_now().await;
        }
    });
    // Each has both in their order: 4! / (2! 2!). All of them are there when both messages are, and a receiver that
    // never waits can be cut in between.
    assert_eq!(orders.len(), 6);
}
