//! The arguments that test runners pass: words choose models, options of the standard harness mean nothing here.

/// Options of the standard test harness that take their value as the next argument.
const WITH_VALUE: [&str; 8] =
    ["--test-threads", "--skip", "--format", "--color", "--logfile", "--report-time", "--shuffle-seed", "-Z"];

pub(crate) struct Arguments {
    /// Only say which tests there are: none that could be run one by one.
    pub(crate) list: bool,
    /// Run the models whose names contain one of these; all, if there are none.
    pub(crate) words: Vec<String>,
}

impl Arguments {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut parsed = Self { list: false, words: Vec::new() };
        while let Some(argument) = arguments.next() {
            if argument == "--list" {
                parsed.list = true;
            } else if WITH_VALUE.contains(&argument.as_str()) {
                drop(arguments.next());
            } else if !argument.starts_with('-') {
                parsed.words.push(argument);
            }
        }
        parsed
    }
}
