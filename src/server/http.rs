//! One socket's HTTP: health, readiness, metrics, and the way to `/ws`.

use super::metrics::{self, Metrics};
use super::wire::Refusal;
use super::{Phase, Shared, handshake, session};
use crate::backend::Backend;
use crate::manager::Connection;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;

pub(super) type Reply = Response<Full<Bytes>>;

/// The largest head of a request in bytes; hyper refuses more with 431.
const HEAD_BYTES: usize = 16 * 1024;

/// An upgrade that was answered with 101: what the socket becomes.
pub(super) struct Upgrade {
    pub(super) connection: Connection,
    pub(super) upgraded: OnUpgrade,
}

/// Serves requests until the socket closes or becomes a WebSocket, whose session then runs in the same task.
pub(super) async fn serve_socket<B: Backend>(stream: TcpStream, shared: Arc<Shared<B>>) {
    // Events are small and wait for nothing: batching happens before the socket. An error shows at the first write.
    let _ = stream.set_nodelay(true);
    let Some(Upgrade { connection, upgraded }) = serve_http(stream, &shared).await else {
        return;
    };
    match upgraded.await.map(hyper::upgrade::Upgraded::downcast::<TokioIo<TcpStream>>) {
        Ok(Ok(parts)) => {
            session::run(parts.io.into_inner(), parts.read_buf, connection, &shared).await;
        }
        // The client left before it got its 101; dropping the connection detaches it.
        Ok(Err(_)) | Err(_) => drop(connection),
    }
}

async fn serve_http<B: Backend>(stream: TcpStream, shared: &Arc<Shared<B>>) -> Option<Upgrade> {
    let taken = Mutex::new(None);
    let service = hyper::service::service_fn(|request: Request<Incoming>| {
        let reply = route(request, shared, &taken);
        async move { Ok::<_, Infallible>(reply) }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(shared.options.header_deadline).max_buf_size(HEAD_BYTES);
    let served = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut served = std::pin::pin!(served);
    // A client's broken HTTP and its silence are its own affair: the socket closes, nobody else notices.
    let _ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = shared.reached(Phase::Draining) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    taken.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn route<B: Backend>(request: Request<Incoming>, shared: &Shared<B>, taken: &Mutex<Option<Upgrade>>) -> Reply {
    let known = matches!(request.uri().path(), "/ws" | "/healthz" | "/readyz" | "/metrics");
    if !known {
        let message = "there is nothing here; try /ws?user=U&thread=T, /healthz, /readyz or /metrics";
        return refusal(StatusCode::NOT_FOUND, &Refusal::new("not_found", message));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut reply = refusal(StatusCode::METHOD_NOT_ALLOWED, &Refusal::new("method_not_allowed", "use GET"));
        reply.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return reply;
    }
    match request.uri().path() {
        "/healthz" => json(StatusCode::OK, r#"{"status":"alive"}"#.to_owned()),
        "/readyz" => readiness(shared),
        "/metrics" => with_type(StatusCode::OK, Metrics::text(shared), metrics::CONTENT_TYPE),
        _ => match handshake::answer(request, shared) {
            Ok((reply, upgrade)) => {
                *taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
                reply
            }
            Err(reply) => *reply,
        },
    }
}

fn readiness<B: Backend>(shared: &Shared<B>) -> Reply {
    let mut readiness = shared.backend.readiness();
    if shared.is_stopping() {
        readiness.ready = false;
        readiness.reason = Some("the service is shutting down".to_owned());
    }
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, serde_json::json!(readiness).to_string())
}

/// The same shape as on the wire.
pub(super) fn refusal(status: StatusCode, refusal: &Refusal) -> Reply {
    json(status, refusal.json())
}

fn json(status: StatusCode, text: String) -> Reply {
    with_type(status, text, "application/json")
}

fn with_type(status: StatusCode, text: String, content_type: &'static str) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(text)));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}
