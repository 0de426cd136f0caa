//! How a run's own process writes down what its parent must know: numbers in the machine's own order, texts after their
//! length. Both ends are one program, so there is no version and nothing to check but the end.

use crate::choice::{Cost, Kind};

/// Writes.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// What was written since the last time.
    pub(super) fn take(&mut self, f: impl FnOnce(&[u8])) {
        f(&self.bytes);
        self.bytes.clear();
    }

    pub(super) fn byte(&mut self, value: u8) -> &mut Self {
        self.bytes.push(value);
        self
    }

    pub(super) fn number(&mut self, value: u32) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_ne_bytes());
        self
    }

    pub(super) fn long(&mut self, value: u64) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_ne_bytes());
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    /// How many of something follow. What does not fit into a record ends it long before this number does.
    pub(super) fn count(&mut self, count: usize) -> &mut Self {
        self.number(u32::try_from(count).unwrap_or(u32::MAX))
    }

    pub(super) fn cost(&mut self, cost: Cost) -> &mut Self {
        self.byte(cost as u8)
    }
}

/// Reads; `None` where the writer came no further.
#[derive(Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_ne_bytes)
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_ne_bytes)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.count()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    pub(super) fn count(&mut self) -> Option<usize> {
        self.number()?.try_into().ok()
    }

    pub(super) fn cost(&mut self) -> Option<Cost> {
        let value = self.byte()?;
        std::iter::once(Cost::Free).chain(Cost::BOUNDED).find(|cost| *cost as u8 == value)
    }

    pub(super) fn kind(&mut self) -> Option<Kind> {
        let value = self.byte()?;
        [Kind::Next, Kind::Cut, Kind::Fault, Kind::Value, Kind::Lane].into_iter().find(|kind| *kind as u8 == value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Writer};
    use crate::choice::{Cost, Kind};

    #[test]
    fn what_was_written_is_read_and_what_is_cut_off_is_not() {
        let mut writer = Writer::default();
        writer.byte(7).number(70_000).long(u64::MAX).text("läuft").cost(Cost::Crash).byte(Kind::Lane as u8);
        writer.take(|bytes| {
            let mut reader = Reader(bytes);
            assert_eq!((reader.byte(), reader.number(), reader.long()), (Some(7), Some(70_000), Some(u64::MAX)));
            assert_eq!((reader.text(), reader.cost()), (Some("läuft"), Some(Cost::Crash)));
            assert_eq!((reader.kind(), reader.byte()), (Some(Kind::Lane), None));
            let mut reader = Reader(&bytes[13..bytes.len() - 3]);
            assert_eq!(reader.text(), None);
        });
        writer.take(|bytes| assert!(bytes.is_empty()));
    }
}
