//! What production types hold: handles and futures of the API can be sent, and shared where they are values.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use nevernone::{
    JoinHandle, Run, Scenario, Verdict, any_moment, cancellable, daemon, eventually, fault_at, may_panic, millis, secs,
    sometimes, spawn, watch,
};
use nevernone_point::point;
use tower::ServiceExt as _;

use crate::{hits, search};

const fn value<T: Clone + Send + Sync + 'static>() {}
const fn both<T: Send + Sync>() {}
fn sent<T: Send>(future: T) -> T {
    future
}
fn sent_and_shared<T: Send + Sync>(future: T) -> T {
    future
}

const _: () = {
    value::<Run>();
    both::<JoinHandle<u8>>();
    // As its output is: `Cell` can be sent and not shared.
    both::<JoinHandle<Cell<u8>>>();
};

/// What a handler's state holds.
#[derive(Clone)]
struct Service {
    run: Run,
    ready: Arc<AtomicBool>,
}

/// Every future of the API that can stand in a handler; axum demands that the whole of it can be sent.
async fn handler(State(service): State<Service>) -> Result<String, StatusCode> {
    service.run.any_moment("the handler goes on").await;
    any_moment("and on").await;
    let connected = point("db.connect", async { Err::<u8, &str>("no database in a test") }).await;
    let Ok(connected) = connected else { return Err(StatusCode::BAD_GATEWAY) };
    let joined = service.run.spawn("works", async move { connected + 1 }).await;
    let asked = cancellable("asks", tokio::time::sleep(millis(1))).await;
    let came = eventually("ready", secs(1), watch(&service.ready, |ready| ready.load(Ordering::SeqCst)));
    sent(may_panic("waits", came)).await;
    if asked.is_err() { Err(StatusCode::SERVICE_UNAVAILABLE) } else { Ok(format!("{joined}")) }
}

#[test]
fn a_handler_whose_state_holds_the_run_awaits_everything() {
    let scenario = Scenario::new("a handler", || async {
        fault_at("db.connect").ok(|| 1_u8).err(|| "refused").only(&["err"]);
        let service = Service { run: nevernone::run(), ready: Arc::default() };
        let ready = Arc::clone(&service.ready);
        drop(service.run.daemon("gets ready", async move {
            tokio::time::sleep(millis(5)).await;
            ready.store(true, Ordering::SeqCst);
        }));
        let router = Router::new().route("/", get(handler)).with_state(service.clone());
        let request = Request::get("/").body(Body::empty()).unwrap();
        let status = router.oneshot(request).await.unwrap().status();
        service.run.event("answered");
        service.run.require("one of three", status == 200 || status == 502 || status == 503);
        service.run.sometimes("served", status == 200);
        sometimes("refused", status == 502);
        sometimes("given up", status == 503);
    });
    let report = search(&scenario.preemptions(0).faults(1).cancellations(1).panics(0));
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    assert!(["served", "refused", "given up"].iter().all(|goal| hits(&report, goal) > 0), "{:?}", report.sometimes);
}

#[test]
fn futures_of_the_api_can_be_sent_and_most_of_them_shared() {
    let scenario = Scenario::new("futures", || async {
        let (one, two) = (sent_and_shared(any_moment("a")), sent_and_shared(nevernone::run().any_moment("b")));
        let nothing = sent_and_shared(cancellable("c", std::future::ready(())));
        let come = sent_and_shared(eventually("d", secs(1), || true));
        let here = sent_and_shared(point("e", std::future::ready(())));
        let on = sent_and_shared(may_panic("f", std::future::ready(())));
        tokio::join!(one, two, come, here, on);
        assert_eq!(nothing.await, Ok(()));
    });
    assert_eq!(search(&scenario.preemptions(0)).verdict, Verdict::Verified);
}

#[test]
fn what_cannot_be_sent_is_still_taken() {
    let scenario = Scenario::new("of one thread", || async {
        let seen = Rc::new(Cell::new(0));
        let (one, two) = (Rc::clone(&seen), Rc::clone(&seen));
        assert_eq!(cancellable("counts", async move { one.replace(1) }).await, Ok(0));
        spawn("counts", async move { two.set(2) }).await;
        drop(daemon("holds", std::future::pending::<Rc<()>>()));
        eventually("counted", secs(1), watch(&seen, |seen| seen.get() == 2)).await;
    });
    assert_eq!(search(&scenario).verdict, Verdict::Verified);
}

#[test]
fn a_handle_draws_as_the_functions_do() {
    let scenario = Scenario::new("draws", || async {
        let run = nevernone::run();
        let drawn = (run.choose("a", 3), run.clone().fault("place", &["err"]).is_some());
        run.sometimes("all of it", drawn == (2, true));
    });
    let report = search(&scenario);
    assert_eq!((report.verdict, report.runs, hits(&report, "all of it")), (Verdict::Verified, 6, 1));
}
