//! Resources that run out in the middle of a creation.

use std::sync::Arc;

use nevernone::{always, any_moment, balanced, cancellable, sometimes, spawn, watch};

use super::env::ExploredEnv;
use crate::manager::{
    BoxFuture, Budget, Candidate, Connections, CreateError, Limits, ManagerError, ManagerFactory, RoomMemberships,
};
use crate::startup::{Parts, Platform, Settings, StartupError};

/// What one manager takes: the second part does not fit beside a neighbour, the first one does.
const CONNECTIONS: usize = 2;
const THREADS: usize = 3;
const WHOLE: usize = CONNECTIONS + THREADS;

fn limits() -> Limits {
    Limits { connections: CONNECTIONS, threads: THREADS, ..Limits::default() }
}

/// Reserves the parts of a manager one by one, and gives way between: somebody else may take what is left, or give up the
/// creation while it holds only some.
struct PartByPart(Budget);

impl ManagerFactory for PartByPart {
    fn create(&self) -> BoxFuture<'static, Result<Option<Candidate>, CreateError>> {
        let budget = self.0.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            let connections = Connections::within(budget.reserve(CONNECTIONS)?);
            tokio::task::yield_now().await;
            let room_memberships = RoomMemberships::within(budget.reserve(THREADS)?);
            tokio::task::yield_now().await;
            let (connections, room_memberships) = (Some(connections), Some(room_memberships));
            Ok(Some(Candidate { connections, room_memberships, ..Candidate::complete(limits()) }))
        })
    }
}

/// Somebody else holds places at any moment of a start, which may be cancelled: each attempt takes a whole manager or gives
/// back every part, and one that comes once the places are free again succeeds.
pub(super) async fn resources_run_out() {
    let budget = Budget::new(WHOLE + 1);
    balanced("places", {
        let budget = budget.clone();
        move || budget.taken()
    });
    always("no more places are taken than there are", watch(&budget, |budget| budget.taken() <= WHOLE + 1));
    let parts = Parts { settings: Settings::lean(), ..Parts::standard(Arc::new(PartByPart(budget.clone()))) };
    let platform = Platform::new(ExploredEnv::default(), parts).expect("the standard parts are valid");
    let starting = spawn("startup", {
        let platform = platform.clone();
        cancellable("startup", async move { platform.start().await })
    });
    any_moment("a neighbour takes places").await;
    let neighbour = budget.reserve(THREADS);
    sometimes("the neighbour came too late", neighbour.is_err());
    any_moment("the neighbour gives them back").await;
    drop(neighbour);
    let started = starting.await;
    match &started {
        Ok(Ok(())) => {}
        Ok(Err(error)) => assert_told(error),
        Err(_cancelled) => sometimes("a start was cancelled", true),
    }
    let is_up = matches!(started, Ok(Ok(())));
    assert_eq!(budget.taken(), if is_up { WHOLE } else { 0 }, "after a start that ended with {started:?}");
    platform.start().await.expect("the places are free again");
    assert_eq!(budget.taken(), WHOLE);
    platform.stop().await;
    assert_eq!(budget.taken(), 0, "a stopped platform holds places");
}

/// Every attempt ran out of places in the middle.
fn assert_told(error: &StartupError) {
    let StartupError::ManagerUnavailable { attempts, .. } = error else { panic!("{error}") };
    let ran_out =
        |cause: &ManagerError| matches!(cause, ManagerError::Failed(CreateError::Failed { source: Some(_), .. }));
    assert!(attempts.iter().all(|attempt| ran_out(&attempt.cause)), "{error}");
    sometimes("every attempt ran out of places", true);
}
