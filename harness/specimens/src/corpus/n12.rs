//! N12, aliasing (netra-systems/zen, `manager.py`): sending wrote the receiving thread's id into the caller's own event
//! and queued it as it was. Who sent one event to two threads wrote the second id over the first, in an event that
//! still waited to be written: both users got B's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use nevernone::{Scenario, never, sometimes, spawn, watch};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "N12",
    class: "aliasing",
    reference: "netra-systems/zen@aea702e02 manager.py:548-549",
    broken: || scenario("N12/broken", |event, to| Box::pin(stamp_the_callers(event, to))),
    fixed: || scenario("N12/fixed", |event, to| Box::pin(stamp_a_copy(event, to))),
};

type Event = Rc<RefCell<BTreeMap<&'static str, &'static str>>>;

#[derive(Clone)]
struct Thread {
    id: &'static str,
    outbox: Sender<Event>,
}

async fn stamp_the_callers(event: Event, to: Thread) {
    event.borrow_mut().insert("thread_id", to.id);
    let _closed = to.outbox.send(event).await;
}

async fn stamp_a_copy(event: Event, to: Thread) {
    let copy = event.borrow().clone();
    stamp_the_callers(Rc::new(RefCell::new(copy)), to).await;
}

async fn write_out(id: &'static str, mut outbox: Receiver<Event>, strays: Rc<Cell<u32>>) {
    while let Some(event) = outbox.recv().await {
        let stray = event.borrow().get("thread_id") != Some(&id);
        strays.set(strays.get() + u32::from(stray));
    }
}

fn scenario(name: &'static str, send: fn(Event, Thread) -> Local<()>) -> Scenario {
    Scenario::new(name, move || async move {
        let strays = Rc::new(Cell::new(0));
        never("a user gets another thread's event", watch(&strays, |strays| strays.get() > 0));
        let event = Event::default();
        event.borrow_mut().insert("type", "agent_completed");
        let threads = ["A", "B"].map(|id| {
            let (outbox, queue) = channel(4);
            drop(spawn(format!("the socket of {id}"), write_out(id, queue, Rc::clone(&strays))));
            Thread { id, outbox }
        });
        let first = threads[0].outbox.clone();
        for thread in threads {
            sometimes("B's was sent while A's waited", thread.id == "B" && first.capacity() < 4);
            send(Rc::clone(&event), thread).await;
        }
    })
}
