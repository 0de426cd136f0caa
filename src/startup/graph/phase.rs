//! One phase as a user declares it: its name and what it makes, what it needs, how it runs and how it is undone.

use std::{
    any::{Any, TypeId, type_name},
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use crate::retry::Policy;

/// A phase's name and the type of what it makes. Usually a constant, which both the phase and those that need it use: a
/// phase can only be called with what the phases that it needs have made.
pub struct Token<T> {
    name: &'static str,
    makes: PhantomData<fn() -> T>,
}

impl<T> Token<T> {
    /// The token of the phase of that name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, makes: PhantomData }
    }
}

impl<T> Clone for Token<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Token<T> {}

impl<T> fmt::Debug for Token<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({} makes {})", self.name, type_name::<T>())
    }
}

/// What phases may make: handles, of which everybody who needs one gets a clone.
pub trait Product: Clone + Send + Sync + 'static {}

impl<T: Clone + Send + Sync + 'static> Product for T {}

/// What phases work on: a handle that each of them gets a clone of.
pub trait System: Clone + Send + Sync + 'static {}

impl<S: Clone + Send + Sync + 'static> System for S {}

/// One need, without its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub(super) name: &'static str,
    /// What is asked of it; `None` where only the order matters.
    pub(super) made: Option<Made>,
}

/// A type that a phase makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) id: TypeId,
    pub(super) name: &'static str,
}

impl Made {
    fn of<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }
}

pub(super) type Output = Arc<dyn Any + Send + Sync>;

/// What the phases made so far, by their names.
#[derive(Default)]
pub struct Outputs(Vec<(&'static str, Output)>);

impl Outputs {
    pub(super) fn add(&mut self, name: &'static str, output: Output) {
        self.0.push((name, output));
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Output> {
        let place = self.0.iter().position(|(made, _)| *made == name)?;
        Some(self.0.remove(place).1)
    }

    pub(super) fn get<T: 'static>(&self, token: Token<T>) -> Option<&T> {
        let (_, output) = self.0.iter().find(|(made, _)| *made == token.name)?;
        output.downcast_ref()
    }

    fn of<T: Product>(&self, token: Token<T>) -> T {
        self.get(token).cloned().expect("the plan has checked that this phase comes first and makes that type")
    }
}

/// What a phase needs: `()`, a [`Token`], or a tuple of up to six. The phase is given what those have made.
pub trait Needs: Send + Sync + 'static {
    /// What the phase is given.
    type Given: Send + 'static;

    /// The names, with their types.
    fn needs(&self) -> Vec<Need>;

    /// What was made for it.
    fn given(&self, outputs: &Outputs) -> Self::Given;
}

impl Needs for () {
    type Given = ();

    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }

    fn given(&self, _outputs: &Outputs) {}
}

impl<T: Product> Needs for Token<T> {
    type Given = T;

    fn needs(&self) -> Vec<Need> {
        vec![Need { name: self.name, made: Some(Made::of::<T>()) }]
    }

    fn given(&self, outputs: &Outputs) -> T {
        outputs.of(*self)
    }
}

/// Tuples of tokens: given in the order in which they are asked for.
macro_rules! tuples {
    ($( ($($product:ident $token:ident),+) )+) => { $(
        impl<$($product: Product),+> Needs for ($(Token<$product>,)+) {
            type Given = ($($product,)+);

            fn needs(&self) -> Vec<Need> {
                let ($($token,)+) = *self;
                [$($token.needs()),+].concat()
            }

            fn given(&self, outputs: &Outputs) -> Self::Given {
                let ($($token,)+) = *self;
                ($(outputs.of($token),)+)
            }
        }
    )+ };
}

tuples! {
    (A a, B b)
    (A a, B b, C c)
    (A a, B b, C c, D d)
    (A a, B b, C c, D d, E e)
    (A a, B b, C c, D d, E e, F f)
}

pub(super) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Run<S, F, T> = Box<dyn Fn(S, &Outputs) -> BoxFuture<Result<T, F>> + Send + Sync>;
type UndoAtOnce<S, F, T> = Box<dyn Fn(S, Option<T>) -> Result<(), F> + Send + Sync>;
type UndoWaiting<S, F, T> = Box<dyn Fn(S, Option<T>) -> BoxFuture<Result<(), F>> + Send + Sync>;

/// How a phase is undone.
pub(super) enum Undo<S, F, T> {
    Nothing,
    AtOnce(UndoAtOnce<S, F, T>),
    Waiting(UndoWaiting<S, F, T>),
}

