//! Streams and listeners that are dropped, and what the other end makes of it.

use std::io::{Error, ErrorKind};

use nevernone::net::{self, TcpStream};
use nevernone::{Scenario, cancellable, daemon, millis, sometimes, spawn};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::sleep;

use crate::{connection, hits, listens, orders, verified};

#[test]
fn a_write_to_somebody_who_is_gone_succeeds_and_the_next_does_not() {
    verified(&orders("gone", || async {
        let listener = listens().await;
        let (mut client, server) = connection(&listener).await;
        drop(server);
        assert_eq!(client.read(&mut [0]).await.expect("the end"), 0);
        client.write_all(b"hello").await.expect("nobody knows yet");
        // The data arrives nowhere, and a reset comes back.
        sleep(millis(1)).await;
        assert_eq!(client.write(b"hello").await.map_err(|error| error.kind()), Err(ErrorKind::BrokenPipe));
        assert_eq!(client.read(&mut [0]).await.expect("the end is still what was heard"), 0);
        assert_eq!(client.shutdown().await.map_err(|error| error.kind()), Err(ErrorKind::NotConnected));
    }));
}

#[test]
fn who_leaves_data_unread_breaks_the_connection_off_and_what_had_arrived_can_still_be_read() {
    verified(&orders("unread", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        client.write_all(b"hello").await.expect("sent");
        server.write_all(b"bye").await.expect("sent");
        sleep(millis(1)).await;
        drop(server);
        sleep(millis(1)).await;
        let mut read = [0; 3];
        client.read_exact(&mut read).await.expect("it had arrived");
        assert_eq!(&read, b"bye");
        assert_eq!(client.read(&mut read).await.map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
        assert_eq!(client.write(b"hello").await.map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    }));
}

#[test]
fn who_has_said_everything_and_leaves_data_unread_breaks_the_connection_off_too() {
    verified(&orders("said everything", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        server.shutdown().await.expect("shut");
        client.write_all(b"hello").await.expect("the other direction is open");
        sleep(millis(1)).await;
        drop(server);
        sleep(millis(1)).await;
        assert_eq!(client.write(b"hello").await.map_err(|error| error.kind()), Err(ErrorKind::BrokenPipe));
    }));
}

#[test]
fn a_stream_that_is_dropped_at_any_moment_ends_as_one_of_three_things_for_the_other_end() {
    let scenario = Scenario::new("dropped in the middle", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        let serve = async move {
            let mut asked = [0; 2];
            server.read_exact(&mut asked).await?;
            server.write_all(b"ok").await?;
            sleep(millis(5)).await;
            Ok::<_, Error>(())
        };
        drop(spawn("server", cancellable("server", serve)));
        let mut answer = Vec::new();
        let ended = match client.write_all(b"go").await {
            Ok(()) => client.read_to_end(&mut answer).await,
            Err(error) => Err(error),
        };
        let told = (ended.map_err(|error| error.kind()), &answer[..]);
        sometimes("answered", told == (Ok(2), b"ok"));
        sometimes("ended", told == (Ok(0), b""));
        sometimes("reset", told == (Err(ErrorKind::ConnectionReset), b""));
        assert!(
            [(Ok(2), &b"ok"[..]), (Ok(0), b""), (Err(ErrorKind::ConnectionReset), b"")].contains(&told),
            "{told:?}"
        );
    });
    let report = verified(&scenario.preemptions(0).cancellations(1));
    assert_eq!(["answered", "ended", "reset"].map(|goal| hits(&report, goal)).iter().sum::<u64>(), report.runs);
}

#[test]
fn a_caller_who_gives_up_leaves_a_connection_that_has_ended() {
    let scenario = Scenario::new("gives up", || async {
        let listener = listens().await;
        let serve = async move {
            let (mut stream, _) = listener.accept().await.expect("accepts");
            let read = stream.read(&mut [0]).await;
            sometimes("nobody answered", matches!(read, Ok(0)) || read.is_err());
        };
        daemon("server", serve);
        let called = cancellable("calls", net::on("client", TcpStream::connect("server:80"))).await;
        sometimes("gave up", called.is_err());
        drop(called);
        sleep(millis(1)).await;
    });
    let report = verified(&scenario.preemptions(0).cancellations(1));
    assert_eq!(hits(&report, "nobody answered"), report.runs, "the server is never left waiting");
}

#[test]
fn who_listens_no_more_resets_what_nobody_took_and_refuses_what_comes_later() {
    verified(&orders("stops listening", || async {
        let listener = listens().await;
        let mut early = net::on("client", TcpStream::connect("server:80")).await.expect("the host accepts it");
        drop(listener);
        let late = net::on("client", TcpStream::connect("server:80")).await;
        assert_eq!(late.map_err(|error| error.kind()).err(), Some(ErrorKind::ConnectionRefused));
        assert_eq!(early.read(&mut [0]).await.map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
        // The port is free again.
        drop(listens().await);
    }));
}

#[test]
fn what_a_crash_takes_with_it_hangs_up() {
    use nevernone::restartable;
    let scenario = orders("crashes", || async {
        let server = restartable("server", || {
            net::on("server", async {
                let listener = listens().await;
                let (mut stream, _) = listener.accept().await.expect("accepts");
                while stream.read_u8().await.is_ok() {}
                sleep(millis(10)).await;
            })
        });
        sleep(millis(1)).await;
        let Ok(mut stream) = net::on("client", TcpStream::connect("server:80")).await else {
            return sometimes("crashed before the call", true);
        };
        let sent = stream.write_all(b"a").await;
        let _ = stream.shutdown().await;
        let ended = stream.read(&mut [0]).await;
        sometimes("told of the crash", sent.is_err() || ended.is_err() || matches!(ended, Ok(0)));
        drop(server);
    });
    let report = crate::search(&scenario.crashes(1));
    assert!(hits(&report, "told of the crash") > 0, "{report:#?}");
}
