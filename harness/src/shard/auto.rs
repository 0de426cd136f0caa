//! Which shard this machine is, as its scheduler says it.

use std::str::FromStr;

use super::Shard;

/// How one scheduler tells it.
struct Convention {
    /// Whose it is.
    system: &'static str,
    index: &'static str,
    count: &'static str,
    /// The first index: a number, or a variable that holds it.
    first: First,
}

enum First {
    Is(u32),
    StandsIn(&'static str),
}

/// The most specific first: a Slurm job started from a CI job carries the variables of both. `NEVERNONE_SHARD_INDEX` goes
/// with nothing else, so it leads.
const CONVENTIONS: [Convention; 8] = [
    Convention {
        system: "your own",
        index: "NEVERNONE_SHARD_INDEX",
        count: "NEVERNONE_SHARD_COUNT",
        first: First::Is(1),
    },
    Convention {
        system: "Slurm array",
        index: "SLURM_ARRAY_TASK_ID",
        count: "SLURM_ARRAY_TASK_COUNT",
        first: First::StandsIn("SLURM_ARRAY_TASK_MIN"),
    },
    Convention {
        // Kubernetes tells a pod its index and not the number of completions; the job's manifest must say it once more.
        system: "Kubernetes indexed Job",
        index: "JOB_COMPLETION_INDEX",
        count: "NEVERNONE_SHARD_COUNT",
        first: First::Is(0),
    },
    Convention { system: "GitLab CI", index: "CI_NODE_INDEX", count: "CI_NODE_TOTAL", first: First::Is(1) },
    Convention { system: "CircleCI", index: "CIRCLE_NODE_INDEX", count: "CIRCLE_NODE_TOTAL", first: First::Is(0) },
    Convention {
        system: "Buildkite",
        index: "BUILDKITE_PARALLEL_JOB",
        count: "BUILDKITE_PARALLEL_JOB_COUNT",
        first: First::Is(0),
    },
    Convention {
        system: "Azure Pipelines",
        index: "SYSTEM_JOBPOSITIONINPHASE",
        count: "SYSTEM_TOTALJOBSINPHASE",
        first: First::Is(1),
    },
    Convention {
        system: "AWS Batch array",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: "AWS_BATCH_JOB_ARRAY_SIZE",
        first: First::Is(0),
    },
];

/// Why the environment does not say which shard this is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoShard {
    /// None of the known variables is there.
    #[error(
        "the environment does not say which shard this is; looked for {looked_for}. Say --shard K/N, or set \
         NEVERNONE_SHARD_INDEX (from 1) and NEVERNONE_SHARD_COUNT"
    )]
    NotFound {
        /// All of them, with whose they are.
        looked_for: String,
    },
    /// The index is there and the count is not.
    #[error("{system} says which shard this is ({index}), and not of how many; set {count} beside it")]
    NoCount {
        /// Whose variables they are.
        system: &'static str,
        /// The variable that is there.
        index: &'static str,
        /// The one that is missing.
        count: &'static str,
    },
    /// A variable holds no fitting number.
    #[error("{variable}=`{value}` does not fit: {reason}")]
    Unfit {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What is wrong with that.
        reason: String,
    },
}

/// Reads which shard this is from the variables of Slurm arrays, Kubernetes indexed Jobs and the common CI systems;
/// `variable` gives a variable's text, as `|name| std::env::var(name).ok()` does.
///
/// # Errors
/// [`NoShard`] says what was looked for, or what does not fit.
pub fn auto(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, NoShard> {
    let Some(found) = CONVENTIONS.iter().find(|convention| variable(convention.index).is_some()) else {
        let looked_for = CONVENTIONS.map(|known| format!("{} with {} ({})", known.index, known.count, known.system));
        return Err(NoShard::NotFound { looked_for: looked_for.join(", ") });
    };
    let number = |name: &'static str| -> Result<Option<u32>, NoShard> {
        let Some(value) = variable(name) else { return Ok(None) };
        match value.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(NoShard::Unfit { variable: name, value, reason: "it is no number".to_owned() }),
        }
    };
    let Convention { system, index, count, ref first } = *found;
    let of = number(count)?.ok_or(NoShard::NoCount { system, index, count })?;
    let first = match *first {
        First::Is(first) => first,
        First::StandsIn(name) => number(name)?.unwrap_or(0),
    };
    let unfit = |reason: String| NoShard::Unfit { variable: index, value: variable(index).unwrap_or_default(), reason };
    let position = number(index)?.and_then(|index| index.checked_sub(first)).and_then(|offset| offset.checked_add(1));
    let position = position.ok_or_else(|| unfit(format!("{system} counts from {first}")))?;
    Shard::new(position, of).map_err(unfit)
}

