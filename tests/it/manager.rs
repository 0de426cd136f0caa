//! Laws of the manager that no single example shows.

use nevernone_reference::event::{Event, EventKind, RunId, ThreadId, UserId, WireEvent};
use nevernone_reference::manager::{Attach, Batch, Candidate, Connection, Limits, ManagerHandle, Outcome};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

const THREADS: usize = 2;

fn manager() -> ManagerHandle {
    // No bound is reached here: what bounds do has tests of its own.
    let limits =
        Limits { connections_per_user: 10_000, outbox_events: 1_000_000, outbox_bytes: 1 << 30, ..Limits::default() };
    Candidate::complete(limits).validate().expect("a complete candidate")
}

fn thread(number: usize) -> ThreadId {
    ThreadId::new(format!("t{number}")).expect("an id")
}

fn attach(manager: &ManagerHandle, number: usize) -> Connection {
    let user = UserId::new("u").expect("an id");
    manager.attach(Attach { user, thread: thread(number) }).expect("within the limits")
}

fn send(manager: &ManagerHandle, number: usize, payload: u64) -> Outcome {
    let event = Event {
        kind: EventKind::ProgressUpdate,
        run_id: RunId::new("r").expect("an id"),
        agent_name: "triage".to_owned(),
        timestamp: Duration::ZERO,
        payload: json!(payload),
    };
    manager.send_to_thread(&thread(number), event)
}

/// Up to `max` waiting events, as (seq, payload).
fn take(connection: &mut Connection, max: usize) -> Vec<(u64, u64)> {
    let frames = match connection.try_batch(max) {
        Some(Batch::Frames(frames)) => frames,
        Some(Batch::Closed(close)) => panic!("closed: {close:?}"),
        None => return Vec::new(),
    };
    let told = |bytes: &[u8]| {
        let event: WireEvent = serde_json::from_slice(bytes).expect("an event");
        assert_eq!(event.thread_id, connection.thread().as_str(), "an event of another thread");
        (event.seq, event.payload.as_u64().expect("a number"))
    };
    frames.iter().map(|frame| told(&frame.bytes())).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Attach(usize),
    /// The n-th open connection, modulo their number.
    Drop(usize),
    Take(usize, usize),
    Send(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..THREADS).prop_map(Step::Attach),
        2 => any::<usize>().prop_map(Step::Drop),
        3 => (any::<usize>(), 1..4_usize).prop_map(|(which, max)| Step::Take(which, max)),
        5 => (0..THREADS).prop_map(Step::Send),
    ]
}

/// One open connection and what the law expects of it.
struct Follower {
    connection: Connection,
    number: usize,
    last: u64,
}

#[derive(Default)]
struct Ledger {
    /// Accepted, by thread and payload.
    accepted: BTreeSet<(usize, u64)>,
    /// Received by somebody, or lost in the one way that is allowed.
    settled: BTreeSet<(usize, u64)>,
}

impl Ledger {
    fn receive(&mut self, follower: &mut Follower, max: usize) {
        for (seq, payload) in take(&mut follower.connection, max) {
            assert!(seq > follower.last, "{seq} after {}", follower.last);
            follower.last = seq;
            self.settled.insert((follower.number, payload));
        }
    }

    /// What the leaver did not take is lost only if somebody else follows the thread, who may have come later.
    fn leave(&mut self, mut leaver: Follower, others: &[Follower]) {
        if others.iter().any(|other| other.number == leaver.number) {
            self.receive(&mut leaver, usize::MAX);
        }
    }
}

fn obey(steps: Vec<Step>) {
    let manager = manager();
    let (mut open, mut ledger) = (Vec::<Follower>::new(), Ledger::default());
    for (payload, step) in (0_u64..).zip(steps) {
        match step {
            Step::Attach(number) => {
                open.push(Follower { connection: attach(&manager, number), number, last: 0 });
            }
            Step::Drop(which) if !open.is_empty() => {
                let leaver = open.swap_remove(which % open.len());
                ledger.leave(leaver, &open);
            }
            Step::Take(which, max) if !open.is_empty() => {
                let which = which % open.len();
                ledger.receive(&mut open[which], max);
            }
            Step::Drop(_) | Step::Take(..) => {}
            Step::Send(number) => {
                let following = open.iter().filter(|follower| follower.number == number).count();
                let expected = if following == 0 { Outcome::Buffered } else { Outcome::Delivered(following) };
                assert_eq!(send(&manager, number, payload), expected);
                ledger.accepted.insert((number, payload));
            }
        }
        assert_eq!(manager.connection_count(), open.len());
        assert_eq!(manager.probe(), Ok(()));
    }
    while let Some(leaver) = open.pop() {
        ledger.leave(leaver, &open);
    }
    for number in 0..THREADS {
        let connection = attach(&manager, number);
        ledger.receive(&mut Follower { connection, number, last: 0 }, usize::MAX);
    }
    assert_eq!(ledger.settled, ledger.accepted, "accepted is received, and nothing else is");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn what_is_accepted_is_received_in_order_whoever_comes_and_goes(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        obey(steps);
    }
}

#[test]
fn one_event_for_two_threads_arrives_in_each_as_its_own() {
    let manager = manager();
    let mut followers = [attach(&manager, 0), attach(&manager, 1)];
    for number in [0, 1, 0] {
        assert_eq!(send(&manager, number, 7), Outcome::Delivered(1));
    }
    // That each is of the follower's own thread is looked at on the way.
    let received = followers.each_mut().map(|follower| take(follower, usize::MAX));
    assert_eq!(received, [vec![(1, 7), (2, 7)], vec![(1, 7)]]);
}

#[test]
fn sixty_four_os_threads_share_one_manager() {
    const EACH: u64 = 200;
    let manager = manager();
    let mut watchers: Vec<Connection> = (0..THREADS).map(|number| attach(&manager, number)).collect();
    std::thread::scope(|scope| {
        for sender in 0..64_u64 {
            let manager = &manager;
            scope.spawn(move || {
                let number = usize::try_from(sender).expect("small") % THREADS;
                let mut last = 0;
                for payload in 0..EACH {
                    let mut own = attach(manager, number);
                    assert!(matches!(send(manager, number, payload), Outcome::Delivered(2..)));
                    for (seq, _) in take(&mut own, usize::MAX) {
                        assert!(seq > last, "{seq} after {last}");
                        last = seq;
                    }
                }
            });
        }
        let total = usize::try_from(64 * EACH).expect("small") / THREADS;
        for watcher in &mut watchers {
            scope.spawn(move || {
                let mut numbers = Vec::new();
                while numbers.len() < total {
                    numbers.extend(take(watcher, 64).into_iter().map(|(seq, _)| seq));
                    std::thread::yield_now();
                }
                assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "no event twice, none lost");
            });
        }
    });
    assert_eq!(manager.connection_count(), THREADS, "everybody else is detached");
}
