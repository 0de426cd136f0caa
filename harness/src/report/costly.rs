//! What a run's cost is made of.

use serde::{Deserialize, Serialize};

use crate::choice::{Cost, Tape};

/// A choice of a run that is not free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostlyChoice {
    /// Its place in the run, from 0, as in the token.
    pub draw: usize,
    /// The step in which it was made; `null` where the run never came to its end.
    pub step: Option<u32>,
    /// What was asked.
    pub label: String,
    /// What was chosen.
    pub kind: Cost,
}

impl CostlyChoice {
    /// Those of a recorded run, in order; `steps` holds each draw's step, as far as that is known.
    pub(crate) fn all(tape: &Tape, steps: &[u32]) -> Vec<Self> {
        let choices = tape.entries().iter().enumerate().map(|(draw, entry)| CostlyChoice {
            draw,
            step: steps.get(draw).copied(),
            label: entry.label.to_string(),
            kind: tape.cost(draw, entry.value),
        });
        choices.filter(|choice| choice.kind != Cost::Free).collect()
    }
}
