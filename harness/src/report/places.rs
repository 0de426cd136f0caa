//! Places that a scenario describes, and places that code came to.

use crate::run::FaultTally;

/// A place that the scenario describes and that no code came to, if `place` is one; and where code came to instead, which
/// may be what was meant.
pub(super) fn not_come_to(place: &str, faults: &[FaultTally], met: &[String]) -> Option<String> {
    if met.iter().any(|met| met == place) {
        return None;
    }
    let described = |place: &String| faults.iter().any(|fault| fault.name.0 == *place);
    let others: Vec<String> = met.iter().filter(|place| !described(place)).map(|place| format!("`{place}`")).collect();
    let instead = match &others[..] {
        [] => ": it is misspelt, or every run ended before".to_owned(),
        others => format!("; it came to {}", others.join(", ")),
    };
    Some(format!("no code came to `{place}`{instead}"))
}

/// A note for each of them, where no verdict says so.
pub(crate) fn notes(faults: &[FaultTally], met: &[String]) -> Vec<String> {
    let mut described: Vec<&str> = Vec::new();
    for fault in faults {
        if !described.contains(&fault.name.0) {
            described.push(fault.name.0);
        }
    }
    described.into_iter().filter_map(|place| not_come_to(place, faults, met)).collect()
}
