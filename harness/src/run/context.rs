//! The state of a run: what the ambient API reads and writes.

use std::cell::RefCell;
use std::panic::Location as Caller;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::task::Waker;

use super::at_end::AtEnd;
pub(crate) use super::current::{try_with, with};
use super::identity::Identity;
use super::isolate::Record;
use super::pulse::Pulse;
use super::rules::{Heal, Rules};
use super::site::{Place, Site};
use super::spawned::Spawned;
use super::stuck::StuckTask;
use super::tally::Tally;
pub(crate) use super::tasks::{Name, Role};
use super::tasks::{NewTask, TaskFuture};
use super::timeline::Timeline;
use super::upsets::{Restart, Upsets};
use super::waits::Wait;
use crate::choice::Tape;
use crate::ending::{Ending, Failure};
use crate::explore::Explorer;
use crate::hash::History;

/// Everything of a run but its tasks.
#[derive(Default)]
pub(crate) struct State {
    pub(super) explorer: Option<Rc<RefCell<dyn Explorer>>>,
    /// What a watcher on another thread sees.
    pub(super) pulse: Arc<Pulse>,
    /// Where the run has a process of its own, and this is it: what its parent is told.
    pub(super) recorder: Option<Rc<Record>>,
    pub(super) tape: Tape,
    pub(super) history: History,
    pub(super) steps: u32,
    pub(super) tally: Tally,
    pub(super) timeline: Timeline,
    /// Decided in the middle of a step; the run ends after it, and draws until then are answered with 0.
    pub(super) decided: Option<Ending>,
    /// Spawned in the current step, admitted after it.
    pub(super) new_tasks: Vec<NewTask>,
    /// Where the tasks of a stuck run wait; written where the timeline is.
    pub(super) stuck: Vec<StuckTask>,
    /// The task being polled.
    pub(super) current_task: Name,
    /// Events of the outside world that wait for their moment, in the order in which they began to wait.
    pub(super) moments: Vec<Moment>,
    /// Futures that may be dropped, in the order in which they were first polled.
    pub(super) cancellables: Vec<Cancellable>,
    pub(super) upsets: Upsets,
    pub(super) properties: Vec<Property>,
    /// What `nevernone_point::point` gives, by place.
    pub(super) sites: Vec<Rc<Site>>,
    /// Every place that the scenario described, those of `sites` included.
    pub(super) described: Vec<Arc<Place>>,
    pub(crate) rules: Rules,
    pub(crate) heal: Heal,
    /// Asked once the run is over.
    pub(crate) at_end: Vec<AtEnd>,
    /// What the task being polled waits for, as far as it has said so.
    pub(super) waits: Vec<Wait>,
    pub(crate) spawned: Spawned,
    /// A property is being asked, which must change nothing.
    pub(super) judging: bool,
    /// Of this run, once somebody has asked for it.
    pub(super) identity: Option<Arc<Identity>>,
    #[cfg(feature = "fail")]
    pub(super) fail_points: super::fail_points::FailPoints,
    #[cfg(feature = "net")]
    pub(crate) network: super::network::Network,
    next_id: u64,
}

/// An event of the outside world that has not happened yet.
pub(crate) struct Moment {
    pub(crate) id: u64,
    pub(crate) name: Name,
    pub(crate) waker: Waker,
}

/// A future that the explorer may drop.
pub(super) struct Cancellable {
    pub(super) name: Name,
    pub(super) target: Weak<dyn Cancel>,
    /// What its destructors spawn goes down with that.
    pub(super) incarnation: Option<usize>,
}

/// What can be dropped before it finished.
pub(crate) trait Cancel {
    /// Whether it was polled and neither finished nor was dropped.
    fn is_pending(&self) -> bool;
    /// Drops it and wakes whoever waits for it.
    fn cancel(&self);
}

/// Something that must hold after every step.
pub(crate) struct Property {
    pub(crate) id: u64,
    pub(crate) name: Name,
    pub(crate) caller: &'static Caller<'static>,
    /// `None` while a consumer could not observe it.
    pub(crate) holds: Box<dyn FnMut() -> Option<bool>>,
    pub(crate) goal: Goal,
}

