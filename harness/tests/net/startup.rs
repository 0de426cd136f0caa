//! A server that listens before it is wired, and one that does not.

use std::cell::OnceCell;
use std::rc::Rc;

use nevernone::net::{self, TcpListener, TcpStream};
use nevernone::{Scenario, campaign, daemon, sometimes};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::yield_now;

use crate::{failed, verified};

type Database = Rc<OnceCell<u8>>;

async fn wire(database: Database) {
    yield_now().await;
    database.set(7).expect("once");
}

async fn answer(listener: TcpListener, database: Database) {
    while let Ok((mut stream, _)) = listener.accept().await {
        if stream.read_u8().await.is_ok() {
            let _ = stream.write_u8(database.get().copied().unwrap_or(0)).await;
        }
    }
}

async fn serve(wired_first: bool) {
    let database = Database::default();
    if wired_first {
        wire(Rc::clone(&database)).await;
    }
    let listener = TcpListener::bind("0.0.0.0:80").await.expect("nobody else listens");
    if wired_first {
        return answer(listener, database).await;
    }
    daemon("answers", answer(listener, Rc::clone(&database)));
    wire(database).await;
}

async fn ask() {
    let Ok(mut stream) = TcpStream::connect("server:80").await else {
        return sometimes("the server did not listen yet", true);
    };
    stream.write_u8(1).await.expect("connected");
    let answer = stream.read_u8().await.expect("answered");
    assert_eq!(answer, 7, "answered before it was wired");
    sometimes("answered", true);
}

fn starts(wired_first: bool) -> Scenario {
    Scenario::new("a server starts", move || async move {
        daemon("server", net::on("server", serve(wired_first)));
        net::on("client", ask()).await;
    })
}

#[test]
fn a_first_packet_that_overtakes_the_wiring_is_found_at_cost_0_and_replays() {
    let scenario = starts(false);
    let failure = failed(&scenario, "panic");
    assert_eq!(failure.cost, 0);
    let told = campaign::replay(&scenario, &failure.token.parse().expect("a token")).expect("fits").to_string();
    assert!(told.contains("answered before it was wired"), "{told}");
    assert!(told.contains("client->server"), "{told}");
    assert!(told.contains("1 byte arrives (connection 1)"), "{told}");
}

#[test]
fn a_server_that_is_wired_before_it_listens_is_verified() {
    let report = verified(&starts(true));
    assert!(crate::hits(&report, "answered") > 0 && crate::hits(&report, "the server did not listen yet") > 0);
}
