//! Rollbacks: in reverse, whatever an undoing does, and wherever nobody waits for it.

use super::*;

/// A phase whose undoing waits this long and then comes to `ended`.
fn waiting(name: &'static str, wait: Duration, ended: Result<(), Problem>) -> Phase<Diary, Problem, ()> {
    noted(name).undo_waiting(move |diary: Diary, _| async move {
        diary.note(format!("undo {name}"));
        tokio::time::sleep(wait).await;
        diary.note(format!("undone {name}"));
        ended
    })
}

fn broken(name: &'static str) -> Phase<Diary, Problem, ()> {
    noted(name).undo(move |diary, _| {
        diary.note(format!("undo {name}"));
        Err(Problem::Final)
    })
}

fn panicking(name: &'static str) -> Phase<Diary, Problem, ()> {
    noted(name).undo(move |diary, _| {
        diary.note(format!("undo {name}"));
        panic!("planned")
    })
}

fn panicking_late(name: &'static str) -> Phase<Diary, Problem, ()> {
    noted(name).undo_waiting(move |diary: Diary, _| async move {
        diary.note(format!("undo {name}"));
        tokio::time::sleep(SHORT).await;
        panic!("planned late")
    })
}

fn panicking_early(name: &'static str) -> Phase<Diary, Problem, ()> {
    noted(name).undo_waiting(move |diary: Diary, _| {
        diary.note(format!("undo {name}"));
        let planned = diary.read().len() > 1;
        assert!(!planned, "planned early");
        std::future::ready(Ok(()))
    })
}

#[tokio::test(start_paused = true)]
#[tracing_test::traced_test]
async fn an_undoing_that_fails_panics_or_hangs_keeps_no_other_from_running() {
    let graph = Graph::new()
        .phase(noted("first"))
        .phase(broken("broken"))
        .phase(panicking_early("panicking early"))
        .phase(waiting("slow", SHORT, Err(Problem::Transient)))
        .phase(panicking("panicking"))
        .phase(waiting("hanging", Duration::MAX, Ok(())))
        .phase(panicking_late("panicking late"))
        .phase(failing("last", &[Problem::Final]))
        .undo_deadline(SHORT * 3);
    let (error, happened) = refused(graph).await;
    let undone: Vec<&str> =
        happened.iter().map(String::as_str).skip_while(|happened| !happened.starts_with("undo")).collect();
    insta::assert_snapshot!(undone.join(", "), @"undo last unfinished, undo panicking late, undo hanging, undo panicking, undo slow, undone slow, undo panicking early, undo broken, undo first");
    insta::assert_snapshot!(error.to_string().replace("; ", "\n"), @r"
    phase last failed: never
    undoing phase panicking late failed: it panicked: planned late
    undoing phase hanging failed: it did not end within 30 ms
    undoing phase panicking failed: it panicked: planned
    undoing phase slow failed: not yet
    undoing phase panicking early failed: it panicked: planned early
    undoing phase broken failed: never
    ");
    assert!(logs_contain("undoing phase hanging failed") && logs_contain("undo.failed"));
}

#[tokio::test(start_paused = true)]
async fn a_system_that_is_up_is_taken_down_in_reverse() {
    let plan = Graph::new().phase(noted("a")).phase(waiting("b", SHORT, Err(Problem::Final))).phase(noted("c")).plan();
    let (plan, diary) = (plan.unwrap(), Diary::default());
    let up = plan.start(&TokioEnv::new(), diary.clone()).await.unwrap();
    let left = up.stop().await.unwrap_err();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].to_string(), "undoing phase b failed: never");
    assert_eq!(diary.read()[3..], ["undo c", "undo b", "undone b", "undo a"]);

    let kept = Diary::default();
    plan.start(&TokioEnv::new(), kept.clone()).await.unwrap().keep();
    assert_eq!(kept.read(), ["a", "b", "c"], "whoever keeps it takes it down by other means");
}

#[tokio::test(start_paused = true)]
async fn what_need_not_wait_is_undone_before_a_drop_returns() {
    let plan = Graph::new().phase(noted("a")).phase(noted("b")).phase(hanging("c")).plan().unwrap();
    let diary = Diary::default();
    tokio::time::timeout(SHORT, plan.start(&TokioEnv::new(), diary.clone())).await.unwrap_err();
    assert_eq!(diary.read(), ["a", "b", "c", "undo c unfinished", "undo b", "undo a"]);
}

fn waits_in_the_middle() -> (Plan<Diary, Problem>, Diary) {
    let graph = Graph::new().phase(noted("a")).phase(waiting("b", SHORT, Ok(()))).phase(hanging("c"));
    (graph.plan().unwrap(), Diary::default())
}

#[tokio::test(start_paused = true)]
async fn what_has_to_wait_is_undone_in_a_task_once_nobody_else_can() {
    let (plan, diary) = waits_in_the_middle();
    tokio::time::timeout(SHORT, plan.start(&TokioEnv::new(), diary.clone())).await.unwrap_err();
    assert_eq!(diary.read()[3..], ["undo c unfinished"]);
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(diary.read()[3..], ["undo c unfinished", "undo b", "undone b", "undo a"]);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_is_dropped_goes_on_where_it_was() {
    let (plan, diary) = waits_in_the_middle();
    // The stop at 10 ms begins the rollback, and the drop comes in the middle of it, at 15.
    let env = TokioEnv::new();
    let start = plan.start_unless(&env, diary.clone(), tokio::time::sleep(SHORT));
    tokio::time::timeout(SHORT + SHORT / 2, start).await.unwrap_err();
    assert_eq!(diary.read()[3..], ["undo c unfinished", "undo b"]);
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(diary.read()[3..], ["undo c unfinished", "undo b", "undone b", "undo a"], "begun once, ended once");
}

#[test]
#[tracing_test::traced_test]
fn without_a_runtime_what_has_to_wait_is_given_up_and_the_rest_is_undone() {
    let (plan, diary) = waits_in_the_middle();
    let start = {
        let (plan, diary) = (plan, diary.clone());
        async move { plan.start(&TokioEnv::new(), diary).await.map(super::super::Up::keep) }
    };
    let mut start = Box::pin(start);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(start.as_mut().poll(&mut context).is_pending());
    drop(start);
    assert_eq!(diary.read()[3..], ["undo c unfinished", "undo a"]);
    assert!(logs_contain("undoing phase b failed: the runtime ended before it had"));
}

#[test]
#[tracing_test::traced_test]
fn a_runtime_that_ends_in_the_middle_of_a_rollback_leaves_nothing_that_need_not_wait() {
    let (plan, diary) = waits_in_the_middle();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(SHORT, plan.start(&TokioEnv::new(), diary.clone())).await.unwrap_err();
        tokio::task::yield_now().await;
    });
    assert_eq!(diary.read()[3..], ["undo c unfinished", "undo b"]);
    drop(runtime);
    assert_eq!(diary.read()[3..], ["undo c unfinished", "undo b", "undo a"]);
    assert!(logs_contain("undoing phase b failed: the runtime ended before it had"));
}
