//! What two searches must share before their results may be put together.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::rc::Rc;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::choice::Tape;
use crate::explore::{Again, Bounds, Explorer};
use crate::hash::History;
use crate::run::isolate;
use crate::run::{RunOptions, Runner};
use crate::scenario::Scenario;

/// Names a scenario in one build of one program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The scenario.
    pub scenario: String,
    /// The framework's version.
    pub nevernone: String,
    /// tokio's version.
    pub tokio: String,
    /// A hash of the program's own file.
    pub build: String,
    /// The history of the simplest run.
    pub first_run: String,
}

impl Fingerprint {
    /// Takes a scenario's fingerprint; this executes it once.
    ///
    /// # Panics
    /// If called within a tokio runtime or within a run.
    pub fn of(scenario: &Scenario, bounds: &Bounds) -> Self {
        // A checkpoint asks for those of all scenarios before the first is searched: statics are still to be empty for
        // those that are isolated.
        let apart = isolate::is_possible().then(|| scenario.clone().isolated());
        let scenario = apart.as_ref().unwrap_or(scenario);
        let explorer: Rc<RefCell<dyn Explorer>> = Rc::new(RefCell::new(Again::new(Tape::default())));
        let options = RunOptions { step_limit: bounds.steps, timeline: false };
        let first_run = Runner::of(scenario).run(&*scenario.body, &explorer, options, |finished| finished.history);
        Fingerprint {
            scenario: scenario.name.to_string(),
            nevernone: env!("CARGO_PKG_VERSION").to_owned(),
            tokio: crate::tokio_version::tokio_version().to_owned(),
            build: build().to_owned(),
            first_run: first_run.map(|history| format!("{:016x}", history.value())).unwrap_or_default(),
        }
    }

    /// What is not the same in `other`, in words; `None` if nothing is.
    pub fn difference(&self, other: &Fingerprint) -> Option<String> {
        let differ = |what: &str, ours: &str, theirs: &str| {
            (ours != theirs).then(|| format!("another {what} (`{theirs}`, and here `{ours}`)"))
        };
        differ("scenario", &self.scenario, &other.scenario)
            .or_else(|| differ("version of nevernone", &self.nevernone, &other.nevernone))
            .or_else(|| differ("version of tokio", &self.tokio, &other.tokio))
            .or_else(|| differ("build", &self.build, &other.build))
            .or_else(|| differ("course of the first run", &self.first_run, &other.first_run))
    }
}

/// A hash of this program's own file; `unknown` where it cannot be read.
fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| hash_of_program().map_or("unknown".to_owned(), |hash| format!("{hash:016x}")))
}

fn hash_of_program() -> Option<u64> {
    // On Linux this is the file that runs, even where another was put in its place meanwhile.
    let running = File::open("/proc/self/exe");
    hash_of(running.or_else(|_| File::open(std::env::current_exe()?)).ok()?)
}

/// Block by block: programs are large.
fn hash_of(mut file: impl Read) -> Option<u64> {
    let mut hash = History::default();
    let mut block = Vec::new();
    loop {
        file.by_ref().take(1 << 16).read_to_end(&mut block).ok()?;
        if block.is_empty() {
            return Some(hash.value());
        }
        hash.mix_bytes(&block);
        block.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, hash_of};
    use crate::{Scenario, spawn};

    fn of(name: &'static str, tasks: usize) -> Fingerprint {
        let scenario = Scenario::new(name, move || async move {
            (0..tasks).for_each(|_| drop(spawn("task", tokio::task::yield_now())));
        });
        Fingerprint::of(&scenario, &scenario.bounds())
    }

    #[test]
    fn the_same_scenario_of_one_build_has_one_fingerprint() {
        let fingerprint = of("a", 2);
        assert_eq!(fingerprint, of("a", 2));
        assert_eq!((fingerprint.build.len(), fingerprint.first_run.len()), (16, 16), "{fingerprint:?}");
        assert_eq!(fingerprint.difference(&of("a", 2)), None);
    }

    #[test]
    fn what_differs_is_named() {
        assert!(of("a", 2).difference(&of("b", 2)).unwrap().contains("another scenario (`b`"));
        assert!(of("a", 2).difference(&of("a", 3)).unwrap().contains("another course of the first run"));
        let other = Fingerprint { build: "0".to_owned(), ..of("a", 2) };
        assert!(of("a", 2).difference(&other).unwrap().contains("another build (`0`"));
    }

    #[test]
    fn a_build_is_named_by_every_byte_of_its_program() {
        let hash = |bytes: &[u8]| hash_of(bytes).unwrap();
        let mut program = vec![7; 100_000];
        let whole = hash(&program);
        assert_ne!(whole, hash(&program[1..]));
        program[99_999] = 8;
        assert_ne!(whole, hash(&program));
        let own = std::fs::File::open(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(of("a", 2).build, format!("{:016x}", hash_of(own).unwrap()));
    }
}
