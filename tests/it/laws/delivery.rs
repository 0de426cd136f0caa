//! What the followers of a thread receive is what was sent to it: in order, nothing twice, nothing of another thread; and all of
//! it, as far as there is room, however they come and go. A model that has nothing but lists says what that is.

use std::collections::VecDeque;

use nevernone::strategy::{Happened, History, HistorySize, histories};
use nevernone_reference::{
    event::{Event, EventKind, RunId, ThreadId, UserId, WireEvent},
    manager::{Attach, Batch, Candidate, Connection, DropReason, Limits, ManagerHandle, Outcome, SlowClient},
};
use proptest::{collection::vec, prelude::*, test_runner::TestCaseResult};

use super::config;
use crate::support::thread;

const THREADS: usize = 2;
const FOLLOWERS: usize = 4;
const SLOW: u16 = 1013;

/// What a follower does between two events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Follows a thread; whom it followed before it leaves.
    Attach {
        follower: usize,
        thread: usize,
    },
    Detach {
        follower: usize,
    },
    Read {
        follower: usize,
        most: usize,
    },
}

/// The moves before each event, and after the last.
fn moves(events: usize) -> impl Strategy<Value = Vec<Vec<Move>>> {
    let follower = 0..FOLLOWERS;
    let one = prop_oneof![
        2 => (follower.clone(), 0..THREADS).prop_map(|(follower, thread)| Move::Attach { follower, thread }),
        1 => follower.clone().prop_map(|follower| Move::Detach { follower }),
        2 => (follower, 1..=4_usize).prop_map(|(follower, most)| Move::Read { follower, most }),
    ];
    vec(vec(one, 0..=2), events + 1)
}

fn size() -> HistorySize {
    HistorySize { threads: THREADS, runs: 1..=5, progress: 4 }
}

fn lives() -> impl Strategy<Value = (History, Vec<Vec<Move>>)> {
    histories(&size()).prop_flat_map(|history| {
        let moves = moves(history.told.len());
        (Just(history), moves)
    })
}

/// The manager, or what it should be.
struct Both {
    manager: ManagerHandle,
    connections: [Option<Connection>; FOLLOWERS],
    model: Model,
}

/// Numbers of events, from 1 in each thread.
#[derive(Default)]
struct Model {
    /// How many were sent.
    sent: [u64; THREADS],
    kept: [VecDeque<u64>; THREADS],
    followers: [Option<Follower>; FOLLOWERS],
    room: usize,
    backlog: usize,
}

struct Follower {
    thread: usize,
    waiting: VecDeque<u64>,
    closed: bool,
}

/// What becomes of an event.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Delivered(usize),
    Kept,
    Lost,
}

impl Model {
    fn send(&mut self, thread: usize) -> Fate {
        self.sent[thread] += 1;
        let (number, room) = (self.sent[thread], self.room);
        let mut delivered = 0;
        for follower in
            self.followers.iter_mut().flatten().filter(|follower| follower.thread == thread && !follower.closed)
        {
            if follower.waiting.len() < room {
                follower.waiting.push_back(number);
                delivered += 1;
            } else {
                follower.waiting.clear();
                follower.closed = true;
            }
        }
        if delivered > 0 {
            Fate::Delivered(delivered)
        } else if self.kept[thread].len() < self.backlog {
            self.kept[thread].push_back(number);
            Fate::Kept
        } else {
            Fate::Lost
        }
    }

    fn attach(&mut self, follower: usize, thread: usize) {
        let waiting = std::mem::take(&mut self.kept[thread]);
        self.followers[follower] = Some(Follower { thread, waiting, closed: false });
    }

    fn detach(&mut self, follower: usize) {
        let Some(Follower { thread, waiting, .. }) = self.followers[follower].take() else { return };
        if self.followers.iter().flatten().any(|other| other.thread == thread && !other.closed) {
            return;
        }
        for number in waiting.into_iter().rev() {
            if self.kept[thread].len() < self.backlog {
                self.kept[thread].push_front(number);
            }
        }
    }

    /// The numbers, and whether it finds itself closed.
    fn read(&mut self, follower: usize, most: usize) -> (Vec<u64>, bool) {
        let Some(follower) = &mut self.followers[follower] else { return (Vec::new(), false) };
        let most = most.min(follower.waiting.len());
        let read: Vec<u64> = follower.waiting.drain(..most).collect();
        let closed = read.is_empty() && follower.closed;
        (read, closed)
    }
}

impl Both {
    fn new(limits: Limits) -> Self {
        let manager = Candidate::complete(limits).validate().expect("it is complete");
        let backlog = limits.backlog_events.min(limits.outbox_events);
        let model = Model { room: limits.outbox_events, backlog, ..Model::default() };
        Self { manager, connections: Default::default(), model }
    }