/// What a property is for.
pub(crate) enum Goal {
    /// It must hold after every step.
    Always,
    /// It must hold once; then this is woken and the property is gone.
    Once(Waker),
}

impl State {
    pub(super) fn reset(&mut self, explorer: Rc<RefCell<dyn Explorer>>, timeline: bool) {
        self.explorer = Some(explorer);
        self.tape.clear();
        self.history = History::default();
        self.steps = 0;
        self.tally.clear();
        self.timeline.restart(timeline);
        self.decided = None;
        self.current_task = Name::default();
        self.next_id = 0;
        // Destructors of an earlier run's leftovers ran when it finished.
        self.new_tasks.clear();
        self.moments.clear();
        self.cancellables.clear();
        self.upsets.clear();
        self.properties.clear();
        self.sites.clear();
        self.described.clear();
        self.rules = Rules::default();
        self.heal = Heal::default();
        self.waits.clear();
        self.at_end.clear();
        self.stuck.clear();
        self.spawned.clear();
        self.judging = false;
        #[cfg(feature = "fail")]
        self.fail_points.begin_execution();
        #[cfg(feature = "net")]
        {
            self.network = super::network::Network::default();
        }
    }

    pub(crate) fn spawn(&mut self, name: Name, role: Role, future: TaskFuture) {
        #[cfg(feature = "net")]
        let future = self.network.inherit(future);
        self.new_tasks.push(NewTask { name, role, future, incarnation: self.upsets.current });
    }

    /// The first failure of a run is the one that is told.
    pub(crate) fn fail(&mut self, failure: Failure) {
        if self.decided.is_none() {
            self.decided = Some(Ending::Failed(failure));
        }
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn note(&mut self, what: impl FnOnce() -> String) {
        self.timeline.note(self.steps, &self.current_task, what);
    }

    pub(crate) fn add_moment(&mut self, name: Name, waker: Waker) -> u64 {
        let id = self.next_id();
        self.moments.push(Moment { id, name, waker });
        id
    }

    pub(crate) fn moments(&mut self) -> &mut Vec<Moment> {
        &mut self.moments
    }

    pub(crate) fn add_cancellable(&mut self, name: Name, target: Weak<dyn Cancel>) {
        let incarnation = self.upsets.current;
        self.cancellables.push(Cancellable { name, target, incarnation });
    }

    pub(crate) fn add_panic_point(&mut self, name: Name) -> u64 {
        let id = self.next_id();
        self.upsets.add_panic_point(id, name);
        id
    }

    /// Starts something that may crash.
    pub(crate) fn start(&mut self, name: Name, owner: Rc<dyn Restart>) {
        let place = self.upsets.add_incarnation(name.clone(), Rc::clone(&owner));
        let future = owner.start();
        self.new_tasks.push(NewTask { name, role: Role::Foreground, future, incarnation: Some(place) });
    }

    pub(crate) fn upsets(&mut self) -> &mut Upsets {
        &mut self.upsets
    }

    /// Says what the task being polled waits for.
    pub(crate) fn wait_for(&mut self, wait: Wait) {
        self.waits.push(wait);
    }

    pub(crate) fn properties(&mut self) -> &mut Vec<Property> {
        &mut self.properties
    }

    /// The last description of a place is the one in effect.
    pub(crate) fn install_site(&mut self, site: Rc<Site>) {
        self.describe(Arc::clone(&site.place));
        self.sites.insert(0, site);
    }

    /// Its faults count as declared, whether code comes to it or not.
    pub(crate) fn describe(&mut self, place: Arc<Place>) {
        self.described.push(place);
    }

    pub(crate) fn site(&self, place: &str) -> Option<Rc<Site>> {
        self.sites.iter().find(|site| site.place.name == place).cloned()
    }

    pub(crate) fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    pub(crate) fn history(&mut self) -> &mut History {
        &mut self.history
    }
}
