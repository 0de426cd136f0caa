//! Panics inside a run: caught, located, and kept off the terminal.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::ending::Location;

/// The payload of a panic that the explorer chose. Where it ends a task, that is no failure of its own.
pub(crate) struct Injected;

/// How it is told.
const INJECTED: &str = "a panic that the explorer injected";

/// The payload that ends a task whose requirement did not hold: the run has failed already, by that requirement.
pub(crate) struct Unmet;

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// What a fail point panics with, where that was decided before it was hit: `fail` takes a text.
pub(crate) const FAIL_POINT: &str = "nevernone: injected at a fail point";

/// Whether the explorer chose this panic, although its payload is a text.
fn is_injected_text(text: &str) -> bool {
    text == FAIL_POINT
}

/// A panic as it was caught.
#[derive(Debug, Clone)]
pub(crate) struct Caught {
    pub(crate) message: String,
    pub(crate) location: Option<Location>,
    /// The explorer chose it, or the run failed before it.
    pub(crate) injected: bool,
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<(String, Option<Location>)>> = const { RefCell::new(None) };
}

/// Runs `f`; a panic becomes a value, and prints nothing.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Caught> {
    catch_whole(f).map_err(|(caught, _)| caught)
}

/// Like [`catch`], and keeps the payload for whoever is to be told.
pub(crate) fn catch_whole<R>(f: impl FnOnce() -> R) -> Result<R, (Caught, Payload)> {
    let outer = CATCHING.replace(true);
    // Unwind safety: whatever `f` leaves half-done belongs to the run, and a run that panicked is over or goes on
    // with exactly the state that the code under test left, which is what is being tested.
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    CATCHING.set(outer);
    result.map_err(|payload| (caught(payload.as_ref()), payload))
}

/// Runs `f`, whose panics somebody else catches: they print nothing, and the last one is told.
pub(crate) fn watch<R>(f: impl FnOnce() -> R) -> (R, Option<Caught>) {
    let outer = CATCHING.replace(true);
    LAST.take();
    let result = f();
    CATCHING.set(outer);
    let caught = LAST.take().map(|(message, location)| Caught { message, location, injected: false });
    (result, caught)
}

/// Installs, once a process, a hook that records panics inside runs and passes on all others.
pub(super) fn install_hook() {
    static INSTALLED: Once = Once::new();
    refuse(cfg!(panic = "abort"));
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CATCHING.get() {
                let message = text(info.payload());
                if is_injected_text(&message) {
                    return;
                }
                LAST.set(Some((message, info.location().map(Location::from))));
            } else {
                previous(info);
            }
        }));
    });
}

/// A panic that aborts can be neither caught, nor injected, nor told.
fn refuse(panics_abort: bool) {
    assert!(
        !panics_abort,
        "this program was built with `panic = \"abort\"`: the first panic of the code under test would end it, and \
         there would be no report. Leave `panic = \"abort\"` out of the profile that searches are built with, or give \
         them one of their own: `[profile.search]` with `inherits = \"release\"` and `panic = \"unwind\"`"
    );
}

fn caught(payload: &(dyn Any + Send)) -> Caught {
    let last = LAST.take();
    if payload.is::<Injected>() {
        return Caught { message: INJECTED.to_owned(), location: None, injected: true };
    }
    if payload.is::<Unmet>() {
        return Caught { message: "a requirement that did not hold".to_owned(), location: None, injected: true };
    }
    let message = text(payload);
    if is_injected_text(&message) {
        return Caught { message: INJECTED.to_owned(), location: None, injected: true };
    }
    // A panic that was caught and raised again passes no hook, so what the hook saw last may be another one.
    let location = last.filter(|(seen, _)| *seen == message).and_then(|(_, location)| location);
    Caught { message, location, injected: false }
}

/// What a panic says.
pub(super) fn text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        return (*text).to_owned();
    }
    payload.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic whose payload is no text".to_owned())
}

/// Where `f` panics, if it does.
pub(crate) fn panic_location(f: impl FnOnce()) -> Option<Location> {
    install_hook();
    catch(f).err()?.location
}

#[cfg(test)]
mod tests {
    use super::{panic_location, refuse};

    #[test]
    fn a_build_whose_panics_abort_is_refused() {
        let here = panic_location(|| refuse(true)).expect("refused");
        assert!(here.file.ends_with("panics.rs"));
        assert_eq!(panic_location(|| refuse(false)), None);
    }
}
