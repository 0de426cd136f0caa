//! B39, readiness (kubewarden/policy-evaluator#489, kube-rs/kube#1226): a cache became ready with its first list of
//! objects. Where that list failed, the failure was logged and readiness was never heard of again: neither true nor
//! failed, so everybody who waited for it hung.

use std::rc::Rc;

use nevernone::{Scenario, eventually, fault_at, point, secs, sometimes, spawn, watch};
use tokio::sync::watch::Sender;
use tokio::time::timeout;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B39",
    class: "readiness",
    reference: "https://github.com/kubewarden/policy-evaluator/issues/489",
    broken: || scenario("B39/broken", |cache| Box::pin(tell_success(cache))),
    fixed: || scenario("B39/fixed", |cache| Box::pin(tell_outcome(cache))),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Readiness {
    #[default]
    Unknown,
    Synced,
    Failed,
}

#[derive(Debug, Clone, Copy)]
struct Refused;

type Cache = Rc<Sender<Readiness>>;

async fn list() -> Result<u32, Refused> {
    point("cluster.list", async { Err(Refused) }).await
}

async fn tell_success(cache: Cache) {
    if list().await.is_ok() {
        cache.send_replace(Readiness::Synced);
    }
}

async fn tell_outcome(cache: Cache) {
    let synced = timeout(secs(10), list()).await.is_ok_and(|listed| listed.is_ok());
    cache.send_replace(if synced { Readiness::Synced } else { Readiness::Failed });
}

async fn wait_ready(cache: Cache) -> Readiness {
    *cache.subscribe().wait_for(|readiness| *readiness != Readiness::Unknown).await.expect("the cache is held here")
}

fn scenario(name: &'static str, sync: fn(Cache) -> Local<()>) -> Scenario {
    Scenario::new(name, move || async move {
        fault_at("cluster.list").ok(|| 3_u32).err(|| Refused).only(&["err", "hang", "late"]);
        let cache = Cache::default();
        drop(spawn("first list", sync(Rc::clone(&cache))));
        let request = spawn("request", wait_ready(Rc::clone(&cache)));
        let resolved = watch(&cache, |cache| *cache.borrow() != Readiness::Unknown);
        eventually("readiness resolves", secs(30), resolved).await;
        let answer = request.await;
        sometimes("a request was told that the cache failed", answer == Readiness::Failed);
        sometimes("a request was served", answer == Readiness::Synced);
    })
}
