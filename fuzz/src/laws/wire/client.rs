//! A client that says its part, waits for what it is owed, and closes as it should.

use std::fmt;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::yield_now;

use super::expected::{End, expected};
use super::frames;
use super::said::{CLOSE, PING, PONG, Said, TEXT};

/// What a client heard until the stream ended.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) answers: Vec<Answer>,
    pub(super) pongs: Vec<Vec<u8>>,
    /// The code of the service's close; one without a code is 1005, as RFC 6455 calls that.
    pub(super) close: Option<u16>,
}

/// A text of the service.
#[derive(Debug)]
pub(super) struct Answer(pub(super) Value);

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(super) struct Client {
    stream: DuplexStream,
    unread: Vec<u8>,
    heard: Heard,
    ended: bool,
}

impl Client {
    pub(super) fn new(stream: DuplexStream) -> Self {
        Self { stream, unread: Vec::new(), heard: Heard::default(), ended: false }
    }

    pub(super) async fn talk(mut self, said: &[Said]) -> Heard {
        let (mut out, mut slices) = (Vec::new(), None);
        for (number, part) in said.iter().enumerate() {
            if let Said::Slices(length) = part {
                slices = Some(usize::from(*length).max(1));
            }
            // A client that is gone is owed nothing, so one that means to go waits first.
            if matches!(part, Said::Frame { opcode: CLOSE, .. }) {
                self.write(&mut out, slices).await;
                self.hear_answers(expected(&said[..number]).answers.len()).await;
            }
            frames::write(part, &mut out);
        }
        self.write(&mut out, slices).await;
        let expected = expected(said);
        self.hear_answers(expected.answers.len()).await;
        if matches!(expected.end, End::Open) {
            let close = Said::Frame { opcode: CLOSE, fin: true, mask: Some(7), payload: 1000_u16.to_be_bytes().into() };
            frames::write(&close, &mut out);
            self.write(&mut out, None).await;
        }
        if matches!(expected.end, End::Anything) {
            // Bytes that are no frame may leave the service waiting for the rest of one.
            let _ = self.stream.shutdown().await;
        }
        while self.hear().await {}
        self.heard
    }

    /// Failing, the service is gone, which is for the reading to see.
    async fn write(&mut self, out: &mut Vec<u8>, slices: Option<usize>) {
        for slice in out.chunks(slices.unwrap_or(out.len()).max(1)) {
            let _ = self.stream.write_all(slice).await;
            if slices.is_some() {
                yield_now().await;
            }
        }
        out.clear();
    }

    /// Until there are that many, or the service has nothing more to say.
    async fn hear_answers(&mut self, count: usize) {
        while self.heard.answers.len() < count && self.hear().await {}
    }

    /// Hears what comes next; `false` at the end.
    async fn hear(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let read = self.stream.read_buf(&mut self.unread).await;
        self.ended = !matches!(read, Ok(1..));
        while let Some(frame) = frames::take(&mut self.unread) {
            // The answer to a ping may be on its way already.
            assert!(self.heard.close.is_none() || frame.opcode == PONG, "no message comes after a close");
            match frame.opcode {
                TEXT => {
                    let value = serde_json::from_slice(&frame.payload).expect("the service tells JSON");
                    self.heard.answers.push(Answer(value));
                }
                // The service's clock moves once it waits: nobody is owed anything any more.
                PING => {}
                PONG => self.heard.pongs.push(frame.payload),
                CLOSE => self.heard.close = Some(code(&frame.payload)),
                other => panic!("the service sends no frame of opcode {other}"),
            }
        }
        assert!(!self.ended || self.unread.is_empty(), "the service ends in the middle of a frame");
        !self.ended
    }
}

fn code(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code))
}
