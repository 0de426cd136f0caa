//! What a stream does while nothing is wrong.

use std::cell::Cell;
use std::io::{ErrorKind, IoSlice};
use std::rc::Rc;

use nevernone::net;
use nevernone::{Scenario, always, millis, sometimes, spawn, watch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::{connection, failed, hits, listens, orders, verified};

#[test]
fn who_has_said_everything_can_still_listen() {
    let report = verified(&orders("half closed", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        drop(spawn("server", async move {
            let mut asked = String::new();
            server.read_to_string(&mut asked).await.expect("read");
            assert_eq!(asked, "ask", "the end comes after the data");
            server.write_all(b"answer").await.expect("the other direction is open");
        }));
        client.write_all(b"ask").await.expect("sent");
        client.shutdown().await.expect("shut");
        client.shutdown().await.expect("twice is fine");
        let refused = client.write(b"more").await.expect_err("it has said that there is no more");
        assert_eq!(refused.kind(), ErrorKind::BrokenPipe);
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("read");
        assert_eq!(answer, "answer");
        assert_eq!(client.read(&mut [0]).await.expect("still at the end"), 0);
    }));
    assert!(report.runs > 2);
}

#[test]
fn halves_in_two_tasks_are_one_connection_and_the_writing_one_ends_it() {
    verified(&orders("split", || async {
        let listener = listens().await;
        let (client, mut server) = connection(&listener).await;
        let (mut reads, mut writes) = client.into_split();
        drop(spawn("writes", async move { writes.write_all(b"ask").await.expect("sent") }));
        drop(spawn("server", async move {
            let (mut from, mut to) = server.split();
            assert_eq!(tokio::io::copy(&mut from, &mut to).await.expect("copied"), 3);
        }));
        let mut echo = String::new();
        reads.read_to_string(&mut echo).await.expect("read");
        assert_eq!(echo, "ask");
    }));
}

#[test]
fn who_writes_more_than_the_window_waits_for_who_reads() {
    let report = verified(&orders("backpressure", || async {
        net::window(4);
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        let (sent, read) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (sent_here, read_there) = (Rc::clone(&sent), Rc::clone(&read));
        always("at most four bytes under way", {
            let read = Rc::clone(&read);
            watch(&sent, move |sent| sent.get() - read.get() <= 4)
        });
        drop(spawn("client", async move {
            let mut left = &[1_u8; 10][..];
            while !left.is_empty() {
                let count = client.write(left).await.expect("sent");
                sent_here.set(sent_here.get() + count);
                left = &left[count..];
            }
        }));
        sleep(millis(1)).await;
        assert_eq!(sent.get(), 4, "it waits");
        let mut room = [0; 3];
        loop {
            let count = server.read(&mut room).await.expect("read");
            read_there.set(read_there.get() + count);
            if count == 0 {
                break;
            }
        }
        sometimes("all of it", read.get() == 10);
    }));
    assert_eq!(hits(&report, "all of it"), report.runs);
}

#[test]
fn what_is_written_at_once_may_be_read_in_parts_and_what_is_written_twice_at_once() {
    let report = verified(&orders("parts", || async {
        net::packet_size(3);
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        client.write_all(b"hello").await.expect("sent");
        let mut part = [0; 8];
        let count = server.read(&mut part).await.expect("read");
        sometimes("a part", &part[..count] == b"hel");
        sometimes("everything", &part[..count] == b"hello");
        drop(client);
    }));
    // The body is woken by the first packet, and polled before the second or after it; the connection is made in two orders.
    assert_eq!((report.runs, hits(&report, "a part"), hits(&report, "everything")), (4, 2, 2));
}

#[test]
fn several_buffers_that_are_written_at_once_are_one_packet() {
    let report = verified(&orders("vectored", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        let parts = [IoSlice::new(b"head"), IoSlice::new(b""), IoSlice::new(b"body")];
        assert_eq!(client.write_vectored(&parts).await.expect("sent"), 8);
        assert_eq!(client.write(b"").await.expect("nothing to send"), 0);
        assert_eq!(server.read(&mut []).await.expect("no room"), 0);
        let mut read = [0; 16];
        assert_eq!(server.read(&mut read).await.expect("read"), 8);
        assert_eq!(&read[..8], b"headbody");
        drop(client);
    }));
    assert_eq!(report.runs, 2, "one packet, one order");
}

/// Reads a pair in two operations, beside somebody who must not see the half.
fn reads_a_pair() -> Scenario {
    Scenario::new("a pair", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        client.write_all(&[1, 2]).await.expect("sent");
        sleep(millis(1)).await;
        let seen = Rc::new(Cell::new((0, 0)));
        let looked_at = Rc::clone(&seen);
        drop(spawn("reads", async move {
            let one = server.read_u8().await.expect("read");
            seen.set((one, 0));
            seen.set((one, server.read_u8().await.expect("read")));
        }));
        drop(spawn("looks", async move {
            yield_now().await;
            assert_ne!(looked_at.get(), (1, 0), "half of it");
        }));
        sleep(millis(1)).await;
        drop(client);
    })
}

#[test]
fn a_poll_can_be_cut_between_two_reads() {
    verified(&reads_a_pair().preemptions(0));
    let failure = failed(&reads_a_pair().preemptions(1), "panic");
    assert_eq!((failure.cost, failure.message.contains("half of it")), (1, true), "{}", failure.message);
}
