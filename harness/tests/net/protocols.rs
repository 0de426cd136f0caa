//! WebSocket and HTTP over the run's network, as others wrote them.

use std::convert::Infallible;

use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use nevernone::net::{self, TcpStream};
use nevernone::{daemon, sometimes, spawn};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, client_async};

use crate::{connection, hits, listens, orders, verified};

#[test]
fn a_websocket_handshake_and_a_message_are_verified_although_keys_and_masks_are_random() {
    let report = verified(&orders("a socket", || async {
        let listener = listens().await;
        let serve = async move {
            let (stream, _) = listener.accept().await.expect("accepts");
            let mut socket = accept_async(stream).await.expect("a handshake");
            while let Some(Ok(message)) = socket.next().await {
                if message.is_text() {
                    socket.send(message).await.expect("sent");
                }
            }
        };
        daemon("server", net::on("server", serve));
        let client = async {
            let stream = TcpStream::connect("server:80").await.expect("listens");
            let (mut socket, response) = client_async("ws://server/ws", stream).await.expect("a handshake");
            assert_eq!(response.status(), 101);
            socket.send(Message::text("hello")).await.expect("sent");
            let told = socket.next().await.expect("answered").expect("answered");
            sometimes("told", told.into_text().expect("text") == "hello");
            socket.close(None).await.expect("closes");
            assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
        };
        spawn("client", net::on("client", client)).await;
    }));
    assert!(report.uncontrolled.is_empty() && report.runs > 1, "{report:#?}");
    assert_eq!(hits(&report, "told"), report.runs);
}

#[test]
fn nothing_that_a_search_compares_depends_on_what_the_bytes_are() {
    let report = verified(&orders("random bytes", || async {
        let listener = listens().await;
        let (mut client, mut server) = connection(&listener).await;
        drop(spawn("client", async move {
            client.write_all(&rand::random::<[u8; 16]>()).await.expect("sent");
        }));
        let mut told = Vec::new();
        server.read_to_end(&mut told).await.expect("read");
        assert_eq!(told.len(), 16);
    }));
    assert!(report.executions > report.runs, "some run was executed twice: {report:#?}");
}

async fn answer(request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let status = if request.uri().path() == "/readyz" { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND };
    Ok(Response::builder().status(status).body(Empty::new()).expect("a response"))
}

#[test]
fn a_request_over_hyper_is_answered_in_every_order() {
    let report = verified(&orders("a request", || async {
        let listener = listens().await;
        let serve = async move {
            let (stream, _) = listener.accept().await.expect("accepts");
            stream.set_nodelay(true).expect("fine");
            let service = hyper::service::service_fn(answer);
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        };
        daemon("server", net::on("server", serve));
        let client = async {
            let stream = TcpStream::connect("server:80").await.expect("listens");
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("no bytes yet");
            daemon("client's connection", connection);
            let request =
                Request::get("/readyz").header("host", "server").body(Empty::<Bytes>::new()).expect("a request");
            let response = sender.send_request(request).await.expect("answered");
            assert_eq!(response.status(), StatusCode::NO_CONTENT);
            assert!(response.into_body().collect().await.expect("read").to_bytes().is_empty());
        };
        spawn("client", net::on("client", client)).await;
    }));
    assert!(report.runs > 1, "{report:#?}");
}
