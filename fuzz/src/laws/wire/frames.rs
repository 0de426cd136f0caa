//! Frames as RFC 6455 has them, written and read without the library that the service uses.

use super::said::Said;

/// Appends a client's frame, in the shortest form of its length.
pub(super) fn write(said: &Said, bytes: &mut Vec<u8>) {
    let (opcode, fin, mask, payload) = match said {
        Said::Frame { opcode, fin, mask, payload } => (*opcode, *fin, *mask, payload),
        Said::Raw(raw) => return bytes.extend_from_slice(raw),
        Said::Slices(_) => return,
    };
    bytes.push(u8::from(fin) << 7 | opcode);
    let masked = u8::from(mask.is_some()) << 7;
    match u16::try_from(payload.len()).expect("an input is shorter") {
        short @ 0..126 => bytes.push(masked | short.to_be_bytes()[1]),
        long => {
            bytes.push(masked | 0x7e);
            bytes.extend_from_slice(&long.to_be_bytes());
        }
    }
    let key = mask.unwrap_or_default();
    if mask.is_some() {
        bytes.extend_from_slice(&[key; 4]);
    }
    bytes.extend(payload.iter().map(|byte| byte ^ key));
}

/// A frame of the service.
pub(super) struct Frame {
    pub(super) opcode: u8,
    pub(super) payload: Vec<u8>,
}

/// Takes the first whole frame from the front. A service must not mask, and this one has no reason for fragments.
pub(super) fn take(bytes: &mut Vec<u8>) -> Option<Frame> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    assert_eq!((first & 0xf0, second & 0x80), (0x80, 0), "the service sends whole, unmasked frames without extensions");
    let (length, rest) = match second {
        126 => rest.split_first_chunk::<2>().map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest))?,
        127 => rest.split_first_chunk::<8>().map(|(length, rest)| (u64::from_be_bytes(*length), rest))?,
        short => (short.into(), rest),
    };
    let length = usize::try_from(length).expect("no answer is that long");
    let payload = rest.get(..length)?.to_vec();
    let taken = bytes.len() - rest.len() + length;
    bytes.drain(..taken);
    Some(Frame { opcode: first & 0x0f, payload })
}
