//! N04, lost-first (netra-systems/zen, `manager.py`): sending to a thread without a connection answered "delivered" and
//! kept nothing; the answer had been changed to get the startup's validation green. The first events of an agent, sent
//! before the browser had attached, were lost, and everybody believed they had arrived.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use nevernone::{Scenario, any_moment, daemon, eventually, millis, secs, sometimes, spawn};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "N04",
    class: "lost-first",
    reference: "netra-systems/zen@009272fc3 manager.py:535",
    broken: || scenario("N04/broken", sent_or_so),
    fixed: || scenario("N04/fixed", sent_or_kept),
};

type Event = &'static str;

/// One thread of a conversation.
#[derive(Default)]
struct Thread {
    connection: RefCell<Option<UnboundedSender<Event>>>,
    /// What waits for a connection, oldest first.
    kept: RefCell<Vec<Event>>,
}

impl Thread {
    fn attach(&self) -> UnboundedReceiver<Event> {
        let (connection, receiver) = unbounded_channel();
        for event in self.kept.take() {
            // Nobody else holds the receiver.
            let _ = connection.send(event);
        }
        *self.connection.borrow_mut() = Some(connection);
        receiver
    }
}

/// Whether the event will reach the user.
fn sent_or_so(thread: &Thread, event: Event) -> bool {
    if let Some(connection) = &*thread.connection.borrow() {
        return connection.send(event).is_ok();
    }
    true
}

fn sent_or_kept(thread: &Thread, event: Event) -> bool {
    if let Some(connection) = &*thread.connection.borrow() {
        return connection.send(event).is_ok();
    }
    thread.kept.borrow_mut().push(event);
    true
}

fn scenario(name: &'static str, send: fn(&Thread, Event) -> bool) -> Scenario {
    Scenario::new(name, move || async move {
        let thread = Rc::new(Thread::default());
        let (acknowledged, received) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let agent = spawn("agent", {
            let (thread, acknowledged) = (Rc::clone(&thread), Rc::clone(&acknowledged));
            async move {
                for event in ["agent_started", "agent_thinking", "agent_completed"] {
                    acknowledged.set(acknowledged.get() + u32::from(send(&thread, event)));
                    sleep(millis(10)).await;
                }
            }
        });
        any_moment("the browser attaches").await;
        sometimes("an event came before the browser", acknowledged.get() > 0);
        sometimes("the browser came before all events", acknowledged.get() == 0);
        let mut events = thread.attach();
        let count = Rc::clone(&received);
        daemon("browser", async move {
            while events.recv().await.is_some() {
                count.set(count.get() + 1);
            }
        });
        agent.await;
        eventually("what counts as sent is received", secs(1), move || received.get() == acknowledged.get()).await;
    })
}
