//! What a person types after `--`, and what test runners pass.

use std::path::PathBuf;
use std::time::Duration;

use crate::testing::HumanDuration;

/// Options of the standard test harness that mean nothing here.
const MEANINGLESS: [&str; 10] = [
    "--nocapture",
    "--no-capture",
    "--show-output",
    "--quiet",
    "-q",
    "--test",
    "--bench",
    "--include-ignored",
    "--force-run-in-process",
    "--exclude-should-panic",
];
/// Those that take their value as the next argument.
const MEANINGLESS_WITH_VALUE: [&str; 7] =
    ["--test-threads", "--format", "--color", "--logfile", "--report-time", "--shuffle-seed", "-Z"];

/// What the runner is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// Only say which models there are.
    pub(super) list: bool,
    /// Only those that are not run otherwise: there are none.
    pub(super) ignored: bool,
    /// A word is a whole name, not a part of one.
    pub(super) exact: bool,
    /// Run the models whose names contain one of these; all, if there are none.
    pub(super) words: Vec<String>,
    /// But not those whose names contain one of these.
    pub(super) skipped: Vec<String>,
    /// Where the results go for programs.
    pub(super) json: Option<PathBuf>,
    /// How long all models together may take.
    pub(super) max_time: Option<Duration>,
}

impl Arguments {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// What nobody knows, by name: an option that is passed over in silence may have been meant as a bound.
    pub(super) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self::default();
        while let Some(argument) = arguments.next() {
            let (option, joined) = match argument.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let mut value = || joined.clone().or_else(|| arguments.next()).ok_or(format!("{option} needs a value"));
            match option {
                "--list" => parsed.list = true,
                "--ignored" => parsed.ignored = true,
                "--exact" => parsed.exact = true,
                "--skip" => parsed.skipped.push(value()?),
                "--json" => parsed.json = Some(value()?.into()),
                "--max-time" => parsed.max_time = Some(duration(&value()?)?),
                _ if MEANINGLESS_WITH_VALUE.contains(&option) => drop(value()?),
                _ if MEANINGLESS.contains(&option) => {}
                _ if option.starts_with('-') => return Err(format!("{argument} is no option: {USAGE}")),
                _ => parsed.words.push(argument),
            }
        }
        Ok(parsed)
    }

    /// Whether a model of this name was asked for.
    pub(super) fn choose(&self, name: &str) -> bool {
        let fits = |word: &String| if self.exact { name == word } else { name.contains(word.as_str()) };
        !self.ignored && (self.words.is_empty() || self.words.iter().any(fits)) && !self.skipped.iter().any(fits)
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let read = text.parse::<HumanDuration>();
    read.map(Duration::from).map_err(|reason| format!("--max-time {text} does not read: {reason}"))
}

/// What there is to type.
pub(super) const USAGE: &str = "[NAME…] [--exact] [--skip NAME] [--list] [--json FILE] [--max-time 60s]";

#[cfg(test)]
mod tests {
    use super::Arguments;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn words_choose_and_skipped_ones_do_not() {
        let arguments = parse("get --skip late --nocapture --format terse set").unwrap();
        let chosen: Vec<_> =
            ["get_once", "get_late", "set", "take"].into_iter().filter(|name| arguments.choose(name)).collect();
        assert_eq!(chosen, ["get_once", "set"]);
    }

    #[test]
    fn an_exact_word_is_a_whole_name() {
        let arguments = parse("set --exact").unwrap();
        assert!(arguments.choose("set") && !arguments.choose("set_late"));
    }

    #[test]
    fn nothing_is_left_out_of_other_test_runs() {
        assert!(!parse("--list --ignored --format=terse").unwrap().choose("set"));
    }

    #[test]
    fn an_option_that_nobody_knows_is_refused_by_name() {
        assert!(parse("--preemptions 2").unwrap_err().starts_with("--preemptions is no option: [NAME…]"));
        assert_eq!(parse("--json").unwrap_err(), "--json needs a value");
        assert_eq!(parse("--json=out/loom.json").unwrap().json.unwrap().to_str(), Some("out/loom.json"));
        assert!(parse("--max-time soon").unwrap_err().starts_with("--max-time soon does not read: `soon` is no unit"));
        assert_eq!(parse("--max-time 2m").unwrap().max_time, Some(std::time::Duration::from_secs(120)));
    }
}
