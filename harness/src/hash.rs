//! A rolling 64-bit hash of what a run did, so that two executions of one choice sequence can be compared.
//!
//! It is no cryptographic hash: nobody attacks it, and a run takes many of its steps, so it must cost next to nothing.

/// The hash of a run's history so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct History(u64);

impl Default for History {
    fn default() -> Self {
        // Any odd constant does; this is the fractional part of the golden ratio.
        History(0x9e37_79b9_7f4a_7c15)
    }
}

impl History {
    /// Adds a number.
    pub(crate) fn mix(&mut self, value: u64) {
        // Multiply and fold the high half back: every input bit reaches every output bit within two rounds.
        let product = u128::from(self.0 ^ value) * 0x2d35_8dcc_aa6c_78a5_u128;
        #[expect(clippy::cast_possible_truncation, reason = "both halves are wanted, each on its own")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        // Without the addition a product of zero would be a fixed point.
        self.0 = folded.wrapping_add(0x9e37_79b9_7f4a_7c15);
    }

    /// Adds a name.
    pub(crate) fn mix_name(&mut self, name: &str) {
        self.mix_bytes(name.as_bytes());
    }

    /// Adds bytes.
    pub(crate) fn mix_bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        self.mix(bytes.len() as u64);
    }

    /// The hash that [`value`](Self::value) told.
    pub(crate) fn of_value(value: u64) -> Self {
        History(value)
    }

    /// The hash as a number, for tokens.
    pub fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    fn of(values: &[u64]) -> History {
        let mut history = History::default();
        for value in values {
            history.mix(*value);
        }
        history
    }

    #[test]
    fn order_and_repetition_matter() {
        assert_ne!(of(&[1, 2]), of(&[2, 1]));
        assert_ne!(of(&[0]), of(&[0, 0]));
        assert_eq!(of(&[3, 4, 5]), of(&[3, 4, 5]));
    }

    #[test]
    fn names_that_share_a_prefix_differ() {
        let named = |names: &[&str]| {
            let mut history = History::default();
            for name in names {
                history.mix_name(name);
            }
            history
        };
        assert_ne!(named(&["ab", "c"]), named(&["a", "bc"]));
        assert_ne!(named(&["12345678"]), named(&["12345678", ""]));
    }
}
