//! A model: what it claims, how far it is searched, and what must happen in it at least once.

use std::sync::atomic::{AtomicBool, Ordering};

/// The message of panics that a model plans: `std::panic::panic_any(PLANNED)`. Any other panic fails the model, even one
/// that the code under test caught; [`Model::plans`] allows more of them.
pub const PLANNED: &str = "planned by the model";

/// A constant has no list that grows.
const SOMETIMES: usize = 8;

/// A body that loom executes in every interleaving, and what is known of it beforehand.
///
/// ```
/// use nevernone::loom::{Model, Sometimes};
///
/// static READER_FIRST: Sometimes = Sometimes::new("the reader came first");
///
/// const MODELS: &[Model] = &[Model::new("publish_against_get", publish_against_get)
///     .claims("whoever sees the value sees all of it")
///     .sometimes(&READER_FIRST)];
///
/// fn publish_against_get() {
///     // Threads of loom's, over cells that are built on loom's primitives.
/// }
/// # assert_eq!(MODELS[0].name(), "publish_against_get");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Model {
    pub(super) name: &'static str,
    pub(super) claim: &'static str,
    /// None: all executions that loom models. Some: those with at most so many preemptions.
    pub(super) preemptions: Option<usize>,
    /// One that needs more fails: it is never cut and then called complete.
    pub(super) max_executions: u64,
    /// Loom gives an execution up, by a panic, after so many switches.
    pub(super) max_branches: usize,
    sometimes: [Option<&'static Sometimes>; SOMETIMES],
    /// Messages of panics that are no failure, beside [`PLANNED`].
    pub(super) plans: &'static [&'static str],
    pub(super) body: fn(),
}

impl Model {
    /// A model that is searched in full. Its name is how it is chosen on the command line.
    pub const fn new(name: &'static str, body: fn()) -> Self {
        Self {
            name,
            claim: "no execution panics",
            preemptions: None,
            max_executions: 5_000_000,
            max_branches: 10_000,
            sometimes: [None; SOMETIMES],
            plans: &[],
            body,
        }
    }

    /// One sentence that every execution upholds. It is printed with the verdict.
    #[must_use]
    pub const fn claims(mut self, claim: &'static str) -> Self {
        self.claim = claim;
        self
    }

    /// Searches executions with at most so many preemptions only, and says so: the verdict is `bounded`, not `complete`.
    /// For three threads, and for async models, whose full tree does not end.
    #[must_use]
    pub const fn preemptions(mut self, bound: usize) -> Self {
        self.preemptions = Some(bound);
        self
    }

    /// What can only happen in some interleavings: it must have come true in one, or the model is vacuous and fails.
    ///
    /// # Panics
    /// With more than eight of them; where models are constants, while compiling.
    #[must_use]
    pub const fn sometimes(mut self, sometimes: &'static Sometimes) -> Self {
        let mut place = 0;
        while self.sometimes[place].is_some() {
            place += 1;
            assert!(place < SOMETIMES, "a model has eight `sometimes` at most");
        }
        self.sometimes[place] = Some(sometimes);
        self
    }

    /// Whole messages of panics that are part of the model, beside [`PLANNED`]: those that the code under test raises
    /// by contract, for instance.
    #[must_use]
    pub const fn plans(mut self, messages: &'static [&'static str]) -> Self {
        self.plans = messages;
        self
    }

    /// A model that is not over after so many executions is `incomplete`, and fails. 5,000,000 where nothing is said:
    /// one that runs longer is no unit test.
    #[must_use]
    pub const fn max_executions(mut self, executions: u64) -> Self {
        self.max_executions = executions;
        self
    }

    /// An execution of more switches than this fails. 10,000 where nothing is said: here that means a loop that never
    /// ends, such as a spin lock.
    #[must_use]
    pub const fn max_branches(mut self, branches: usize) -> Self {
        self.max_branches = branches;
        self
    }

    /// As it is chosen on the command line.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The first thing that should have happened and did not.
    pub(super) fn never_seen(&self) -> Option<&'static str> {
        self.sometimes.iter().flatten().find(|sometimes| !sometimes.was_seen()).map(|sometimes| sometimes.what)
    }
}

/// Something that should happen in at least one execution of a model; a static, since a body is a plain function.
#[derive(Debug)]
pub struct Sometimes {
    what: &'static str,
    seen: AtomicBool,
}

impl Sometimes {
    /// Something that did not happen yet.
    pub const fn new(what: &'static str) -> Self {
        Self { what, seen: AtomicBool::new(false) }
    }

    /// Notes that it happened, if it did. Loom does not see this: it is no part of the model.
    pub fn saw(&self, happened: bool) {
        // Relaxed: a flag alone. Loom's threads take turns on one thread of the system, which also reads it.
        self.seen.fetch_or(happened, Ordering::Relaxed);
    }

    fn was_seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }
}
