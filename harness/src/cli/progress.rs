//! What people see while a search goes on: a line for each scenario, on terminals only, and Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::campaign::{Gauge, Progress, Seen};
use crate::explore::Bounds;
use crate::report::table::scientific;
use crate::scenario::Scenario;

/// How often the lines are drawn anew.
pub(crate) const REFRESH: Duration = Duration::from_millis(200);

/// A search that was begun and may be going on.
struct Watched {
    scenario: Scenario,
    bounds: Bounds,
    progress: Arc<Progress>,
    line: ProgressBar,
    gauge: Gauge,
}

/// All searches of a `check`.
#[derive(Default)]
pub(super) struct Searches {
    lines: MultiProgress,
    watched: Mutex<Vec<Watched>>,
    /// Somebody pressed Ctrl-C: searches that begin later stop at once.
    interrupted: AtomicBool,
}

impl Searches {
    /// Begins to watch; Ctrl-C and SIGTERM stop every search from now on, and a second one ends the process.
    pub(super) fn watch() -> Arc<Self> {
        let searches = Arc::new(Searches::default());
        let interrupted = Arc::clone(&searches);
        // Fails where the process has a handler already, as when an embedding program set one: then that one counts.
        let _ = ctrlc::set_handler(move || {
            if interrupted.interrupt() {
                std::process::exit(130);
            }
        });
        searches
    }

    /// A search begins; the handle that it reports to.
    pub(super) fn begin(&self, scenario: &Scenario, bounds: Bounds) -> Arc<Progress> {
        let progress = Arc::new(Progress::default());
        let line = self.lines.add(ProgressBar::new_spinner().with_style(style()));
        line.set_prefix(scenario.name().to_owned());
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        // Relaxed: under the lock, which `interrupt` takes after it has set the flag.
        if self.interrupted.load(Ordering::Relaxed) {
            progress.stop();
        }
        watched.push(Watched {
            scenario: scenario.clone(),
            bounds,
            progress: Arc::clone(&progress),
            line,
            gauge: Gauge::default(),
        });
        progress
    }

    /// A search has ended.
    pub(super) fn end(&self, progress: &Arc<Progress>) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = watched.iter().position(|search| Arc::ptr_eq(&search.progress, progress)) {
            watched.remove(place).line.finish_and_clear();
        }
    }

    /// Draws until the other end of `finished` is dropped; returns at once where nobody could see it.
    pub(super) fn draw(&self, finished: &Receiver<()>) {
        if self.lines.is_hidden() {
            return;
        }
        while finished.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout) {
            self.watched.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(Watched::draw);
        }
    }

    /// Stops every search; tells whether they had been told before.
    fn interrupt(&self) -> bool {
        let again = self.interrupted.swap(true, Ordering::Relaxed);
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.iter().for_each(|search| search.progress.stop());
        again
    }
}

impl Watched {
    fn draw(&mut self) {
        let seen = self.gauge.look(&self.scenario, self.bounds, &self.progress);
        self.line.set_message(message(&seen));
        self.line.tick();
    }
}

pub(crate) fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix}: {msg}").expect("the template is a literal")
}

/// What is known: how many runs there were, and, within the estimate's own interval, how many there will be and when.
pub(crate) fn message(seen: &Seen) -> String {
    let Seen { executions, runs, counting, size } = *seen;
    if runs == 0 {
        return format!("probing small costs: {executions} executions");
    }
    #[expect(clippy::cast_precision_loss, reason = "rates for people")]
    let done = runs as f64;
    let rate = done / counting.as_secs_f64().max(1e-3);
    let so_far = format!("{runs} runs, {rate:.0}/s");
    let Some((mean, half)) = size else { return so_far };
    let (least, most) = ((mean - half).max(0.0), mean + half);
    if done >= most {
        return format!("{so_far}; the estimate of {} was too low", scientific(mean));
    }
    let left = |size: f64| human((size - done).max(0.0) / rate.max(1e-3));
    format!(
        "{so_far}; about {} in all ({} to {}), {} to {} left",
        scientific(mean),
        scientific(least),
        scientific(most),
        left(least),
        left(most)
    )
}

/// A number of seconds in the unit that people would use.
fn human(seconds: f64) -> String {
    match seconds {
        ..100.0 => format!("{seconds:.0} s"),
        100.0..6_000.0 => format!("{:.0} min", seconds / 60.0),
        6_000.0..360_000.0 => format!("{:.0} h", seconds / 3_600.0),
        _ => format!("{:.0} days", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Seen, human, message};
    use std::time::Duration;

    fn said(runs: u64, seconds: u64, size: Option<(f64, f64)>) -> String {
        message(&Seen { executions: runs, runs, counting: Duration::from_secs(seconds), size })
    }

    #[test]
    fn what_is_left_is_an_interval_as_wide_as_the_estimate() {
        let text = said(1_000, 1, Some((10_000.0, 4_000.0)));
        assert_eq!(text, "1000 runs, 1000/s; about 10000 in all (6000 to 14000), 5 s to 13 s left");
    }

    #[test]
    fn no_estimate_is_no_promise() {
        assert_eq!(said(500, 1, None), "500 runs, 500/s");
    }

    #[test]
    fn a_search_that_outgrew_its_estimate_says_so() {
        let text = said(2_000, 1, Some((1_000.0, 500.0)));
        assert_eq!(text, "2000 runs, 2000/s; the estimate of 1000 was too low");
        // Below the upper end of the interval it may be over at any moment.
        let text = said(1_200, 1, Some((1_000.0, 500.0)));
        assert!(text.ends_with("0 s to 0 s left"), "{text}");
    }

    #[test]
    fn durations_come_in_the_unit_that_people_use() {
        let said: Vec<String> = [5.0, 150.0, 7_200.0, 864_000.0].into_iter().map(human).collect();
        assert_eq!(said, ["5 s", "2 min", "2 h", "10 days"]);
    }
}
