//! Panics of spawned tasks: seen by somebody, or by nobody.

use nevernone::tokio;
use nevernone::{Scenario, Verdict};

use crate::search;

#[test]
fn a_panic_that_the_handle_tells_fails_no_run() {
    let scenario = Scenario::new("observed", || async {
        let error = tokio::spawn(async { panic!("boom") }).await.unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.into_panic().downcast_ref(), Some(&"boom"));
    });
    let report = search(&scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
}

#[test]
fn a_panic_of_a_detached_task_fails_the_run_at_its_line() {
    let scenario = Scenario::new("unobserved", || async {
        drop(tokio::spawn(async { panic!("boom") }));
        tokio::task::yield_now().await;
    });
    let failure = search(&scenario).failure.expect("found");
    assert_eq!(failure.property, "panic");
    assert!(failure.message.contains("boom") && failure.file.as_deref() == Some(file!()), "{failure:?}");
}
