//! Events on their way to clients that come, go, or do not read.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use nevernone::{any_moment, sometimes, spawn};
use tokio::sync::Semaphore;

use super::client::{attach, event, hear, thread};
use crate::event::WireEvent;
use crate::manager::{Candidate, Limits, ManagerHandle, Outcome, SlowClient};

/// The last event of each scenario here has this number.
const EVENTS: u64 = 3;

fn manager(limits: Limits) -> ManagerHandle {
    Candidate::complete(limits).validate().expect("a complete candidate is valid")
}

fn is_last(event: &WireEvent) -> bool {
    event.seq == EVENTS
}

fn numbers(events: &[WireEvent]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

/// Sends every event, counts them, and gives way after each.
async fn publish(manager: ManagerHandle, sent: Rc<Cell<u64>>) {
    for _ in 0..EVENTS {
        let outcome = manager.send_to_thread(&thread(), event());
        assert!(matches!(outcome, Outcome::Delivered(_) | Outcome::Buffered), "an event was lost: {outcome:?}");
        sent.set(sent.get() + 1);
        tokio::task::yield_now().await;
    }
}

/// A client attaches at any moment of a live publication: nothing is lost, doubled or reordered.
pub(super) async fn attach_vs_publication() {
    let manager = manager(Limits::default());
    let sent = Rc::new(Cell::new(0));
    let publishing = spawn("publisher", publish(manager.clone(), Rc::clone(&sent)));
    any_moment("a client attaches").await;
    let mut client = attach(&manager, thread());
    let missed = sent.get();
    let heard = hear(&mut client, is_last).await;
    assert_eq!((numbers(&heard.events), heard.closed), (vec![1, 2, 3], None));
    sometimes("it attached before the first event", missed == 0);
    sometimes("it attached between two events", missed > 0 && missed < EVENTS);
    sometimes("it attached after the last event", missed == EVENTS);
    publishing.await;
}

/// A client comes back while its old connection is still there, whose disconnect arrives at any moment: it takes
/// nothing from its successor.
pub(super) async fn late_disconnect() {
    let manager = manager(Limits::default());
    let old = attach(&manager, thread());
    let (table, id) = (manager.clone(), old.id());
    let disconnecting = spawn("late disconnect", async move {
        any_moment("the old connection is given up").await;
        drop(old);
        any_moment("a reaper that looked before gives it up again").await;
        table.detach(id);
    });
    any_moment("the client comes back").await;
    let mut new = attach(&manager, thread());
    sometimes("both were there for a while", manager.connection_count() == 2);
    let publishing = spawn("publisher", publish(manager.clone(), Rc::default()));
    let heard = hear(&mut new, is_last).await;
    assert_eq!((numbers(&heard.events), heard.closed), (vec![1, 2, 3], None));
    disconnecting.await;
    publishing.await;
    assert_eq!(manager.connection_count(), 1, "the client that came back is in the table, and nobody else");
}

/// One client reads late while another one keeps up: the second misses nothing, the first gets everything or is closed
/// by name with nothing half-told, and sending never waits for either.
pub(super) async fn slow_beside_fast() {
    let slow_client = SlowClient::Disconnect { code: TRY_AGAIN_LATER };
    let manager = manager(Limits { outbox_events: 1, slow_client, ..Limits::default() });
    let mut slow = attach(&manager, thread());
    let mut fast = attach(&manager, thread());
    let read = Arc::new(Semaphore::new(0));
    let reading = spawn("fast client", {
        let read = Arc::clone(&read);
        async move {
            let mut seen = Vec::new();
            for number in 1..=EVENTS {
                let heard = hear(&mut fast, |event| event.seq == number).await;
                assert_eq!(heard.closed, None, "a client that keeps up was closed");
                seen.extend(numbers(&heard.events));
                read.add_permits(1);
            }
            seen
        }
    });
    let reading_late = spawn("slow client", async move {
        any_moment("the slow client reads").await;
        hear(&mut slow, is_last).await
    });
    for _ in 0..EVENTS {
        let outcome = manager.send_to_thread(&thread(), event());
        assert!(matches!(outcome, Outcome::Delivered(_)), "the fast client was there: {outcome:?}");
        // What "keeps up" means: the next event comes when this one was read.
        read.acquire().await.expect("nobody closes it").forget();
    }
    assert_eq!(reading.await, [1, 2, 3]);
    let late = reading_late.await;
    let heard = numbers(&late.events);
    sometimes("the slow client came in time", heard == [1, 2, 3]);
    sometimes("the slow client was closed", late.closed.is_some());
    assert!(late.closed.is_none_or(|code| code == TRY_AGAIN_LATER), "closed with {:?}", late.closed);
    assert!(late.closed.is_some() || heard == [1, 2, 3], "the slow client heard {heard:?} and was not closed");
    assert!([1, 2, 3].starts_with(&heard), "the slow client heard {heard:?}");
}

/// The WebSocket close code for whoever may come back.
const TRY_AGAIN_LATER: u16 = 1013;
