//! N05, cleanup (netra-systems/zen, `manager.py`): the table of live connections was a cache whose entries expire 180 s
//! after they were put in, whatever happened on the connection since. The socket stayed open, its entry was gone, and
//! an event for it found nobody.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use nevernone::{Scenario, always, any_moment, daemon, secs, sometimes, spawn};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, interval, sleep, timeout};

use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "N05",
    class: "cleanup",
    reference: "netra-systems/zen@aea702e02 manager.py:87",
    broken: || scenario("N05/broken", |connection| connection.since.elapsed() < LIFETIME),
    fixed: || scenario("N05/fixed", |connection| !connection.socket.is_closed()),
};

const LIFETIME: Duration = Duration::from_secs(180);

struct Connection {
    socket: UnboundedSender<&'static str>,
    since: Instant,
}

#[derive(Default)]
struct Table(RefCell<BTreeMap<&'static str, Connection>>);

impl Table {
    fn connect(&self, user: &'static str) -> UnboundedReceiver<&'static str> {
        let (socket, events) = unbounded_channel();
        self.0.borrow_mut().insert(user, Connection { socket, since: Instant::now() });
        events
    }

    fn holds(&self, user: &str) -> bool {
        self.0.borrow().contains_key(user)
    }
}

async fn sweep_every_minute(table: Rc<Table>, keep: fn(&Connection) -> bool) {
    let mut minute = interval(secs(60));
    loop {
        minute.tick().await;
        table.0.borrow_mut().retain(|_user, connection| keep(connection));
    }
}

fn scenario(name: &'static str, keep: fn(&Connection) -> bool) -> Scenario {
    Scenario::new(name, move || async move {
        let (table, open) = (Rc::new(Table::default()), Rc::new(Cell::new(false)));
        always("an open socket is in the table", {
            let (table, open) = (Rc::clone(&table), Rc::clone(&open));
            move || !open.get() || table.holds("ada")
        });
        daemon("sweep", sweep_every_minute(Rc::clone(&table), keep));
        let visit = spawn("visit", {
            let table = Rc::clone(&table);
            async move {
                let events = table.connect("ada");
                open.set(true);
                sleep(secs(250)).await;
                open.set(false);
                drop(events);
                sleep(secs(100)).await;
                sometimes("the entry of a closed socket went away", !table.holds("ada"));
            }
        });
        let start = Instant::now();
        // The sweeper never rests, so the event needs a latest moment.
        let _latest = timeout(secs(300), any_moment("an event is sent")).await;
        let found = table.holds("ada");
        sometimes("it found a socket that was open for long", found && start.elapsed() >= LIFETIME);
        visit.await;
    })
}
