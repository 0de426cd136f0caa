//! Every sequence of four operations, on std's cell and on ours: the outcomes are equal, panics included.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use nevernone::loom::{Model, PLANNED};

const RE_ENTERED: &str = "an initialiser asks for the cell that it fills: std's OnceLock would wait for ever";
const POISONED: &str = "LazyLock instance has previously been poisoned";

pub(crate) const MODELS: &[Model] = &[
    Model::new("once_lock_as_std", once_lock_as_std)
        .claims("every sequence of four operations comes to what it comes to on std's OnceLock")
        .max_branches(200_000),
    Model::new("lazy_lock_as_std", lazy_lock_as_std)
        .claims("made at the first use, poisoned by a panic, as std's LazyLock")
        .plans(&[POISONED]),
    Model::new("re_entry_is_named", re_entry_is_named)
        .claims("an initialiser that asks for its own cell is told so, and the cell is empty again")
        .plans(&[RE_ENTERED]),
    Model::new("cells_are_sent_and_shared_as_std", cells_are_sent_and_shared_as_std)
        .claims("what production code may send and share, it still may"),
];

#[derive(Debug, Clone, Copy)]
enum Operation {
    Get,
    Set,
    Init,
    InitPanics,
    Increase,
    Take,
    Clone,
    Show,
}

use Operation::{Clone as Copied, Get, Increase, Init, InitPanics, Set, Show, Take};
const OPERATIONS: [Operation; 8] = [Get, Set, Init, InitPanics, Increase, Take, Copied, Show];

/// What a panic said, or the value.
fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|panic| panic.downcast_ref::<&str>().map_or_else(|| "no text".to_owned(), |text| (*text).to_owned()))
}

macro_rules! once_lock {
    ($name:ident, $cell:ty) => {
        fn $name(operations: &[Operation]) -> Vec<String> {
            let mut cell = <$cell>::new();
            let mut outcome = |(at, operation): (usize, &Operation)| match operation {
                Get => format!("{:?}", cell.get()),
                Set => format!("{:?}", cell.set(at)),
                Init => format!("{:?}", cell.get_or_init(|| at + 10)),
                InitPanics => format!("{:?}", caught(|| *cell.get_or_init(|| panic_any(PLANNED)))),
                Increase => format!("{:?}", cell.get_mut().map(|value| *value += 100)),
                Take => format!("{:?}", cell.take()),
                Copied => {
                    let copy = cell.clone();
                    let equal = copy == cell;
                    format!("{equal} {:?}", std::mem::replace(&mut cell, copy).into_inner())
                }
                Show => format!("{cell:?}"),
            };
            operations.iter().enumerate().map(|operation| outcome(operation)).collect()
        }
    };
}

once_lock!(on_std, std::sync::OnceLock<usize>);
once_lock!(on_ours, nevernone::loom::OnceLock<usize>);

fn once_lock_as_std() {
    let mut tried = 0;
    for index in 0..OPERATIONS.len().pow(4) {
        let sequence: [Operation; 4] =
            std::array::from_fn(|at| OPERATIONS[index / OPERATIONS.len().pow(u32::try_from(at).unwrap()) % 8]);
        assert_eq!(on_ours(&sequence), on_std(&sequence), "{sequence:?}");
        tried += 1;
    }
    assert_eq!(tried, 4096);
}

macro_rules! lazy_lock {
    ($name:ident, $lazy:ident in $($path:ident)::+) => {
        fn $name(panics: bool) -> Vec<String> {
            use $($path)::+::$lazy;
            let mut made = 0;
            let lazy = $lazy::new(|| {
                made += 1;
                if panics { panic_any(PLANNED) } else { made }
            });
            let mut outcomes = vec![format!("{lazy:?}")];
            outcomes.extend((0..3).map(|_| format!("{:?}", caught(|| *$lazy::force(&lazy)))));
            outcomes.push(format!("{:?}", caught(|| *lazy)));
            outcomes.push(format!("{lazy:?}"));
            outcomes
        }
    };
}

lazy_lock!(lazy_on_std, LazyLock in std::sync);
lazy_lock!(lazy_on_ours, LazyLock in nevernone::loom);

fn lazy_lock_as_std() {
    for panics in [false, true] {
        assert_eq!(lazy_on_ours(panics), lazy_on_std(panics));
    }
    assert!(lazy_on_std(true).contains(&format!("Err({POISONED:?})")), "std's own words have changed");
}

fn re_entry_is_named() {
    let cell = nevernone::loom::OnceLock::new();
    assert_eq!(caught(|| *cell.get_or_init(|| *cell.get_or_init(|| 1))), Err(RE_ENTERED.to_owned()));
    assert_eq!((cell.get(), cell.set(2), cell.get()), (None, Ok(()), Some(&2)));
}

fn cells_are_sent_and_shared_as_std() {
    fn both<T: Send + Sync>() {}
    fn sent<T: Send>(_: &T) {}
    both::<nevernone::loom::OnceLock<String>>();
    both::<nevernone::loom::LazyLock<String>>();
    both::<nevernone::loom::OnceCell<String>>();
    let cell = nevernone::loom::OnceCell::new();
    sent(&cell.get_or_try_init(|| async { Ok::<u32, String>(1) }));
    sent(&cell.get_or_init(|| async { 1 }));
}
