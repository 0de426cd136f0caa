//! One model of what a campaign found, and its printers. `report.json` is a contract: fields may be added, never
//! changed.

pub mod annotations;
mod costly;
mod explanation;
pub mod files;
#[cfg(feature = "html")]
mod html;
mod junit;
mod markup;
pub(crate) mod places;
#[cfg(feature = "cli")]
pub mod table;
pub mod terminal;
mod timeline;

pub use costly::CostlyChoice;
pub use explanation::{Certainty, DrawMark, Explanation, Inevitable, Others, RunSize};
pub use files::Written;

use serde::{Deserialize, Serialize};

use crate::explore::Bounds;
use crate::run::{FaultTally, SometimesTally, StuckTask, TimelineEntry};
use crate::shard::{Fingerprint, UnitReport, one_a_line};
use crate::verdict::Verdict;

/// A whole `report.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Of this format: 1.
    pub version: u32,
    /// What was built.
    pub build: Build,
    /// In the order in which they were named or listed.
    pub scenarios: Vec<ScenarioReport>,
}

/// What the numbers were measured with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Build {
    /// The framework's version.
    pub nevernone: String,
    /// The version of tokio, as far as its source paths tell.
    pub tokio: String,
    /// Whether tokio behaved as the engine needs it.
    pub calibrated: bool,
    /// Whether it was built without debug assertions, as release builds are; unoptimised code is about 12 times slower.
    pub optimised: bool,
}

/// What was found out about one scenario.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScenarioReport {
    /// How it is called on the command line.
    pub name: String,
    /// The answer.
    pub verdict: Verdict,
    /// The answer that is right.
    pub expected: Verdict,
    /// By which property a failure is expected; `null` is any.
    pub expected_property: Option<String>,
    /// Whether verdict and expectation fit.
    pub ok: bool,
    /// Which explorer fed the choices.
    pub explorer: String,
    /// The random explorer's seed.
    pub seed: Option<u64>,
    /// Distinct complete choice sequences.
    pub runs: u64,
    /// All executions: probes, void and doubled runs included.
    pub executions: u64,
    /// Steps of all executions.
    pub steps: u64,
    /// How many runs there are about, where not all were executed.
    pub estimate: Option<f64>,
    /// Within which it was searched; `null` is unbounded.
    pub bounds: Bounds,
    /// The most tasks that the code under test had given to `tokio::spawn` and that were alive at once; 0 where there were
    /// none. Their polls are interleaved whole and in tokio's own order, which bounds the search as well.
    pub lane: usize,
    /// `process` where each run had a process of its own, with fresh statics; `null` where all runs shared one.
    #[serde(default)]
    pub isolation: Option<String>,
    /// Up to which total cost every run was executed; `null` with verdict `verified` is all of them.
    pub complete_to_cost: Option<u32>,
    /// Which part of the tree this is, of a search in shards.
    pub shard: Option<ShardReport>,
    /// The parts that were searched to their end, of a search in shards.
    #[serde(serialize_with = "one_a_line")]
    pub units: Vec<UnitReport>,
    /// Why runs, or the search, were stopped early.
    pub cut_short: Vec<String>,
    /// What no choice explains.
    pub uncontrolled: Vec<String>,
    /// What to do about an incomplete search.
    pub advice: Option<String>,
    /// What the scenario asks for and does not offer: no reason to be red, and worth a look.
    pub notes: Vec<String>,
    /// The kinds of cost that there was anything of to choose, as the bounds are called.
    pub offered: Vec<String>,
    /// Real time.
    pub seconds: f64,
    /// Executions per second of real time.
    pub runs_per_second: f64,
    /// Goals.
    pub sometimes: Vec<SometimesTally>,
    /// Declared faults.
    pub faults: Vec<FaultTally>,
    /// Places that code came to with `point` or `fault`, described or not, where the scenario describes any.
    #[serde(default)]
    pub places: Vec<String>,
    /// The cheapest failure.
    pub failure: Option<FailureReport>,
}

/// Which part of a tree was searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardReport {
    /// Which one, from 1.
    pub index: u32,
    /// Of how many.
    pub of: u32,
    /// All of this shard was searched, as far as no failure made the rest uninteresting.
    pub complete: bool,
    /// How many units the whole tree was cut into; 0 where the search ended before it was cut.
    pub units_in_all: u32,
    /// Names how the tree was cut: a hash of the units' chains in lexicographic order.
    pub partition: String,
    /// What was searched.
    pub fingerprint: Fingerprint,
}

/// A failing run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FailureReport {
    /// What did not hold.
    pub property: String,
    /// What was wrong.
    pub message: String,
    /// The property's own file.
    pub file: Option<String>,
    /// The property's own line.
    pub line: Option<u32>,
    /// What the run cost.
    pub cost: u32,
    /// How many steps it took.
    pub steps: u32,
    /// Replays it.
    pub token: String,
    /// The line to type that replays it, where whoever searched said how the program is called.
    #[serde(default)]
    pub replay: Option<String>,
    /// What the cost is made of.
    #[serde(default)]
    pub costs: Vec<CostlyChoice>,
    /// How small it is, and what in it matters.
    pub explanation: Explanation,
    /// Of a stuck run: who waits, since when, where and for what.
    pub stuck: Vec<StuckTask>,
    /// What happened in it.
    #[serde(default, serialize_with = "one_a_line")]
    pub timeline: Vec<TimelineEntry>,
}

impl ScenarioReport {
    /// The exit code of this scenario alone.
    pub fn exit_code(&self) -> u8 {
        if self.ok { 0 } else { self.verdict.exit_code() }
    }
}

impl Report {
    /// Gathers what was found; `calibrated` is what [`calibration`](crate::campaign::calibration) said.
    pub fn new(scenarios: Vec<ScenarioReport>, calibrated: bool) -> Self {
        let build = Build {
            nevernone: env!("CARGO_PKG_VERSION").to_owned(),
            tokio: crate::tokio_version::tokio_version().to_owned(),
            calibrated,
            optimised: !cfg!(debug_assertions),
        };
        Report { version: 1, build, scenarios }
    }

    /// Says how each failure is replayed: `line` makes the line to type of a scenario and a token.
    #[must_use]
    pub fn replayed_by(mut self, line: impl Fn(&ScenarioReport, &str) -> String) -> Self {
        for scenario in &mut self.scenarios {
            let replay = scenario.failure.as_ref().map(|failure| line(scenario, &failure.token));
            if let Some(failure) = &mut scenario.failure {
                failure.replay = replay;
            }
        }
        self
    }

    /// The exit code of all scenarios together.
    pub fn exit_code(&self) -> u8 {
        crate::verdict::exit_code(self.scenarios.iter().map(ScenarioReport::exit_code))
    }
}
