//! The models: every execution that loom 0.7 models, within the printed bound, of the production code itself.
//!
//! `cargo loom` runs them all, `cargo loom NAME…` those whose names contain one of the words. Under plain `cargo test`
//! this says how, and passes: without the private cfg the crate is not built on loom's primitives.

#[cfg(nevernone_loom)]
#[path = "loom/arguments.rs"]
mod arguments;
#[cfg(nevernone_loom)]
#[path = "loom/gate.rs"]
mod gate;
#[cfg(nevernone_loom)]
#[path = "loom/runner.rs"]
mod runner;
#[cfg(nevernone_loom)]
#[path = "loom/singleton.rs"]
mod singleton;

use std::process::ExitCode;

#[cfg(nevernone_loom)]
fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse(std::env::args().skip(1));
    if arguments.list {
        return ExitCode::SUCCESS;
    }
    runner::run(singleton::MODELS, &arguments.words)
}

/// A runner that only lists tests is told of none: there is nothing to run one by one here.
#[cfg(not(nevernone_loom))]
fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    if std::env::var_os("NEVERNONE_LOOM").is_some() {
        eprintln!(
            "The loom models were asked for (NEVERNONE_LOOM is set), but this was compiled without `--cfg nevernone_loom`, \
             so nothing was checked. Most likely RUSTFLAGS (or CARGO_ENCODED_RUSTFLAGS) is set in the environment: it \
             makes cargo ignore the flags that `cargo loom` passes. Unset it, or add `--cfg nevernone_loom` to it."
        );
        return ExitCode::FAILURE;
    }
    println!("loom models: not run, this build has the standard primitives; `cargo loom` runs them");
    ExitCode::SUCCESS
}
