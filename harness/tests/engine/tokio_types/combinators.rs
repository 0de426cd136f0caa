//! Several futures in one task, loops, and bytes.

use std::cell::Cell;
use std::rc::Rc;

use nevernone::explore::Bounds;
use nevernone::spawn;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::yield_now;

use super::{orders, orders_within};

#[test]
fn a_biased_select_of_two_channels_has_6_orders() {
    let orders = orders(|log| async move {
        let (send_a, mut a) = mpsc::channel(2);
        let (send_b, mut b) = mpsc::channel(2);
        for (name, send) in [("a", send_a), ("b", send_b)] {
            drop(spawn(name, async move {
                for message in 1..=2 {
                    send.send(format!("{name}{message}")).await.expect("received");
                }
            }));
        }
        for _ in 0..4 {
            let message = tokio::select! {
                biased;
                Some(message) = a.recv() => message,
                Some(message) = b.recv() => message,
            };
            log.note_of(4, message);
        }
    });
    // Which branch comes first matters only where both are ready; either sender may be late. 4! / (2! 2!).
    assert_eq!(orders.len(), 6);
}

#[test]
fn join_reaches_the_default_order_and_those_of_its_cuts() {
    let search = |preemptions| {
        let bounds = Bounds { preemptions: Some(preemptions), ..Bounds::unbounded() };
        let (orders, _) = orders_within(bounds, |log| async move {
            let semaphore = Rc::new(Semaphore::new(4));
            let take = |name: &'static str| {
                let (semaphore, log) = (Rc::clone(&semaphore), log.clone());
                async move {
                    for number in 1..=2 {
                        semaphore.acquire().await.expect("never closed").forget();
                        log.note_of(4, format!("{name}{number}"));
                    }
                }
            };
            let (a, b) = (take("a"), take("b"));
            drop(spawn("beside", yield_now()));
            tokio::join!(a, b);
        });
        orders.into_iter().map(|order| order.concat()).collect::<Vec<_>>()
    };
    // Whole: `a` first, to its end.
    assert_eq!(search(0), ["a1a2b1b2"]);
    // Cut after 0 or 1 operations, the next poll begins with `b`; after 2 or 3, `a` is through already.
    assert_eq!(search(1), ["a1a2b1b2", "a1b1b2a2", "b1b2a1a2"]);
}

#[test]
fn bytes_copied_over_a_duplex_have_5_orders() {
    const CHUNKS: usize = 3;
    let bounds = Bounds { preemptions: Some(2), ..Bounds::unbounded() };
    let (orders, _) = orders_within(bounds, |log| async move {
        let (mut near, mut from) = duplex(2);
        let (mut to, mut far) = duplex(2);
        let writes = log.clone();
        drop(spawn("writes", async move {
            for _ in 0..CHUNKS {
                near.write_all(b"ab").await.expect("open");
                writes.note_of(2 * CHUNKS, "(");
            }
        }));
        drop(spawn("copies", async move {
            tokio::io::copy(&mut from, &mut to).await.expect("both are open");
        }));
        for _ in 0..CHUNKS {
            far.read_exact(&mut [0; 2]).await.expect("open");
            log.note_of(2 * CHUNKS, ")");
        }
    });
    // Chunks are written and read in order, none is read before it was written, and the two buffers and the copier's own
    // hold all three: as many as there are ways to write three pairs of brackets, Catalan's C(6, 3) / 4.
    assert_eq!(orders.len(), 5);
}

#[test]
fn a_yield_loop_that_waits_for_a_flag_looks_2_plus_2_p_numbers_of_times() {
    for preemptions in 0..=2 {
        let bounds = Bounds { preemptions: Some(preemptions), ..Bounds::unbounded() };
        let (orders, _) = orders_within(bounds, |log| async move {
            let flag = Rc::new(Cell::new(false));
            let set = Rc::clone(&flag);
            drop(spawn("looks", async move {
                while !flag.get() {
                    log.note("no");
                    yield_now().await;
                }
                log.end();
            }));
            drop(spawn("sets it", async move {
                yield_now().await;
                yield_now().await;
                set.set(true);
            }));
        });
        // The flag is set in the third poll. In turns, the loop looks three times in vain if it begins and twice if not.
        // Each preemption gives it one look more, or one less: from 2 - p to 3 + p.
        let looks = orders.iter().map(Vec::len);
        assert_eq!(
            looks.collect::<Vec<_>>(),
            (2 - preemptions as usize..=3 + preemptions as usize).collect::<Vec<_>>()
        );
    }
}
