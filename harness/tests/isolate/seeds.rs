//! Chance falls the same way in every run, and on this platform in every process.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use nevernone::{Scenario, choose, event, spawn};
use rand::TryRng as _;
use rand::rngs::SysRng;
use tokio::task::yield_now;

use crate::{FRESH, fresh, search, verified};

/// In which order a map gives its keys back, and what else chance decides.
fn by_chance() -> String {
    let map: HashMap<u32, u32> = (0..20).map(|key| (key, key)).collect();
    let order: Vec<u32> = map.into_keys().collect();
    let asked = [(); 2].map(|()| SysRng.try_next_u64().expect("the system answers"));
    assert_ne!(asked[0], asked[1], "fixed, and still not one number for ever");
    let drawn: u64 = rand::random();
    format!("{order:?} {asked:?} {drawn} {}", RandomState::new().hash_one(1))
}

fn chance() -> Scenario {
    Scenario::new("chance", || async {
        let _ = choose("a", 3);
        let left = tokio::select! { () = async {} => true, () = async {} => false };
        event(&format!("{left} {}", by_chance()));
        for key in HashMap::from([(0, "a"), (1, "b"), (2, "c"), (3, "d")]).into_keys() {
            drop(spawn("task", async move {
                if key < 2 {
                    yield_now().await;
                }
            }));
        }
    })
    .preemptions(0)
    .isolated()
}

#[test]
fn maps_select_and_random_numbers_are_functions_of_the_choices() {
    fresh(|| {
        let report = verified(&chance());
        assert!(report.notes.is_empty(), "{:?}", report.notes);
    });
}

/// Prints a hash of everything that chance decides.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn another_process_has_the_same_seeds() {
    if std::env::var(FRESH).is_ok_and(|asked| asked.contains("another_process")) {
        let fails = Scenario::new("told", || async { panic!("by chance {}", by_chance()) });
        let failure = search(&fails.isolated()).failure.expect("it panics");
        println!("{} {}", failure.message, failure.token);
    }
    let told = || {
        let name = "seeds::another_process_has_the_same_seeds";
        let program = std::env::current_exe().expect("a test knows its own program");
        let output =
            std::process::Command::new(program).args([name, "--exact", "--nocapture"]).env(FRESH, name).output();
        let out = String::from_utf8(output.expect("the program starts").stdout).expect("text");
        out.split_once("by chance").expect("told").1.split("test result").next().unwrap_or_default().to_owned()
    };
    if std::env::var(FRESH).is_err() {
        assert_eq!(told(), told());
    }
}
