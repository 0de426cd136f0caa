//! A scenario: a body, its bounds, and what is expected of it.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::choice::Cost;
use crate::explore::Bounds;
use crate::run::{Body, Rules, declare};
use crate::verdict::Verdict;

/// Something to check. Cheap to clone.
#[derive(Clone)]
pub struct Scenario {
    pub(crate) name: Cow<'static, str>,
    pub(crate) body: Arc<Body>,
    pub(crate) bounds: Bounds,
    pub(crate) expected: Verdict,
    /// By which an expected failure must fail; `None` is any.
    pub(crate) expected_property: Option<Cow<'static, str>>,
    /// Kinds of cost that the scenario asks for by name, one bit each.
    asked: u8,
    /// How much real time one step may take.
    pub(crate) watchdog: Duration,
    /// Each run has a process of its own.
    pub(crate) isolated: bool,
}

/// Far beyond what a step takes, even on a busy machine, and short enough to wait for.
const WATCHDOG: Duration = Duration::from_secs(10);

impl Scenario {
    /// A scenario with default [`Bounds`] that is expected to be verified. The body is called once a run, on one
    /// thread; its future need not be `Send`. A run must be a function of its draws: whatever lives longer than the
    /// body (statics, files, clocks) is uncontrolled.
    pub fn new<F, Fut>(name: impl Into<Cow<'static, str>>, body: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        // Async, so that the body itself is called within the first poll: where it panics, the run fails like another.
        let body = Arc::new(body);
        Scenario {
            name: name.into(),
            body: Arc::new(move || {
                let body = Arc::clone(&body);
                Box::pin(async move { body().await })
            }),
            bounds: Bounds::default(),
            expected: Verdict::Verified,
            expected_property: None,
            asked: 0,
            watchdog: WATCHDOG,
            isolated: false,
        }
    }

