//! The runner, in processes of its own, over models that must not be believed.

use std::path::{Path, PathBuf};
use std::process::Command;

use nevernone::loom::{ModelVerdict, Results};

use crate::SAMPLES;

/// All of it, one after the other. Panics where something is wrong.
pub(crate) fn check() {
    for (name, check) in CHECKS {
        check();
        println!("runner: {name}: ok");
    }
}

const CHECKS: [(&str, fn()); 7] = [
    ("each verdict has its code and its reason", each_verdict_has_its_code),
    ("what failed ends the run, and the rest is told as not run", a_failure_ends_the_run),
    ("a process that dies leaves an incomplete model", a_death_is_told),
    ("variables of loom's cut nothing short, and are named", variables_cut_nothing),
    ("what is not over in time is incomplete, however much of it was green", time_is_told),
    ("models are listed and chosen by name", models_are_chosen),
    ("a command line that does not read is refused", rubbish_is_refused),
];

struct Called {
    code: Option<i32>,
    said: String,
    results: Option<Results>,
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("loom-{}/results.json", std::process::id()))
}

fn call(words: &str, variables: &[(&str, &str)]) -> Called {
    let file = file();
    drop(std::fs::remove_file(&file));
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.env(SAMPLES, "1").args(words.split_whitespace()).arg("--json").arg(&file);
    let output = command.envs(variables.iter().copied()).output().expect("it starts");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text")).concat();
    let text = std::fs::read_to_string(&file).ok();
    let results = text.map(|text| serde_json::from_str(&text).expect("results"));
    Called { code: output.status.code(), said, results }
}

impl Called {
    #[track_caller]
    fn is(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.said);
        for words in words {
            assert!(self.said.contains(words), "looked for `{words}` in:\n{}", self.said);
        }
    }

    #[track_caller]
    fn verdicts(&self) -> Vec<ModelVerdict> {
        self.results.as_ref().expect("a file").models.iter().map(|model| model.verdict).collect()
    }
}

fn each_verdict_has_its_code() {
    let green = call("complete bounded", &[]);
    green.is(0, &["executions, complete", "executions, bounded (preemptions <= 1)", "2 of 2 models"]);
    assert_eq!(green.verdicts(), [ModelVerdict::Complete, ModelVerdict::Bounded]);
    let results = green.results.unwrap();
    assert!(results.ok && results.models[0].executions > results.models[1].executions, "{results:?}");
    assert_eq!(results.executions, results.models.iter().map(|model| model.executions).sum::<u64>());
    call("cut_short", &[]).is(3, &["INCOMPLETE: cut_short: not over after 2 executions", "0 of 1 models"]);
    call("vacuous", &[]).is(4, &["VACUOUS: vacuous: in", "never \"two threads made three updates\""]);
    call("caught_panic", &[]).is(1, &["FAILED: caught_panic: in execution 1: swallowed ("]);
    // It failed before it could be cut short.
    call("caught_early", &[]).is(1, &["FAILED: caught_early: in execution 1: swallowed ("]);
    let left = ["FAILED: planned_and_not_caught: in execution 1: a planned panic left its thread", "catch it inside"];
    call("planned_and_not_caught", &[]).is(1, &left);
}

fn a_failure_ends_the_run() {
    let failed = call("lost_update after_a_failure complete", &[]);
    failed.is(1, &["FAILED: lost_update: in execution", "an update was lost", "1 of 3 models"]);
    assert_eq!(failed.verdicts(), [ModelVerdict::Complete, ModelVerdict::Failed, ModelVerdict::NotRun]);
    assert!(!failed.results.unwrap().ok);
}

fn a_death_is_told() {
    let dead = call("dies", &[]);
    dead.is(77, &[]);
    assert_eq!(dead.verdicts(), [ModelVerdict::Incomplete]);
    let reason = dead.results.unwrap().models.remove(0).reason;
    assert_eq!(reason.as_deref(), Some("the process ended while this model ran"));
}

fn variables_cut_nothing() {
    let plain = call("complete", &[]).results.unwrap();
    let bounds = [("LOOM_MAX_PREEMPTIONS", "0"), ("LOOM_CHECKPOINT_INTERVAL", "1"), ("LOOM_MAX_PERMUTATIONS", "1")];
    let bounded = call("complete", &bounds);
    bounded.is(0, &["LOOM_MAX_PREEMPTIONS is set and changes nothing", "LOOM_MAX_PERMUTATIONS is set"]);
    assert_eq!(bounded.results.unwrap().executions, plain.executions);
    call("complete", &[("LOOM_MAX_DURATION", "soon")]).is(2, &["LOOM_MAX_DURATION=soon is no number"]);
}

fn time_is_told() {
    let cut = call("complete bounded grows --max-time 300ms", &[]);
    cut.is(3, &["INCOMPLETE: grows: not over after", "when the time was up", "2 of 3 models"]);
    assert_eq!(cut.verdicts(), [ModelVerdict::Complete, ModelVerdict::Bounded, ModelVerdict::Incomplete]);
    let never = call("complete bounded --max-time 0s", &[]);
    never.is(3, &["INCOMPLETE: complete: not over after 0 executions", "0 of 2 models"]);
    assert_eq!(never.verdicts(), [ModelVerdict::Incomplete, ModelVerdict::NotRun]);
    call("complete bounded --max-time 5m", &[]).is(0, &["2 of 2 models"]);
    call("complete --max-time soon", &[]).is(2, &["--max-time soon does not read"]);
}

fn models_are_chosen() {
    let listed = call("--list --format terse", &[]);
    assert!(listed.said.starts_with("complete: test\nbounded: test\ncut_short: test\n"), "{}", listed.said);
    call("comp --exact", &[]).is(2, &["no model is chosen by [\"comp\"]; there are: complete, bounded,"]);
    call("complete --exact --nocapture", &[]).is(0, &["1 of 1 models"]);
    call("complete --skip comp", &[]).is(2, &["no model is chosen"]);
}

fn rubbish_is_refused() {
    let refused = call("complete --preemption 3", &[]);
    refused.is(2, &["--preemption is no option: [NAME…]"]);
    assert_eq!(refused.results, None);
}
