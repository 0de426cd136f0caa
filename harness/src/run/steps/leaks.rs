//! Who is alive although the run has ended.

use super::Steps;
use crate::ending::{Ending, Failure};
use crate::run::host::Flow;
use crate::run::panics::catch;
#[cfg(feature = "net")]
use crate::run::tasks::FIRST_OUTBOX;
use crate::run::tasks::LANE;

/// Who is ready still after so many turns yields for ever.
const LAST_TURNS: u32 = 1_000;

impl Steps {
    /// Where leaks are denied: lets daemons and spawned tasks that are ready run on, first-in-first-out and without any
    /// draw, before anybody is called a leak. Who was told to stop in the foreground's last step, or ends when the last
    /// handle to it is dropped, needs a turn to do so; and some last handles are held by properties. No time passes.
    /// `None` where nobody is ready any more.
    pub(super) fn last_turn(&mut self) -> Option<Flow> {
        if !self.state.borrow().rules.deny_leaks {
            return None;
        }
        let turns = if let Some(turns) = self.last_turns {
            turns.checked_sub(1)?
        } else {
            self.let_go_of_handles();
            LAST_TURNS
        };
        self.last_turns = Some(turns);
        let Some(first) = self.ready.first() else {
            // What the handles' destructors woke is seen after this step.
            return (turns == LAST_TURNS).then_some(Flow::Continue);
        };
        if first.task == LANE {
            return Some(self.lane_alone());
        }
        #[cfg(feature = "net")]
        if first.task >= FIRST_OUTBOX {
            self.deliver(0);
            return Some(Flow::Continue);
        }
        self.poll(0);
        Some(Flow::Continue)
    }

    fn let_go_of_handles(&mut self) {
        let handles = {
            let mut state = self.state.borrow_mut();
            // From here on there is nothing to choose.
            state.heal.begun = true;
            (std::mem::take(&mut state.properties), std::mem::take(&mut state.heal.hooks))
        };
        if let Err(caught) = catch(|| drop(handles)) {
            self.report_panic(0, &caught);
        }
    }

    /// Refuses daemons, and tasks that the runtime owns, where the scenario denies leaks. Called before they are dropped.
    pub(super) fn deny_leaks(&self, ending: Ending) -> Ending {
        if ending != Ending::Passed || !self.state.borrow().rules.deny_leaks {
            return ending;
        }
        let daemons = self.tasks.iter().filter(|task| task.future.is_some());
        let mut alive: Vec<String> = daemons.map(|task| format!("`{}`", task.name)).collect();
        match self.lane.alive() {
            0 => {}
            1 => alive.push("a task of `tokio::spawn`".to_owned()),
            count => alive.push(format!("{count} tasks of `tokio::spawn`")),
        }
        if alive.is_empty() {
            return ending;
        }
        Ending::Failed(Failure {
            property: "leak".to_owned(),
            message: format!("still alive when the run ended: {}", alive.join(", ")),
            location: None,
        })
    }
}
