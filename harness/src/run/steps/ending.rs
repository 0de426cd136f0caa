//! How a run ends: what is left is dropped, and what that does is told.

use super::Steps;
use super::choices::IfNothingWakes;
use crate::ending::{Ending, Failure};
use crate::run::context::State;
use crate::run::panics::{Caught, catch};
use crate::run::stuck::StuckTask;
use crate::run::tasks::Role;

impl Steps {
    /// Ends a run whose clock was moved although nothing will ever wake.
    pub(in crate::run) fn stop_stuck(&mut self) -> Ending {
        let ending = self.nothing_will_wake();
        self.finish(ending)
    }

    fn nothing_will_wake(&self) -> Ending {
        if let IfNothingWakes::Void { position } = self.if_nothing_wakes {
            return Ending::Void { position };
        }
        let waiting = |role| self.tasks.iter().filter(move |task| task.role == role && task.future.is_some());
        let names: Vec<&str> = waiting(Role::Foreground).map(|task| &*task.name).collect();
        let behind: Vec<&str> = waiting(Role::Spawned).map(|task| &*task.name).collect();
        let behind = if behind.is_empty() { String::new() } else { format!(", nor {}", behind.join(", ")) };
        let mut state = self.state.borrow_mut();
        if state.timeline.wanted {
            state.stuck = waiting(Role::Foreground).chain(waiting(Role::Spawned)).map(StuckTask::new).collect();
        }
        Ending::Failed(Failure {
            property: "stuck".to_owned(),
            message: format!(
                "nothing will ever wake again, and these have not ended: {}{behind}{}{}. The usual causes are a lock taken in two \
                 orders, a notification sent before anybody waited, a dependency that never answers without a timeout \
                 around it, and a real thread, which no run waits for",
                names.join(", "),
                self.lane_left_over(),
                left_on_the_way(&state),
            ),
            location: None,
        })
    }

    /// Ends the run: drops what is left of its tasks, and looks for panics that nobody observed.
    pub(super) fn finish(&mut self, ending: Ending) -> Ending {
        let mut ending = self.deny_leaks(self.or_unseen_panic(ending));
        for index in 0..self.tasks.len() {
            let future = self.tasks[index].future.take();
            if let Err(caught) = catch(|| drop(future)) {
                self.report_panic(index, &caught);
            }
        }
        let leftovers = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            // A place that the code never came to was declared all the same: its name may be misspelt.
            for place in &state.described {
                state.tally.declare(place.name, place.plan().kinds);
            }
            #[cfg(feature = "fail")]
            state.fail_points.declare(&mut state.tally);
            #[cfg(feature = "net")]
            state.network.declare(&mut state.tally);
            (
                take_all(&mut state.new_tasks),
                take_all(&mut state.moments),
                take_all(&mut state.cancellables),
                std::mem::take(&mut state.properties),
                std::mem::take(&mut state.sites),
                std::mem::take(&mut state.upsets),
                std::mem::take(&mut state.heal.hooks),
                #[cfg(feature = "net")]
                state.network.take_wakers(),
            )
        };
        if let Err(caught) = catch(|| drop(leftovers)) {
            self.report_panic(0, &caught);
        }
        #[cfg(feature = "fail")]
        self.state.borrow_mut().settle_fail_points();
        self.or_decided(&mut ending);
        ending
    }

    /// The runtime has dropped the spawned tasks that were left; `panic` is what a destructor of theirs did.
    pub(in crate::run) fn runtime_ended(&mut self, left: usize, panic: Option<&Caught>, mut ending: Ending) -> Ending {
        if left > 0 {
            self.note_lane(|| format!("the runtime drops what is left ({left} spawned tasks)"));
        }
        if let Some(caught) = panic {
            self.report_lane_panic(caught);
        }
        let leftovers = {
            let mut state = self.state.borrow_mut();
            (take_all(&mut state.new_tasks), take_all(&mut state.moments))
        };
        let _ = catch(|| drop(leftovers));
        #[cfg(feature = "fail")]
        self.state.borrow_mut().settle_fail_points();
        self.or_decided(&mut ending);
        ending
    }

    /// What was decided after a run had passed is its ending.
    fn or_decided(&self, ending: &mut Ending) {
        let decided = self.state.borrow_mut().decided.take();
        if let (Ending::Passed, Some(decided)) = (&*ending, decided) {
            *ending = decided;
        }
    }
}

/// What cannot arrive, for the list of those who wait for ever.
#[cfg(feature = "net")]
fn left_on_the_way(state: &State) -> String {
    state.network.told_of_held()
}

#[cfg(not(feature = "net"))]
fn left_on_the_way(_: &State) -> &'static str {
    ""
}

/// What is in the list. One that is empty keeps its memory for the next run.
fn take_all<T>(list: &mut Vec<T>) -> Vec<T> {
    if list.is_empty() { Vec::new() } else { std::mem::take(list) }
}
