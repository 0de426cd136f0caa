//! What the environment asks of a test: the only place that reads variables of that prefix.
//!
//! A bound that is silently dropped makes the verdict a lie. So a variable that does not read is an error, and so is one
//! that nobody reads, which is how a misspelt name looks.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::duration::HumanDuration;
use crate::campaign::{BoundsOverride, ExplorerChoice, Options};
use crate::choice::token::Token;
use crate::shard::{Shard, ShardArgument, auto};

/// Random runs under `NEVERNONE_SEED`.
const SAMPLE: u64 = 10_000;

const PREFIX: &str = "NEVERNONE_";

/// Variables of a project's own tests; nobody else reads them.
const OWN: &str = "NEVERNONE_TEST_";

/// The contract: each variable, and what it may be set to.
const CONTRACT: [(&str, &str); 10] = [
    ("NEVERNONE_REPLAY", "the token that a red test printed"),
    ("NEVERNONE_FAULTS", "a whole number, as in 2"),
    ("NEVERNONE_PREEMPTIONS", "a whole number, as in 2"),
    ("NEVERNONE_CANCELLATIONS", "a whole number, as in 1"),
    ("NEVERNONE_COST", "a whole number, as in 3"),
    ("NEVERNONE_SHARD", "K/N, as in 1/8, or auto"),
    ("NEVERNONE_SEED", "a whole number, as in 7"),
    ("NEVERNONE_MAX_TIME", "a duration, as in 500ms, 60s or 5m"),
    ("NEVERNONE_JOBS", "a number of threads from 1 to 65535"),
    ("NEVERNONE_REPORT_DIR", "a folder"),
];

/// Read elsewhere: by `auto`, and by `cargo loom`.
const ELSEWHERE: [&str; 3] = ["NEVERNONE_SHARD_INDEX", "NEVERNONE_SHARD_COUNT", "NEVERNONE_LOOM"];

/// All that the environment asks for.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// Execute this run in place of a search.
    pub(super) replay: Option<Token>,
    /// How far to search.
    pub(super) options: Options,
    /// Where reports go.
    pub(super) report_folder: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of this process; the error names the variable, its value, and what would do.
    pub(super) fn read() -> Result<Self, String> {
        Self::of(std::env::vars_os())
    }

    fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Self, String> {
        let variables = Variables(variables.into_iter().collect());
        variables.all_are_known()?;
        let explorer = variables.read("NEVERNONE_SEED")?;
        let options = Options {
            bounds: BoundsOverride {
                faults: variables.read("NEVERNONE_FAULTS")?,
                preemptions: variables.read("NEVERNONE_PREEMPTIONS")?,
                cancellations: variables.read("NEVERNONE_CANCELLATIONS")?,
                cost: variables.read("NEVERNONE_COST")?,
                ..BoundsOverride::default()
            },
            max_time: variables.read::<HumanDuration>("NEVERNONE_MAX_TIME")?.map(Duration::from),
            jobs: variables.read::<NonZeroU16>("NEVERNONE_JOBS")?.map(Into::into),
            shard: variables.shard()?,
            explorer: explorer.map_or(ExplorerChoice::Exhaustive, |seed| ExplorerChoice::Random { seed, runs: SAMPLE }),
            ..Options::default()
        };
        if explorer.is_some() && options.shard.is_some() {
            return Err("NEVERNONE_SEED samples, and a sample has no shards; unset NEVERNONE_SEED or NEVERNONE_SHARD"
                .to_owned());
        }
        let (replay, report_folder) = (variables.read("NEVERNONE_REPLAY")?, variables.read("NEVERNONE_REPORT_DIR")?);
        Ok(Environment { replay, options, report_folder })
    }
}

/// Ordered, so that of several mistakes the same one is always told.
struct Variables(BTreeMap<OsString, OsString>);

