//! Where tasks run, and which kinds of them may use the network.

use nevernone::net::{self, TcpListener, TcpStream};
use nevernone::report::terminal;
use nevernone::{Scenario, Verdict, campaign, daemon, eventually, millis, secs, spawn, watch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::sleep;

use crate::{connection, hits, listens, orders, search, verified};

#[nevernone::test(preemptions = 0)]
async fn a_test_of_its_own_has_a_network() {
    let listener = listens().await;
    let (mut client, mut server) = connection(&listener).await;
    client.write_all(b"hi").await.expect("sent");
    assert_eq!(server.read_u16().await.expect("read"), u16::from_be_bytes(*b"hi"));
}

/// Which host a task is on: the one that reaches where it listens by localhost.
async fn is_on(host: &'static str) {
    let listener = TcpListener::bind("127.0.0.1:9").await.expect("free");
    let called = net::on(host, TcpStream::connect("127.0.0.1:9")).await;
    assert!(called.is_ok(), "listens on another host than `{host}`");
    drop(listener);
}

#[test]
fn what_a_task_starts_runs_on_its_host_and_what_comes_after_does_not() {
    verified(&orders("inherits", || async {
        is_on("localhost").await;
        net::on("server", async {
            spawn("spawned", is_on("server")).await;
            daemon("daemon", is_on("server")).await;
            nevernone::tokio::spawn(is_on("server")).await.expect("ends");
            net::on("inside", is_on("inside")).await;
            is_on("server").await;
        })
        .await;
        is_on("localhost").await;
    }));
}

#[test]
fn a_task_of_tokio_s_own_spawn_uses_the_network_as_part_of_the_lane() {
    let report = verified(&orders("in the lane", || async {
        let listener = listens().await;
        drop(tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let asked = stream.read_u8().await.expect("read");
                stream.write_u8(asked + 1).await.expect("sent");
            }
        }));
        let mut stream = net::on("client", TcpStream::connect("server:80")).await.expect("listens");
        stream.write_u8(1).await.expect("sent");
        assert_eq!(stream.read_u8().await.expect("read"), 2);
    }));
    assert!(terminal::lane(&report).is_some_and(|lane| lane.starts_with("lane: 1 task")), "{report:#?}");
}

#[test]
fn a_listener_and_its_streams_can_be_sent_and_shared() {
    fn is<T: Send + Sync + Unpin + 'static>() {}
    is::<TcpListener>();
    is::<TcpStream>();
    is::<net::OwnedReadHalf>();
    is::<net::OwnedWriteHalf>();
}

#[test]
fn where_leaks_are_denied_packets_still_arrive_for_who_is_told_to_end() {
    let service = |forgets: bool| {
        let body = move || async move {
            let listener = listens().await;
            let (client, mut server) = connection(&listener).await;
            daemon("reads to the end", async move {
                let _ = server.read(&mut [0]).await;
            });
            if forgets {
                std::mem::forget(client);
            }
        };
        Scenario::new("ends by a packet", body).preemptions(0).deny_leaks()
    };
    verified(&service(false));
    let report = search(&service(true));
    assert_eq!(report.failure.expect("a leak").property, "leak");
}

#[test]
fn a_daemon_that_pings_for_ever_leaves_room_for_an_event_and_the_tree_ends() {
    let report = verified(
        &orders("pings", || async {
            let listener = listens().await;
            let (mut client, mut server) = connection(&listener).await;
            daemon("pings", async move {
                loop {
                    let _ = client.write_u8(1).await;
                    sleep(secs(1)).await;
                }
            });
            daemon("answers", async move { while server.read_u8().await.is_ok() {} });
            nevernone::any_moment("a stop").await;
            sleep(millis(1)).await;
        })
        .rest(3),
    );
    assert!(report.notes.iter().any(|note| note.contains("put off")), "{report:#?}");
}

#[test]
fn in_the_heal_phase_what_was_held_arrives() {
    let report = verified(&orders("heals", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        net::hold("client", "server");
        client.write_u8(1).await.expect("sent");
        let heard = std::rc::Rc::new(std::cell::Cell::new(false));
        let done = heard.clone();
        daemon("server", async move { done.set(server.read_u8().await.is_ok()) });
        eventually("heard", secs(1), watch(&heard, |heard| heard.get())).await;
        nevernone::sometimes("heard", heard.get());
        drop(client);
    }));
    assert_eq!(hits(&report, "heard"), report.runs);
}

#[test]
fn searches_side_by_side_and_one_after_the_other_do_not_meet() {
    let scenario = || {
        orders("side by side", || async {
            let listener = listens().await;
            let (mut client, mut server) = connection(&listener).await;
            net::hold("server", "client");
            client.write_u8(1).await.expect("sent");
            assert_eq!(server.read_u8().await.expect("read"), 1);
        })
    };
    let told = |scenario: &Scenario| {
        let report = campaign::check(scenario, &campaign::Options::default());
        assert_eq!(report.verdict, Verdict::Verified, "{report:#?}");
        (report.runs, report.places.clone())
    };
    let alone = told(&scenario());
    let threads: Vec<_> = (0..2).map(|_| std::thread::spawn(move || told(&scenario()))).collect();
    for thread in threads {
        assert_eq!(thread.join().expect("ends"), alone);
    }
    assert_eq!(told(&scenario()), alone);
}