    fn go(&mut self, step: Move) -> TestCaseResult {
        match step {
            Move::Attach { follower, thread } => {
                self.leave(follower);
                let user = UserId::new("user").expect("an id");
                let connection = self.manager.attach(Attach { user, thread: named(thread) });
                self.connections[follower] = Some(connection.expect("there is room for everybody"));
                self.model.attach(follower, thread);
            }
            Move::Detach { follower } => self.leave(follower),
            Move::Read { follower, most } => self.read(follower, most)?,
        }
        Ok(())
    }

    fn leave(&mut self, follower: usize) {
        drop(self.connections[follower].take());
        self.model.detach(follower);
    }

    fn read(&mut self, follower: usize, most: usize) -> TestCaseResult {
        let Some(connection) = &mut self.connections[follower] else { return Ok(()) };
        let thread = connection.thread().clone();
        let (expected, closed) = self.model.read(follower, most);
        match connection.try_batch(most) {
            None => prop_assert!(expected.is_empty() && !closed, "nothing came, and {:?} should", expected),
            Some(Batch::Closed(close)) => {
                prop_assert!(closed && expected.is_empty(), "closed, and {:?} should come", expected);
                prop_assert!(close.code == SLOW && close.reason.contains("keep up"), "{:?}", close);
            }
            Some(Batch::Frames(frames)) => {
                let read = |bytes: &[u8]| serde_json::from_slice::<WireEvent>(bytes).expect("it is JSON");
                for (frame, number) in frames.iter().zip(&expected) {
                    let event = read(&frame.bytes());
                    prop_assert_eq!(event.seq, *number);
                    prop_assert_eq!(event.thread_id, thread.as_str());
                    prop_assert_eq!(event.payload.as_u64(), Some(*number), "the event that was sent as that one");
                }
                prop_assert_eq!(frames.len(), expected.len(), "{:?}", expected);
            }
        }
        Ok(())
    }

    fn send(&mut self, thread: usize, event: Event) -> TestCaseResult {
        let outcome = match self.manager.send_to_thread(&named(thread), event) {
            Outcome::Delivered(count) => Fate::Delivered(count),
            Outcome::Buffered => Fate::Kept,
            Outcome::Dropped(DropReason::BacklogFull) => Fate::Lost,
            other => return Err(TestCaseError::fail(format!("it became of it that {other}"))),
        };
        prop_assert_eq!(outcome, self.model.send(thread));
        Ok(())
    }
}

fn named(thread_number: usize) -> ThreadId {
    thread(["one", "two"][thread_number])
}

/// Its payload is its number.
fn event(run: usize, what: Happened, number: u64) -> Event {
    let kind = match what {
        Happened::Accepted => EventKind::AgentStarted,
        Happened::Progress => EventKind::ProgressUpdate,
        Happened::Completed => EventKind::AgentCompleted,
        Happened::Failed => EventKind::AgentError,
    };
    let run_id = RunId::new(format!("run-{run}")).expect("an id");
    Event {
        kind,
        run_id,
        agent_name: "triage".to_owned(),
        timestamp: std::time::Duration::ZERO,
        payload: number.into(),
    }
}

fn is_as_the_model_says(limits: Limits, history: &History, moves: &[Vec<Move>]) -> TestCaseResult {
    let mut both = Both::new(limits);
    let (last, before) = moves.split_last().expect("one after the last event");
    for (told, moves) in history.told.iter().zip(before) {
        moves.iter().try_for_each(|step| both.go(*step))?;
        let number = both.model.sent[told.thread] + 1;
        both.send(told.thread, event(told.run, told.what, number))?;
    }
    last.iter().try_for_each(|step| both.go(*step))?;
    // Whoever is there reads the rest; then somebody comes for what was kept.
    for follower in 0..FOLLOWERS {
        both.read(follower, usize::MAX)?;
        both.read(follower, 1)?;
        both.leave(follower);
    }
    for thread in 0..THREADS {
        both.go(Move::Attach { follower: thread, thread })?;
        both.read(thread, usize::MAX)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn with_room_enough_followers_receive_exactly_what_was_sent((history, moves) in lives()) {
        is_as_the_model_says(Limits::default(), &history, &moves)?;
    }

    #[test]
    fn with_little_room_they_receive_what_there_is_room_for_or_are_closed(
        (history, moves) in lives(), room in 1..=3_usize, backlog in 1..=4_usize
    ) {
        let slow_client = SlowClient::Disconnect { code: SLOW };
        let limits = Limits { outbox_events: room, backlog_events: backlog, slow_client, ..Limits::default() };
        is_as_the_model_says(limits, &history, &moves)?;
    }
}
