//! What somebody with an axum service writes to have its startup searched.

mod dependencies;
mod planted;
mod readme;
mod service;
mod verdicts;

use axum::body::Body;
use axum::http::Request;
use std::future::Future;

use nevernone::{always, any_moment, cancellable, eventually, fault_at, secs, sometimes, spawn, watch};
use tower::ServiceExt as _;

use dependencies::{Cache, CacheError, Database, DatabaseError};
use planted::{Gate, start_ready_too_early};
use service::{App, Config, StartError};

#[nevernone::test(faults = 2, cost = 2, expect_failed_by = "ready means wired")]
async fn ready_before_the_cache_is_connected_is_found() {
    a_request_beside_the_startup(start_ready_too_early).await;
}

#[nevernone::test(faults = 1, cancellations = 1)]
async fn a_startup_that_was_given_up_can_be_tried_again() {
    a_startup_given_up(|gate, app| async move { gate.start(app).await }).await;
}

#[nevernone::test(faults = 1, cancellations = 1, cost = 2, expect = "failed")]
async fn a_startup_that_sticks_when_it_is_given_up_is_found() {
    a_startup_given_up(|gate, app| async move { gate.start_that_sticks(app).await }).await;
}

#[nevernone::test(faults = 1, cancellations = 1)] // the startup tries twice, so one fault stops nothing
async fn a_startup_in_a_task_of_its_own_survives_its_caller() {
    survives_its_caller(App::start_detached).await;
}

#[nevernone::test(faults = 1, cancellations = 1, expect = "failed")]
async fn a_startup_that_dies_with_its_caller_is_found() {
    survives_its_caller(App::start).await;
}

/// Nobody asks a second time.
async fn survives_its_caller<Fut>(startup: impl FnOnce(App) -> Fut)
where
    Fut: Future<Output = Result<(), StartError>> + 'static,
{
    fault_at("db.connect").ok(Database::lazy_pool).err(|| DatabaseError::PoolTimedOut).only(&["err", "late"]);
    fault_at("cache.connect").ok(Cache::in_memory).err(cache_refused).only(&["err", "late"]);
    let app = App::new(Config::for_tests());
    always("ready means wired", watch(&app, |app| !app.is_ready() || app.fully_wired()));
    let asked = cancellable("whoever asked for it", startup(app.clone())).await;
    sometimes("it was given up before it was ready", asked.is_err() && !app.is_ready());
    eventually("serves", secs(5), watch(&app, App::is_ready)).await;
}

/// A request at any moment of a startup whose dependencies fail in every way.
async fn a_request_beside_the_startup<Fut>(startup: impl FnOnce(App) -> Fut)
where
    Fut: Future<Output = Result<(), StartError>> + 'static,
{
    fault_at("db.connect").ok(Database::lazy_pool).err(|| DatabaseError::PoolTimedOut);
    fault_at("cache.connect").ok(Cache::in_memory).err(cache_refused);
    let app = App::new(Config::for_tests());
    always("ready means wired", watch(&app, |app| !app.is_ready() || app.fully_wired()));
    let start = spawn("startup", startup(app.clone()));
    any_moment("a request arrives").await;
    let reply = app.router().oneshot(get("/users/1")).await;
    let status = reply.unwrap().status();
    assert!(status == 200 || status == 503, "half-built app answered {status}");
    sometimes("a request overtook the startup", status == 503);
    sometimes("a request was served", status == 200);
    if start.await.is_ok() {
        eventually("serves", secs(5), watch(&app, App::is_ready)).await;
    }
}

/// A first caller that may give up, and a second one who must not pay for it.
async fn a_startup_given_up<Fut>(startup: impl Fn(Gate, App) -> Fut)
where
    Fut: Future<Output = Result<(), planted::GatedError>> + 'static,
{
    fault_at("db.connect").ok(Database::lazy_pool).err(|| DatabaseError::PoolTimedOut).only(&["err", "late"]);
    fault_at("cache.connect").ok(Cache::in_memory).err(cache_refused).only(&["err", "late"]);
    let (app, gate) = (App::new(Config::for_tests()), Gate::default());
    let first = cancellable("the first caller", startup(gate.clone(), app.clone())).await;
    sometimes("the first caller gave up", first.is_err());
    let second = startup(gate, app.clone()).await;
    assert!(second.is_ok(), "the second caller got: {}", second.unwrap_err());
    eventually("serves", secs(5), watch(&app, App::is_ready)).await;
}

fn cache_refused() -> CacheError {
    CacheError("too many connections".to_owned())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}
