//! B24, lost-wake (djc/bb8#122): a caller that found no idle connection let go of the pool's lock, and took it again to
//! queue. A connection that came back in between found nobody in the queue and went to the idle ones, where nobody
//! looked again.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use nevernone::{Scenario, sometimes, spawn};
use tokio::sync::{Mutex, oneshot};

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B24",
    class: "lost-wake",
    reference: "https://github.com/djc/bb8/issues/122",
    broken: || scenario("B24/broken", |pool| Box::pin(look_then_queue(pool))),
    fixed: || scenario("B24/fixed", |pool| Box::pin(look_and_queue(pool))),
};

struct Connection;

/// A pool of one connection.
#[derive(Default)]
struct Pool {
    inner: Mutex<Inner>,
    somebody_queued: Cell<bool>,
}

#[derive(Default)]
struct Inner {
    idle: Vec<Connection>,
    queue: VecDeque<oneshot::Sender<Connection>>,
}

impl Pool {
    fn queue(&self, inner: &mut Inner) -> oneshot::Receiver<Connection> {
        let (give, receive) = oneshot::channel();
        inner.queue.push_back(give);
        self.somebody_queued.set(true);
        receive
    }

    async fn give_back(&self, connection: Connection) {
        let mut inner = self.inner.lock().await;
        match inner.queue.pop_front() {
            Some(waiting) => drop(waiting.send(connection)),
            None => inner.idle.push(connection),
        }
    }
}

async fn look_then_queue(pool: Rc<Pool>) -> Connection {
    if let Some(connection) = pool.inner.lock().await.idle.pop() {
        return connection;
    }
    let receive = pool.queue(&mut *pool.inner.lock().await);
    receive.await.expect("the pool lives as long as its callers")
}

async fn look_and_queue(pool: Rc<Pool>) -> Connection {
    let mut inner = pool.inner.lock().await;
    if let Some(connection) = inner.idle.pop() {
        return connection;
    }
    let receive = pool.queue(&mut inner);
    drop(inner);
    receive.await.expect("the pool lives as long as its callers")
}

fn scenario(name: &'static str, get: fn(Rc<Pool>) -> Local<Connection>) -> Scenario {
    Scenario::new(name, move || async move {
        let pool = Rc::new(Pool::default());
        let caller = spawn("caller", get(Rc::clone(&pool)));
        let holder = spawn("holder", {
            let pool = Rc::clone(&pool);
            async move { pool.give_back(Connection).await }
        });
        caller.await;
        holder.await;
        sometimes("the caller queued", pool.somebody_queued.get());
        sometimes("the caller found it idle", !pool.somebody_queued.get());
    })
}
