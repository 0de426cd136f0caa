//! What `cargo nevernone` asks of a test's process, and what that answers: between two programs of one version, so nothing
//! here is a contract.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::campaign::{BoundsOverride, ExplorerChoice};
use crate::explore::Bounds;
use crate::report::{Build, ScenarioReport};
use crate::run::TimelineEntry;
use crate::shard::Fingerprint;
use crate::verdict::Verdict;

/// Holds an [`Order`], as JSON.
pub(crate) const VARIABLE: &str = "NEVERNONE_DRIVE";

/// Of what stands in this file. A program that was installed from another version is told so.
pub(crate) const VERSION: u32 = 1;

/// What every version's order begins with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) version: u32,
    /// The file that the answer goes to.
    pub(crate) answer: PathBuf,
}

/// One errand.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) task: Task,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Tell bounds and size.
    List {
        unbounded: bool,
        descents: u32,
    },
    /// Tell what a checkpoint must know.
    Describe(BoundsOverride),
    Check(Box<Search>),
    Replay {
        token: String,
    },
}

/// How far to search.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Search {
    pub(crate) bounds: BoundsOverride,
    pub(crate) explorer: ExplorerChoice,
    pub(crate) max_time: Option<Duration>,
    pub(crate) jobs: NonZeroUsize,
    /// `K/N`.
    pub(crate) shard: Option<String>,
    /// Exists, and this search is one of those that it is of.
    pub(crate) checkpoint: Option<PathBuf>,
    /// The file that tells how far the search has come, where somebody looks.
    pub(crate) progress: Option<PathBuf>,
    /// The whole command was interrupted before this search began.
    pub(crate) interrupted: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Listed(Box<Listed>),
    Described {
        fingerprint: Box<Fingerprint>,
        bounds: Bounds,
    },
    /// The search has begun. If this is the last word, the process died, and this is its report.
    Begun(Box<Checked>),
    Checked(Box<Checked>),
    Replayed {
        text: String,
        as_expected: bool,
    },
    /// It cannot be carried out.
    Refused(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) expected: Verdict,
    pub(crate) bounds: Bounds,
    /// Mean and half width.
    pub(crate) size: (f64, f64),
    /// The same without bounds, where that was asked for.
    pub(crate) unbounded: Option<(f64, f64)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Checked {
    /// Of the tests, which may be built with another tokio than whoever drives them.
    pub(crate) build: Build,
    pub(crate) report: ScenarioReport,
    /// The failure's, which is no part of a report.
    pub(crate) timeline: Vec<TimelineEntry>,
}

impl Checked {
    pub(crate) fn new(build: Build, report: ScenarioReport) -> Self {
        let timeline = report.failure.as_ref().map(|failure| failure.timeline.clone()).unwrap_or_default();
        Checked { build, report, timeline }
    }

    /// The report with everything in its place again.
    #[cfg(feature = "cli")]
    pub(crate) fn into_report(mut self) -> ScenarioReport {
        if let Some(failure) = &mut self.report.failure {
            failure.timeline = self.timeline;
        }
        self.report
    }
}
