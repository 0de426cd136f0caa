//! What a client says, from an input's bytes: pieces, each with its kind before it.

use std::fmt;

use super::super::Material;

/// Pieces beyond that are not said: more answers than an outbox holds are a flood, which has tests of its own.
const MOST: usize = 48;

/// One thing that a client says.
#[derive(Debug)]
pub(super) enum Said {
    /// A whole message, or a part of one.
    Frame {
        opcode: u8,
        fin: bool,
        /// Clients have to mask; the key is four times this byte.
        mask: Option<u8>,
        payload: Vec<u8>,
    },
    /// Bytes that need not be a frame.
    Raw(Vec<u8>),
    /// The next ones go out in slices of so many bytes.
    Slices(u8),
}

pub(super) const CONTINUATION: u8 = 0;
pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

/// Kinds below 128 are whole texts, which are most of what clients say; of the others the low bits say what it is.
pub(super) fn script(bytes: &[u8]) -> Vec<Said> {
    let mut material = Material(bytes);
    let mut script = Vec::new();
    while !material.is_empty() && script.len() < MOST {
        let kind = material.byte();
        let payload = material.piece().to_vec();
        // Half of the kinds say it eight times over, which reaches the limits with few bytes.
        let payload = if kind & 0x40 == 0 { payload } else { payload.repeat(8) };
        let frame = |opcode, fin| Said::Frame { opcode, fin, mask: Some(kind & 0x3f), payload: payload.clone() };
        script.push(match kind {
            0..0x80 => frame(TEXT, true),
            _ => match kind & 0x0f {
                0 => frame(BINARY, true),
                1 => frame(PING, true),
                2 => frame(PONG, true),
                3 => frame(CLOSE, true),
                4 => frame(TEXT, false),
                5 => frame(BINARY, false),
                6 | 7 => frame(CONTINUATION, false),
                8 | 9 => frame(CONTINUATION, true),
                10 => frame(PING, false),
                11 => Said::Frame { opcode: TEXT, fin: true, mask: None, payload },
                12 => frame(11, true),
                13 => Said::Slices(payload.first().copied().unwrap_or(1)),
                _ => Said::Raw(payload),
            },
        });
    }
    script
}

/// What kind of thing it is, without what it holds.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Frame { opcode, fin, mask, .. } => {
                let (fin, mask) = (if *fin { "" } else { "…" }, if mask.is_some() { "" } else { " unmasked" });
                write!(f, "[{opcode}{fin}{mask}]")
            }
            Said::Raw(_) => f.write_str("[raw]"),
            Said::Slices(_) => f.write_str("[slices]"),
        }
    }
}

impl Said {
    /// The payload of a ping.
    pub(super) fn ping(&self) -> Option<&[u8]> {
        match self {
            Said::Frame { opcode: PING, payload, .. } => Some(payload),
            _ => None,
        }
    }
}