/// Which shard: told, or to be found in the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShardArgument {
    /// That one.
    Told(Shard),
    /// What the scheduler or CI system says.
    Auto,
}

impl ShardArgument {
    /// The shard.
    ///
    /// # Errors
    /// Where the environment does not say it.
    pub fn resolve(self) -> Result<Shard, NoShard> {
        match self {
            ShardArgument::Told(shard) => Ok(shard),
            ShardArgument::Auto => auto(|name| std::env::var(name).ok()),
        }
    }
}

impl FromStr for ShardArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" { Ok(ShardArgument::Auto) } else { text.parse().map(ShardArgument::Told) }
    }
}

#[cfg(test)]
mod tests {
    use super::{NoShard, auto};

    fn of(environment: &[(&str, &str)]) -> Result<String, NoShard> {
        let find =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        auto(find).map(|shard| shard.to_string())
    }

    #[test]
    fn every_scheduler_counts_in_its_own_way() {
        let cases: [(&[(&str, &str)], &str); 9] = [
            (&[("NEVERNONE_SHARD_INDEX", "1"), ("NEVERNONE_SHARD_COUNT", "4")], "1/4"),
            (&[("JOB_COMPLETION_INDEX", "0"), ("NEVERNONE_SHARD_COUNT", "4")], "1/4"),
            (&[("SLURM_ARRAY_TASK_ID", "12"), ("SLURM_ARRAY_TASK_COUNT", "4"), ("SLURM_ARRAY_TASK_MIN", "10")], "3/4"),
            (&[("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_ARRAY_TASK_COUNT", "4")], "4/4"),
            (&[("CI_NODE_INDEX", "4"), ("CI_NODE_TOTAL", "4")], "4/4"),
            (&[("CIRCLE_NODE_INDEX", "3"), ("CIRCLE_NODE_TOTAL", "4")], "4/4"),
            (&[("BUILDKITE_PARALLEL_JOB", "0"), ("BUILDKITE_PARALLEL_JOB_COUNT", "2")], "1/2"),
            (&[("SYSTEM_JOBPOSITIONINPHASE", "2"), ("SYSTEM_TOTALJOBSINPHASE", "2")], "2/2"),
            (&[("AWS_BATCH_JOB_ARRAY_INDEX", "1"), ("AWS_BATCH_JOB_ARRAY_SIZE", "2")], "2/2"),
        ];
        for (environment, shard) in cases {
            assert_eq!(of(environment).as_deref(), Ok(shard), "{environment:?}");
        }
    }

    #[test]
    fn an_environment_without_an_index_is_told_what_was_looked_for() {
        let message = of(&[("PATH", "/bin"), ("NEVERNONE_SHARD_COUNT", "4")]).unwrap_err().to_string();
        for name in ["JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID", "CI_NODE_INDEX", "--shard K/N"] {
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn an_index_that_does_not_fit_is_no_shard() {
        let message = |environment| of(environment).unwrap_err().to_string();
        assert!(message(&[("JOB_COMPLETION_INDEX", "0")]).contains("set NEVERNONE_SHARD_COUNT"));
        assert!(message(&[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "4")]).contains("counts from 1"));
        assert!(message(&[("CI_NODE_INDEX", "5"), ("CI_NODE_TOTAL", "4")]).contains("no shard 5 of 4"));
        assert!(message(&[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "4")]).contains("no number"));
        // A step of two leaves holes in the indices.
        let stepped = [("SLURM_ARRAY_TASK_ID", "6"), ("SLURM_ARRAY_TASK_COUNT", "4"), ("SLURM_ARRAY_TASK_MIN", "0")];
        assert!(message(&stepped).contains("no shard 7 of 4"));
    }
}
