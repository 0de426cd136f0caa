//! One run, from recorded draws: a tape of this process, or a token of any.

use super::{Explorer, Refusal};
use crate::choice::token::{Token, TokenChoice};
use crate::choice::{Draw, Entry, Tape};
use crate::ending::Ending;

/// Executes a run of this process once more; anything that differs is uncontrolled.
#[derive(Debug)]
pub struct Again {
    tape: Tape,
    begun: bool,
}

impl Again {
    /// Replays `tape`; draws after its end are answered with 0.
    pub fn new(tape: Tape) -> Self {
        Again { tape, begun: false }
    }
}

/// Replays a token once, and says where the scenario no longer asks what it asked then.
#[derive(Debug)]
pub struct Replay {
    token: Token,
    /// The first of the token's choices that was not made yet.
    next: usize,
    begun: bool,
}

impl Replay {
    /// Replays `token`; every draw that it does not name is answered with 0.
    pub fn new(token: Token) -> Self {
        Replay { token, next: 0, begun: false }
    }

    /// The first choice that the run did not come to.
    pub fn unmade(&self) -> Option<&TokenChoice> {
        self.token.choices.get(self.next)
    }
}

impl Explorer for Replay {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let Some(choice) = self.token.choices.get(self.next).filter(|choice| choice.position == position) else {
            return Ok(0);
        };
        self.next += 1;
        let asked = draw.label.to_string().replacen(':', "@", 1);
        let arity = draw.arity();
        let fits = asked == choice.label
            && (choice.arity.is_none() || choice.arity == arity)
            && arity.is_none_or(|arity| choice.value < arity);
        if fits {
            return Ok(choice.value);
        }
        if asked == choice.label && choice.arity == arity {
            return Err(Refusal::Changed(format!(
                "the token does not fit: its draw {position} (`{asked}`) has the answer {}, and answers there go from 0 \
                 to {}; search again to get a new one",
                choice.value,
                arity.unwrap_or_default().saturating_sub(1)
            )));
        }
        let described = |arity: Option<u32>| arity.map_or("any number of".to_owned(), |arity| arity.to_string());
        Err(Refusal::Changed(format!(
            "the token is outdated: its draw {position} is `{}` with {} alternatives, and the scenario now draws \
             `{asked}` with {} there; search again to get a new one",
            choice.label,
            described(choice.arity),
            described(arity),
        )))
    }

    fn end(&mut self, _tape: &Tape, _ending: &Ending) -> Result<(), Refusal> {
        Ok(())
    }
}

impl Explorer for Again {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        match self.tape.entries().get(position) {
            Some(expected) => same_draw(expected, position, draw).map(|()| expected.value),
            None => Ok(0),
        }
    }

    fn end(&mut self, _tape: &Tape, _ending: &Ending) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Compares a draw with what an earlier execution of the same choices asked at the same place.
pub(crate) fn same_draw(expected: &Entry, position: usize, draw: &Draw<'_>) -> Result<(), Refusal> {
    let arity = draw.arity();
    if expected.label != draw.label {
        return Err(Refusal::Changed(format!(
            "draw {position} was `{}` before and is `{}` now, after the same choices",
            expected.label, draw.label
        )));
    }
    if arity.is_some_and(|arity| arity != expected.arity) {
        return Err(Refusal::Changed(format!(
            "draw {position} (`{}`) had {} alternatives before and has {} now, after the same choices",
            draw.label,
            expected.arity,
            arity.unwrap_or_default()
        )));
    }
    if expected.history != draw.history {
        return Err(Refusal::Changed(format!(
            "before draw {position} (`{}`) the same choices led to another course of events than before",
            draw.label
        )));
    }
    Ok(())
}
