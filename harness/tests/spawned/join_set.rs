//! `JoinSet`: joined in the order in which they end, aborted when it goes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use nevernone::tokio;
use nevernone::{Scenario, Verdict, millis, sometimes};
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

use crate::{search, verified};

#[test]
fn tasks_are_joined_in_every_order_in_which_they_end() {
    let orders: Arc<Mutex<BTreeSet<Vec<u32>>>> = Arc::default();
    let into = Arc::clone(&orders);
    let scenario = Scenario::new("orders", move || {
        let into = Arc::clone(&into);
        async move {
            let ended = Arc::new(Mutex::new(Vec::new()));
            let mut set = JoinSet::new();
            for number in 0..3 {
                let ended = Arc::clone(&ended);
                set.spawn(async move {
                    ended.lock().unwrap().push(number);
                    number
                });
            }
            let mut joined = Vec::new();
            while let Some(number) = set.join_next().await {
                joined.push(number.unwrap());
            }
            assert_eq!(joined, *ended.lock().unwrap());
            into.lock().unwrap().insert(joined);
        }
    });
    // No cuts: where a join is denied, tokio itself puts that task behind others that have ended.
    assert_eq!(search(&scenario.preemptions(0)).verdict, Verdict::Verified);
    assert_eq!(orders.lock().unwrap().len(), 6, "{orders:?}");
}

/// Counts who is alive.
struct Alive(Arc<AtomicU32>);

impl Alive {
    fn new(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Alive(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Two tasks that hold something for two polls.
fn two(alive: &Arc<AtomicU32>) -> JoinSet<()> {
    let task = |alive: Alive| async move {
        let _alive = alive;
        yield_now().await;
    };
    (0..2).map(|_| task(Alive::new(alive))).collect()
}

#[test]
fn a_set_that_is_dropped_aborts_its_tasks_wherever_they_are() {
    verified(|| async {
        let alive = Arc::default();
        let set = two(&alive);
        yield_now().await;
        drop(set);
        let left = alive.load(Ordering::Relaxed);
        sometimes("both were running", left == 2);
        sometimes("one was", left == 1);
        sometimes("none was", left == 0);
        sleep(millis(1)).await;
        assert_eq!(alive.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn a_shut_down_set_is_empty_when_every_destructor_has_run() {
    verified(|| async {
        let alive = Arc::default();
        let mut set = two(&alive);
        yield_now().await;
        set.shutdown().await;
        assert_eq!((alive.load(Ordering::Relaxed), set.len(), set.is_empty()), (0, 0, true));
    });
}

#[test]
fn aborted_tasks_stay_in_the_set_until_they_are_joined() {
    verified(|| async {
        let alive = Arc::default();
        let mut set = two(&alive);
        yield_now().await;
        set.abort_all();
        assert_eq!(set.len(), 2);
        let mut cancelled = 0;
        while let Some(joined) = set.join_next_with_id().await {
            cancelled += u32::from(joined.is_err_and(|error| error.is_cancelled()));
        }
        for count in [("none in time", 0), ("one in time", 1), ("both in time", 2)] {
            sometimes(count.0, cancelled == count.1);
        }
    });
}

#[test]
fn detached_tasks_run_on() {
    verified(|| async {
        let done = Arc::new(AtomicU32::new(0));
        let mut set = JoinSet::default();
        let counts = Arc::clone(&done);
        set.spawn_on(
            async move {
                yield_now().await;
                counts.fetch_add(1, Ordering::Relaxed);
            },
            &tokio::runtime::Handle::current(),
        );
        set.detach_all();
        assert!(set.is_empty());
        drop(set);
        sleep(millis(1)).await;
        assert_eq!(done.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn all_outputs_come_in_the_order_of_their_ends_and_a_task_that_aborts_itself_gives_its_own() {
    verified(|| async {
        let mut set = JoinSet::new();
        let (tell, told) = tokio::sync::oneshot::channel::<tokio::task::AbortHandle>();
        let handle = set.spawn(async move {
            told.await.unwrap().abort();
            1
        });
        set.spawn(async {
            sleep(millis(1)).await;
            2
        });
        assert!(set.try_join_next().is_none());
        let id = handle.id();
        tell.send(handle).unwrap();
        let first = set.join_next_with_id().await.unwrap().unwrap();
        assert_eq!(first, (id, 1));
        set.extend([async { 3 }]);
        assert_eq!(set.join_all().await, [3, 2]);
    });
}
