//! Choice sequences from bytes: what libFuzzer and proptest feed.

use super::{Bounds, Explorer, Refusal, Spent};
use crate::choice::{Cost, Draw, Tape};
use crate::run::Ending;

/// One run whose draws are answered by bytes, one each, taken modulo the alternatives that the bounds admit; when
/// the bytes are used up every answer is the simplest. A byte of 0 is always the simplest answer, so shrinking
/// bytes towards zero shrinks the story.
#[derive(Debug)]
pub struct Bytes {
    input: Vec<u8>,
    bounds: Bounds,
    spent: Spent,
    begun: bool,
}

impl Bytes {
    /// Feeds `bytes` to one run.
    pub fn new(bytes: impl Into<Vec<u8>>, bounds: Bounds) -> Self {
        Bytes { input: bytes.into(), bounds, spent: Spent::default(), begun: false }
    }

    fn admitted(&self, cost: Cost) -> bool {
        self.spent.over(cost, &self.bounds).is_none()
    }
}

impl Explorer for Bytes {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let byte = u32::from(self.input.get(position).copied().unwrap_or(0));
        // An open draw has room for cuts after up to seven operations: deeper ones are rarely there.
        let arity = draw.arity().unwrap_or(8);
        let admitted = (0..arity).filter(|value| self.admitted(draw.cost(*value)));
        let count = u32::try_from(admitted.clone().count()).unwrap_or(u32::MAX);
        let rank = byte.checked_rem(count).ok_or(Refusal::NothingAdmitted)?;
        let value = admitted.clone().nth(rank as usize).unwrap_or(0);
        self.spent.add(draw.cost(value));
        Ok(value)
    }

    fn end(&mut self, _tape: &Tape, _ending: &Ending) -> Result<(), Refusal> {
        Ok(())
    }
}
