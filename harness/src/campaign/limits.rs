//! When a search stops early: shared by all workers of one search.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::watchdog::{self, Watch};
use super::{Options, Progress};

/// The real clock is looked at once in so many executions at the least.
const RAREST: u32 = 32;

/// Executions are long if those between two looks at the clock took longer than that; then it is looked at each time. A
/// look costs some 30 ns.
const LONG: Duration = Duration::from_millis(1);

/// How long a search may go on.
#[derive(Debug)]
pub(super) struct Limits {
    started: Instant,
    max_time: Option<Duration>,
    max_executions: Option<u64>,
    progress: Arc<Progress>,
    /// The search's own watch: whoever gave one of its threads up has given up all of them.
    watch: Arc<Watch>,
    /// By all workers together.
    executed: AtomicU64,
    /// One worker met something that makes going on senseless for all.
    given_up: AtomicBool,
}

impl Limits {
    pub(super) fn new(options: &Options, started: Instant) -> Self {
        Limits {
            started,
            max_time: options.max_time,
            max_executions: options.max_executions,
            progress: Arc::clone(&options.progress),
            watch: watchdog::watch_of_this_thread(),
            executed: AtomicU64::new(0),
            given_up: AtomicBool::new(false),
        }
    }

    pub(super) fn count_execution(&self) {
        self.count_executions(1);
    }

    /// Counts executions, of another process perhaps.
    pub(super) fn count_executions(&self, executions: u64) {
        // Relaxed: a counter. Two workers may each take the last execution; one alone never takes too many.
        self.executed.fetch_add(executions, Ordering::Relaxed);
        self.progress.executed(executions);
    }

    /// Counts runs of the pass that counts.
    pub(super) fn count_runs(&self, runs: u64) {
        self.progress.counted(runs);
    }

    /// What was counted so far will be counted again.
    pub(super) fn count_anew(&self) {
        self.progress.count_anew();
    }

    /// What watches over the search's threads.
    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// Counts an execution that no search counts, and tells why there must be none.
    pub(super) fn reached_after_another(&self, looks: &mut Looks) -> Option<String> {
        let reached = self.reached(looks);
        self.count_execution();
        reached
    }

    /// Ends all workers' searches.
    pub(super) fn give_up(&self) {
        // Relaxed: workers only have to see it sooner or later, and nothing else travels with it.
        self.given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed) || self.watch.gave_up()
    }

    /// Somebody asked the search to stop.
    pub(super) fn is_interrupted(&self) -> bool {
        self.progress.is_stopped()
    }

    /// Whether what comes after the search has to end: at an interrupt; or when the search's time is over, of which it has a
    /// tenth in any case, `begun` being when that began.
    pub(super) fn explained_enough(&self, begun: Instant) -> bool {
        let is_late = |limit| self.started.elapsed() >= limit && begun.elapsed() >= limit / 10;
        self.progress.is_stopped() || self.max_time.is_some_and(is_late)
    }

    /// Why no further execution may begin, if so; `looks` are the caller's own, who asks before each execution.
    pub(super) fn reached(&self, looks: &mut Looks) -> Option<String> {
        if self.progress.is_stopped() {
            return Some("stopped by an interrupt".to_owned());
        }
        match (self.max_executions, self.max_time) {
            (Some(limit), _) if self.executed.load(Ordering::Relaxed) >= limit => {
                Some(format!("stopped after {limit} executions"))
            }
            (_, Some(limit)) if looks.is_due() => {
                let elapsed = self.started.elapsed();
                looks.looked(elapsed);
                (elapsed >= limit).then(|| format!("stopped after {limit:?}"))
            }
            _ => None,
        }
    }
}

/// When one worker looks at the real clock: before its first execution, then more and more rarely for as long as executions
/// are short, and before each one as soon as they are long.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// So many executions may begin before the next look.
    left: u32,
    /// From look to look; 0 before the first.
    interval: u32,
    /// What the clock showed.
    last: Duration,
}

impl Looks {
    fn is_due(&mut self) -> bool {
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        left.is_none()
    }

    fn looked(&mut self, clock: Duration) {
        let short = clock.saturating_sub(self.last) <= LONG;
        self.interval = if short { (self.interval * 2).clamp(1, RAREST) } else { 1 };
        self.left = self.interval - 1;
        self.last = clock;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Looks;

    /// How often a worker looks at the clock during so many executions, each as long as that.
    fn looks(looks: &mut Looks, executions: u32, each: Duration) -> u32 {
        let mut clock = looks.last;
        let due = (0..executions).filter(|_| {
            clock += each;
            let due = looks.is_due();
            if due {
                looks.looked(clock);
            }
            due
        });
        u32::try_from(due.count()).unwrap()
    }

    #[test]
    fn the_clock_is_looked_at_once_in_32_short_executions_and_before_each_long_one() {
        let (short, long) = (Duration::from_micros(3), Duration::from_millis(3));
        let mut worker = Looks::default();
        // Before the 1st, 2nd, 4th, 8th, 16th, and then every 32nd.
        assert_eq!(looks(&mut worker, 3_200, short), 5 + 100);
        // Executions that grow long are noticed at the next look.
        assert!(looks(&mut worker, 132, long) >= 100);
        assert_eq!(looks(&mut worker, 100, long), 100);
        assert!(looks(&mut worker, 3_200, short) <= 105);
        assert_eq!(looks(&mut Looks::default(), 100, long), 100);
    }
}
