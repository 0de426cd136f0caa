//! The network of a run: what arrives when, what can go wrong on the way, and what speaks over it.

mod addresses;
#[cfg(unix)]
mod apart;
mod faults;
#[cfg(unix)]
#[path = "../support/fresh.rs"]
mod fresh_process;
mod orders;
mod protocols;
mod resets;
mod startup;
mod streams;
mod tasks;

use std::future::Future;

use nevernone::campaign::{Options, check};
use nevernone::net::{self, TcpListener, TcpStream};
use nevernone::report::{FailureReport, ScenarioReport};
use nevernone::{Scenario, Verdict};

/// Searches a scenario within its own bounds.
fn search(scenario: &Scenario) -> ScenarioReport {
    check(scenario, &Options::default())
}

#[track_caller]
fn verified(scenario: &Scenario) -> ScenarioReport {
    let report = search(scenario);
    assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
    report
}

/// The cheapest failure, which names a property.
#[track_caller]
fn failed(scenario: &Scenario, property: &str) -> FailureReport {
    let failure = search(scenario).failure.expect("found");
    assert_eq!(failure.property, property, "{}", failure.message);
    failure
}

/// In how many runs a goal was reached.
fn hits(report: &ScenarioReport, goal: &str) -> u64 {
    report.sometimes.iter().find(|tally| tally.name == goal).map_or(0, |tally| tally.hits)
}

/// Somebody listens on the host `server`.
async fn listens() -> TcpListener {
    net::on("server", TcpListener::bind("0.0.0.0:80")).await.expect("nobody else listens")
}

/// A connection from `client` to `server` that the body makes on its own: who called, who accepted. That comes in two orders:
/// when the call has arrived, its answer is on its way and the body is woken, and either goes first.
async fn connection(listener: &TcpListener) -> (TcpStream, TcpStream) {
    let calls = net::on("client", TcpStream::connect("server:80"));
    let (called, accepted) = tokio::join!(calls, listener.accept());
    (called.expect("somebody listens"), accepted.expect("accepts").0)
}

/// A scenario without preemptions: there are so many less orders, and what is asked for here needs none.
fn orders<F: Future<Output = ()> + 'static>(name: &'static str, body: fn() -> F) -> Scenario {
    Scenario::new(name, body).preemptions(0)
}
