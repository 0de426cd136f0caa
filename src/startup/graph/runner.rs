//! Running a plan: one phase after another, and what ends that early.

use std::{
    fmt,
    future::{Future, pending, poll_fn, ready},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use super::{
    Cause, Classify, Deadline, Plan, StartError, System, Token, UndoError, Why,
    phase::{Node, Output, Outputs},
    rollback::Rollback,
};
use crate::{
    contain::contain,
    env::Env,
    log,
    race::{Either, race},
    retry::{self, Attempt, Attempts, Told},
};

/// A system that is up, with what its phases made. Dropped, it is taken down, as a start that is dropped is.
#[must_use = "dropped, the system is taken down again"]
pub struct Up<E: Env, S: System, F: Classify>(Rollback<E, S, F>);

impl<S: System, F: Classify> Plan<S, F> {
    /// Runs every phase in order. Time passes only by `env`, and no timer is set where no deadline is declared.
    ///
    /// Cancel safe: dropped anywhere, everything that was begun is undone in reverse, what need not wait before the drop
    /// returns, the rest in a task of `env`.
    ///
    /// # Errors
    /// What ended it, once everything that was begun has been undone in reverse, with what could not be undone.
    pub async fn start<E: Env>(&self, env: &E, system: S) -> Result<Up<E, S, F>, StartError<F>> {
        self.start_unless(env, system, pending()).await
    }

    /// The same, unless `stop` ends first: it is looked at before anything else whenever the start is polled, before each
    /// phase, and after the last, and it wins over whatever those come to.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub async fn start_unless<E: Env>(
        &self,
        env: &E,
        system: S,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<Up<E, S, F>, StartError<F>> {
        let mut rollback = Rollback::of_nothing(env.clone(), self.clone(), system);
        match all(&mut rollback, pin!(stop)).await {
            Ok(()) => Ok(Up(rollback)),
            Err(why) => Err(StartError { why, left: rollback.finish().await }),
        }
    }

    /// Takes down a system of which only the system itself is at hand: every phase in reverse, as if it had begun and
    /// made nothing.
    pub(in crate::startup) fn undo_all<E: Env>(&self, env: &E, system: S) {
        let mut rollback = Rollback::of_nothing(env.clone(), self.clone(), system);
        rollback.begun = (0..self.0.phases.len()).collect();
    }
}

impl<E: Env, S: System, F: Classify> Up<E, S, F> {
    /// What the phase of that token made; `None` where the plan has no such phase.
    pub fn made<T: 'static>(&self, token: Token<T>) -> Option<&T> {
        self.0.made.get(token)
    }

    /// Takes the system down: every phase is undone in reverse. Cancel safe, as a start is.
    ///
    /// # Errors
    /// What could not be undone; the rest was.
    pub async fn stop(mut self) -> Result<(), Vec<UndoError<F>>> {
        let left = self.0.finish().await;
        if left.is_empty() { Ok(()) } else { Err(left) }
    }

    /// Leaves the system up: whoever has it takes it down by other means, if at all.
    pub fn keep(mut self) {
        self.0.begun.clear();
    }
}

impl<E: Env, S: System, F: Classify> fmt::Debug for Up<E, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Up({})", self.0.plan)
    }
}

/// All phases in order, watched by the stop and the deadline of the whole start.
async fn all<E: Env, S: System, F: Classify>(
    up: &mut Rollback<E, S, F>,
    mut stop: Pin<&mut (impl Future<Output = ()> + Send)>,
) -> Result<(), Why<F>> {
    let (env, plan) = (up.env.clone(), up.plan.clone());
    let mut limit = pin!(passing(&env, plan.0.deadline));
    for (place, phase) in plan.0.phases.iter().enumerate() {
        let mut failed = Vec::new();
        let ended = {
            let begun = pin!(one(up, place, &mut failed));
            race(stop.as_mut(), pin!(race(begun, limit.as_mut()))).await
        };
        match ended {
            Either::First(()) => return Err(stopped(up)),
            Either::Second(Either::First(Ok(made))) => up.made.add(phase.name, made),
            Either::Second(Either::First(Err(Short::Failed(attempts)))) => {
                return Err(Why::Failed { phase: phase.name, attempts });
            }
            Either::Second(Either::First(Err(Short::TooLong(after)))) => {
                let deadline = Deadline::Phase(phase.name);
                return Err(Why::DeadlineExceeded { deadline, after, phase: phase.name, failed });
            }
            Either::Second(Either::Second(after)) => {
                let deadline = Deadline::Start;
                return Err(Why::DeadlineExceeded { deadline, after, phase: phase.name, failed });
            }
        }
    }
    match race(stop, pin!(ready(()))).await {
        Either::First(()) => Err(stopped(up)),
        Either::Second(()) => Ok(()),
    }
}

fn stopped<E: Env, S: System, F: Classify>(up: &Rollback<E, S, F>) -> Why<F> {
    Why::Stopped { phase: up.begun.last().map(|place| up.plan.0.phases[*place].name) }
}

/// Why a phase made nothing.
enum Short<F> {
    Failed(Attempts<Cause<F>>),
    TooLong(Duration),
}

/// One phase with all of its attempts; the causes of those that failed are kept outside, for whoever ends it early.
async fn one<E: Env, S: System, F: Classify>(
    up: &mut Rollback<E, S, F>,
    place: usize,
    failed: &mut Vec<Attempt<Cause<F>>>,
) -> Result<Output, Short<F>> {
    up.begun.push(place);
    let Rollback { env, plan, system, made, .. } = &*up;
    let phase = &plan.0.phases[place];
    let bounds = phase.bounds;
    let hook = |news: &Told<'_, Cause<F>>| {
        if let Told::Failed { attempt, next_in } = news {
            failed.push((*attempt).clone());
            if let Some(wait) = next_in {
                let (number, of, next) = (attempt.number, bounds.attempts.attempts(), wait.as_millis());
                log::phase_retried(phase.name, number, of, next, &attempt.cause);
            }
        }
    };
    let judge = |cause: &Cause<F>| cause.verdict();
    let plan = retry::Plan { policy: bounds.attempts, hook, judge };
    let effort = retry::retry(env, plan, |_| attempt(env, phase, system.clone(), made));
    match race(pin!(effort), pin!(passing(env, bounds.deadline))).await {
        Either::First(ended) => ended.map_err(Short::Failed),
        Either::Second(after) => Err(Short::TooLong(after)),
    }
}

async fn attempt<E: Env, S, F: Classify>(
    env: &E,
    phase: &Node<S, F>,
    system: S,
    made: &Outputs,
) -> Result<Output, Cause<F>> {
    let mut running = contain(|| (phase.run)(system, made)).map_err(Cause::Panicked)?;
    let contained = poll_fn(|context| match contain(|| running.as_mut().poll(context)) {
        Ok(poll) => poll.map_err(|failure| Cause::Failed(Arc::new(failure))),
        Err(panic) => Poll::Ready(Err(Cause::Panicked(panic))),
    });
    match race(pin!(contained), pin!(passing(env, phase.bounds.attempt_deadline))).await {
        Either::First(ended) => ended,
        Either::Second(after) => Err(Cause::TooLong(after)),
    }
}

/// The deadline, once it has passed since now; never, and without a timer, where none is declared.
fn passing<E: Env>(env: &E, deadline: Option<Duration>) -> impl Future<Output = Duration> + Send {
    let sleep = deadline.map(|after| (after, env.sleep(after)));
    async move {
        match sleep {
            Some((after, sleep)) => {
                sleep.await;
                after
            }
            None => pending().await,
        }
    }
}
