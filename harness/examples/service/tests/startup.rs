//! Can anybody meet this service half-built? The first test is the one that a newcomer writes.

use axum::body::Body;
use axum::http::Request;
use example_service::cache::{Cache, CacheError};
use example_service::config::Config;
use example_service::startup::App;
use nevernone::{always, any_moment, cancellable, eventually, fault_at, secs, sometimes, spawn, watch};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tower::ServiceExt as _;

#[nevernone::test(faults = 2, chaos_for = "5s")]
async fn no_request_ever_meets_a_half_built_app() {
    fault_at("db.connect").ok(lazy_pool).err(|| sqlx::Error::PoolTimedOut);
    fault_at("cache.connect").ok(Cache::in_memory).err(cache_refused);
    let app = App::new(Config::for_tests());
    always("ready means wired", watch(&app, |app| !app.is_ready() || app.fully_wired()));
    let start = spawn("startup", app.clone().start());
    any_moment("a request arrives").await;
    let reply = app.router().oneshot(get("/users/1")).await;
    let status = reply.unwrap().status();
    assert!(status == 200 || status == 503, "half-built app answered {status}");
    sometimes("a request overtook the startup", status == 503);
    if start.await.is_ok() {
        eventually("serves", secs(5), watch(&app, App::is_ready)).await;
    }
}

#[nevernone::test(faults = 1, cancellations = 1)]
async fn a_start_that_was_given_up_can_be_tried_again() {
    fault_at("db.connect").ok(lazy_pool).err(|| sqlx::Error::PoolTimedOut).only(&["err", "late"]);
    fault_at("cache.connect").ok(Cache::in_memory).err(cache_refused).only(&["err", "late"]);
    let app = App::new(Config::for_tests());
    let first = cancellable("whoever asked first", app.clone().start()).await;
    sometimes("the first start was given up", first.is_err());
    let second = app.clone().start().await;
    assert!(second.is_ok(), "the second start: {}", second.unwrap_err());
    eventually("serves", secs(5), watch(&app, App::is_ready)).await;
}

#[nevernone::test(faults = 2, leaks = "deny")]
async fn a_service_that_is_gone_leaves_nobody_behind() {
    fault_at("db.connect").ok(lazy_pool).err(|| sqlx::Error::PoolTimedOut);
    fault_at("cache.connect").ok(Cache::in_memory).err(cache_refused);
    let app = App::new(Config::for_tests());
    always("ready means wired", watch(&app, |app| !app.is_ready() || app.fully_wired()));
    let started = app.clone().start().await;
    sometimes("it did not start", started.is_err());
    // One that did not start is only dropped, which must be enough; the static of this process holds the other.
    if started.is_ok() {
        app.stop().await;
    }
}

#[nevernone::test(faults = 2, isolate = "process")] // the current one is a static
async fn whoever_asks_for_the_current_app_gets_a_wired_one() {
    fault_at("db.connect").ok(lazy_pool).err(|| sqlx::Error::PoolTimedOut);
    fault_at("cache.connect").ok(Cache::in_memory).err(cache_refused);
    always("who is current is wired", || App::current().is_none_or(App::fully_wired));
    let started = App::new(Config::for_tests()).start().await;
    sometimes("there is a current one", App::current().is_some());
    assert_eq!(started.is_ok(), App::current().is_some(), "published if and only if it started");
}

/// A default pool, which connects when it is first used.
fn lazy_pool() -> PgPool {
    PgPoolOptions::new().connect_lazy("postgres://localhost/nowhere").unwrap()
}

fn cache_refused() -> CacheError {
    CacheError::Refused("too many connections".to_owned())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}
