//! What to do about an incomplete search.

use super::search::Search;
use super::{ESTIMATE_DESCENTS, estimate};
use crate::explore::Bounds;
use crate::scenario::Scenario;

/// One sentence: what is in the way, or else which bounds would finish in about the time that was spent.
pub(super) fn advice(scenario: &Scenario, bounds: &Bounds, search: &Search<'_>) -> String {
    if !search.uncontrolled.is_empty() {
        return "make the run a function of its choices first (see above); until then no bound helps".to_owned();
    }
    if search.stopped > 0 {
        return "a run that never ends has no size: let the scenario end, or start what never does with `daemon`; if it \
                only takes long, raise its bound on steps"
            .to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
    let affordable = search.executions.max(1) as f64;
    let smaller = smaller_bounds(*bounds).into_iter().find_map(|(name, candidate)| {
        let (size, _) = estimate(scenario, candidate, ESTIMATE_DESCENTS / 10);
        (size <= affordable).then(|| format!("{name} would leave about {size:.0} runs, which finish here"))
    });
    smaller
        .unwrap_or_else(|| "no single smaller bound finishes in this time; give it more, or lower several".to_owned())
}

/// Each bound lowered by one, and then to nothing.
fn smaller_bounds(bounds: Bounds) -> Vec<(String, Bounds)> {
    let mut candidates = Vec::new();
    for preemptions in (0..bounds.preemptions.unwrap_or(3)).rev() {
        candidates.push((format!("--preemptions {preemptions}"), Bounds { preemptions: Some(preemptions), ..bounds }));
    }
    for cancellations in (0..bounds.cancellations.unwrap_or(2)).rev() {
        let lowered = Bounds { cancellations: Some(cancellations), ..bounds };
        candidates.push((format!("--cancellations {cancellations}"), lowered));
    }
    for faults in (0..bounds.faults.unwrap_or(3)).rev() {
        candidates.push((format!("--faults {faults}"), Bounds { faults: Some(faults), ..bounds }));
    }
    candidates
}