/// A phase of a system `S` that makes a `T` or fails with an `F`.
#[must_use = "a phase does nothing until it is part of a graph"]
pub struct Phase<S, F, T> {
    token: Token<T>,
    needs: Vec<Need>,
    bounds: PhaseBounds,
    run: Run<S, F, T>,
    undo: Undo<S, F, T>,
}

/// How long a phase may take, and how often it is tried.
#[derive(Clone, Copy)]
pub(super) struct PhaseBounds {
    pub(super) deadline: Option<Duration>,
    pub(super) attempt_deadline: Option<Duration>,
    pub(super) attempts: Policy,
}

impl<S: 'static, F: 'static, T: Product> Phase<S, F, T> {
    /// The phase that makes what `token` says: by `run`, which gets the system and what `needs` have made. It has one
    /// attempt, no deadline, and nothing to undo, unless that is declared as well.
    ///
    /// The future of `run` may be dropped wherever it waits (a stop, a deadline): what it holds by then it gives back by
    /// its drop, or by the phase's undoing, which comes next.
    pub fn new<N, Fut>(token: Token<T>, needs: N, run: impl Fn(S, N::Given) -> Fut + Send + Sync + 'static) -> Self
    where
        N: Needs,
        Fut: Future<Output = Result<T, F>> + Send + 'static,
    {
        let bounds = PhaseBounds { deadline: None, attempt_deadline: None, attempts: Policy::once() };
        let wanted = needs.needs();
        let run: Run<S, F, T> = Box::new(move |system, outputs| Box::pin(run(system, needs.given(outputs))));
        Self { token, needs: wanted, bounds, run, undo: Undo::Nothing }
    }

    /// Begins after these too, whatever they make.
    pub fn after(mut self, phases: impl IntoIterator<Item = &'static str>) -> Self {
        self.needs.extend(phases.into_iter().map(|name| Need { name, made: None }));
        self
    }

    /// The longest that it may take with all of its attempts and the waits between them.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.bounds.deadline = Some(deadline);
        self
    }

    /// How often it is tried, as long as its errors are transient ([`Classify`](super::Classify)).
    pub fn attempts(mut self, attempts: Policy) -> Self {
        self.bounds.attempts = attempts;
        self
    }

    /// The longest that one attempt may take; one that takes longer has failed, and the next may do better.
    pub fn attempt_deadline(mut self, deadline: Duration) -> Self {
        self.bounds.attempt_deadline = Some(deadline);
        self
    }

    /// How it is undone once it has begun: with what it made, or with `None` where it did not get that far. Runs to its
    /// end wherever a start ends, in a destructor too, so it must not block.
    pub fn undo(mut self, undo: impl Fn(S, Option<T>) -> Result<(), F> + Send + Sync + 'static) -> Self {
        self.undo = Undo::AtOnce(Box::new(undo));
        self
    }

    /// The same for an undoing that has to wait. Where a start is dropped, nobody is left to wait for it: it then runs in
    /// a task of its own, and the phases before it after it.
    pub fn undo_waiting<Fut>(mut self, undo: impl Fn(S, Option<T>) -> Fut + Send + Sync + 'static) -> Self
    where
        Fut: Future<Output = Result<(), F>> + Send + 'static,
    {
        self.undo = Undo::Waiting(Box::new(move |system, made| Box::pin(undo(system, made))));
        self
    }

    /// The same without the type of what it makes.
    pub(super) fn erase(self) -> Node<S, F> {
        let Self { token, needs, bounds, run, undo } = self;
        let run: Run<S, F, Output> = Box::new(move |system, outputs| {
            let running = run(system, outputs);
            Box::pin(async move { running.await.map(|made| Arc::new(made) as Output) })
        });
        let undo = match undo {
            Undo::Nothing => Undo::Nothing,
            Undo::AtOnce(undo) => {
                Undo::AtOnce(Box::new(move |system, made| undo(system, typed(made))) as UndoAtOnce<_, _, _>)
            }
            Undo::Waiting(undo) => Undo::Waiting(Box::new(move |system, made| undo(system, typed(made)))),
        };
        Node { name: token.name, makes: Made::of::<T>(), needs, bounds, run, undo }
    }
}

fn typed<T: Product>(made: Option<Output>) -> Option<T> {
    made.and_then(|made| made.downcast_ref().cloned())
}

/// A phase of a graph, whatever it makes.
pub(super) struct Node<S, F> {
    pub(super) name: &'static str,
    pub(super) makes: Made,
    pub(super) needs: Vec<Need>,
    pub(super) bounds: PhaseBounds,
    pub(super) run: Run<S, F, Output>,
    pub(super) undo: Undo<S, F, Output>,
}
