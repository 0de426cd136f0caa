//! Graphs alone: those that make no sense, and those that do, run to whatever end.

mod planned;
mod run;
mod undone;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use thiserror::Error;

use super::{Cause, Classify, Deadline, Graph, GraphError, Phase, Plan, StartError, Token, Why};
use crate::{
    env::{Env, TokioEnv},
    retry::{Policy, Verdict},
};

/// What can go wrong here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
enum Problem {
    #[error("not yet")]
    Transient,
    #[error("never")]
    Final,
}

impl Classify for Problem {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Transient => Verdict::Retry,
            Self::Final => Verdict::GiveUp,
        }
    }
}

/// What happened, in order.
#[derive(Debug, Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

type Tested = Graph<Diary, Problem>;

const SHORT: Duration = Duration::from_millis(10);

fn token(name: &'static str) -> Token<()> {
    Token::new(name)
}

/// A phase that notes its run and its undoing.
fn noted(name: &'static str) -> Phase<Diary, Problem, ()> {
    let run = move |diary: Diary, ()| async move {
        diary.note(name);
        Ok(())
    };
    undo_noted(name, Phase::new(token(name), (), run))
}

/// A phase that never ends.
fn hanging(name: &'static str) -> Phase<Diary, Problem, ()> {
    let run = move |diary: Diary, ()| async move {
        diary.note(name);
        std::future::pending().await
    };
    undo_noted(name, Phase::new(token(name), (), run))
}

/// A phase whose attempts come to this, one after the other, and then succeed.
fn failing(name: &'static str, problems: &'static [Problem]) -> Phase<Diary, Problem, ()> {
    let left = Arc::new(Mutex::new(problems.iter().copied()));
    let run = move |diary: Diary, ()| {
        let ended = left.lock().unwrap().next();
        async move {
            diary.note(name);
            ended.map_or(Ok(()), Err)
        }
    };
    undo_noted(name, Phase::new(token(name), (), run))
}

fn undo_noted(name: &'static str, phase: Phase<Diary, Problem, ()>) -> Phase<Diary, Problem, ()> {
    phase.undo(move |diary, made| {
        let how = if made.is_some() { "" } else { " unfinished" };
        diary.note(format!("undo {name}{how}"));
        Ok(())
    })
}

fn three_attempts() -> Policy {
    Policy::linear(std::num::NonZeroU32::new(3).unwrap(), SHORT)
}

/// Starts, and gives the error with what happened.
async fn refused(graph: Tested) -> (StartError<Problem>, Vec<String>) {
    let diary = Diary::default();
    let Err(error) = graph.plan().unwrap().start(&TokioEnv::new(), diary.clone()).await else {
        panic!("it started: {:?}", diary.read())
    };
    (error, diary.read())
}
