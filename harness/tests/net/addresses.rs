//! Names, addresses and ports, and sockets in the wrong place.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use nevernone::net::{self, TcpListener, TcpStream, ToSocketAddrs};
use nevernone::{Scenario, always, choose};

use crate::{failed, orders, search, verified};

async fn refused_with<A: ToSocketAddrs>(address: A) -> Option<ErrorKind> {
    TcpStream::connect(address).await.err().map(|error| error.kind())
}

async fn cannot_bind(address: &str) -> Option<ErrorKind> {
    TcpListener::bind(address).await.err().map(|error| error.kind())
}

#[test]
fn a_host_is_reached_by_its_name_and_by_its_address_and_from_itself_by_localhost() {
    verified(&orders("reached", || async {
        let listener = net::on("server", TcpListener::bind("[::]:80")).await.expect("free");
        net::on("client", async {
            let stream = TcpStream::connect(("server", 80)).await.expect("by name");
            let (own, other) = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
            let there = listener.accept().await.expect("accepts");
            assert_eq!((there.0.local_addr().unwrap(), there.0.peer_addr().unwrap(), there.1), (other, own, own));
            assert!(own.ip() != other.ip() && other.port() == 80 && !other.ip().is_loopback());
            match choose("how", 3) {
                0 => drop(TcpStream::connect(other).await.expect("by address")),
                1 => drop(TcpStream::connect(other.to_string()).await.expect("by the text of it")),
                _ => assert_eq!(
                    refused_with("localhost:80").await,
                    Some(ErrorKind::ConnectionRefused),
                    "the client itself"
                ),
            }
        })
        .await;
    }));
    verified(&orders("from itself", || async {
        net::on("server", async {
            let _listener = TcpListener::bind("[::]:80").await.expect("free");
            let names = ["localhost:80", "127.0.0.1:80", "[::1]:80", "0.0.0.0:80", "server:80"];
            TcpStream::connect(names[choose("name", 5) as usize]).await.expect("reached");
        })
        .await;
    }));
}

#[test]
fn who_listens_for_the_host_itself_is_not_reached_from_another() {
    verified(&orders("for itself", || async {
        let _listener = net::on("server", TcpListener::bind("127.0.0.1:80")).await.expect("free");
        net::on("server", TcpStream::connect("127.0.0.1:80")).await.expect("on the same host");
        assert_eq!(net::on("client", refused_with("server:80")).await, Some(ErrorKind::ConnectionRefused));
    }));
}

#[test]
fn what_cannot_be_is_an_error_that_tokio_gives_as_well() {
    verified(&orders("errors", || async {
        net::on("server", async {
            let own = TcpListener::bind("server:80").await.expect("its own name");
            assert_eq!(cannot_bind("0.0.0.0:80").await, Some(ErrorKind::AddrInUse));
            assert_eq!(cannot_bind("client:81").await, Some(ErrorKind::AddrNotAvailable));
            let loopback = TcpListener::bind("127.0.0.1:80").await.expect("another address");
            drop((own, loopback));
            TcpListener::bind("0.0.0.0:80").await.expect("free again");
        })
        .await;
        for text in ["server", ":80", "server:http", "server:70000"] {
            assert_eq!(refused_with(text).await, Some(ErrorKind::InvalidInput), "{text}");
        }
        assert_eq!(refused_with("nobody:80").await, Some(ErrorKind::ConnectionRefused));
        assert_eq!(refused_with((Ipv4Addr::new(192, 0, 2, 1), 80)).await, Some(ErrorKind::HostUnreachable));
        let (one, two) = (TcpListener::bind("127.0.0.1:0").await, TcpListener::bind("127.0.0.1:0").await);
        let ports: Vec<SocketAddr> = [one, two].map(|listener| listener.unwrap().local_addr().unwrap()).into();
        assert!(ports[0] != ports[1] && ports.iter().all(|address| address.port() > 1024), "{ports:?}");
    }));
}

/// What somebody is told who calls in the wrong place.
fn told(call: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("refused");
    payload.downcast_ref::<String>().cloned().expect("a text")
}

fn poll_once<F: Future>(future: F) {
    let polled = std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_ready());
}

#[test]
fn a_socket_outside_a_run_is_told_what_to_do_instead() {
    let text = told(|| poll_once(TcpListener::bind("127.0.0.1:80")));
    for part in
        ["`nevernone::net` was asked for outside a run", "`tokio::net` elsewhere", "#[nevernone::test] async fn"]
    {
        assert!(text.contains(part), "{text}");
    }
    assert!(told(|| poll_once(TcpStream::connect("server:80"))).contains("outside a run"));
    assert!(told(|| net::hold("client", "server")).contains("outside a run"));
    assert!(told(|| poll_once(net::on("server", async {}))).contains("outside a run"));
}

#[tokio::test]
async fn a_socket_in_a_tokio_test_is_told_to_become_a_nevernone_test() {
    let text = told(|| poll_once(TcpListener::bind("127.0.0.1:80")));
    assert!(text.contains("as under `#[tokio::test]`. Replace that by `#[nevernone::test]`"), "{text}");
}

#[test]
fn a_socket_that_outlived_its_run_is_told_so_and_can_be_dropped_anywhere() {
    let kept: Arc<Mutex<Option<Arc<TcpListener>>>> = Arc::default();
    let keeps = Arc::clone(&kept);
    let report = search(&Scenario::new("keeps a listener", move || {
        let keeps = Arc::clone(&keeps);
        async move {
            let later = choose("which run", 2) == 1;
            let own = Arc::new(TcpListener::bind("127.0.0.1:80").await.expect("a network of its own"));
            let first = Arc::clone(keeps.lock().unwrap().get_or_insert(own));
            if later {
                let _ = first.local_addr();
            }
        }
    }));
    let message = report.failure.expect("the second run has the first one's listener").message;
    assert!(message.contains("a socket of `nevernone::net` was used after its run had ended"), "{message}");
    drop(kept);
}

#[test]
fn a_property_that_reads_a_socket_is_told_to_look_only() {
    let failure = failed(
        &orders("a property that binds", || async {
            always("binds", || {
                poll_once(TcpListener::bind("127.0.0.1:80"));
                true
            });
            tokio::task::yield_now().await;
        }),
        "binds",
    );
    assert!(failure.message.contains("a property must not call nevernone's API"), "{}", failure.message);
}

#[test]
fn settings_that_make_no_sense_and_faults_that_there_are_not_are_named() {
    let bad: [(fn(), &str); 3] = [
        (|| net::window(0), "nothing ever fits through a window of 0 bytes"),
        (|| net::packet_size(0), "a packet of data has at least a byte"),
        (
            || {
                net::faults("a", "b").only(&["lost"]);
            },
            "`lost` is no fault of a link; there are refused, held, reset",
        ),
    ];
    for (call, message) in bad {
        let failure = failed(&Scenario::new("bad", move || async move { call() }), "panic");
        assert!(failure.message.contains(message), "{}", failure.message);
    }
}
