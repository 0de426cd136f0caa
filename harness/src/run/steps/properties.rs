//! What must hold after each step.

use super::Steps;
use crate::ending::Failure;
use crate::run::context::Goal;
use crate::run::panics::catch;

impl Steps {
    /// Runs every property, and admits whoever waited for one that came true. They are taken out meanwhile: a property
    /// is code of the scenario and may end up here.
    pub(super) fn check_properties(&mut self) {
        let mut properties = {
            let mut state = self.state.borrow_mut();
            if state.properties.is_empty() {
                return;
            }
            std::mem::take(&mut state.properties)
        };
        let mut came_true = false;
        properties.retain_mut(|property| {
            {
                let mut state = self.state.borrow_mut();
                state.timeline.acts(&property.name);
                state.judging = true;
            }
            let held = catch(|| (property.holds)());
            let mut state = self.state.borrow_mut();
            state.judging = false;
            let failure = |message: String| Failure {
                property: property.name.clone().into_owned(),
                message,
                location: Some(property.caller.into()),
            };
            match (held, &property.goal) {
                (Ok(Some(true)), Goal::Once(waker)) => {
                    waker.wake_by_ref();
                    came_true = true;
                    return false;
                }
                (Ok(Some(false)), Goal::Always) => state.fail(failure("does not hold".to_owned())),
                (Err(caught), _) => state.fail(failure(format!("the property panicked: {}", caught.message))),
                _ => {}
            }
            true
        });
        let mut state = self.state.borrow_mut();
        properties.append(&mut state.properties);
        state.properties = properties;
        drop(state);
        if came_true {
            self.settle();
        }
    }
}