impl Variables {
    /// The value of a variable of the contract.
    fn read<T>(&self, name: &'static str) -> Result<Option<T>, String>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let Some(value) = self.0.get(OsStr::new(name)) else { return Ok(None) };
        let wanted = CONTRACT.iter().find(|(known, _)| *known == name).map_or("nothing", |(_, wanted)| wanted);
        let told = |problem: String| format!("the environment variable {problem}; set it to {wanted}, or unset it");
        let shown = value.display();
        let Some(text) = value.to_str() else { return Err(told(format!("{name}=`{shown}` is no UTF-8"))) };
        if text.trim().is_empty() {
            return Err(told(format!("{name} is empty")));
        }
        text.parse().map(Some).map_err(|error| told(format!("{name}=`{text}` does not read: {error}")))
    }

    fn shard(&self) -> Result<Option<Shard>, String> {
        let text = |name: &str| self.0.get(OsStr::new(name))?.to_str().map(ToOwned::to_owned);
        match self.read("NEVERNONE_SHARD")? {
            None => Ok(None),
            Some(ShardArgument::Told(shard)) => Ok(Some(shard)),
            Some(ShardArgument::Auto) => auto(text)
                .map(Some)
                .map_err(|problem| format!("the environment variable NEVERNONE_SHARD=`auto`: {problem}")),
        }
    }

    /// Whether somebody reads every variable that looks like ours.
    fn all_are_known(&self) -> Result<(), String> {
        let unread = self.0.keys().map(|name| name.to_string_lossy()).find(|name| {
            let known = |name: &str| CONTRACT.iter().any(|(known, _)| *known == name) || ELSEWHERE.contains(&name);
            name.starts_with(PREFIX) && !name.starts_with(OWN) && !known(name)
        });
        let Some(name) = unread else { return Ok(()) };
        let nearest = nearest(&name).map_or(".".to_owned(), |known| format!("; did you mean {known}?"));
        let known = CONTRACT.map(|(known, _)| known).join(", ");
        Err(format!(
            "the environment variable {name} is none that a test reads{nearest} What it was to change would stay as it is, \
             unseen. Known are {known}. Names that begin with {OWN} are left to a project's own tests"
        ))
    }
}

