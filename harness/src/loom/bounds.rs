//! Loom's bounds, every one of them set here. Loom would take them from the environment, where they could cut a model
//! short without a word: it stops quietly at `LOOM_MAX_PERMUTATIONS`, which it looks at every 20,000 executions only.

use super::Model;

/// What loom reads, and whether it must be a number, without which loom panics.
const VARIABLES: [(&str, bool); 8] = [
    ("LOOM_MAX_PREEMPTIONS", true),
    ("LOOM_MAX_BRANCHES", true),
    ("LOOM_MAX_PERMUTATIONS", true),
    ("LOOM_MAX_DURATION", true),
    ("LOOM_CHECKPOINT_INTERVAL", true),
    ("LOOM_CHECKPOINT_FILE", false),
    ("LOOM_LOCATION", false),
    ("LOOM_LOG", false),
];

/// The variables that are set and change nothing here, with what is to be said of them.
///
/// # Errors
/// Those that loom itself would refuse with a panic in the middle.
pub(super) fn ignored_variables(value: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    let set = VARIABLES.iter().filter_map(|(name, number)| Some((name, number, value(name)?)));
    set.map(|(name, number, value)| {
        if *number && value.parse::<u64>().is_err() {
            return Err(format!("{name}={value} is no number, and loom would not start; unset it"));
        }
        Ok(format!("{name} is set and changes nothing: a model's bounds are its own"))
    })
    .collect()
}

/// Loom, with the bounds of this model and no other.
pub(super) fn builder(model: &Model) -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.max_threads = loom::MAX_THREADS;
    builder.max_branches = model.max_branches;
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.preemption_bound = model.preemptions;
    builder.checkpoint_file = None;
    builder.checkpoint_interval = usize::MAX;
    builder.expect_explicit_explore = false;
    builder.location = false;
    builder.log = false;
    builder
}

#[cfg(test)]
mod tests {
    use super::ignored_variables;

    #[test]
    fn a_variable_of_looms_is_named_and_changes_nothing() {
        let told = ignored_variables(|name| (name == "LOOM_MAX_PERMUTATIONS").then(|| "1".to_owned())).unwrap();
        assert_eq!(told, ["LOOM_MAX_PERMUTATIONS is set and changes nothing: a model's bounds are its own"]);
        assert_eq!(ignored_variables(|_| None).unwrap(), [""; 0]);
    }

    #[test]
    fn a_variable_that_loom_cannot_read_is_refused_before_it_panics() {
        let refused = ignored_variables(|name| (name == "LOOM_MAX_BRANCHES").then(|| "many".to_owned())).unwrap_err();
        assert_eq!(refused, "LOOM_MAX_BRANCHES=many is no number, and loom would not start; unset it");
    }
}
