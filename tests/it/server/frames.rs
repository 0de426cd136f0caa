//! Frames that no honest client sends: each ends its own connection with the code that says why, and nobody else notices.

use super::client::{Client, PATIENCE};
use super::fake::Served;
use nevernone_reference::manager::Limits;
use nevernone_reference::server::ServerOptions;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// The first byte's bit for the last frame of a message.
const LAST: u8 = 0x80;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;

/// One frame as a client sends it, masked with zeros; shorter than 64 KiB.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(payload.len()).expect("short") {
        short @ 0..126 => bytes.push(0x80 | u8::try_from(short).expect("under 126")),
        long => {
            bytes.push(0x80 | 0x7e);
            bytes.extend(long.to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// The code with which the service answers these bytes, and whether anything came before it.
async fn answer(served: &Served, bytes: &[u8]) -> (usize, Option<u16>) {
    let mut culprit = served.client("u", "t").await;
    culprit.socket.get_mut().write_all(bytes).await.expect("written");
    let (texts, close) = culprit.hear_close().await;
    (texts.len(), close.map(|close| close.code.into()))
}

/// What is wrong, the bytes, the code.
fn broken() -> Vec<(&'static str, Vec<u8>, u16)> {
    let reason = |code: u16, reason: &[u8]| [&code.to_be_bytes(), reason].concat();
    vec![
        ("reserved bit 1", frame(LAST | 0x40 | TEXT, b"{}"), 1002),
        ("reserved bit 2", frame(LAST | 0x20 | TEXT, b"{}"), 1002),
        ("reserved bit 3", frame(LAST | 0x10 | PING, b""), 1002),
        ("reserved opcode of data", frame(LAST | 0x7, b""), 1002),
        ("reserved opcode of control", frame(LAST | 0xf, b""), 1002),
        ("fragmented ping", frame(PING, b"half"), 1002),
        ("fragmented close", frame(CLOSE, &[]), 1002),
        ("ping of 126 bytes", frame(LAST | PING, &[b'x'; 126]), 1002),
        ("continuation of nothing", frame(LAST | CONTINUATION, b"x"), 1002),
        ("message inside a message", [frame(TEXT, b"{"), frame(LAST | TEXT, b"{}")].concat(), 1002),
        ("half a character, then its end of another", [frame(TEXT, &[0xc3]), frame(LAST, &[0xc3])].concat(), 1007),
        ("half a character at the end", frame(LAST | TEXT, &[b'x', 0xc3]), 1007),
        ("a surrogate", frame(LAST | TEXT, &[0xed, 0xa0, 0x80]), 1007),
        ("close of one byte", frame(LAST | CLOSE, &[3]), 1002),
        ("close with a code of nobody", frame(LAST | CLOSE, &reason(999, b"")), 1002),
        ("close with a code for inside only", frame(LAST | CLOSE, &reason(1005, b"")), 1002),
        ("close with a reason that is no text", frame(LAST | CLOSE, &reason(1000, &[0xff])), 1007),
        ("unmasked ping", vec![LAST | PING, 0], 1002),
        ("2^63 bytes announced", vec![LAST | TEXT, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009),
    ]
}

#[tokio::test]
async fn each_broken_frame_has_its_code_and_its_sender_alone_is_closed() {
    let served = Served::new().await;
    let mut bystander = served.client("v", "other").await;
    let mut wrong = Vec::new();
    for (what, bytes, code) in broken() {
        let told = answer(&served, &bytes).await;
        if told != (0, Some(code)) {
            wrong.push((what, told, code));
        }
    }
    assert!(wrong.is_empty(), "told otherwise: {wrong:?}");
    bystander.expect_echo("still here").await;
    assert_eq!(served.fake.connections(), 1);
}

#[tokio::test]
async fn frames_that_are_only_odd_are_served() {
    let served = Served::new().await;
    let mut odd = served.client("u", "t").await;
    // A message in single bytes, with a ping between them; a pong that nobody asked for; an empty fragment.
    let mut bytes = frame(LAST | 0xa, b"unasked");
    bytes.extend(frame(TEXT, b""));
    for byte in b"nonsens" {
        bytes.extend(frame(CONTINUATION, &[*byte]));
        bytes.extend(frame(LAST | PING, b"?"));
    }
    bytes.extend(frame(LAST | CONTINUATION, b"e"));
    odd.socket.get_mut().write_all(&bytes).await.expect("written");
    assert_eq!(odd.hear().await["code"], "invalid_json");
    odd.expect_echo("still here").await;
}

#[tokio::test]
async fn a_message_in_pieces_is_bounded_as_a_whole() {
    let options = ServerOptions { message_bytes: 10_000, ..ServerOptions::default() };
    let served = Served::with(Limits::default(), options).await;
    let mut pieces = frame(TEXT, &[b' '; 4_000]);
    for _ in 0..2 {
        pieces.extend(frame(CONTINUATION, &[b' '; 4_000]));
    }
    assert_eq!(answer(&served, &pieces).await, (0, Some(1009)));
}

#[tokio::test]
async fn a_message_that_never_ends_is_given_up_like_a_silent_client() {
    let options = ServerOptions {
        ping_interval: Duration::from_millis(20),
        pong_deadline: Duration::from_millis(80),
        ..ServerOptions::default()
    };
    let served = Served::with(Limits::default(), options).await;
    let mut endless = served.client("u", "t").await;
    let stream = endless.socket.get_mut();
    stream.write_all(&frame(TEXT, b"")).await.expect("written");
    let bytes = frame(CONTINUATION, b"").repeat(1_000);
    let closed = async {
        // Pieces without a byte count as no message, and so as no sign of life. Ends when the service closes.
        while stream.write_all(&bytes).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, closed).await.expect("closed in time");
    assert_eq!(served.fake.connections(), 0);
}

/// The frames of a client that goes away in the middle of one.
#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_frame_is_detached() {
    let served = Served::new().await;
    let whole = frame(LAST | TEXT, br#"{"type":"agent_request"}"#);
    let mut others = Vec::new();
    for end in 1..whole.len() {
        let mut leaving: Client = served.client("u", "t").await;
        leaving.socket.get_mut().write_all(&whole[..end]).await.expect("written");
        leaving.socket.get_mut().shutdown().await.expect("the half that writes is shut");
        let (texts, close) = leaving.hear_close().await;
        others.push((texts.len(), close.is_some()));
    }
    assert!(others.iter().all(|(texts, _)| *texts == 0), "half a frame was answered: {others:?}");
    assert_eq!(served.fake.connections(), 0);
    served.client("u", "t").await.expect_echo("still here").await;
}
