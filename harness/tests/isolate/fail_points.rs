//! Fail points need what a process for each run takes away.

use nevernone::{Scenario, Verdict, fail_point};

use crate::{fresh, search};

fn connect() -> Result<(), String> {
    fail::fail_point!("isolated: connect", |why| Err(why.unwrap_or_default()));
    Ok(())
}

#[test]
fn a_point_in_a_process_for_each_run_is_refused_by_name() {
    let scenario = Scenario::new("drives a point", || async {
        fail_point("isolated: connect").returns(&["refused"]);
        let _ = connect();
    });
    fresh(|| {
        let report = search(&scenario.isolated());
        assert_eq!(report.verdict, Verdict::Incomplete, "{report:#?}");
        let told = report.uncontrolled.first().expect("the reason");
        assert!(told.contains("the fail point `isolated: connect` cannot be driven"), "{told}");
        assert!(told.contains("leave `isolate = \"process\"` out"), "{told}");
    });
}
