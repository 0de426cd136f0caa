//! The test that README shows, to the letter.

use nevernone::{always, any_moment, eventually, fault_at, secs, sometimes, spawn, watch};
use tower::ServiceExt as _;

use crate::dependencies::{Cache, Database, DatabaseError};
use crate::service::{App, Config};
use crate::{cache_refused, get};

#[nevernone::test(faults = 2)] // every run within these bounds, else red
async fn no_request_ever_meets_a_half_built_app() {
    // At every attempt the explorer picks: ok, err, hang, late, panic.
    fault_at("db.connect").ok(Database::lazy_pool).err(|| DatabaseError::PoolTimedOut);
    fault_at("cache.connect").ok(Cache::in_memory).err(cache_refused);
    let app = App::new(Config::for_tests());
    always("ready means wired", watch(&app, |app| !app.is_ready() || app.fully_wired()));
    let start = spawn("startup", app.clone().start());
    any_moment("a request arrives").await; // the waits between attempts included
    let reply = app.router().oneshot(get("/users/1")).await;
    let status = reply.unwrap().status();
    assert!(status == 200 || status == 503, "half-built app answered {status}");
    sometimes("a request overtook the startup", status == 503);
    if start.await.is_ok() {
        eventually("serves", secs(5), watch(&app, App::is_ready)).await;
    }
}
