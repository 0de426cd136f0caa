//! Aborted tasks: who is dropped when, and what becomes of one that aborts itself.

use std::sync::Arc;

use nevernone::tokio;
use nevernone::{always, millis, sometimes};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::{hits, verified};

#[test]
fn an_aborted_task_and_others_are_dropped_in_every_order() {
    // The last poll of the body, which joins nobody, comes after both: who of two is dropped first is one of two.
    let report = verified(|| async {
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let tasks = ["a", "b"].map(|name| {
            let order = Arc::clone(&order);
            tokio::spawn(async move {
                let _tells = Tells(name, order);
                std::future::pending::<()>().await;
            })
        });
        tokio::time::sleep(millis(1)).await;
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        tokio::time::sleep(millis(1)).await;
        sometimes("a first", *order.lock().unwrap() == ["a", "b"]);
        sometimes("b first", *order.lock().unwrap() == ["b", "a"]);
    });
    assert_eq!(hits(&report, "a first") + hits(&report, "b first"), report.runs);
    assert_eq!(hits(&report, "a first"), hits(&report, "b first"));
}

struct Tells(&'static str, Arc<std::sync::Mutex<Vec<&'static str>>>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[test]
fn a_task_that_aborts_itself_is_dropped_in_the_same_step() {
    verified(|| async {
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let log = Arc::clone(&order);
        always("dropped at once", move || *log.lock().unwrap() != ["aborts"]);
        let (tell, told) = oneshot::channel::<AbortHandle>();
        let task = tokio::spawn(async move {
            let _tells = Tells("dropped", Arc::clone(&order));
            told.await.unwrap().abort();
            order.lock().unwrap().push("aborts");
            std::future::pending::<()>().await;
        });
        tell.send(task.abort_handle()).unwrap();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
    });
}

#[test]
fn a_task_that_aborts_itself_ends_where_it_waits_next_or_with_its_output() {
    verified(|| async {
        for waits in [true, false] {
            let (tell, told) = oneshot::channel::<AbortHandle>();
            let task = tokio::spawn(async move {
                told.await.unwrap().abort();
                if waits {
                    std::future::pending::<()>().await;
                }
                7
            });
            tell.send(task.abort_handle()).unwrap();
            let ended = task.await;
            assert_eq!(ended.as_ref().ok(), (!waits).then_some(&7));
            assert!(ended.is_ok() || ended.is_err_and(|error| error.is_cancelled()));
        }
    });
}
