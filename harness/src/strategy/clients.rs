//! What a client does around a startup: when it comes, what it asks, how it reads, how it goes.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A client's whole behaviour: one visit after another, with a connection of its own each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// At least one, in the order in which they take place.
    pub visits: Vec<Visit>,
}

/// From a connect to the end of that connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// When it connects.
    pub when: When,
    /// What it does then, in order.
    pub acts: Vec<Act>,
    /// How it goes, after all that.
    pub leaves: Leave,
}

/// When a client connects. In a scenario `During` is best left to the explorer:
/// [`any_moment`](crate::any_moment) beside the spawned startup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Before the startup begins.
    Before,
    /// While it is under way.
    During,
    /// Once it has ended, however it did.
    After,
}

/// One thing that a connected client does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// It sends a request, and does not wait for the answer.
    Request,
    /// It reads up to that many messages (at least one), as far as they are there already. A client that reads slowly is one
    /// that reads few, and pauses.
    Read(usize),
    /// It does nothing for so long.
    Pause(Duration),
    /// It sends these bytes, which are no request. Some are text, few are JSON, and there can be none at all.
    Rubbish(Vec<u8>),
}

/// How a client goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// It reads until all that it asked for on this connection was answered, then closes.
    Answered,
    /// It closes at once, whatever is under way.
    Closes,
    /// It is gone, without a word.
    Vanishes,
}

/// How busy clients are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientSize {
    /// Visits of a client, at most; at least 1. From the second on it reconnects.
    pub visits: usize,
    /// Acts in a visit, at most.
    pub acts: usize,
    /// The longest pause. In whole milliseconds, at least one.
    pub pause: Duration,
    /// The longest rubbish, in bytes.
    pub rubbish: usize,
}

impl Default for ClientSize {
    /// Up to three visits of up to four acts; pauses of up to 300 ms, which is what the waits of a startup with three attempts
    /// come to; rubbish of up to 24 bytes.
    fn default() -> Self {
        ClientSize { visits: 3, acts: 4, pause: Duration::from_millis(300), rubbish: 24 }
    }
}

/// Clients of that size. No later visit begins in an earlier part of the startup. Shrinks to fewer visits with fewer acts, and
/// towards a client that comes once everything is up, asks, and waits for its answers.
///
/// ```
/// use nevernone::strategy::{Act, ClientSize, Leave, Visit, When, clients};
/// use proptest::test_runner::{TestError, TestRunner};
///
/// // A service that does not survive rubbish from somebody who came too early.
/// let searched = TestRunner::deterministic().run(&clients(ClientSize::default()), |client| {
///     let early = client.visits.iter().filter(|visit| visit.when == When::Before);
///     let rubbish = early.flat_map(|visit| &visit.acts).any(|act| matches!(act, Act::Rubbish(_)));
///     assert!(!rubbish);
///     Ok(())
/// });
/// let Err(TestError::Fail(_, least)) = searched else { panic!("somebody does") };
/// let visit = Visit { when: When::Before, acts: vec![Act::Rubbish(vec![])], leaves: Leave::Answered };
/// assert_eq!(least.visits, [visit]);
/// ```
pub fn clients(size: ClientSize) -> impl Strategy<Value = Client> {
    vec(visits(size), 1..=size.visits.max(1)).prop_map(|mut visits| {
        visits.sort_by_key(|visit| visit.when);
        Client { visits }
    })
}

fn visits(size: ClientSize) -> impl Strategy<Value = Visit> {
    let when = select(vec![When::After, When::Before, When::During]);
    let leaves = select(vec![Leave::Answered, Leave::Closes, Leave::Vanishes]);
    (vec(acts(size), 0..=size.acts), when, leaves).prop_map(|(acts, when, leaves)| Visit { when, acts, leaves })
}

fn acts(size: ClientSize) -> impl Strategy<Value = Act> {
    let longest = u64::try_from(size.pause.as_millis()).unwrap_or(u64::MAX).max(1);
    prop_oneof![
        3 => Just(Act::Request),
        2 => (1..=8_usize).prop_map(Act::Read),
        2 => (1..=longest).prop_map(|pause| Act::Pause(Duration::from_millis(pause))),
        1 => vec(any::<u8>(), 0..=size.rubbish).prop_map(Act::Rubbish),
        1 => vec(prop::char::range(' ', '~'), 0..=size.rubbish)
            .prop_map(|text| Act::Rubbish(text.into_iter().map(|sign| sign as u8).collect())),
    ]
}
