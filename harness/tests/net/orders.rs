//! How many orders there are: counted by hand, and by the explorer.

use std::cell::RefCell;
use std::rc::Rc;

use nevernone::net::{self, TcpListener, TcpStream};
use nevernone::{daemon, millis, spawn};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::sleep;

use crate::{connection, listens, orders, verified};

fn binomial(n: u64, k: u64) -> u64 {
    (1..=k).fold(1, |product, i| product * (n - k + i) / i)
}

#[test]
fn one_connection_is_made_in_two_orders() {
    let scenario = orders("connects", || async {
        let listener = listens().await;
        drop(connection(&listener).await);
    });
    assert_eq!(verified(&scenario).runs, 2);
}

#[test]
fn two_connections_with_a_packet_each_way_come_in_every_order() {
    let scenario = orders("two conversations", || async {
        let listener = listens().await;
        let (first, second) = (connection(&listener).await, connection(&listener).await);
        let (clients, servers) = ([first.0, second.0], [first.1, second.1]);
        let kept: Rc<RefCell<Vec<TcpStream>>> = Rc::default();
        for (mut server, name) in servers.into_iter().zip(["first server", "second server"]) {
            let kept = Rc::clone(&kept);
            drop(spawn(name, async move {
                let asked = server.read_u8().await.unwrap();
                server.write_u8(asked + 1).await.unwrap();
                // Whoever hangs up sends one more packet.
                kept.borrow_mut().push(server);
            }));
        }
        // Nothing is ready when the clock moves: the servers wait.
        sleep(millis(1)).await;
        for (mut client, name) in clients.into_iter().zip(["first client", "second client"]) {
            let kept = Rc::clone(&kept);
            drop(spawn(name, async move {
                client.write_u8(1).await.unwrap();
                assert_eq!(client.read_u8().await.unwrap(), 2);
                kept.borrow_mut().push(client);
            }));
        }
    });
    // Each connection is made in two orders, and then the servers are polled in two. After that there are two chains of five
    // steps: client, packet, server, packet, client.
    assert_eq!(verified(&scenario).runs, 2 * 2 * 2 * binomial(10, 5));
}

#[test]
fn packets_of_one_direction_keep_their_order_beside_a_task() {
    let scenario = orders("three packets and a task of two polls", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        for byte in 1..=3 {
            client.write_u8(byte).await.unwrap();
        }
        drop(spawn("beside", async { sleep(millis(0)).await }));
        sleep(millis(1)).await;
        for byte in 1..=3 {
            assert_eq!(server.read_u8().await.unwrap(), byte);
        }
        drop(client);
    });
    // Four steps in a chain of three and one of one: the task sleeps then, and time passes only when all has arrived.
    assert_eq!(verified(&scenario).runs, 2 * binomial(4, 1));
}

#[test]
fn one_client_and_one_server_exchange_bytes() {
    let scenario = orders("ping", || async {
        let listener = listens().await;
        let serve = async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut told = [0; 4];
            stream.read_exact(&mut told).await.unwrap();
            assert_eq!(&told, b"ping");
            stream.write_all(b"pong").await.unwrap();
        };
        daemon("server", net::on("server", serve));
        let client = async {
            let mut stream = TcpStream::connect("server:80").await.unwrap();
            stream.write_all(b"ping").await.unwrap();
            let mut told = [0; 4];
            stream.read_exact(&mut told).await.unwrap();
            assert_eq!(&told, b"pong");
        };
        spawn("client", net::on("client", client)).await;
    });
    // Server before client, after it, or after its call has arrived; then the server accepts before the answer arrives, before
    // the client is polled, before the data arrives, or after that; and in the end the client is polled before or after it
    // is told that there is no more.
    assert_eq!(verified(&scenario).runs, 3 * 4 * 2);
}

#[test]
fn no_time_passes_while_a_packet_can_arrive_unless_that_is_paid_for() {
    let scenario = orders("a deadline", || async {
        let listener = TcpListener::bind("127.0.0.1:80").await.unwrap();
        let called = tokio::time::timeout(millis(1), TcpStream::connect("127.0.0.1:80")).await;
        assert!(called.is_ok(), "the answer came too late");
        drop(listener);
    });
    assert_eq!(verified(&scenario).runs, 1);
    let failure = crate::failed(&scenario.stalls(1), "panic");
    assert_eq!((failure.cost, failure.message.contains("too late")), (1, true));
}
