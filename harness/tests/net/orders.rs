//! How many orders there are: counted by hand, and by the explorer.

use std::cell::RefCell;
use std::rc::Rc;

use nevernone::net::{self, TcpListener, TcpStream};
use nevernone::{Scenario, daemon, millis, spawn};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::sleep;

use crate::verified;

/// Two ends of a connection that the body makes on its own. That comes in two orders: when the call has arrived, its answer
/// is on its way and the body is woken, and either goes first.
async fn connection(listener: &TcpListener) -> (TcpStream, TcpStream) {
    let (calls, accepts) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
    (calls.unwrap(), accepts.unwrap().0)
}

fn binomial(n: u64, k: u64) -> u64 {
    (1..=k).fold(1, |product, i| product * (n - k + i) / i)
}

#[test]
fn one_connection_is_made_in_two_orders() {
    let report = verified(
        &Scenario::new("connects", || async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            drop(connection(&listener).await);
        })
        .preemptions(0),
    );
    assert_eq!(report.runs, 2);
}

#[test]
fn two_connections_with_a_packet_each_way_come_in_every_order() {
    let scenario = Scenario::new("two conversations", || async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let kept: Rc<RefCell<Vec<TcpStream>>> = Rc::default();
        let (first, second) = (connection(&listener).await, connection(&listener).await);
        let (clients, servers) = ([first.0, second.0], [first.1, second.1]);
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
    let report = verified(&scenario.preemptions(0));
    // Each connection is made in two orders, and then the servers are polled in two. After that there are two chains of five
    // steps: client, packet, server, packet, client.
    assert_eq!(report.runs, 2 * 2 * 2 * binomial(10, 5));
}

#[test]
fn one_client_and_one_server_exchange_bytes() {
    let scenario = Scenario::new("ping", || async {
        let listener = net::on("server", TcpListener::bind("0.0.0.0:80")).await.unwrap();
        daemon(
            "server",
            net::on("server", async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut told = [0; 4];
                stream.read_exact(&mut told).await.unwrap();
                assert_eq!(&told, b"ping");
                stream.write_all(b"pong").await.unwrap();
            }),
        );
        let client = spawn(
            "client",
            net::on("client", async {
                let mut stream = TcpStream::connect("server:80").await.unwrap();
                stream.write_all(b"ping").await.unwrap();
                let mut told = [0; 4];
                stream.read_exact(&mut told).await.unwrap();
                assert_eq!(&told, b"pong");
            }),
        );
        client.await;
    });
    // Server before client, after it, or after its call has arrived; then the server accepts before the answer arrives, before
    // the client is polled, before the data arrives, or after that; and in the end the client is polled before or after it
    // is told that there is no more.
    assert_eq!(verified(&scenario.preemptions(0)).runs, 3 * 4 * 2);
}
