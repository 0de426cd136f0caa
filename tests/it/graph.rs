//! A system that is not the platform, declared as a graph and explored: whatever fails, hangs, panics, is stopped or dropped
//! anywhere, order respects needs, the rollback is the reverse of what began, everything is given back, and the next start
//! works.

use std::{
    future::pending,
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use nevernone::{
    Scenario, Verdict, always, any_moment, campaign, cancellable, eventually, fault, inject_panic, report, secs,
    sometimes, watch,
};
use nevernone_reference::{
    retry::{Policy, Verdict as Again},
    scenarios::ExploredEnv,
    startup::graph::{Cause, Classify, Graph, Phase, Plan, StartError, Token, UndoError, Why},
};

/// What can go wrong with a phase, by the names that a story uses.
const FAULTS: [&str; 5] = ["transient", "final", "panic", "hang", "late"];
/// The same of an undoing that waits.
const UNDO_FAULTS: [&str; 3] = ["error", "panic", "hang"];

const MS: Duration = Duration::from_millis(1);

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("a transient failure")]
    Transient,
    #[error("a final failure")]
    Final,
}

impl Classify for Problem {
    fn verdict(&self) -> Again {
        match self {
            Self::Transient => Again::Retry,
            Self::Final => Again::GiveUp,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Begun(&'static str),
    Made(&'static str),
    Undone(&'static str),
}

/// A shop: config first, then a database and a cache, then the server, which needs both.
#[derive(Clone, Default)]
struct Shop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    events: Mutex<Vec<Event>>,
    /// Resources that somebody holds.
    live: AtomicUsize,
    /// Nothing goes wrong any more.
    calm: AtomicBool,
}

/// A resource; its drop gives it back.
struct Held(Shop);

impl Drop for Held {
    fn drop(&mut self) {
        // SeqCst here and below: one thread, so any ordering does.
        self.0.0.live.fetch_sub(1, Ordering::SeqCst);
    }
}

type Handle = Arc<Held>;

impl Shop {
    fn live(&self) -> usize {
        self.0.live.load(Ordering::SeqCst)
    }

    fn note(&self, event: Event) {
        self.0.events.lock().unwrap().push(event);
    }

    fn fault(&self, place: &'static str, kinds: &[&'static str]) -> Option<&'static str> {
        if self.0.calm.load(Ordering::SeqCst) { None } else { fault(place, kinds).map(|fault| fault.kind) }
    }

    /// One attempt at a phase: takes a resource, gives way, and comes to what the explorer chooses.
    async fn make(self, name: &'static str) -> Result<Handle, Problem> {
        self.note(Event::Begun(name));
        self.0.live.fetch_add(1, Ordering::SeqCst);
        let held = Arc::new(Held(self.clone()));
        tokio::task::yield_now().await;
        match self.fault(name, &FAULTS) {
            None => {}
            Some("transient") => return Err(Problem::Transient),
            Some("final") => return Err(Problem::Final),
            Some("panic") => inject_panic(),
            Some("late") => tokio::time::sleep(MS).await,
            Some(_) => pending().await,
        }
        self.note(Event::Made(name));
        Ok(held)
    }

    /// An undoing that waits, and may go wrong; what it holds it gives back by its drop.
    async fn close(self, name: &'static str, held: Option<Handle>) -> Result<(), Problem> {
        self.note(Event::Undone(name));
        tokio::task::yield_now().await;
        let closed = match self.fault("close", &UNDO_FAULTS) {
            None => Ok(()),
            Some("error") => Err(Problem::Transient),
            Some("panic") => inject_panic(),
            Some(_) => pending().await,
        };
        drop(held);
        closed
    }
}

const CONFIG: Token<Handle> = Token::new("config");
const DATABASE: Token<Handle> = Token::new("database");
const CACHE: Token<Handle> = Token::new("cache");
const SERVER: Token<Handle> = Token::new("server");
const NEEDS: [(&str, &[&str]); 4] =
    [("config", &[]), ("database", &["config"]), ("cache", &["config"]), ("server", &["database", "cache"])];

fn plan() -> Plan<Shop, Problem> {
    let two = Policy::linear(NonZeroU32::new(2).unwrap(), MS);
    let undo = |name| {
        move |shop: Shop, held: Option<Handle>| {
            shop.note(Event::Undone(name));
            drop(held);
            Ok(())
        }
    };
    let graph = Graph::new()
        .phase(
            Phase::new(SERVER, (DATABASE, CACHE), |shop: Shop, _| shop.make("server"))
                .deadline(MS * 5)
                .undo(undo("server")),
        )
        .phase(Phase::new(CONFIG, (), |shop: Shop, ()| shop.make("config")).undo(undo("config")))
        .phase(
            Phase::new(DATABASE, CONFIG, |shop: Shop, _| shop.make("database"))
                .attempts(two)
                .deadline(MS * 10)
                .undo_waiting(|shop: Shop, held| shop.close("database", held)),
        )
        .phase(Phase::new(CACHE, CONFIG, |shop: Shop, _| shop.make("cache")).attempts(two).undo(undo("cache")));
    // A cache that hangs is left to the deadline of the whole start, as is the config.
    graph.deadline(MS * 20).undo_deadline(MS * 5).plan().unwrap()
}

/// What was begun was begun after everything that it needs was made, and was undone in reverse.
fn assert_in_order(shop: &Shop) {
    let events = std::mem::take(&mut *shop.0.events.lock().unwrap());
    let mut begun: Vec<&str> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        if let Event::Begun(name) = event {
            let (_, needs) = NEEDS.iter().find(|(phase, _)| phase == name).unwrap();
            assert!(
                needs.iter().all(|need| events[..place].contains(&Event::Made(need))),
                "{name} came too early: {events:?}"
            );
            begun.push(name);
        }
    }
    // Several attempts are one beginning.
    begun.dedup();
    let undone = events.iter().filter_map(|event| match event {
        Event::Undone(name) => Some(*name),
        _ => None,
    });
    assert_eq!(undone.collect::<Vec<_>>(), begun.into_iter().rev().collect::<Vec<_>>(), "{events:?}");
}

async fn whatever_happens() {
    let (shop, env, plan) = (Shop::default(), ExploredEnv::default(), plan());
    always("no more is held than phases can", watch(&shop, |shop| shop.live() <= NEEDS.len()));
    let start = {
        let (shop, env, plan) = (shop.clone(), env.clone(), plan.clone());
        async move {
            match plan.start_unless(&env, shop.clone(), any_moment("a stop arrives")).await {
                Ok(up) => {
                    assert_eq!(shop.live(), NEEDS.len());
                    told_undone(&up.stop().await.err().unwrap_or_default());
                }
                Err(error) => told(&error),
            }
        }
    };
    if cancellable("start", start).await.is_err() {
        // What has to wait is undone in a task of its own.
        sometimes("a rollback went on in a task", shop.live() > 0);
        eventually("a start that was dropped gives everything back", secs(1), watch(&shop, |shop| shop.live() == 0))
            .await;
    }
    assert_eq!(shop.live(), 0, "something was not given back");
    assert_in_order(&shop);

    shop.0.calm.store(true, Ordering::SeqCst);
    let up = plan.start(&env, shop.clone()).await.expect("nothing goes wrong any more");
    assert_eq!(shop.live(), NEEDS.len());
    up.stop().await.expect("nothing goes wrong any more");
    assert_eq!(shop.live(), 0);
    assert_in_order(&shop);
}

fn told(error: &StartError<Problem>) {
    match &error.why {
        Why::Failed { phase, attempts } => {
            let last = &attempts.last().cause;
            assert!(attempts.count() <= if ["database", "cache"].contains(phase) { 2 } else { 1 }, "{error}");
            sometimes("a second attempt failed too", attempts.count() == 2);
            sometimes("a phase panicked", matches!(last, Cause::Panicked(_)));
        }
        Why::DeadlineExceeded { phase, .. } => {
            sometimes("the server's own deadline passed", *phase == "server");
            sometimes("the deadline of the start passed", *phase == "cache");
        }
        Why::Stopped { phase } => sometimes("a stop came in the middle", *phase == Some("cache")),
    }
    told_undone(&error.left);
}

fn told_undone(left: &[UndoError<Problem>]) {
    sometimes("an undoing failed, and the rest was undone", !left.is_empty());
    assert!(left.iter().all(|left| left.phase == "database"), "no other can fail: {left:?}");
}

#[test]
fn whatever_interrupts_the_start_of_a_foreign_system_leaves_nothing() {
    let scenario = Scenario::new("graph/foreign", whatever_happens).faults(2).preemptions(1).cancellations(1);
    let report = campaign::check(&scenario, &campaign::Options::default());
    assert_eq!(report.verdict, Verdict::Verified, "{}", report::terminal::story(&report, "by hand"));
    println!("graph/foreign: verified in {} runs", report.runs);
}
