//! What a client is owed for what it says, by RFC 6455 and the service's bounds, without looking at the service.

use super::client::{Answer, Heard};
use super::oracle::{Owed, owed};
use super::said::{BINARY, CLOSE, CONTINUATION, PING, PONG, Said, TEXT};
use super::{MESSAGE_BYTES, PINGS};

pub(super) struct Expected {
    /// In order.
    pub(super) answers: Vec<Owed>,
    pub(super) end: End,
}

/// How it ends.
pub(super) enum End {
    /// The client broke no rule and has not closed: it is to close itself.
    Open,
    /// The client closes; how well it does that decides about the service's code.
    ByClient,
    /// The client broke a rule: one of these codes.
    Refused(&'static [u16]),
    /// No rule says.
    Anything,
}

impl End {
    /// Whether nobody can say what is owed.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, End::Anything)
    }

    pub(super) fn accepts(&self, heard: &Heard) {
        match self {
            End::Open => assert_eq!(heard.close, Some(1000), "the client's own code comes back"),
            End::ByClient => assert!(heard.close.is_some(), "a close is answered: {heard:?}"),
            End::Refused(codes) => {
                let code = heard.close.unwrap_or_default();
                assert!(codes.contains(&code), "closed with {code}, and it should be one of {codes:?}: {heard:?}");
            }
            End::Anything => {}
        }
    }
}

pub(super) fn expected(said: &[Said]) -> Expected {
    let mut reader = Reader { answers: Vec::new(), open: None, pings: 0 };
    let end = said.iter().find_map(|said| reader.read(said)).unwrap_or(End::Open);
    Expected { answers: reader.answers, end }
}

/// The service's reader as the RFC describes it.
struct Reader {
    answers: Vec<Owed>,
    /// The message of which parts have come: its opcode and its bytes.
    open: Option<(u8, Vec<u8>)>,
    pings: usize,
}

const PROTOCOL: End = End::Refused(&[1002]);

impl Reader {
    /// What that ends, if anything.
    fn read(&mut self, said: &Said) -> Option<End> {
        let Said::Frame { opcode, fin, mask, payload } = said else {
            return matches!(said, Said::Raw(raw) if !raw.is_empty()).then_some(End::Anything);
        };
        if payload.len() > MESSAGE_BYTES {
            // A part that is too long for any message; of a control frame it is the lesser evil.
            return Some(if *opcode > BINARY { End::Refused(&[1002, 1009]) } else { End::Refused(&[1009, 1002]) });
        }
        let is_control = *opcode >= CLOSE;
        if mask.is_none() || (is_control && (!fin || payload.len() > 125)) {
            return Some(PROTOCOL);
        }
        match *opcode {
            CLOSE => Some(End::ByClient),
            PING => {
                self.pings += 1;
                (self.pings > PINGS).then_some(End::Refused(&[1008]))
            }
            PONG => None,
            CONTINUATION => match self.open.take() {
                Some((kind, mut message)) => {
                    message.extend_from_slice(payload);
                    self.part(kind, message, *fin)
                }
                None => Some(PROTOCOL),
            },
            TEXT | BINARY if self.open.is_none() => self.part(*opcode, payload.clone(), *fin),
            _ => Some(PROTOCOL),
        }
    }

    fn part(&mut self, kind: u8, message: Vec<u8>, fin: bool) -> Option<End> {
        let is_long = message.len() > MESSAGE_BYTES;
        let is_broken =
            kind == TEXT && std::str::from_utf8(&message).is_err_and(|error| fin || error.error_len().is_some());
        match (is_long, is_broken) {
            (true, true) => return Some(End::Refused(&[1007, 1009])),
            (true, false) => return Some(End::Refused(&[1009])),
            (false, true) => return Some(End::Refused(&[1007])),
            (false, false) => {}
        }
        if !fin {
            self.open = Some((kind, message));
        } else if kind == TEXT {
            let text = String::from_utf8(message).expect("it was looked at");
            self.answers.push(owed(&text));
        } else {
            self.answers.push(Owed::Refusal(&["binary"]));
        }
        None
    }
}

impl Owed {
    /// Panics where that is not the answer; `number` counts the answers from 0.
    pub(super) fn accepts(&self, answer: &Answer, number: usize) {
        let Answer(answer) = answer;
        match self {
            Owed::Event { agent, payload } => {
                assert_eq!(answer["type"], "agent_completed", "answer {number}: {answer}");
                assert_eq!(answer["agent_name"], **agent, "answer {number}");
                assert_eq!(answer["payload"], *payload, "answer {number}: what arrives is what was sent");
            }
            Owed::Refusal(codes) => {
                let fields = answer.as_object().expect("an answer is an object");
                assert_eq!((fields.len(), answer["type"].as_str()), (3, Some("error")), "answer {number}: {answer}");
                let (code, message) = (answer["code"].as_str(), answer["message"].as_str());
                let (code, message) = code.zip(message).expect("a refusal has a code and a message");
                assert!(codes.contains(&code), "answer {number} is {code}, and it should be one of {codes:?}");
                assert!(
                    !message.is_empty() && message.len() <= 512 + '…'.len_utf8(),
                    "answer {number} is {} bytes",
                    message.len()
                );
            }
        }
    }
}
