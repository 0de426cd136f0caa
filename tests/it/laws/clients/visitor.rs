//! A client's behaviour, lived through on the platform as the socket shell uses it; and what it wrote down of it.

use std::{collections::BTreeSet, sync::Arc};

use nevernone::{
    any_moment,
    strategy::{Act, Client, Happened, History, Leave, Told, Visit, When},
};
use nevernone_reference::{
    agents::AgentName,
    backend::{AgentRequest, Backend, SubmitError},
    event::{EventKind, Frame, RunId, ThreadId, UserId, WireEvent},
    manager::{Attach, Batch, Connection, ManagerHandle},
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{SLOW, Tested};
use crate::support::{event, thread};

/// The platform's own close code when it stops.
const GOING_AWAY: u16 = 1001;

/// One client.
pub(super) struct Visitor {
    platform: Tested,
    /// Has permits once the startup has ended.
    started: Arc<Semaphore>,
    diary: Diary,
}

/// What a client asked and heard.
pub(super) struct Diary {
    user: UserId,
    thread: ThreadId,
    asked: usize,
    accepted: Vec<RunId>,
    heard: Vec<WireEvent>,
}

impl Visitor {
    pub(super) fn new(number: usize, platform: Tested, started: Arc<Semaphore>) -> Self {
        let user = UserId::new(format!("user-{number}")).expect("an id");
        let thread = thread(&format!("thread-{number}"));
        Self { platform, started, diary: Diary { user, thread, asked: 0, accepted: Vec::new(), heard: Vec::new() } }
    }

    /// The visits before the startup: nobody is let in, and nothing is accepted. Gives the other ones.
    pub(super) fn come_early(&mut self, client: Client) -> Vec<Visit> {
        let (early, rest): (Vec<_>, _) = client.visits.into_iter().partition(|visit| visit.when == When::Before);
        for visit in early {
            assert!(self.platform.manager().is_none(), "somebody was let in before the startup");
            let requests = visit.acts.iter().filter(|act| matches!(act, Act::Request));
            for _ in requests {
                assert_eq!(self.ask(), Err(SubmitError::NotReady));
            }
        }
        rest
    }

    pub(super) async fn come(mut self, visits: Vec<Visit>) -> Diary {
        for visit in visits {
            match visit.when {
                When::Before => unreachable!("these are over"),
                When::During => any_moment("a client comes").await,
                When::After => drop(self.started.acquire().await.expect("never closed")),
            }
            self.visit(visit).await;
        }
        self.diary
    }

    async fn visit(&mut self, visit: Visit) {
        let Some(manager) = self.platform.manager() else {
            // Told at the door; whoever asks all the same is told once more, or it has become ready in between.
            assert!(self.platform.readiness().reason.is_some(), "nobody is let in, and no reason is given");
            return;
        };
        let who = Attach { user: self.diary.user.clone(), thread: self.diary.thread.clone() };
        let Ok(mut connection) = manager.attach(who) else {
            // Closed by a stop since.
            return assert!(!self.platform.is_ready(), "a ready platform lets nobody in");
        };
        let before = self.diary.accepted.len();
        for act in visit.acts {
            match act {
                Act::Request => {
                    let ready = self.platform.is_ready();
                    match self.ask() {
                        Ok(run) if ready => self.diary.accepted.push(run),
                        Err(SubmitError::NotReady) if !ready => {}
                        other => panic!("ready: {ready}, and a request that nothing is wrong with came to {other:?}"),
                    }
                }
                Act::Read(most) => {
                    if let Some(Batch::Frames(frames)) = connection.try_batch(most) {
                        self.diary.hear(&frames);
                    }
                }
                Act::Pause(pause) => tokio::time::sleep(pause).await,
                Act::Rubbish(bytes) => self.say_rubbish(&bytes),
            }
        }
        match visit.leaves {
            Leave::Answered => self.hear_the_answers(&mut connection, before).await,
            Leave::Closes | Leave::Vanishes => drop(connection),
        }
    }

    fn ask(&mut self) -> Result<RunId, SubmitError> {
        self.diary.asked += 1;
        let agent = AgentName::ALL[self.diary.asked % AgentName::ALL.len()].to_string();
        // Some of these a tool can compute, some it refuses.
        let text = ["what is 6 * 7?", "what is 1 / 0?", "plan the week"][self.diary.asked % 3];
        self.send(agent, json!({ "text": text }))
    }

    /// As it would come over the wire: an agent that there is not, with words that are none.
    fn say_rubbish(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let payload = serde_json::from_slice(bytes).unwrap_or(Value::String(text.clone()));
        let refused = self.send(text, payload).expect_err("rubbish is no request");
        let known = ["unknown_agent", "bad_payload"];
        assert!(known.contains(&refused.code()) && !refused.to_string().is_empty(), "{refused}");
    }

    fn send(&mut self, agent: String, payload: Value) -> Result<RunId, SubmitError> {
        let (user, thread) = (self.diary.user.clone(), self.diary.thread.clone());
        Backend::submit(&self.platform, AgentRequest { user, thread, agent, payload })
    }

    /// Reads until all that was accepted on this connection has ended, or the connection is closed with a code that says why.
    async fn hear_the_answers(&mut self, connection: &mut Connection, before: usize) {
        while !self.diary.has_ended(&self.diary.accepted[before..]) {
            match connection.next_batch(3).await {
                Batch::Frames(frames) => {
                    self.diary.hear(&frames);
                }
                Batch::Closed(close) => {
                    assert_eq!(close.code, SLOW, "closed with {} before the end of a request", close.code);
                    return;
                }
            }
        }
        match connection.try_batch(1) {
            None => {}
            Some(Batch::Frames(frames)) => self.diary.hear(&frames),
            Some(Batch::Closed(close)) => {
                assert!([SLOW, GOING_AWAY].contains(&close.code) && !close.reason.is_empty(), "{close:?}");
            }
        }
    }
}

impl Diary {
    fn hear(&mut self, frames: &[Frame]) {
        let read = |frame: &Frame| serde_json::from_slice(&frame.bytes()).expect("the manager sends events as JSON");
        self.heard.extend(frames.iter().map(read));
    }

    fn has_ended(&self, runs: &[RunId]) -> bool {
        let is_end =
            |run: &RunId| self.heard.iter().any(|event| event.kind.is_terminal() && event.run_id == run.as_str());
        runs.iter().all(is_end)
    }

    /// What was kept for the thread, and one more event, behind whatever was lost.
    pub(super) fn hear_the_rest(&mut self, manager: &ManagerHandle) {
        let who = Attach { user: self.user.clone(), thread: self.thread.clone() };
        let mut connection = manager.attach(who).expect("there is room");
        while let Some(Batch::Frames(frames)) = connection.try_batch(usize::MAX) {
            self.hear(&frames);
        }
        drop(manager.send_to_thread(&self.thread, event(0)));
        if let Some(Batch::Frames(frames)) = connection.try_batch(1) {
            self.hear(&frames);
        }
    }

    /// Nothing comes twice, and nothing before what was told earlier.
    pub(super) fn assert_in_order(&self) {
        let numbers: Vec<u64> = self.heard.iter().map(|event| event.seq).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
        assert!(self.heard.iter().all(|event| event.thread_id == self.thread.as_str()), "another thread's event");
    }

    /// Every number from the first on, and every accepted request with all that belongs to it.
    pub(super) fn assert_nothing_is_lost(&self) {
        let numbers: Vec<u64> = self.heard.iter().map(|event| event.seq).collect();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{numbers:?}");
        assert_eq!(self.history().flaw(), None, "{:?}", self.heard);
    }

    /// A request whose end did not arrive left a gap in the numbers.
    pub(super) fn assert_losses_show(&self) {
        let last = self.heard.last().expect("the event after everything").seq;
        let has_gap = last > self.heard.len() as u64;
        assert!(has_gap || self.has_ended(&self.accepted), "an end was lost, and nothing tells");
        let ends = self.heard.iter().filter(|event| event.kind.is_terminal()).map(|event| &event.run_id);
        let (ends, runs): (Vec<_>, BTreeSet<_>) = (ends.clone().collect(), ends.collect());
        assert_eq!(ends.len(), runs.len(), "an end was told twice");
    }

    /// In the framework's terms: what was accepted, then all that was told of it.
    fn history(&self) -> History {
        let number = |run: &str| self.accepted.iter().position(|accepted| accepted.as_str() == run);
        let accepted = (0..self.accepted.len()).map(|run| Told { thread: 0, run, what: Happened::Accepted });
        let told = self.heard.iter().filter(|event| event.kind != EventKind::ProgressUpdate).map(|event| {
            let what = match event.kind {
                EventKind::AgentCompleted => Happened::Completed,
                EventKind::AgentError => Happened::Failed,
                _ => Happened::Progress,
            };
            // A run that nobody asked for is one that was never accepted.
            Told { thread: 0, run: number(&event.run_id).unwrap_or(usize::MAX), what }
        });
        History { told: accepted.chain(told).collect() }
    }
}
