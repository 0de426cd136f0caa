//! Several attempts at the one manager, told one by one: what the bridge and the startup have in common.

use std::{num::NonZeroU32, pin::pin, time::Duration};

use crate::{
    env::Env,
    log,
    manager::{CreateError, Incomplete, ManagerCell, ManagerError, ManagerFactory, ManagerHandle, obtain},
    race::{Either, race},
    retry::{self, Attempt, Attempts, Plan, Policy, Told, Verdict},
};

/// How many attempts each layer makes.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(3).expect("three is not zero");

/// Which layer tries, which decides its waits and its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// Detection: waits 100 ms × n, and asks the manager for a functional proof.
    Startup,
    /// Recovery: waits 50 ms × n.
    Bridge,
}

impl Layer {
    pub(crate) const fn policy(self) -> Policy {
        let step = match self {
            Self::Startup => Duration::from_millis(100),
            Self::Bridge => Duration::from_millis(50),
        };
        Policy::linear(ATTEMPTS, step)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Bridge => "bridge",
        }
    }

    /// Attempts, waits and words of this layer, around whatever an attempt is.
    pub(crate) async fn persist<E, T, Fut>(
        self,
        env: &E,
        mut attempt: impl FnMut() -> Fut,
    ) -> Result<T, Attempts<ManagerError>>
    where
        E: Env,
        Fut: Future<Output = Result<T, ManagerError>>,
    {
        let policy = self.policy();
        let hook = |news: &Told<'_, ManagerError>| self.tell(policy, news);
        retry::retry(env, Plan { policy, hook, judge }, |_| attempt()).await
    }

    fn tell(self, policy: Policy, news: &Told<'_, ManagerError>) {
        match news {
            Told::Succeeded { number } => match self {
                Layer::Startup => log::attempt_ok_startup(number),
                Layer::Bridge => log::attempt_ok_bridge(number),
            },
            Told::Failed { attempt: Attempt { number, cause }, next_in } => {
                let next = next_in.map_or("none left".to_owned(), |wait| format!("next in {} ms", wait.as_millis()));
                let (layer, of) = (self.name(), policy.attempts());
                match cause {
                    ManagerError::Nothing => log::attempt_nothing(layer, number, of, next),
                    ManagerError::Incomplete(incomplete) => {
                        log::attempt_incomplete(layer, names(&incomplete.missing), number, of, next);
                    }
                    other => log::attempt_failed(layer, other, number, of, next),
                }
            }
        }
    }
}

/// One layer's effort to get a manager.
pub(crate) struct Effort<'a, E> {
    pub(crate) env: &'a E,
    pub(crate) cell: &'a ManagerCell,
    pub(crate) factory: &'a dyn ManagerFactory,
    pub(crate) layer: Layer,
    /// An attempt that takes longer counts as cancelled; `None` waits as long as it takes.
    pub(crate) attempt_deadline: Option<Duration>,
}

impl<E: Env> Effort<'_, E> {
    /// The manager, or every attempt's cause. A failure of a creation that was joined counts as an attempt too.
    pub(crate) async fn make(&self) -> Result<ManagerHandle, Attempts<ManagerError>> {
        self.layer.persist(self.env, || self.attempt()).await
    }

    async fn attempt(&self) -> Result<ManagerHandle, ManagerError> {
        let obtained = obtain(self.cell, self.factory);
        let manager = match self.attempt_deadline {
            None => obtained.await?,
            Some(deadline) => match race(pin!(obtained), pin!(self.env.sleep(deadline))).await {
                Either::First(obtained) => obtained?,
                Either::Second(()) => return Err(too_long(deadline)),
            },
        };
        if self.layer == Layer::Startup {
            // Validated before publication, but perhaps closed since: detection believes nobody.
            validate(&manager)?;
        }
        Ok(manager)
    }
}

/// The creation goes on as long as others wait for it; this caller does not.
fn too_long(deadline: Duration) -> ManagerError {
    let what = format!("the attempt took longer than {} ms, see what the factory waits for", deadline.as_millis());
    ManagerError::Failed(CreateError::new(what))
}

/// A retired cell stays retired, and a factory that asks for its own product does so again.
fn judge(cause: &ManagerError) -> Verdict {
    match cause {
        ManagerError::Retired | ManagerError::Reentered => Verdict::GiveUp,
        ManagerError::Nothing
        | ManagerError::Incomplete(_)
        | ManagerError::Failed(_)
        | ManagerError::Panicked(_)
        | ManagerError::Cancelled => Verdict::Retry,
    }
}

/// The startup's own look at `connections` and `send_to_thread`: by use, not by name.
pub(crate) fn validate(manager: &ManagerHandle) -> Result<(), ManagerError> {
    let probed = manager.probe();
    probed.map_err(|error| ManagerError::Incomplete(Incomplete { missing: vec![error.part()] }))
}

/// The names of several parts, as messages list them.
pub(crate) fn names(parts: &[crate::manager::Part]) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
