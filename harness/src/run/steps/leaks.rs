//! Who is alive although the run has ended.

use super::Steps;
use crate::ending::{Ending, Failure};

impl Steps {
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
