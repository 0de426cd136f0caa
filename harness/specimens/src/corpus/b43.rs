//! B43, wrong-home (jupyter-server/jupyter_server#935): a lock that was made while a module was imported belonged to
//! the event loop of that moment, and was then used on another one. tokio's timers have a home in the same way: one
//! that was made inside a runtime which nobody drives any more never fires, whoever awaits it.

use std::cell::Cell;
use std::rc::Rc;

use nevernone::{Scenario, choose, daemon, eventually, secs, sometimes, watch};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, Interval, interval_at};

use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B43",
    class: "wrong-home",
    reference: "https://github.com/jupyter-server/jupyter_server/pull/935",
    broken: || scenario("B43/broken", timer_from_the_start),
    fixed: || scenario("B43/fixed", timer_where_it_runs),
};

/// Beats once a second.
#[derive(Default)]
struct Heart {
    timer: Option<Interval>,
}

fn every_second() -> Interval {
    interval_at(Instant::now() + secs(1), secs(1))
}

fn timer_from_the_start() -> Heart {
    Heart { timer: Some(every_second()) }
}

fn timer_where_it_runs() -> Heart {
    Heart::default()
}

impl Heart {
    async fn run(self, beats: Rc<Cell<u32>>) {
        let mut timer = self.timer.unwrap_or_else(every_second);
        loop {
            timer.tick().await;
            beats.set(beats.get() + 1);
        }
    }
}

/// The runtime of an earlier part of the process, such as the one that read the configuration.
struct Import(Option<Runtime>);

impl Import {
    fn new() -> Self {
        Import(Some(Builder::new_current_thread().enable_time().build().expect("a runtime without a thread")))
    }

    /// What `make` makes is at home there.
    fn within(&self, make: fn() -> Heart) -> Heart {
        let _entered = self.0.as_ref().map(Runtime::enter);
        make()
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        // Dropping a runtime waits, which is forbidden inside another one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn scenario(name: &'static str, make: fn() -> Heart) -> Scenario {
    Scenario::new(name, move || async move {
        let import = Import::new();
        let imported_early = choose("who touches it first: the service, or an import", 2) == 1;
        let heart = if imported_early { import.within(make) } else { make() };
        sometimes("it was made in another runtime", imported_early);
        let beats = Rc::new(Cell::new(0));
        daemon("heart", heart.run(Rc::clone(&beats)));
        eventually("the heart beats", secs(10), watch(&beats, |beats| beats.get() >= 3)).await;
    })
}
