//! One retry driver for every layer that retries: linear waits, none after the last attempt, no attempt forgotten.

use std::{fmt, future::Future, num::NonZeroU32, time::Duration};

use crate::env::Env;

/// How often, and with which waits between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// At least one, so that "exhausted" always carries a cause.
    attempts: NonZeroU32,
    /// After attempt *n* the wait is `step × n`.
    step: Duration,
}

impl Policy {
    /// `attempts` tries; after the *n*-th failure a wait of `step × n`, none after the last.
    ///
    /// ```
    /// use nevernone_reference::retry::Policy;
    /// use std::{num::NonZeroU32, time::Duration};
    ///
    /// let policy = Policy::linear(NonZeroU32::new(3).unwrap(), Duration::from_millis(100));
    /// assert_eq!(policy.wait_after(1), Some(Duration::from_millis(100)));
    /// assert_eq!(policy.wait_after(2), Some(Duration::from_millis(200)));
    /// assert_eq!(policy.wait_after(3), None);
    /// ```
    pub const fn linear(attempts: NonZeroU32, step: Duration) -> Self {
        Self { attempts, step }
    }

    /// One attempt, and no wait.
    pub const fn once() -> Self {
        Self::linear(NonZeroU32::MIN, Duration::ZERO)
    }

    /// The number of attempts, at least one.
    pub const fn attempts(&self) -> u32 {
        self.attempts.get()
    }

    /// The wait after the failed attempt `attempt` (counted from 1); `None` where no attempt follows.
    pub fn wait_after(&self, attempt: u32) -> Option<Duration> {
        (attempt < self.attempts.get()).then(|| self.step.saturating_mul(attempt))
    }
}

/// One failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt<C> {
    /// Counted from 1.
    pub number: u32,
    /// Why it failed.
    pub cause: C,
}

impl<C: fmt::Display> fmt::Display for Attempt<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attempt {}: {}", self.number, self.cause)
    }
}

/// Every failed attempt of a retry that gave up, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts<C> {
    /// All but the last.
    earlier: Vec<Attempt<C>>,
    /// Apart from the rest, so that there always is one.
    last: Attempt<C>,
}

impl<C> Attempts<C> {
    /// The attempts in order, at least one.
    pub fn iter(&self) -> impl Iterator<Item = &Attempt<C>> {
        self.earlier.iter().chain(std::iter::once(&self.last))
    }

    /// How many there were, at least one.
    pub fn count(&self) -> usize {
        self.earlier.len() + 1
    }

    /// The attempt after which the driver gave up.
    pub fn last(&self) -> &Attempt<C> {
        &self.last
    }
}

impl<C: fmt::Display> fmt::Display for Attempts<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, attempt) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{attempt}")?;
        }
        Ok(())
    }
}

/// What the hook learns of each attempt, while it is still news.
#[derive(Debug, PartialEq, Eq)]
pub enum Told<'a, C> {
    /// Attempt `number` succeeded.
    Succeeded {
        /// Counted from 1.
        number: u32,
    },
    /// An attempt failed.
    Failed {
        /// Its number and cause.
        attempt: &'a Attempt<C>,
        /// The wait before the next one; `None` where none follows.
        next_in: Option<Duration>,
    },
}

/// Whether another attempt can help after a given cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The next attempt may succeed.
    Retry,
    /// No attempt will: give up at once, without a wait.
    GiveUp,
}

/// What a retry is told besides what to try.
pub struct Plan<H, J> {
    /// How often, with which waits.
    pub policy: Policy,
    /// Called once after each attempt, before its wait.
    pub hook: H,
    /// Judges a cause.
    pub judge: J,
}

/// Runs `attempt` until it succeeds, is judged hopeless, or the policy is used up.
///
/// The only waits are the policy's. Cancel safe in the sense that nothing of the driver survives a drop; what an
/// attempt leaves behind is that attempt's own affair.
///
/// # Errors
/// Every failed attempt, in order.
pub async fn retry<E, T, C, Fut>(
    env: &E,
    mut plan: Plan<impl FnMut(&Told<'_, C>), impl Fn(&C) -> Verdict>,
    mut attempt: impl FnMut(u32) -> Fut,
) -> Result<T, Attempts<C>>
where
    E: Env,
    Fut: Future<Output = Result<T, C>>,
{
    let mut earlier = Vec::new();
    let mut number = 1;
    loop {
        let cause = match attempt(number).await {
            Ok(value) => {
                (plan.hook)(&Told::Succeeded { number });
                return Ok(value);
            }
            Err(cause) => cause,
        };
        let next_in = match (plan.judge)(&cause) {
            Verdict::Retry => plan.policy.wait_after(number),
            Verdict::GiveUp => None,
        };
        let failed = Attempt { number, cause };
        (plan.hook)(&Told::Failed { attempt: &failed, next_in });
        let Some(wait) = next_in else {
            return Err(Attempts { earlier, last: failed });
        };
        earlier.push(failed);
        env.sleep(wait).await;
        number += 1;
    }
}

#[cfg(test)]
mod tests;
