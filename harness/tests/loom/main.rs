//! `nevernone::loom`: its runner, as a shell meets it; its cells, beside those that they stand for, and in every
//! interleaving. No harness: the runner is the harness.

mod cells;
mod limits;
mod lines;
mod runner;
mod samples;
mod sequences;

use std::process::ExitCode;

use nevernone::loom::Model;

/// Set in the processes in which `runner` looks at models that fail.
const SAMPLES: &str = "NEVERNONE_TESTED_LOOM_SAMPLES";

fn main() -> ExitCode {
    if std::env::var_os(SAMPLES).is_some() {
        return nevernone::loom::run(samples::MODELS);
    }
    // A runner that lists or chooses wants models; everybody else gets the checks of the runner first.
    if std::env::args().len() == 1 {
        runner::check();
    }
    let models: Vec<Model> = [cells::MODELS, sequences::MODELS, lines::MODELS, limits::MODELS].concat();
    nevernone::loom::run(&models)
}
