//! Dependencies that are passed in, and places whose description does not fit.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use nevernone::{Fake, Scenario, Verdict, cancellable, fake, fault_at, millis, secs, sometimes, spawn};
use nevernone_point::point;
use tokio::time::{Instant, timeout};

use crate::{hits, search};

const OUTCOMES: [&str; 5] = ["connected", "refused", "hung", "late", "panicked"];

/// One attempt with a timeout: which of the five it was.
async fn attempt(connect: impl Future<Output = Result<u8, &'static str>> + 'static) -> &'static str {
    let started = Instant::now();
    let seen = Rc::new(Cell::new("panicked"));
    let tells = Rc::clone(&seen);
    let task = spawn("attempt", async move {
        tells.set(match timeout(secs(1), connect).await {
            Ok(Ok(1)) if started.elapsed() == millis(400) => "late",
            Ok(Ok(1)) => "connected",
            Ok(Err("refused")) => "refused",
            Err(_) => "hung",
            other => panic!("{other:?}"),
        });
    });
    let watching = tokio::time::sleep(secs(2));
    drop(task);
    watching.await;
    seen.get()
}

#[test]
fn a_fake_and_a_place_draw_the_same() {
    let by_fake = Scenario::new("a fake", || async {
        let database = fake("db").ok(|| 1_u8).err(|| "refused").late_by(millis(400));
        let outcome = attempt(database.call()).await;
        for name in OUTCOMES {
            sometimes(name, outcome == name);
        }
    });
    let by_place = Scenario::new("a place", || async {
        fault_at("db").ok(|| 1_u8).err(|| "refused").late_by(millis(400));
        let outcome = attempt(point("db", async { Err("no database in a test") })).await;
        for name in OUTCOMES {
            sometimes(name, outcome == name);
        }
    });
    let (fake, place) = (search(&by_fake.preemptions(0)), search(&by_place.preemptions(0)));
    assert_eq!((fake.verdict, place.verdict), (Verdict::Verified, Verdict::Verified), "{fake:#?}");
    assert_eq!((fake.runs, &fake.sometimes, &fake.faults), (place.runs, &place.sometimes, &place.faults));
    assert!(OUTCOMES.iter().all(|outcome| hits(&fake, outcome) > 0), "{:?}", fake.sometimes);
}

/// As pools take them: to be called again and again, from wherever.
async fn twice<F>(connect: impl Fn() -> F + Send + Sync + 'static) -> usize
where
    F: Future<Output = Result<u8, &'static str>> + Send,
{
    let connect = Arc::new(connect);
    let first = connect().await;
    let second = connect().await;
    usize::from(first.is_err()) + usize::from(second.is_err())
}

#[test]
fn clones_are_one_dependency_and_each_attempt_draws_afresh() {
    let scenario = Scenario::new("a connector", || async {
        let database = fake("db").ok(|| 1_u8).err(|| "refused").only(&["err"]);
        let counted = database.clone();
        let failed = twice(move || counted.call()).await;
        let failed = failed + usize::from(database.call().await.is_err());
        sometimes("all three", failed == 3);
    });
    let report = search(&scenario.faults(3));
    assert_eq!((report.verdict, report.runs), (Verdict::Verified, 8));
    assert_eq!((report.faults.len(), report.faults[0].fired), (1, 7), "{:?}", report.faults);
}

#[test]
fn an_attempt_that_is_never_polled_draws_nothing_and_one_that_is_dropped_makes_nothing() {
    let scenario = Scenario::new("attempts", || async {
        let made = Arc::new(Mutex::new(0));
        let counts = Arc::clone(&made);
        let database = fake("db").ok(move || *counts.lock().unwrap() += 1).err(|| "refused").only(&["err"]);
        drop(database.call());
        let outcome = cancellable("a caller", database.call()).await;
        let connected = outcome == Ok(Ok(()));
        assert_eq!(*made.lock().unwrap(), u32::from(connected));
    });
    // Answered or refused, and given up on the way to either.
    assert_eq!(search(&scenario.preemptions(0)).runs, 4);
}

#[test]
fn a_fake_that_outlived_its_run_is_told_so() {
    let kept: Arc<Mutex<Option<Fake<u8, &'static str>>>> = Arc::default();
    let scenario = Scenario::new("keeps its fake", move || {
        let kept = Arc::clone(&kept);
        async move {
            let second = nevernone::choose("which run", 2) == 1;
            let mut kept = kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let fake = kept.get_or_insert_with(|| fake("db").ok(|| 1).err(|| "refused")).clone();
            drop(kept);
            if second {
                drop(fake.call());
            }
        }
    });
    let failure = search(&scenario).failure.expect("found");
    assert!(failure.message.contains("was used after its run had ended"), "{}", failure.message);
    assert_eq!(failure.file.as_deref(), Some(file!()), "the line of the call");
}

#[test]
fn a_kind_that_there_is_none_of_is_refused_by_name() {
    let scenario = Scenario::new("misspelt", || async {
        drop(fake("db").ok(|| 1).err(|| "refused").only(&["latte"]));
    });
    let message = search(&scenario).failure.expect("refused").message;
    assert!(message.contains("`latte` is no kind of fault"), "{message}");
}

#[test]
fn a_description_of_another_type_fails_at_the_line_of_the_point_and_names_both() {
    let scenario = Scenario::new("another type", || async {
        fault_at("db").ok(|| 1_u16).err(|| "refused");
        let _ = point("db", async { Ok::<u8, &'static str>(1) }).await;
    });
    let failure = search(&scenario).failure.expect("found");
    let described = line!() - 4;
    assert_eq!((failure.file.as_deref(), failure.line, failure.cost), (Some(file!()), Some(described + 1), 0));
    let told =
        ["the point `db` awaits a `core::result::Result<u8, &str>`", "gives a `core::result::Result<u16, &str>`"];
    let at = format!("the `fault_at` of that name at {}:{described}:", file!());
    told.iter().chain([&at.as_str()]).for_each(|part| assert!(failure.message.contains(part), "{}", failure.message));
}