/// The known name that was probably meant.
fn nearest(name: &str) -> Option<&'static str> {
    let rest = |name: &str| name.trim_start_matches(PREFIX).to_owned();
    let similarity = |known: &str| strsim::jaro_winkler(&rest(known), &rest(name));
    let known = CONTRACT.iter().map(|(known, _)| *known).chain(ELSEWHERE);
    let best = known.max_by(|one, other| similarity(one).total_cmp(&similarity(other)))?;
    (similarity(best) > 0.75).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::{CONTRACT, Environment, ExplorerChoice, Token};
    use std::ffi::OsString;
    use std::path::PathBuf;
    use std::time::Duration;

    fn of(variables: &[(&str, &str)]) -> Result<Environment, String> {
        Environment::of(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[track_caller]
    fn refused(variables: &[(&str, &str)], says: &[&str]) {
        let problem = of(variables).expect_err("refused");
        for words in says {
            assert!(problem.contains(words), "looked for `{words}` in: {problem}");
        }
    }

    #[test]
    fn every_variable_of_the_contract_is_read() {
        let token = Token { scenario: "a".to_owned(), choices: Vec::new(), history: 1 }.to_string();
        let read = of(&[
            ("NEVERNONE_REPLAY", &token),
            ("NEVERNONE_FAULTS", "1"),
            ("NEVERNONE_PREEMPTIONS", "2"),
            ("NEVERNONE_CANCELLATIONS", "3"),
            ("NEVERNONE_COST", "4"),
            ("NEVERNONE_SHARD", "5/6"),
            ("NEVERNONE_MAX_TIME", "7m"),
            ("NEVERNONE_JOBS", "8"),
            ("NEVERNONE_REPORT_DIR", "some/where"),
        ]);
        let read = read.unwrap();
        let bounds = read.options.bounds;
        assert_eq!(
            (bounds.faults, bounds.preemptions, bounds.cancellations, bounds.cost),
            (Some(1), Some(2), Some(3), Some(4))
        );
        assert_eq!(read.options.shard.map(|shard| (shard.index(), shard.of())), Some((5, 6)));
        assert_eq!(read.options.max_time, Some(Duration::from_secs(420)));
        assert_eq!(read.options.jobs.map(std::num::NonZeroUsize::get), Some(8));
        assert_eq!(
            (read.report_folder, read.options.explorer),
            (Some(PathBuf::from("some/where")), ExplorerChoice::Exhaustive)
        );
        assert_eq!(read.replay.map(|token| token.scenario).as_deref(), Some("a"));
        let sampled = of(&[("NEVERNONE_SEED", "9")]).unwrap();
        assert!(matches!(sampled.options.explorer, ExplorerChoice::Random { seed: 9, .. }));
    }

    #[test]
    fn a_value_that_does_not_read_is_named_with_what_would_do() {
        for (name, wanted) in CONTRACT.into_iter().filter(|(name, _)| *name != "NEVERNONE_REPORT_DIR") {
            refused(&[(name, "rubbish")], &[&format!("{name}=`rubbish` does not read: "), wanted, "or unset it"]);
        }
        for (name, value) in [("NEVERNONE_FAULTS", "-1"), ("NEVERNONE_JOBS", "0"), ("NEVERNONE_JOBS", "70000")] {
            refused(&[(name, value)], &[&format!("{name}=`{value}` does not read: ")]);
        }
    }

    #[test]
    fn a_value_that_is_empty_is_no_value() {
        for (name, wanted) in CONTRACT {
            refused(&[(name, "")], &[&format!("the environment variable {name} is empty; set it to {wanted}")]);
            refused(&[(name, " ")], &["is empty"]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_text_is_told() {
        use std::os::unix::ffi::OsStringExt as _;
        for (name, wanted) in CONTRACT {
            let problem = Environment::of([(OsString::from(name), OsString::from_vec(b"\xff2".to_vec()))]).unwrap_err();
            assert!(problem.contains(&format!("{name}=`\u{fffd}2` is no UTF-8; set it to {wanted}")), "{problem}");
        }
    }

    #[test]
    fn a_variable_that_nobody_reads_is_met_with_the_nearest() {
        for (wrong, right) in [
            ("NEVERNONE_FAULT", "NEVERNONE_FAULTS"),
            ("NEVERNONE_MAXTIME", "NEVERNONE_MAX_TIME"),
            ("NEVERNONE_PREEMPTION", "NEVERNONE_PREEMPTIONS"),
            ("NEVERNONE_SHARDS", "NEVERNONE_SHARD"),
            ("NEVERNONE_REPORTS_DIR", "NEVERNONE_REPORT_DIR"),
        ] {
            refused(&[(wrong, "1")], &[&format!("{wrong} is none that a test reads; did you mean {right}?")]);
        }
        refused(&[("NEVERNONE_XYZ", "1")], &["NEVERNONE_XYZ is none that a test reads. ", "NEVERNONE_REPORT_DIR"]);
        // Read elsewhere, a project's own, or nothing of ours.
        for name in ["NEVERNONE_LOOM", "NEVERNONE_SHARD_COUNT", "NEVERNONE_TEST_MINE", "NEVER", "NONE_FAULTS"] {
            assert!(of(&[(name, "1")]).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_shard_may_be_asked_of_the_scheduler() {
        let shard = of(&[("NEVERNONE_SHARD", "auto"), ("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "4")]).unwrap();
        assert_eq!(shard.options.shard.map(|shard| shard.to_string()).as_deref(), Some("2/4"));
        refused(&[("NEVERNONE_SHARD", "auto")], &["NEVERNONE_SHARD=`auto`: the environment does not say"]);
        refused(&[("NEVERNONE_SHARD", "1/2"), ("NEVERNONE_SEED", "1")], &["a sample has no shards"]);
    }
}
