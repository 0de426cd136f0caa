//! B09, reentrancy (`matklad/once_cell#65`): an initialiser that asks its own cell waits for itself. Nobody writes that
//! down in one function; here, as so often, it goes through the log: loading the settings warns about an unknown key,
//! and the log asks the settings for its level.

use std::rc::Rc;

use nevernone::{Scenario, choose, sometimes, spawn};
use tokio::sync::OnceCell;
use tokio::task::yield_now;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "B09",
    class: "reentrancy",
    reference: "https://github.com/matklad/once_cell/issues/65",
    broken: || scenario("B09/broken", loaded_by_whoever_asks),
    fixed: || scenario("B09/fixed", told_that_it_is_loading),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Until the settings are known.
    Everything,
    Errors,
}

type Settings = Rc<OnceCell<Level>>;
type Ask = fn(Settings) -> Local<Level>;

tokio::task_local! {
    /// There while this task's own future loads the settings.
    static LOADING: ();
}

fn loaded_by_whoever_asks(settings: Settings) -> Local<Level> {
    Box::pin(async move { *settings.get_or_init(|| load(&settings, loaded_by_whoever_asks)).await })
}

fn told_that_it_is_loading(settings: Settings) -> Local<Level> {
    Box::pin(async move {
        if LOADING.try_with(|()| ()).is_ok() {
            return Level::Everything;
        }
        *settings.get_or_init(|| LOADING.scope((), load(&settings, told_that_it_is_loading))).await
    })
}

async fn load(settings: &Settings, level: Ask) -> Level {
    yield_now().await;
    let has_an_unknown_key = choose("the file has an unknown key", 2) == 1;
    let warned = has_an_unknown_key && level(Rc::clone(settings)).await == Level::Everything;
    sometimes("the loader warned about a key", warned);
    Level::Errors
}

fn scenario(name: &'static str, level: Ask) -> Scenario {
    Scenario::new(name, move || async move {
        let settings = Settings::default();
        for caller in ["startup", "request"] {
            let settings = Rc::clone(&settings);
            drop(spawn(caller, async move {
                // Somebody else's loading is waited for: only the loader itself is told that it is loading.
                assert_eq!(level(settings).await, Level::Errors, "{caller} was given the level for the time before");
            }));
        }
    })
}
