//! Several callers of one cell.

use std::ops::Deref;
use std::sync::Arc;

use nevernone::{always, any_moment, cancellable, sometimes, spawn};

use super::env::ExploredEnv;
use super::factory::{ChosenFactory, KINDS, REPRESENTATIVE};
use crate::bridge::Bridge;
#[cfg(not(nevernone_loom))]
use crate::manager::process_wide;
use crate::manager::{ManagerCell, ManagerError, ManagerHandle, SharedCell, obtain};
use crate::startup::obtain_manager;

/// Three callers of a cell of their own.
pub(super) async fn concurrent_callers() {
    let cell = SharedCell::default();
    callers_of(cell).await;
}

/// The same three over the process's own cell, which is a static: each run needs a process.
#[cfg(not(nevernone_loom))] // loom's primitives cannot be in a static
pub(super) async fn callers_of_the_process() {
    callers_of(process_wide()).await;
}

/// Three callers at once, one of which may be cancelled anywhere: whoever gets a manager gets a complete one, the
/// same as everybody else, and a failure leaves the cell open for the next.
async fn callers_of<C: Deref<Target = ManagerCell> + Clone + 'static>(cell: C) {
    let factory = ChosenFactory::new(KINDS);
    watch_complete(cell.clone());
    let ask = || {
        let (cell, factory) = (cell.clone(), Arc::clone(&factory));
        async move { obtain(&cell, &*factory).await }
    };
    let impatient = spawn("impatient caller", cancellable("impatient caller", ask()));
    let patient = spawn("patient caller", ask());
    let own = ask().await;
    let (impatient, patient) = (impatient.await, patient.await);
    sometimes("a caller was cancelled", impatient.is_err());
    sometimes("one creation served everybody", factory.begun() == 1);
    sometimes("a failure was followed by a success", own.is_err() && patient.is_ok());
    let after = ask().await;
    sometimes("everybody failed, and a later caller succeeded", all_failed(&[&own, &patient]) && after.is_ok());
    assert!(!matches!(after, Err(ManagerError::Retired)), "a failed creation closed the cell for good");
    let answers = [Some(own), Some(patient), impatient.ok(), Some(after)];
    let managers: Vec<ManagerHandle> = answers.into_iter().flatten().filter_map(Result::ok).collect();
    assert!(
        managers.iter().all(|manager| manager.probe().is_ok()),
        "a caller was given a manager that delivers nothing"
    );
    assert_eq!(managers.is_empty(), cell.get().is_none(), "the cell and its callers disagree about success");
}

/// The bridge's three attempts beside the startup's, over one cell, and a consumer that looks at any moment.
pub(super) async fn bridge_vs_startup() {
    let (cell, factory) = (SharedCell::default(), ChosenFactory::new(REPRESENTATIVE));
    watch_complete(SharedCell::clone(&cell));
    let env = ExploredEnv::default();
    let bridge = Bridge::new(env.clone(), SharedCell::clone(&cell), factory.clone());
    let bridging = spawn("bridge", {
        let bridge = bridge.clone();
        async move { bridge.initialize().await }
    });
    let starting = spawn("startup", {
        let (cell, factory) = (SharedCell::clone(&cell), Arc::clone(&factory));
        async move { obtain_manager(&env, &cell, &*factory).await }
    });
    any_moment("a request arrives").await;
    let seen = cell.get().cloned();
    sometimes("the request came before the manager", seen.is_none());
    assert!(seen.is_none_or(|manager| manager.probe().is_ok()), "an early request met a manager that delivers nothing");
    let (bridged, started) = (bridging.await, starting.await);
    sometimes("the bridge gave up", bridged.is_err());
    sometimes("the startup needed no attempt of its own", started.is_ok() && factory.begun() == 1);
    // Whoever gives up has seen three failures; the other one may join some of them, or outlast all.
    assert!(factory.begun() <= 6, "{} creations for two times three attempts", factory.begun());
    assert!(bridged.is_ok() || factory.begun() >= 3, "the bridge gave up after {} creations", factory.begun());
    assert!(started.is_ok() || factory.begun() >= 3, "the startup gave up after {} creations", factory.begun());
    let someone_succeeded = bridged.is_ok() || started.is_ok();
    assert_eq!(someone_succeeded, cell.get().is_some(), "the cell and its callers disagree about success");
}

/// What the cell holds delivers, from the first step at which anybody could have it. A filled cell does not change any
/// more, so one look is enough.
fn watch_complete(cell: impl Deref<Target = ManagerCell> + 'static) {
    let mut looked = false;
    always("a published manager is complete", move || match cell.get() {
        Some(manager) if !looked => {
            looked = true;
            manager.probe().is_ok()
        }
        _ => true,
    });
}

fn all_failed(answers: &[&Result<ManagerHandle, ManagerError>]) -> bool {
    answers.iter().all(|answer| answer.is_err())
}
