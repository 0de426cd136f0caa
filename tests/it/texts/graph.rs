//! Why a graph has no order, why a start of one ended, and what could not be undone.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use nevernone_reference::{
    env::TokioEnv,
    retry::{Policy, Verdict},
    startup::graph::{Cause, Classify, Deadline, Graph, GraphError, Phase, StartError, Token, UndoError, Why},
};

#[derive(Debug, thiserror::Error)]
#[error("no route to the database")]
struct NoRoute;

impl Classify for NoRoute {
    fn verdict(&self) -> Verdict {
        Verdict::Retry
    }
}

type Declared = Phase<(), NoRoute, ()>;

fn phase(name: &'static str) -> Declared {
    Phase::new(Token::new(name), (), |(), ()| async { Ok(()) })
}

fn failing(name: &'static str) -> Declared {
    Phase::new(Token::new(name), (), |(), ()| async { Err(NoRoute) })
}

fn hanging(name: &'static str) -> Declared {
    Phase::new(Token::new(name), (), |(), ()| std::future::pending())
}

fn refused(phases: impl IntoIterator<Item = Declared>) -> GraphError {
    phases.into_iter().fold(Graph::new(), Graph::phase).plan().expect_err("refused")
}

async fn ended(phases: impl IntoIterator<Item = Declared>) -> StartError<NoRoute> {
    let plan = phases.into_iter().fold(Graph::new(), Graph::phase).plan().expect("it has an order");
    plan.start(&TokioEnv::new(), ()).await.expect_err("it fails")
}

#[test]
fn of_a_graph() {
    let mistyped = Phase::new(Token::new("server"), Token::<u32>::new("database"), |(), _port| async { Ok(()) });
    insta::assert_snapshot!(texts_of!(GraphError {
        GraphError::Empty => refused([]),
        GraphError::Duplicate { .. } => refused([phase("cache"), phase("cache")]),
        GraphError::NeedsItself { .. } => refused([phase("cache").after(["cache"])]),
        GraphError::Missing { .. } => refused([phase("cache").after(["database"])]),
        GraphError::OtherType { .. } => refused([phase("database"), mistyped]),
        GraphError::Cycle { .. } => refused([phase("cache").after(["server"]), phase("server").after(["cache"])]),
        GraphError::NoTime { .. } => refused([phase("cache").deadline(Duration::ZERO)]),
    }), @r"
    GraphError::Empty: the graph has no phases: declare at least one
    GraphError::Duplicate { .. }: phase cache is declared twice: rename one of the two or remove it
    GraphError::NeedsItself { .. }: phase cache needs itself, so nothing could ever begin it: remove that need
    GraphError::Missing { .. }: phase cache needs database, which is not declared: declare it or correct the name
    GraphError::OtherType { .. }: phase server needs a u32 of database, which makes a (): use the token with which database is declared
    GraphError::Cycle { .. }: the phases cache → server → cache need each the next one, so none of them could begin: take one of these needs away
    GraphError::NoTime { .. }: the deadline of phase cache is zero, which leaves no time at all: give it some, or declare no deadline
    ");
}

#[tokio::test(start_paused = true)]
async fn of_a_start() {
    let twice = Policy::linear(NonZeroU32::new(2).unwrap(), Duration::from_millis(1));
    let failed = ended([failing("database").attempts(twice).undo(|(), _| Err(NoRoute))]).await;
    let late = ended([hanging("database").deadline(Duration::from_secs(5))]).await;
    let stopped = Graph::new().phase(phase("database")).plan().expect("it has an order");
    let stopped = stopped.start_unless(&TokioEnv::new(), (), async {}).await.expect_err("stopped");
    insta::assert_snapshot!(texts_of!(StartError<NoRoute> {
        StartError { why: Why::Failed { .. }, .. } => failed,
        StartError { why: Why::DeadlineExceeded { .. }, .. } => late,
        StartError { why: Why::Stopped { .. }, .. } => stopped,
    }), @r"
    StartError { why: Why::Failed { .. }, .. }: phase database failed after 2 attempts (attempt 1: no route to the database; attempt 2: no route to the database); undoing phase database failed: no route to the database
    StartError { why: Why::DeadlineExceeded { .. }, .. }: the deadline of phase database, 5000 ms, passed while phase database was under way
    StartError { why: Why::Stopped { .. }, .. }: stopped before the first phase
    ");
}

#[test]
fn of_an_attempt_and_of_an_undoing() {
    insta::assert_snapshot!(texts_of!(Cause<NoRoute> {
        Cause::Failed(_) => Cause::Failed(Arc::new(NoRoute)),
        Cause::Panicked(_) => Cause::Panicked("index out of bounds".to_owned()),
        Cause::TooLong(_) => Cause::TooLong(Duration::from_millis(250)),
    }), @r"
    Cause::Failed(_): no route to the database
    Cause::Panicked(_): it panicked: index out of bounds
    Cause::TooLong(_): it did not end within 250 ms
    ");
    insta::assert_snapshot!(texts_of!(UndoError<NoRoute> {
        UndoError { .. } => UndoError { phase: "database", cause: Cause::TooLong(Duration::from_secs(1)) },
    }), @"UndoError { .. }: undoing phase database failed: it did not end within 1000 ms");
    assert_eq!(Deadline::Undo.to_string(), "the deadline of an undoing");
}
