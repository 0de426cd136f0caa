//! What a search may say.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The answer of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every run within the printed bounds was executed and every property held. Bounded search at await points on
    /// one thread, not a proof.
    Verified,
    /// The declared number of runs was executed and every property held.
    Sampled,
    /// A run failed; there is a token.
    Failed,
    /// All was asked for and not all was executed, or something happened that no choice explains.
    Incomplete,
    /// Complete, but what the search was for never happened.
    Vacuous,
}

impl Verdict {
    /// The process's exit code when this verdict was not the expected one; 0 is for expected ones.
    pub fn exit_code(self) -> u8 {
        match self {
            // Where a failure was expected, a success is the failure.
            Verdict::Failed | Verdict::Verified | Verdict::Sampled => 1,
            Verdict::Incomplete => 3,
            Verdict::Vacuous => 4,
        }
    }

    /// Whether it is as good as `expected`: a sample that was asked for is not held against a scenario that is
    /// usually verified.
    pub fn satisfies(self, expected: Verdict) -> bool {
        self == expected || (self == Verdict::Sampled && expected == Verdict::Verified)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Verified => "verified",
            Verdict::Sampled => "sampled",
            Verdict::Failed => "failed",
            Verdict::Incomplete => "incomplete",
            Verdict::Vacuous => "vacuous",
        })
    }
}

/// The exit code of several scenarios: failures before vacuity before incompleteness.
pub fn exit_code(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| match code {
        1 => 3,
        4 => 2,
        3 => 1,
        _ => 0,
    };
    codes.into_iter().max_by_key(rank).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, exit_code};

    const ALL: [Verdict; 5] =
        [Verdict::Verified, Verdict::Sampled, Verdict::Failed, Verdict::Incomplete, Verdict::Vacuous];

    #[test]
    fn the_worst_code_wins() {
        assert_eq!(exit_code([0, 3, 4, 1]), 1);
        assert_eq!(exit_code([3, 4, 0]), 4);
        assert_eq!((exit_code([0, 3]), exit_code([3, 0])), (3, 3));
        assert_eq!(exit_code([]), 0);
    }

    #[test]
    fn each_verdict_has_its_word_and_its_code() {
        let told = ALL.map(|verdict| (format!("{verdict:>9}"), verdict.exit_code()));
        let expected = [(" verified", 1), ("  sampled", 1), ("   failed", 1), ("incomplete", 3), ("  vacuous", 4)];
        assert_eq!(told, expected.map(|(word, code)| (word.to_owned(), code)));
    }

    #[test]
    fn a_verdict_satisfies_itself_and_a_sample_what_is_usually_verified() {
        for (verdict, expected) in ALL.iter().flat_map(|one| ALL.map(|other| (*one, other))) {
            let satisfies = verdict == expected || (verdict, expected) == (Verdict::Sampled, Verdict::Verified);
            assert_eq!(verdict.satisfies(expected), satisfies, "{verdict} for {expected}");
        }
    }
}
