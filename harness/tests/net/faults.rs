//! Faults of links: refused, held, reset.

use nevernone::campaign::{self, ExplorerChoice, Options};
use nevernone::net::{self, TcpStream};
use nevernone::{Scenario, Verdict, daemon, eventually, millis, secs, sometimes, watch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use crate::{connection, failed, listens, orders, search, verified};

/// Answers every request of a byte.
async fn serve() {
    let listener = listens().await;
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { return };
        daemon("conversation", async move {
            while let Ok(asked) = stream.read_u8().await {
                let _ = stream.write_u8(asked + 1).await;
            }
        });
    }
}

async fn ask() -> std::io::Result<u8> {
    let mut stream = TcpStream::connect("server:80").await?;
    stream.write_u8(1).await?;
    stream.read_u8().await
}

/// A client that thinks nothing can go wrong on a link.
fn trusting(from: &'static str, to: &'static str, kind: &'static [&'static str]) -> Scenario {
    Scenario::new("trusts the network", move || async move {
        net::faults(from, to).only(kind);
        daemon("server", serve());
        sleep(millis(1)).await;
        assert_eq!(net::on("client", ask()).await.expect("answered"), 2);
    })
    .preemptions(0)
}

/// Finds what that leads to, at the price of the one fault, which the token and the report name; and again by the token.
#[track_caller]
fn found(scenario: &Scenario, property: &str, place: (&'static str, &'static str)) -> String {
    let report = search(scenario);
    let fired = report.faults.iter().find(|fault| fault.name == place);
    assert!(fired.is_some_and(|fault| fault.fired > 0), "{:?}", report.faults);
    let failure = report.failure.expect("found");
    assert_eq!((failure.property.as_str(), failure.cost), (property, 1), "{}", failure.message);
    let link = place.0.replace("->", "-");
    let plain = failure.token.replace("%3e", ">").replace("->", "-");
    assert!(plain.contains(&format!("fault@{link}")), "{}", failure.token);
    let told = |actor: &str, what: &str| actor == place.0 && what.starts_with("fault: ");
    assert!(failure.timeline.iter().any(|entry| told(&entry.actor, &entry.what)), "{:#?}", failure.timeline);
    let replayed = campaign::replay(scenario, &failure.token.parse().expect("a token")).expect("it fits").to_string();
    assert!(replayed.contains(&format!("failed: {property}: {}", failure.message)), "{replayed}");
    failure.message
}

#[test]
fn a_refused_call_is_found() {
    let scenario = trusting("client", "server", &["refused"]);
    let message = found(&scenario, "panic", ("client->server", "refused"));
    assert!(message.contains("ConnectionRefused"), "{message}");
}

#[test]
fn a_reset_is_found_on_either_way() {
    for (from, to, place) in [("client", "server", "client->server"), ("server", "client", "server->client")] {
        let message = found(&trusting(from, to, &["reset"]), "panic", (place, "reset"));
        assert!(message.contains("ConnectionReset"), "{message}");
    }
}

#[test]
fn a_packet_that_is_held_leaves_who_waits_without_a_deadline_stuck_and_the_link_is_named() {
    let message = found(&trusting("server", "client", &["held"]), "stuck", ("server->client", "held"));
    assert!(message.contains("Packets are held from `server` to `client`"), "{message}");
}

#[test]
fn who_is_stuck_is_told_what_it_waits_for_and_from_whom() {
    let scenario = trusting("server", "client", &["held"]);
    let failure = failed(&scenario, "stuck");
    let replayed = campaign::replay(&scenario, &failure.token.parse().unwrap()).unwrap().to_string();
    assert!(replayed.contains("for data from `server`"), "{replayed}");
    assert!(replayed.contains("at tests/net/faults.rs:27 "), "the line that waits: {replayed}");
}

