//! Runs models one after the other, with every bound of loom's set here, and believes no model that it did not count.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The message of panics that a model plans. Any other panic fails the model, even one that the code under test caught.
pub(crate) const PLANNED: &str = "planned by the model";

/// What one model claims and how far it is searched.
pub(crate) struct Model {
    pub(crate) name: &'static str,
    /// One sentence that every execution upholds.
    pub(crate) claim: &'static str,
    /// None: all executions that loom models. Some: those with at most so many preemptions.
    pub(crate) preemptions: Option<usize>,
    /// What can only happen in some interleavings: each must have come true in one, or the model proves nothing.
    pub(crate) sometimes: &'static [&'static Sometimes],
    pub(crate) body: fn(),
}

/// Something that should happen in at least one execution.
pub(crate) struct Sometimes {
    what: &'static str,
    seen: AtomicBool,
}

impl Sometimes {
    pub(crate) const fn new(what: &'static str) -> Self {
        Self { what, seen: AtomicBool::new(false) }
    }

    /// Notes that it happened, if it did.
    pub(crate) fn saw(&self, happened: bool) {
        self.seen.fetch_or(happened, Ordering::Relaxed);
    }
}

/// A model that runs longer than this is not a unit test: it fails, rather than being cut and called complete.
const MAX_EXECUTIONS: u64 = 5_000_000;
/// Loom gives an execution up, by a panic, after so many switches: here that means a loop that never ends.
const MAX_BRANCHES: usize = 10_000;

/// Runs the models whose names contain one of `words`, or all.
pub(crate) fn run(models: &[Model], words: &[String]) -> ExitCode {
    let wanted = |model: &&Model| words.is_empty() || words.iter().any(|word| model.name.contains(word.as_str()));
    let chosen: Vec<&Model> = models.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let names: Vec<_> = models.iter().map(|model| model.name).collect();
        eprintln!("no model's name contains any of {words:?}; there are: {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let unplanned = watch_panics();
    let start = Instant::now();
    let mut total = 0;
    for model in &chosen {
        println!("{}: {}", model.name, model.claim);
        match check(model, &unplanned) {
            Ok(executions) => total += executions,
            Err(reason) => {
                // The rest is not run: after a failure loom's own state is not to be trusted in this process.
                eprintln!("  FAILED: {}: {reason}", model.name);
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{} models, {total} executions, {:.1} s", chosen.len(), start.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}

fn check(model: &Model, unplanned: &Mutex<Vec<String>>) -> Result<u64, String> {
    let executions = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&executions);
    let body = model.body;
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        builder(model.preemptions).check(move || {
            let before = count.fetch_add(1, Ordering::Relaxed);
            assert!(before < MAX_EXECUTIONS, "not complete after {MAX_EXECUTIONS} executions: bound its preemptions");
            body();
        });
    }));
    let executions = executions.load(Ordering::Relaxed);
    let panics = std::mem::take(&mut *unplanned.lock().unwrap_or_else(PoisonError::into_inner));
    if outcome.is_err() || !panics.is_empty() {
        return Err(format!("in execution {executions}: {}", panics.join("\n  then ")));
    }
    let unseen = |sometimes: &&&Sometimes| !sometimes.seen.load(Ordering::Relaxed);
    if let Some(vacuous) = model.sometimes.iter().find(unseen) {
        return Err(format!("vacuous: in {executions} executions never \"{}\"", vacuous.what));
    }
    let reach =
        model.preemptions.map_or_else(|| "complete".to_owned(), |bound| format!("bounded (preemptions <= {bound})"));
    let seconds = start.elapsed().as_secs_f64();
    println!("  {executions} executions, {reach}, {seconds:.1} s");
    Ok(executions)
}

/// Loom takes its defaults from the environment, where they could cut a model short without a word.
fn builder(preemptions: Option<usize>) -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.max_threads = loom::MAX_THREADS;
    builder.max_branches = MAX_BRANCHES;
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.preemption_bound = preemptions;
    builder.checkpoint_file = None;
    builder.checkpoint_interval = usize::MAX;
    builder.expect_explicit_explore = false;
    builder.location = false;
    builder.log = false;
    builder
}

/// Collects every panic that no model planned: the code under test contains panics, and would contain loom's own.
fn watch_panics() -> Arc<Mutex<Vec<String>>> {
    let unplanned = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&unplanned);
    std::panic::set_hook(Box::new(move |panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or("a panic without text");
        if message != PLANNED {
            let place = panic.location().map_or_else(String::new, ToString::to_string);
            let report = format!("{message} ({place})");
            // At once as well: a panic in a destructor that runs while unwinding aborts the process.
            eprintln!("a panic that no model planned: {report}");
            list.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        }
    }));
    unplanned
}
