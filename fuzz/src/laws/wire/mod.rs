//! One WebSocket session against a client of any manners, over a stream in memory and on a clock that stands still.
//!
//! The law: every message that comes whole has exactly one answer, in order, and none is lost, whatever comes after it. An
//! answer is what [`oracle`] reads in the contract: the run's event with the payload as it was sent, or the one refusal,
//! bounded in size. Who breaks a rule of the protocol is closed with the code for that, after the answers; who keeps them
//! gets its closing handshake.

mod client;
mod expected;
mod frames;
mod oracle;
mod platform;
mod said;

use std::cell::LazyCell;
use std::fmt::Write as _;

use nevernone_reference::event::{ThreadId, UserId};
use nevernone_reference::manager::{Attach, Candidate, Limits};
use nevernone_reference::server::{ServerOptions, serve_upgraded};
use tokio::io::duplex;
use tokio::runtime::{Builder, Runtime};

use self::client::{Client, Heard};
use self::expected::{Expected, expected};
use self::platform::Recorder;
use self::said::{Said, script};
use super::Target;

pub(super) const WIRE: Target = Target {
    name: "wire",
    law: |bytes| {
        let said = script(bytes);
        judge(&said, &converse(&said));
        true
    },
    bare: |bytes| drop(converse(&script(bytes))),
    case: |bytes| {
        let said = script(bytes);
        let heard = converse(&said);
        judge(&said, &heard);
        Some(told(&said, &heard))
    },
    kept: <[u8]>::to_vec,
};

/// The thread that every client follows.
const THREAD: &str = "t";

/// Bounds small enough for an input to reach them.
const MESSAGE_BYTES: usize = 1_024;
const PINGS: usize = 4;

/// More than all answers to one input: a client that writes first and reads then meets no full pipe.
const PIPE: usize = 1 << 20;

thread_local! {
    /// One for all inputs: it is most of what an input would cost.
    static RUNTIME: LazyCell<Runtime> = LazyCell::new(|| {
        Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime without I/O")
    });
}

/// Lets the client say its part, and notes what it heard.
fn converse(said: &[Said]) -> Heard {
    let options = ServerOptions { message_bytes: MESSAGE_BYTES, pings: PINGS, ..ServerOptions::default() };
    let manager = Candidate::complete(Limits::default()).validate().expect("a complete candidate");
    let who = Attach { user: UserId::new("u").expect("an id"), thread: ThreadId::new(THREAD).expect("an id") };
    let connection = manager.attach(who).expect("there is room");
    let platform = Recorder::new(manager);
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let (ours, theirs) = duplex(PIPE);
            let session = tokio::spawn(serve_upgraded(theirs, connection, platform, options));
            let heard = Client::new(ours).talk(said).await;
            session.await.expect("the session does not panic").expect("the options make sense");
            heard
        })
    })
}

/// The law.
fn judge(said: &[Said], heard: &Heard) {
    let Expected { answers, end } = expected(said);
    for (number, (answer, wanted)) in heard.answers.iter().zip(&answers).enumerate() {
        wanted.accepts(answer, number);
    }
    let (got, wanted) = (heard.answers.len(), answers.len());
    // What comes after bytes that are no frames is anybody's guess: there may be messages among them.
    assert!(got == wanted || (got > wanted && end.is_open()), "{got} answers to {wanted} messages: {heard:?}");
    end.accepts(heard);
    let mut pings = said.iter().filter_map(Said::ping);
    for pong in &heard.pongs {
        assert!(end.is_open() || pings.any(|ping| ping == pong), "a pong to no ping: {pong:?}");
    }
}

/// How the client spoke, and what it heard.
fn told(said: &[Said], heard: &Heard) -> String {
    let mut told = String::new();
    for part in said {
        // Writing to a string cannot fail.
        let _ = write!(told, "{part} ");
    }
    for answer in &heard.answers {
        let _ = write!(told, "{answer}; ");
    }
    let _ = write!(told, "{} pongs; {:?}", heard.pongs.len(), heard.close);
    told
}