#[test]
fn a_client_that_tries_again_gets_through_whatever_happens_once_the_faults_are_over() {
    let report = verified(
        &orders("tries again", || async {
            net::faults("client", "server");
            net::faults("server", "client").only(&["held", "reset"]);
            daemon("server", serve());
            let answered = std::rc::Rc::new(std::cell::Cell::new(false));
            let done = answered.clone();
            daemon(
                "client",
                net::on("client", async move {
                    while !matches!(timeout(millis(100), ask()).await, Ok(Ok(2))) {
                        sleep(millis(10)).await;
                    }
                    done.set(true);
                }),
            );
            eventually("answered", secs(5), watch(&answered, |answered| answered.get())).await;
        })
        .faults(2),
    );
    let mut fired: Vec<_> = report.faults.iter().map(|fault| (fault.name, fault.fired > 0)).collect();
    fired.sort_unstable();
    let every = [
        ("client->server", "held"),
        ("client->server", "refused"),
        ("client->server", "reset"),
        ("server->client", "held"),
        ("server->client", "reset"),
    ];
    assert_eq!(fired, every.map(|name| (name, true)));
}

#[test]
fn a_fault_is_one_alternative_of_each_packet_that_it_can_happen_to() {
    let scenario = |faults| {
        orders("one call", || async {
            net::faults("client", "server");
            net::faults("server", "client").only(&["reset", "held"]);
            let _listener = listens().await;
            let called = net::on("client", timeout(millis(5), TcpStream::connect("server:80"))).await;
            sometimes("connected", matches!(called, Ok(Ok(_))));
        })
        .faults(faults)
    };
    // All is well; or the call is refused or held, or its answer is held, or reset, whose news come to the server before or
    // after the client goes on. With two faults, the refusal is held as well, or the news. Nothing from the client that
    // could be reset ever goes on its way: that fault never fires, and the verdict says so.
    for (faults, runs) in [(0, 1), (1, 6), (2, 8)] {
        let report = search(&scenario(faults));
        let verdict = if faults == 0 { Verdict::Verified } else { Verdict::Vacuous };
        assert_eq!((report.runs, report.verdict), (runs, verdict), "{report:#?}");
    }
}

#[test]
fn a_fault_of_a_link_that_nobody_uses_is_vacuous() {
    let report = search(&orders("a misspelt host", || async {
        net::faults("clinet", "server").only(&["held"]);
        let listener = listens().await;
        drop(connection(&listener).await);
    }));
    assert_eq!(report.verdict, Verdict::Vacuous);
    let named = report.faults.iter().map(|fault| (fault.name, fault.fired)).collect::<Vec<_>>();
    assert_eq!(named, [(("clinet->server", "held"), 0)]);
}

#[test]
fn a_partition_holds_one_direction_of_every_connection_until_it_heals() {
    verified(&orders("a partition by hand", || async {
        let listener = listens().await;
        let ((mut one, mut one_there), (mut two, mut two_there)) =
            (connection(&listener).await, connection(&listener).await);
        net::hold("client", "server");
        one.write_u8(1).await.unwrap();
        two.write_u8(2).await.unwrap();
        one_there.write_u8(3).await.unwrap();
        assert_eq!(one.read_u8().await.unwrap(), 3, "the other direction goes on");
        for stream in [&mut one_there, &mut two_there] {
            assert!(timeout(secs(60), stream.read_u8()).await.is_err(), "held");
        }
        net::heal("client", "server");
        assert_eq!(two_there.read_u8().await.unwrap(), 2);
        assert_eq!(one_there.read_u8().await.unwrap(), 1);
    }));
}

#[test]
fn random_runs_meet_the_faults_as_well_and_an_estimate_knows_their_number() {
    let scenario = trusting("client", "server", &["refused", "held", "reset"]);
    let options = Options { explorer: ExplorerChoice::Random { seed: 7, runs: 500 }, ..Options::default() };
    let report = campaign::check(&scenario, &options);
    assert_eq!(report.verdict, Verdict::Failed);
    assert!(report.uncontrolled.is_empty(), "{report:#?}");
}
