//! Which tests this process was asked to run, as far as its command line says it.

use super::target::path_in_crate;

/// Options of the test harness whose value stands behind them, as a word of its own.
const WITH_VALUE: [&str; 7] = ["--skip", "--test-threads", "--logfile", "--color", "--format", "--shuffle-seed", "-Z"];

/// The filters of the test harness.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// Run what is called like one of them; everything where there is none.
    wanted: Vec<String>,
    /// Except what is called like one of these.
    skipped: Vec<String>,
    /// Whole names, no parts.
    exact: bool,
}

impl Filter {
    /// This process's own.
    pub(super) fn this() -> Self {
        Self::of(std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()))
    }

    fn of(words: impl IntoIterator<Item = String>) -> Self {
        let mut filter = Filter::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "--exact" {
                filter.exact = true;
            } else if let Some(skipped) = word.strip_prefix("--skip=") {
                filter.skipped.push(skipped.to_owned());
            } else if WITH_VALUE.contains(&&*word) {
                let value = words.next();
                filter.skipped.extend(value.filter(|_| word == "--skip"));
            } else if !word.starts_with('-') {
                filter.wanted.push(word);
            }
        }
        filter
    }

    /// Whether a test of that name runs, if there is one; its crate's name is not looked at.
    pub(super) fn admits(&self, test: &str) -> bool {
        let path = path_in_crate(test);
        let like = |filter: &String| if self.exact { path == filter } else { path.contains(&**filter) };
        (self.wanted.is_empty() || self.wanted.iter().any(like)) && !self.skipped.iter().any(like)
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    fn of(words: &str) -> Filter {
        Filter::of(words.split_whitespace().map(ToOwned::to_owned))
    }

    #[test]
    fn filters_are_read_as_the_test_harness_reads_them() {
        let cases = [
            ("", true),
            ("--nocapture -q", true),
            ("cold", true),
            ("warm cold", true),
            ("warm", false),
            ("startup", false),
            ("cold::no_request --exact", true),
            ("cold --exact", false),
            ("--exact cold::other --nocapture", false),
            ("--test-threads 1 --format pretty", true),
            ("--test-threads=1 cold", true),
            ("--skip cold", false),
            ("--skip=no_request", false),
            ("--skip cold --exact", true),
        ];
        for (words, admitted) in cases {
            assert_eq!(of(words).admits("startup::cold::no_request"), admitted, "{words}");
        }
    }
}
