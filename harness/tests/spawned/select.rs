//! `nevernone::tokio::select!`: its start is drawn, and it is tokio's in everything else.

use std::cell::Cell;
use std::future::{pending, ready};

use nevernone::campaign::replay;
use nevernone::tokio;
use nevernone::{Scenario, sometimes};
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;

use crate::{hits, search, verified};

#[test]
fn n_ready_branches_are_n_runs_and_each_comes_first_in_one() {
    let two = verified(|| async {
        let first = tokio::select! {
            () = ready(()) => 0,
            () = ready(()) => 1,
        };
        sometimes("1", first == 1);
    });
    assert_eq!((two.runs, hits(&two, "1")), (2, 1));
    let three = verified(|| async {
        let first = tokio::select! {
            n = ready(0) => n,
            n = ready(1) => n,
            n = async { 2 } => n,
        };
        sometimes("0", first == 0);
        sometimes("1", first == 1);
        sometimes("2", first == 2);
    });
    assert_eq!((three.runs, three.sometimes.iter().all(|goal| goal.hits == 1)), (3, true));
}

#[test]
fn biased_draws_nothing_and_begins_with_the_first() {
    let report = verified(|| async {
        let first = tokio::select! {
            biased;
            () = ready(()) => 0,
            () = ready(()) => 1,
            () = ready(()) => 2,
        };
        assert_eq!(first, 0);
    });
    assert_eq!(report.runs, 1);
}

#[test]
fn disabled_branches_are_no_alternatives() {
    let report = verified(|| async {
        let (yes, no) = (true, false);
        let first = tokio::select! {
            () = ready(()), if no => unreachable!(),
            () = ready(()), if yes => 1,
            () = ready(()), if no => unreachable!(),
            () = ready(()) => 3,
        };
        sometimes("1", first == 1);
        sometimes("3", first == 3);
        // One is left: nothing to draw.
        tokio::select! {
            () = ready(()), if no => unreachable!(),
            () = ready(()) => {}
        }
    });
    assert_eq!((report.runs, hits(&report, "1"), hits(&report, "3")), (2, 1, 1));
}

#[test]
fn the_start_is_drawn_at_every_poll() {
    // The first poll finds nothing, and the second finds both.
    let report = verified(|| async {
        let first = tokio::select! {
            () = yield_now() => 0,
            () = yield_now() => 1,
        };
        sometimes("1", first == 1);
    });
    assert_eq!((report.runs, hits(&report, "1")), (4, 2));
}

#[test]
fn a_branch_whose_pattern_does_not_match_is_disabled_and_else_comes_last() {
    let report = verified(|| async {
        let polled = Cell::new(0);
        let count = || polled.set(polled.get() + 1);
        let taken = tokio::select! {
            Some(n) = async { count(); None::<u32> } => n,
            Ok(n) = async { count(); Err::<u32, ()>(()) } => n,
            else => 7,
        };
        assert_eq!((taken, polled.get()), (7, 2));
    });
    assert_eq!(report.runs, 2);
    let report = verified(|| async {
        let (sender, mut receiver) = mpsc::channel(1);
        sender.send(1).await.unwrap();
        drop(sender);
        let mut sum = 0;
        loop {
            tokio::select! {
                Some(n) = receiver.recv() => sum += n,
                else => break,
            }
        }
        assert_eq!(sum, 1);
    });
    assert_eq!(report.runs, 1);
}

#[test]
fn all_disabled_without_else_panics() {
    let scenario = Scenario::new("no else", || async {
        let no = false;
        tokio::select! {
            () = pending(), if no => {}
        }
    });
    let failure = search(&scenario).failure.expect("a panic");
    assert!(failure.message.contains("all branches are disabled and there is no else branch"), "{}", failure.message);
}

#[test]
fn handlers_move_break_return_and_await() {
    async fn first_line(
        mut lines: mpsc::Receiver<String>,
        stop: oneshot::Receiver<()>,
    ) -> Result<String, &'static str> {
        let mut stop = stop;
        let owned = String::from("stopped");
        loop {
            tokio::select! {
                line = lines.recv() => match line {
                    Some(line) if line.is_empty() => {
                        yield_now().await;
                        continue;
                    }
                    Some(line) => return Ok(line),
                    None => Err("closed")?,
                },
                _ = &mut stop => break,
            }
        }
        Ok(owned)
    }
    let report = verified(|| async {
        let (sender, lines) = mpsc::channel(2);
        let (stops, stop) = oneshot::channel();
        sender.send(String::new()).await.unwrap();
        sender.send("line".to_owned()).await.unwrap();
        stops.send(()).unwrap();
        let line = first_line(lines, stop).await.unwrap();
        sometimes("a line", line == "line");
        sometimes("stopped", line == "stopped");
    });
    assert!(hits(&report, "a line") > 0 && hits(&report, "stopped") > 0);
}

#[test]
fn what_tokio_takes_as_a_branch_is_taken() {
    struct Point {
        x: u32,
        y: u32,
    }
    let report = verified(|| async {
        let mut lines = vec![String::from("a")];
        let mut made = String::from("mutable");
        let (a, b) = tokio::select! {
            biased;
            (mut a, ref b) = async { (1, String::from("b")) } => {
                a += 1;
                (a, b.clone())
            }
            Point { x, y: 1 | 2 } = async { Point { x: 1, y: 3 } } => (x, String::new()),
            | Ok(n) | Err(n) = async { Err::<u32, u32>(1) } => (n, String::new()),
            [first, .., last] = async { [1, 2, 3] } => (first + last, String::new()),
            n @ 1..=3 = async { 2_u32 } => (n, String::new()),
            _ = std::mem::take(&mut made).leave() => unreachable!(),
            &n = async { &3 } => (n, String::new()),
            Some(line) = async { lines.pop() }, if !made.is_empty() => (0, line),
        };
        assert_eq!((a, b.as_str()), (2, "b"));
        tokio::select! { _ = async {} => () };
        tokio::select! { else => () }
        tokio::select! { biased; else => {} }
    });
    assert_eq!(report.runs, 1);
}

trait Leave {
    async fn leave(self);
}

impl Leave for String {
    async fn leave(self) {}
}

#[test]
fn a_token_says_where_a_select_began() {
    let scenario = Scenario::new("begins with a stop", || async {
        let first = tokio::select! {
            () = ready(()) => "request",
            () = ready(()) => "stop",
        };
        assert_eq!(first, "request");
    });
    let failure = search(&scenario).failure.expect("found");
    assert!(failure.token.contains("value@select/2=1"), "{}", failure.token);
    let told = replay(&scenario, &failure.token.parse().expect("a token")).expect("it fits").to_string();
    assert!(told.contains("select! begins with branch 1"), "{told}");
}
