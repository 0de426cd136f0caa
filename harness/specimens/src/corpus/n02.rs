//! N02, half-init (netra-systems/zen, `manager.py`): the accessor of a process-wide manager stored the new object
//! first and validated it afterwards. When validation failed the error went to that caller alone; the object stayed
//! where it was, so the second caller found "an instance" and got it without any check.

use std::cell::RefCell;
use std::rc::Rc;

use nevernone::{Scenario, fault, require, sometimes, spawn};
use tokio::task::yield_now;

use super::Local;
use crate::Specimen;

/// The specimen.
pub const SPECIMEN: Specimen = Specimen {
    id: "N02",
    class: "half-init",
    reference: "netra-systems/zen@9a4227161 manager.py:764-787",
    broken: || scenario("N02/broken", |cell| Box::pin(store_then_validate(cell))),
    fixed: || scenario("N02/fixed", |cell| Box::pin(validate_then_store(cell))),
};

struct Manager {
    rooms: Option<Vec<&'static str>>,
}

#[derive(Debug)]
struct Incomplete;

type Cell = Rc<RefCell<Option<Rc<Manager>>>>;
type Got = Result<Rc<Manager>, Incomplete>;

async fn create() -> Manager {
    let missing = fault("manager.create", &["a part is missing"]).is_some();
    yield_now().await;
    Manager { rooms: (!missing).then(Vec::new) }
}

fn validate(manager: &Manager) -> Result<(), Incomplete> {
    manager.rooms.as_ref().map(|_| ()).ok_or(Incomplete)
}

async fn store_then_validate(cell: Cell) -> Got {
    if let Some(existing) = cell.borrow().clone() {
        return Ok(existing);
    }
    let manager = Rc::new(create().await);
    *cell.borrow_mut() = Some(Rc::clone(&manager));
    validate(&manager)?;
    Ok(manager)
}

async fn validate_then_store(cell: Cell) -> Got {
    if let Some(existing) = cell.borrow().clone() {
        return Ok(existing);
    }
    let manager = Rc::new(create().await);
    validate(&manager)?;
    *cell.borrow_mut() = Some(Rc::clone(&manager));
    Ok(manager)
}

fn scenario(name: &'static str, get: fn(Cell) -> Local<Got>) -> Scenario {
    Scenario::new(name, move || async move {
        let cell = Cell::default();
        for caller in ["bridge", "supervisor"] {
            let cell = Rc::clone(&cell);
            drop(spawn(caller, async move {
                // As its callers did: a failure is tried again.
                for _attempt in 0..2 {
                    let got = get(Rc::clone(&cell)).await;
                    sometimes("a creation failed", got.is_err());
                    if let Ok(manager) = got {
                        require("every manager that is given is complete", validate(&manager).is_ok());
                        return;
                    }
                }
            }));
        }
    })
}
