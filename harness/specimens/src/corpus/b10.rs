//! B10, publish-early (redis/redis-py#2231): the cluster client set its "initialised" flag, then awaited the
//! initialisation. A second caller in between saw the flag and routed by a topology that was still empty.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use nevernone::{Scenario, millis, require, sometimes, spawn};
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B10",
    class: "publish-early",
    reference: "https://github.com/redis/redis-py/pull/2231",
    broken: || scenario("B10/broken", |cluster| Box::pin(flag_then_work(cluster))),
    fixed: || scenario("B10/fixed", |cluster| Box::pin(work_then_flag(cluster))),
};

#[derive(Default)]
struct Cluster {
    initialized: Cell<bool>,
    /// Which node owns a slot.
    topology: RefCell<BTreeMap<u16, &'static str>>,
    initializing: Mutex<()>,
}

impl Cluster {
    async fn discover(&self) {
        sleep(millis(10)).await;
        self.topology.borrow_mut().insert(0, "node-a");
    }
}

async fn flag_then_work(cluster: Rc<Cluster>) {
    if !cluster.initialized.replace(true) {
        cluster.discover().await;
    }
}

async fn work_then_flag(cluster: Rc<Cluster>) {
    let _one_at_a_time = cluster.initializing.lock().await;
    if !cluster.initialized.get() {
        cluster.discover().await;
        cluster.initialized.set(true);
    }
}

fn scenario(name: &'static str, initialize: fn(Rc<Cluster>) -> Local<()>) -> Scenario {
    Scenario::new(name, move || async move {
        let cluster = Rc::new(Cluster::default());
        for caller in ["first command", "second command"] {
            let cluster = Rc::clone(&cluster);
            drop(spawn(caller, async move {
                sometimes("a command came while another one initialised", !cluster.topology.borrow().contains_key(&0));
                initialize(Rc::clone(&cluster)).await;
                let node = cluster.topology.borrow().get(&0).copied();
                require("nobody meets an empty topology", node.is_some());
            }));
        }
    })
}