    /// How it is called on the command line.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Within which it is searched.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Replaces all bounds.
    #[must_use]
    pub fn within(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// At most that many faults.
    #[must_use]
    pub fn faults(mut self, count: u32) -> Self {
        self.bounds.faults = Some(count);
        self.asking(Cost::Fault, count)
    }

    /// At most that many preemptions.
    #[must_use]
    pub fn preemptions(mut self, count: u32) -> Self {
        self.bounds.preemptions = Some(count);
        self
    }

    /// At most that many cancellations.
    #[must_use]
    pub fn cancellations(mut self, count: u32) -> Self {
        self.bounds.cancellations = Some(count);
        self.asking(Cost::Cancellation, count)
    }

    /// At most that many panics at an await, of what [`may_panic`](crate::may_panic) was given.
    #[must_use]
    pub fn panics(mut self, count: u32) -> Self {
        self.bounds.panics = Some(count);
        self.asking(Cost::Panic, count)
    }

    /// At most that many crashes, of what [`restartable`](crate::restartable) was given.
    #[must_use]
    pub fn crashes(mut self, count: u32) -> Self {
        self.bounds.crashes = Some(count);
        self.asking(Cost::Crash, count)
    }

    /// At most that many stalls.
    #[must_use]
    pub fn stalls(mut self, count: u32) -> Self {
        self.bounds.stalls = Some(count);
        self
    }

    /// At most that much of everything together.
    #[must_use]
    pub fn cost(mut self, total: u32) -> Self {
        self.bounds.cost = Some(total);
        self
    }

    /// At most that many steps in a run.
    #[must_use]
    pub fn steps(mut self, count: u32) -> Self {
        self.bounds.steps = count;
        self
    }

    /// How much real time one step may take, 10 s where nothing is said: a step that does not return within it fails the
    /// search, and its thread is given up. A step is one poll, so milliseconds are long; time that a scenario sleeps is
    /// virtual and no matter here.
    #[must_use]
    pub fn watchdog(mut self, limit: Duration) -> Self {
        self.watchdog = limit;
        self
    }

    /// Each run has a process of its own, forked from this one, so that every run meets statics, thread-locals and all else
    /// that is process-wide as empty as they were before the first. A run that ends its process, or hangs, is a failure by
    /// `process` or `watchdog`, with a token.
    ///
    /// This process must not have executed code under test itself: a scenario that is not isolated, searched here before,
    /// makes the search incomplete. `#[nevernone::test(isolate = "process")]` and the command line see to that.
    ///
    /// Randomness is the same in each run: std's hash seeds, and on Linux with glibc whatever comes from `getrandom`, in
    /// every process alike. So what depends on chance is searched for one course of it only. Real clocks and process
    /// numbers are not fixed. Threads, files and sockets are those of a forked process: threads that were started before
    /// are not there, and open files are shared. Where the platform has no `fork`, the search is incomplete and says so; and
    /// so it is where the body drives a fail point of the crate `fail`.
    #[must_use]
    pub fn isolated(mut self) -> Self {
        self.isolated = true;
        self
    }

    /// The chaos phase of every run lasts that much virtual time, and up to the idle point that follows; then the run
    /// heals (see [`eventually`](crate::eventually)). Where nothing is said, it ends when nobody of the foreground can
    /// do anything but wait.
    #[must_use]
    pub fn chaos_for(self, length: Duration) -> Self {
        self.with_rule(move |rules| rules.chaos_for = Some(length))
    }

    /// No run goes beyond that much virtual time: one that would is cut short, and the search is incomplete. None, unless
    /// it is said, so a ping that goes on for ever ends a run at its step limit instead.
    #[must_use]
    pub fn horizon(self, time: Duration) -> Self {
        self.with_rule(move |rules| rules.horizon = Some(time))
    }

    /// After that many movements of the clock in a row in which nothing of the foreground ran, only daemons and tasks of
    /// `tokio::spawn`, an event that [`any_moment`](crate::any_moment) waits for comes; 10 where nothing is said. A bound, told
    /// where it decided.
    #[must_use]
    pub fn rest(self, movements: u32) -> Self {
        self.with_rule(move |rules| rules.rest = movements)
    }

    /// A run that daemons, or tasks of `tokio::spawn`, outlive fails with the property `leak`. Who is ready when the
    /// foreground has ended, or becomes so when properties let go of what they watch, gets the turns that it needs to end,
    /// at no time and without choices; a leak is who waits on. Where this is not said, they are dropped.
    #[must_use]
    pub fn deny_leaks(self) -> Self {
        self.with_rule(|rules| rules.deny_leaks = true)
    }

    /// Another verdict than `verified` is the right one, as for the incident itself. An expected failure that stops
    /// failing is red.
    #[must_use]
    pub fn expect(mut self, verdict: Verdict) -> Self {
        self.expected = verdict;
        self.expected_property = None;
        self
    }

    /// It is expected to fail, and by this property: `panic` and `stuck` are the engine's own, the others have the
    /// scenario's names. A failure by another property is red.
    #[must_use]
    pub fn expect_failed_by(mut self, property: impl Into<Cow<'static, str>>) -> Self {
        self.expected = Verdict::Failed;
        self.expected_property = Some(property.into());
        self
    }

    /// Whether a failure by this property is the one that is expected.
    pub(crate) fn expects_failure_by(&self, property: &str) -> bool {
        self.expected == Verdict::Failed && self.expected_property.as_ref().is_none_or(|expected| expected == property)
    }

    /// Whether the scenario itself asks for alternatives of this cost.
    pub(crate) fn asks_for(&self, cost: Cost) -> bool {
        self.asked & 1 << cost as u8 != 0
    }

    fn asking(mut self, cost: Cost, count: u32) -> Self {
        let bit = 1 << cost as u8;
        self.asked = if count > 0 { self.asked | bit } else { self.asked & !bit };
        self
    }

    /// Every run begins with a declaration.
    fn with_rule(mut self, rule: impl Fn(&mut Rules) + Send + Sync + 'static) -> Self {
        let rule = Arc::new(rule);
        let body = self.body;
        self.body = Arc::new(move || {
            let (rule, rest) = (Arc::clone(&rule), body());
            Box::pin(async move {
                declare(&*rule);
                rest.await;
            })
        });
        self
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("name", &self.name)
            .field("bounds", &self.bounds)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}
