//! Runs models one after the other, with every bound of loom's set here, and believes no model that it did not count.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Model;
use super::arguments::Arguments;
use super::bounds::{builder, ignored_variables};
use super::panics::{CUT, Panics};
use super::results::{ModelResult, ModelVerdict, Results};

/// Nothing was checked: a command line or a variable that does not read.
const USAGE: u8 = 2;

/// The `main` of a test target without harness: runs the models that the command line names, or all.
///
/// `NAME…` chooses models whose names contain one of the words, with `--exact` those of that very name; `--skip NAME`
/// leaves some out; `--list` tells the names, as test runners expect them; `--json FILE` writes a [`Results`];
/// `--max-time 60s` is what all chosen models may take together: the one that is not over by then is incomplete, and those
/// behind it are not run. Options of the standard harness are taken and mean nothing, any other is refused. Variables of
/// loom's change nothing, which is said.
///
/// The code is 0 where every model was searched in full within its own bound; 1 where one failed, at which the others are
/// not run any more; 2 where the command line does not read or chooses nothing; 3 where a model needs more executions than
/// it may take, or more time; 4 where a model is vacuous. Nothing that was cut short is ever 0.
///
/// # Panics
/// Never by a model. The panic hook of the process is replaced while models run.
pub fn run(models: &[Model]) -> ExitCode {
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let asked = Arguments::parse(std::env::args().skip(1));
    match asked.and_then(|arguments| Ok((arguments, ignored_variables(variable)?))) {
        Ok((arguments, _)) if arguments.list => list(models, &arguments),
        Ok((arguments, ignored)) => {
            for words in ignored {
                println!("{words}");
            }
            run_chosen(models, &arguments)
        }
        Err(reason) => refuse(&reason),
    }
}

fn refuse(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::from(USAGE)
}

/// As the standard harness lists tests.
fn list(models: &[Model], arguments: &Arguments) -> ExitCode {
    for model in models.iter().filter(|model| arguments.choose(model.name)) {
        println!("{}: test", model.name);
    }
    ExitCode::SUCCESS
}

fn run_chosen(models: &[Model], arguments: &Arguments) -> ExitCode {
    let chosen: Vec<&Model> = models.iter().filter(|model| arguments.choose(model.name)).collect();
    if chosen.is_empty() && !arguments.ignored {
        let names: Vec<_> = models.iter().map(|model| model.name).collect();
        return refuse(&format!("no model is chosen by {:?}; there are: {}", arguments.words, names.join(", ")));
    }
    let mut results = Results::of(&chosen);
    let write = |results: &Results| arguments.json.as_ref().map_or(Ok(()), |file| results.write(file));
    let panics = Panics::listen();
    let (begun, time) = (Instant::now(), arguments.max_time.unwrap_or(Duration::MAX));
    for (index, model) in chosen.iter().enumerate() {
        println!("{}: {}", model.name, model.claim);
        results.models[index].begin();
        if let Err(reason) = write(&results) {
            return refuse(&reason);
        }
        check(model, &panics, time.saturating_sub(begun.elapsed()), &mut results.models[index]);
        tell(&results.models[index]);
        // After a failure the rest is not run: loom's own state is not to be trusted in this process.
        let failed = results.models[index].verdict == ModelVerdict::Failed;
        if failed || results.models[index].verdict == ModelVerdict::Incomplete && begun.elapsed() >= time {
            break;
        }
    }
    drop(panics);
    results.add_up();
    if let Err(reason) = write(&results) {
        return refuse(&reason);
    }
    let green = results.models.iter().filter(|model| model.verdict.is_green()).count();
    println!("{green} of {} models, {} executions, {:.1} s", chosen.len(), results.executions, results.seconds);
    code(&results)
}

/// The framework's exit codes: 1 before 4 before 3.
fn code(results: &Results) -> ExitCode {
    let any = |verdict| results.models.iter().any(|model| model.verdict == verdict);
    let code = match () {
        () if any(ModelVerdict::Failed) => 1,
        () if any(ModelVerdict::Vacuous) => 4,
        () if any(ModelVerdict::Incomplete) => 3,
        () => 0,
    };
    ExitCode::from(code)
}

fn check(model: &Model, panics: &Panics, time: Duration, result: &mut ModelResult) {
    let (executions, late) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (count, is_late, body, most) = (Arc::clone(&executions), Arc::clone(&late), model.body, model.max_executions);
    panics.expect(model);
    let (start, unplanned) = (Instant::now(), panics.any());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        builder(model).check(move || {
            // Relaxed, both: loom runs all its threads on this one.
            let over = start.elapsed() >= time;
            is_late.store(over, Ordering::Relaxed);
            // A panic that the code under test caught in the last execution is a failure of that one.
            if over || unplanned() || count.fetch_add(1, Ordering::Relaxed) >= most {
                panic_any(CUT);
            }
            body();
        });
    }));
    result.seconds = start.elapsed().as_secs_f64();
    let executions = executions.load(Ordering::Relaxed);
    result.executions = executions.min(most);
    let outcome = if late.load(Ordering::Relaxed) { Outcome::Late } else { Outcome::of(outcome.is_ok()) };
    let (verdict, reason) = judge(model, executions, outcome, &panics.take());
    (result.verdict, result.reason) = (verdict, reason);
}

/// How loom's search came back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Returned,
    Panicked,
    /// Cut short, before an execution began.
    Late,
}

impl Outcome {
    fn of(returned: bool) -> Self {
        if returned { Self::Returned } else { Self::Panicked }
    }
}

fn judge(model: &Model, executions: u64, outcome: Outcome, panics: &[String]) -> (ModelVerdict, Option<String>) {
    let most = model.max_executions;
    let cut = outcome == Outcome::Late || executions > most;
    if !panics.is_empty() || outcome == Outcome::Panicked && !cut {
        let planned = || "a planned panic left its thread, which ends a model: catch it inside the thread".to_owned();
        let heard = if panics.is_empty() { planned() } else { panics.join("\n  then ") };
        (ModelVerdict::Failed, Some(format!("in execution {}: {heard}", executions.min(most))))
    } else if outcome == Outcome::Late {
        let reason = format!("not over after {executions} executions when the time was up: allow it more (--max-time)");
        (ModelVerdict::Incomplete, Some(reason))
    } else if cut {
        let reason = format!("not over after {most} executions: bound its preemptions, or allow it more executions");
        (ModelVerdict::Incomplete, Some(reason))
    } else if let Some(vacuous) = model.never_seen() {
        (ModelVerdict::Vacuous, Some(format!("in {executions} executions never \"{vacuous}\"")))
    } else if model.preemptions.is_some() {
        (ModelVerdict::Bounded, None)
    } else {
        (ModelVerdict::Complete, None)
    }
}

fn tell(result: &ModelResult) {
    match &result.reason {
        None => println!("  {} executions, {}, {:.1} s", result.executions, result.reach(), result.seconds),
        Some(reason) => {
            let verdict = format!("{:?}", result.verdict).to_uppercase();
            eprintln!("  {verdict}: {}: {reason}", result.name);
        }
    }
}
