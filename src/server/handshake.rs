//! From a request for `/ws` to an attached connection and a 101, or to a refusal that says what is wrong.

use super::http::{Reply, Upgrade, refusal};
use super::wire::Refusal;
use super::{Shared, query};
use crate::backend::Backend;
use crate::manager::AttachError;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CONNECTION, HeaderName, HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The connection is attached before the 101 goes out: whoever sees the socket open misses no event.
/// Refusals are boxed, being large and rare.
pub(super) fn answer<B: Backend, Body>(
    mut request: Request<Body>,
    shared: &Shared<B>,
) -> Result<(Reply, Upgrade), Box<Reply>> {
    let key = key(&request)?;
    let who = query::parse(request.uri().query().unwrap_or_default())
        .map_err(|error| boxed(StatusCode::BAD_REQUEST, "bad_query", error.to_string()))?;
    let manager = shared.backend.manager().filter(|_| !shared.is_stopping()).ok_or_else(not_ready)?;
    let connection = manager.attach(who).map_err(|error| {
        let status = match error {
            AttachError::TooManyForUser { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        boxed(status, error.code(), error.to_string())
    })?;
    let upgraded = hyper::upgrade::on(&mut request);
    Ok((switching(key.as_bytes()), Upgrade { connection, upgraded }))
}

/// The client's key, if the request is a WebSocket handshake of version 13.
fn key<Body>(request: &Request<Body>) -> Result<HeaderValue, Box<Reply>> {
    let headers = request.headers();
    let asks = request.method() == Method::GET
        && names(headers, &CONNECTION, "upgrade")
        && names(headers, &UPGRADE, "websocket");
    if !asks {
        let message = "/ws speaks WebSocket only; connect with a WebSocket client to /ws?user=U&thread=T";
        return Err(upgrade_required(message));
    }
    if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(upgrade_required("the WebSocket version must be 13"));
    }
    headers.get(SEC_WEBSOCKET_KEY).filter(|key| is_key(key.as_bytes())).cloned().ok_or_else(|| {
        let message = "the header Sec-WebSocket-Key is missing or not 16 bytes in base64";
        boxed(StatusCode::BAD_REQUEST, "bad_handshake", message)
    })
}

/// Whether one of the header's comma-separated tokens is this one, in whatever case.
fn names(headers: &HeaderMap, header: &HeaderName, token: &str) -> bool {
    let texts = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// 16 bytes are 22 digits and two signs of padding.
fn is_key(key: &[u8]) -> bool {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.len() == 24 && key.ends_with(b"==") && key[..22].iter().all(digit)
}

fn switching(key: &[u8]) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::new()));
    *reply.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = reply.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key)) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    reply
}

fn upgrade_required(message: &str) -> Box<Reply> {
    let mut reply = boxed(StatusCode::UPGRADE_REQUIRED, "upgrade_required", message);
    let headers = reply.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    reply
}

fn not_ready() -> Box<Reply> {
    let message = "the service is not ready; ask /readyz and connect again";
    let mut reply = boxed(StatusCode::SERVICE_UNAVAILABLE, "not_ready", message);
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    reply
}

fn boxed(status: StatusCode, code: &'static str, message: impl Into<String>) -> Box<Reply> {
    Box::new(refusal(status, &Refusal::new(code, message)))
}
