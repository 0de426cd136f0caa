//! What the contract says of a sequence of outcomes: instants, rows and endings, worked out apart from the code.

use std::time::Duration;

use super::{
    ATTEMPTS, Layer, Words,
    outcomes::{chain, text},
};
use crate::support::{Outcome, places};

/// Everything that is to be seen of one sequence.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) outcomes: Vec<Outcome>,
    /// When the factory is asked, since the start.
    pub(super) calls: Vec<Duration>,
    /// When the layer is done, since the start.
    pub(super) done: Duration,
    pub(super) rows: Vec<String>,
    pub(super) ending: Ending,
    /// How many places of the budget are taken then.
    pub(super) places: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    Manager,
    Refused { text: String, source: Option<String> },
}

impl Layer {
    fn lasts(self, outcome: Outcome) -> Duration {
        match outcome {
            Outcome::Late(after) => self.pause + after,
            _ => self.pause,
        }
    }

    /// Whether the outcome ends a sequence.
    pub(super) fn is_success(self, outcome: Outcome) -> bool {
        matches!(outcome, Outcome::Fine | Outcome::Late(_)) && !self.is_given_up(outcome)
    }

    /// Given up in the middle, such a creation comes to nothing and tells nothing.
    fn is_given_up(self, outcome: Outcome) -> bool {
        self.deadline.is_some_and(|deadline| self.lasts(outcome) > deadline)
    }
}

impl Expected {
    pub(super) fn of(layer: Layer, outcomes: &[Outcome]) -> Self {
        let (mut calls, mut done) = (Vec::new(), Duration::ZERO);
        for (number, outcome) in (1..).zip(outcomes) {
            calls.push(done);
            let lasts = layer.lasts(*outcome);
            done += layer.deadline.map_or(lasts, |deadline| lasts.min(deadline));
            if number < outcomes.len() {
                done += layer.step * u32::try_from(number).expect("three at most");
            }
        }
        let is_fine = outcomes.last().is_some_and(|last| layer.is_success(*last));
        let ending = if is_fine { Ending::Manager } else { refused(layer.words, outcomes) };
        let places = if is_fine { places() } else { 0 };
        Self { outcomes: outcomes.to_vec(), calls, done, rows: rows(layer, outcomes), ending, places }
    }
}

fn refused(words: Words, outcomes: &[Outcome]) -> Ending {
    let last = outcomes.last().map(|last| text(*last));
    let told = match words {
        Words::Singleton => return Ending::Refused { text: last.expect("at least one"), source: None },
        Words::Registry => return Ending::Refused { text: NONE_IS_REFUSED.to_owned(), source: None },
        Words::Bridge => ["agent events and real-time chat are unavailable", "initialize the bridge again"],
        Words::Startup | Words::Phase | Words::Platform => {
            ["agent events and real-time chat would be lost", "start again"]
        }
    };
    let attempts: Vec<String> =
        (1..).zip(outcomes).map(|(number, outcome)| format!("attempt {number}: {}", text(*outcome))).collect();
    let [breaks, next] = told;
    let attempts = attempts.join("; ");
    let text = format!("no WebSocketManager after 3 attempts ({attempts}): {breaks}; fix the last cause, then {next}");
    Ending::Refused { text, source: last }
}

const NONE_IS_REFUSED: &str = "the WebSocketManager is None: without it agent events and real-time chat are lost for 8/8 \
    agents; see the startup order, the manager must be created and validated before agents are wired";
const WIRED: &str = "INFO registry.wired: WebSocketManager wired to 8/8 agents and the tool dispatcher";
const CREATED: &str = "DEBUG manager.created: WebSocket manager singleton created";
const BRIDGED: &str = "INFO attempt.ok: bridge initialized on attempt";
const VALIDATED: &str = "INFO attempt.ok: WebSocketManager validated on attempt";

/// Every row, in order. A creation is told once, then each consumer tells what it makes of it.
fn rows(layer: Layer, outcomes: &[Outcome]) -> Vec<String> {
    let mut rows = Vec::new();
    for (number, outcome) in (1..).zip(outcomes.iter().copied()) {
        let is_fine = layer.is_success(outcome);
        if is_fine {
            rows.push(CREATED.to_owned());
        } else if !layer.is_given_up(outcome) {
            rows.push(format!(
                "ERROR manager.create_failed: creating the WebSocket manager failed: {}",
                chain(outcome)
            ));
        }
        for _ in 0..layer.consumers {
            if is_fine {
                rows.extend(rows_of_success(layer.words, number));
            } else {
                rows.extend(row_of_failure(layer, number, outcome));
                if number == ATTEMPTS {
                    rows.extend(row_of_the_end(layer.words, outcomes));
                }
            }
        }
    }
    rows
}

/// With those of asking once more, which creates nothing.
fn rows_of_success(words: Words, number: usize) -> Vec<String> {
    match words {
        Words::Singleton => Vec::new(),
        Words::Registry => vec![WIRED.to_owned(), WIRED.to_owned()],
        // It is active, so the second time it has nothing to try.
        Words::Bridge => vec![format!("{BRIDGED} {number}")],
        Words::Startup | Words::Phase => vec![format!("{VALIDATED} {number}"), format!("{VALIDATED} 1")],
        Words::Platform => vec![
            format!("{VALIDATED} {number}"),
            format!("{BRIDGED} 1"),
            WIRED.to_owned(),
            "INFO run.accepted: run run-1 of agent optimization accepted for thread thread".to_owned(),
            "INFO run.ended: run run-1 ended with agent_completed: 5 events told, 0 lost".to_owned(),
        ],
    }
}

fn row_of_failure(layer: Layer, number: usize, outcome: Outcome) -> Option<String> {
    let name = match layer.words {
        Words::Singleton => return None,
        Words::Registry => return Some(format!("ERROR registry.refused: agent wiring refused: {NONE_IS_REFUSED}")),
        Words::Bridge => "bridge",
        Words::Startup | Words::Phase | Words::Platform => "startup",
    };
    let wait = layer.step.as_millis() * number as u128;
    let next = if number == ATTEMPTS { "none left".to_owned() } else { format!("next in {wait} ms") };
    let (kind, what) = match outcome {
        Outcome::Nothing => ("WARN attempt.nothing", "WebSocketManager is None".to_owned()),
        Outcome::Without(part) => ("WARN attempt.incomplete", format!("WebSocketManager lacks {part}")),
        other => ("ERROR attempt.failed", text(other)),
    };
    Some(format!("{kind}: {name}: {what} on attempt {number} of 3, {next}"))
}

fn row_of_the_end(words: Words, outcomes: &[Outcome]) -> Option<String> {
    let Ending::Refused { text, .. } = refused(words, outcomes) else { return None };
    match words {
        Words::Singleton | Words::Registry | Words::Phase => None,
        Words::Bridge => Some(format!("ERROR bridge.failed: bridge initialization failed: {text}")),
        Words::Startup | Words::Platform => Some(format!("ERROR startup.failed: startup failed: {text}")),
    }
}
