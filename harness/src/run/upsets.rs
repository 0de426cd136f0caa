//! What can befall a task from outside, beside being cancelled: a panic at an await, a crash of everything that one
//! start brought up, and the answer of a dependency.

use std::rc::Rc;
use std::task::Waker;

use super::tasks::{Name, Task, TaskFuture};

/// What a run has of these.
#[derive(Default)]
pub(crate) struct Upsets {
    /// Futures that may panic, in the order in which they were first polled.
    pub(in crate::run) panic_points: Vec<PanicPoint>,
    /// How many of them were polled after they were struck, and panicked.
    pub(in crate::run) panicked: u32,
    /// What may crash and start again, in the order in which it was first started. Never shrinks within a run, so
    /// that an index stays what it is.
    pub(in crate::run) incarnations: Vec<Incarnation>,
    /// Of the task being polled: what it spawns belongs to the same.
    pub(in crate::run) current: Option<usize>,
    /// The task being polled, where it is one of the run's own.
    pub(in crate::run) polling: Option<u32>,
    /// Answers that arrive when the current step has ended.
    answers: Vec<(u64, Waker)>,
}

/// A future that may panic where it waits.
pub(in crate::run) struct PanicPoint {
    id: u64,
    pub(in crate::run) name: Name,
    /// There while the future waits; not while it is polled.
    pub(in crate::run) waker: Option<Waker>,
    /// Who polled it last; `None` for a task that is not the run's own.
    pub(in crate::run) task: Option<u32>,
    /// It panics at its next poll.
    pub(in crate::run) struck: bool,
}

/// Something that may crash and start again.
pub(in crate::run) struct Incarnation {
    pub(in crate::run) name: Name,
    pub(in crate::run) owner: Rc<dyn Restart>,
    /// Within which it was started.
    parent: Option<usize>,
    /// A task of the present start was polled: before that a crash would change nothing.
    pub(in crate::run) polled: bool,
}

/// What the engine needs of something that may crash.
pub(crate) trait Restart {
    /// From now on its futures are dropped because of a crash. An output that nobody took is dropped here, and may panic.
    fn crash(&self);
    /// The future of the next start.
    fn start(self: Rc<Self>) -> TaskFuture;
}

impl Upsets {
    pub(super) fn clear(&mut self) {
        *self = Upsets::default();
    }

    pub(crate) fn add_panic_point(&mut self, id: u64, name: Name) {
        self.panic_points.push(PanicPoint { id, name, waker: None, task: None, struck: false });
    }

    /// A poll of this point begins; `true` if it panics there.
    pub(crate) fn begin_poll(&mut self, id: u64) -> bool {
        let Some(place) = self.panic_points.iter().position(|point| point.id == id) else { return false };
        self.panic_points[place].waker = None;
        let struck = self.panic_points[place].struck;
        if struck {
            self.panic_points.remove(place);
            self.panicked += 1;
        }
        struck
    }

    /// A poll of this point ended, and it waits.
    pub(crate) fn wait(&mut self, id: u64, waker: Waker) {
        let task = self.polling;
        if let Some(point) = self.panic_points.iter_mut().find(|point| point.id == id) {
            point.waker = Some(waker);
            point.task = task;
        }
    }

    /// This point finished or was dropped. The waker is the caller's to drop.
    pub(crate) fn remove_panic_point(&mut self, id: u64) -> Option<Waker> {
        let place = self.panic_points.iter().position(|point| point.id == id)?;
        self.panic_points.remove(place).waker
    }

    /// Tells where the incarnation stands.
    pub(crate) fn add_incarnation(&mut self, name: Name, owner: Rc<dyn Restart>) -> usize {
        self.incarnations.push(Incarnation { name, owner, parent: self.current, polled: false });
        self.incarnations.len() - 1
    }

    /// Whether what belongs to `inner` goes down with `outer`.
    pub(in crate::run) fn belongs(&self, inner: Option<usize>, outer: usize) -> bool {
        let mut place = inner;
        while let Some(at) = place {
            if at == outer {
                return true;
            }
            place = self.incarnations[at].parent;
        }
        false
    }

    /// Whether the incarnation at `place` has anything to lose.
    pub(in crate::run) fn can_crash(&self, place: usize, tasks: &[Task]) -> bool {
        let lives = || tasks.iter().any(|task| task.future.is_some() && self.belongs(task.incarnation, place));
        self.incarnations[place].polled && lives()
    }

    pub(crate) fn await_answer(&mut self, id: u64, waker: Waker) {
        self.answers.push((id, waker));
    }

    /// Nobody waits for this answer any more. The waker is the caller's to drop.
    pub(crate) fn forget_answer(&mut self, id: u64) -> Option<Waker> {
        let place = self.answers.iter().position(|(waiting, _)| *waiting == id)?;
        Some(self.answers.remove(place).1)
    }

    pub(in crate::run) fn take_answers(&mut self) -> Vec<(u64, Waker)> {
        std::mem::take(&mut self.answers)
    }
}
