//! What a run of the models came to: for people a line each, for programs one JSON file.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Model;

/// All that one call of the runner did. Written by `--json FILE`, before each model and after the last one: a process that
/// dies leaves the model during which it did so as `incomplete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Results {
    /// Of this format: 1. Fields may be added.
    pub version: u32,
    /// Every chosen model was `complete` or `bounded`.
    pub ok: bool,
    /// Of all models together.
    pub executions: u64,
    /// Real time, of all models together.
    pub seconds: f64,
    /// In the order in which they ran.
    pub models: Vec<ModelResult>,
}

/// What became of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelResult {
    /// As it is chosen on the command line.
    pub name: String,
    /// What every execution upholds.
    pub claim: String,
    /// How it ended.
    pub verdict: ModelVerdict,
    /// At most so many in one execution; None is any number.
    pub preemptions: Option<usize>,
    /// How many there were.
    pub executions: u64,
    /// Real time.
    pub seconds: f64,
    /// Why it is neither `complete` nor `bounded`.
    pub reason: Option<String>,
}

/// How a model ended. The first two are green.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelVerdict {
    /// Every execution that loom models was executed.
    Complete,
    /// Every one of those with at most so many preemptions.
    Bounded,
    /// An execution panicked: an assertion, a race, a deadlock, a leak.
    Failed,
    /// Something that should happen in one never did.
    Vacuous,
    /// It was not over after as many executions, or in the time, that it may take, or its process died.
    Incomplete,
    /// Its turn did not come, since one before it failed, or the time was up.
    NotRun,
}

impl Results {
    /// Before anything ran.
    pub(super) fn of(models: &[&Model]) -> Self {
        let models = models.iter().map(|model| ModelResult {
            name: model.name.to_owned(),
            claim: model.claim.to_owned(),
            verdict: ModelVerdict::NotRun,
            preemptions: model.preemptions,
            executions: 0,
            seconds: 0.0,
            reason: None,
        });
        Self { version: 1, ok: false, executions: 0, seconds: 0.0, models: models.collect() }
    }

    /// Sums up.
    pub(super) fn add_up(&mut self) {
        self.executions = self.models.iter().map(|model| model.executions).sum();
        self.seconds = self.models.iter().map(|model| model.seconds).sum();
        self.ok = self.models.iter().all(|model| model.verdict.is_green());
    }

    /// Replaces the file. Its folder is made.
    pub(super) fn write(&self, file: &Path) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())? + "\n";
        file.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(file, text))
            .map_err(|error| format!("{}: {error}", file.display()))
    }
}

impl ModelVerdict {
    /// What it claims was shown, within its bound.
    pub fn is_green(self) -> bool {
        matches!(self, Self::Complete | Self::Bounded)
    }
}

impl ModelResult {
    /// The model has begun: what stays in the file where its process dies.
    pub(super) fn begin(&mut self) {
        self.verdict = ModelVerdict::Incomplete;
        self.reason = Some("the process ended while this model ran".to_owned());
    }

    /// How far it was searched, in words.
    pub(super) fn reach(&self) -> String {
        self.preemptions.map_or_else(|| "complete".to_owned(), |bound| format!("bounded (preemptions <= {bound})"))
    }
}
