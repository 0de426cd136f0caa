//! One small scenario for everything that a search can come to.

use nevernone::{Scenario, always, choose, event, fault, fault_at, sometimes, spawn};
use tokio::sync::oneshot;
use tokio::task::yield_now;

pub(crate) fn sound() -> Scenario {
    Scenario::new("sound", || async {
        let part = choose("part", 3);
        sometimes("the last part", part == 2);
    })
}

/// Fails by `ready means wired` where the second part was drawn.
pub(crate) fn red() -> Scenario {
    Scenario::new("red", || async {
        let part = choose("part", 3);
        always("ready means wired", move || part != 1);
    })
}

/// More runs than anybody waits for.
pub(crate) fn endless() -> Scenario {
    Scenario::new("endless", || async {
        for task in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            drop(spawn(task, async {
                for _ in 0..20 {
                    yield_now().await;
                }
            }));
        }
    })
}

pub(crate) fn too_long() -> Scenario {
    sound().steps(0)
}

pub(crate) fn blocking() -> Scenario {
    Scenario::new("blocking", || async {
        drop(tokio::task::spawn_blocking(|| ()));
    })
}

/// A thread, which no choice explains, wakes a task.
pub(crate) fn threaded() -> Scenario {
    Scenario::new("threaded", || async {
        let (tell, told) = oneshot::channel();
        let waits = spawn("waits", told);
        yield_now().await;
        // Joined, so that the run is still there when the thread wakes the task.
        let _ = std::thread::spawn(move || tell.send(())).join();
        let _ = waits.await;
    })
}

pub(crate) fn unbiased() -> Scenario {
    Scenario::new("unbiased", || async {
        let _ = choose("a", 2);
        let left = tokio::select! { () = async {} => true, () = async {} => false };
        event(if left { "left" } else { "right" });
    })
}

pub(crate) fn goal_never_reached() -> Scenario {
    Scenario::new("no goal", || async {
        sometimes("the fourth part", choose("part", 3) == 3);
    })
}

/// A fault is declared, and the bounds admit it only beside another.
pub(crate) fn fault_never_fired() -> Scenario {
    Scenario::new("no fault", || async {
        if fault("db.connect", &["refused"]).is_some() {
            let _ = fault("db.retry", &["refused"]);
        }
    })
    .faults(1)
}

/// The scenario says `db.conect`, the production code `db.connect`.
pub(crate) fn misspelt() -> Scenario {
    Scenario::new("misspelt", || async {
        fault_at("db.conect").ok(|| 7_u32).err(|| "refused");
        let answer: Result<u32, &str> = nevernone_point::point("db.connect", async { Ok(7) }).await;
        assert_eq!(answer, Ok(7));
    })
    .faults(1)
}

pub(crate) fn with_lane() -> Scenario {
    Scenario::new("lane", || async {
        let (tell, told) = oneshot::channel();
        drop(tokio::spawn(async move { tell.send(()) }));
        assert_eq!(told.await, Ok(()));
    })
}

/// Asks for a cancellation where nothing can be cancelled.
pub(crate) fn with_notes() -> Scenario {
    Scenario::new("notes", || async {
        let _ = choose("part", 3);
    })
    .cancellations(1)
}
