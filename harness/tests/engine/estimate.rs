//! Estimates of trees whose size is known.

use nevernone::campaign::estimate;

use crate::known;

#[test]
fn the_truth_lies_within_the_interval_that_is_told_and_close_to_the_estimate() {
    let trees = known::trees();
    assert!(trees.len() >= 10);
    for (scenario, runs) in trees {
        let (mean, half) = estimate(&scenario, scenario.bounds(), 10_000);
        #[expect(clippy::cast_precision_loss, reason = "a small number of runs")]
        let off = (mean - runs as f64).abs();
        // Sums of thirds and fifths are not exact.
        assert!(off <= half + 1e-6, "{}: {runs} runs, and the estimate is {mean} ± {half}", scenario.name());
        assert!(half < 0.15 * mean, "{}: {mean} ± {half} says little", scenario.name());
    }
}
