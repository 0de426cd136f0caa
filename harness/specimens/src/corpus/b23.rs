//! B23, cancel (djc/bb8#59): taking a connection out of the pool decreased the count of free slots, then awaited the
//! connection's health check, and only then made the guard that gives the slot back. A caller who gave up during the
//! health check took the slot with him.

use std::rc::Rc;

use nevernone::{Scenario, cancellable, millis, require, secs, sometimes};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B23",
    class: "cancel",
    reference: "https://github.com/djc/bb8/issues/59",
    broken: || scenario("B23/broken", |pool| Box::pin(guard_last(pool))),
    fixed: || scenario("B23/fixed", |pool| Box::pin(guard_first(pool))),
};

/// A pool of one connection.
struct Pool {
    slots: Semaphore,
}

/// Gives the slot back.
struct Connection(Rc<Pool>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.slots.add_permits(1);
    }
}

impl Pool {
    async fn take_slot(&self) {
        self.slots.acquire().await.expect("the pool is never closed").forget();
    }
}

async fn health_check() {
    sleep(millis(3)).await;
}

async fn guard_last(pool: Rc<Pool>) -> Connection {
    pool.take_slot().await;
    health_check().await;
    Connection(pool)
}

async fn guard_first(pool: Rc<Pool>) -> Connection {
    // Nothing is awaited between a permit and the guard that replaces it.
    pool.slots.acquire().await.expect("the pool is never closed").forget();
    let connection = Connection(pool);
    health_check().await;
    connection
}

fn scenario(name: &'static str, get: fn(Rc<Pool>) -> Local<Connection>) -> Scenario {
    Scenario::new(name, move || async move {
        let pool = Rc::new(Pool { slots: Semaphore::new(1) });
        let first = cancellable("the first caller", get(Rc::clone(&pool))).await;
        sometimes("the first caller gave up", first.is_err());
        drop(first);
        let second = timeout(secs(5), get(Rc::clone(&pool))).await;
        require("a pool whose connections are all free has one", second.is_ok());
        drop(second);
        require("as many slots come back as went out", pool.slots.available_permits() == 1);
    })
}
