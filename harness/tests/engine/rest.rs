//! Events of the outside world beside loops that never rest.

use nevernone::{Scenario, Verdict, any_moment, daemon, millis, secs, spawn};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::search;

async fn pings() {
    loop {
        sleep(secs(1)).await;
    }
}

fn beside(pinging: fn()) -> Scenario {
    Scenario::new("an event", move || async move {
        pinging();
        any_moment("it happens").await;
    })
}

/// What remains to be chosen is after how many of the pings it happens.
#[test]
fn beside_a_daemon_that_never_rests_an_event_comes_in_the_end() {
    let report = search(&beside(|| drop(daemon("pings", pings()))).rest(3).preemptions(0));
    assert_eq!((report.verdict, report.cut_short), (Verdict::Verified, Vec::new()));
    // However often the clock has moved, up to three times: beside the daemon that is ready (then the one or the other is
    // polled first), or at the idle point after its poll, where in the end nothing else is left.
    assert_eq!(report.runs, 4 * (2 + 1));
    assert!(report.notes.iter().any(|note| note.contains("put off")), "{:?}", report.notes);
}

#[test]
fn a_spawned_task_that_never_rests_is_background_as_well() {
    let report = search(&beside(|| drop(tokio::spawn(pings()))));
    assert_eq!((report.verdict, report.cut_short), (Verdict::Verified, Vec::new()));
}

/// Somebody whom the run waits for is awake now and then: the event can come between any two of these times.
#[test]
fn while_the_foreground_moves_an_event_can_be_put_off() {
    let scenario = |rest| {
        let body = || async {
            drop(spawn("startup", async {
                for _ in 0..6 {
                    sleep(millis(100)).await;
                }
            }));
            any_moment("a request arrives").await;
        };
        search(&Scenario::new("a slow startup", body).rest(rest))
    };
    let (short, long) = (scenario(1), scenario(10));
    assert_eq!((short.verdict, short.runs), (long.verdict, long.runs));
    assert_eq!(short.notes, Vec::<String>::new());
}

#[test]
fn a_hang_beside_a_loop_is_told_for_what_it_is() {
    let scenario = Scenario::new("a hang", || async {
        daemon("pings", pings());
        Notify::new().notified().await;
    });
    let report = search(&scenario);
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert!(report.cut_short[0].contains("hangs, beside a loop whose timers never end"), "{:?}", report.cut_short);
}
