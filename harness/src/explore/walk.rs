//! A random path through the tree, within bounds, and its probability.
//!
//! How many cuts a poll has is known only once it was executed whole. So a walk executes it whole, decides then whether
//! it should have been cut, and if so starts the run again: the path so far, the cut, and the poll's own draws as far as
//! it comes to them. Guessing a depth beforehand would take cuts that are none, and count one run several times.
//!
//! Why the estimate stays unbiased: let a cut path have the draws `d` inside its poll. Whatever whole poll led to it had
//! `d` and some continuation, and every continuation has more operations than the cut, so the probabilities of the
//! continuations add up to one and can be left out of the weight.

use std::collections::VecDeque;

use super::generator::SplitMix;
use super::seen::{Seen, after};
use super::{Bounds, ClosedCut, Refusal, Spent};
use crate::choice::{Alternatives, Cost, Draw, Kind, Tape};
use crate::ending::Ending;
use crate::hash::History;

/// With which share a walk takes costly alternatives where there are free ones as well; `None` is uniform.
type Share = Option<f64>;

/// Shares from rare to even: one alone repeats the same few paths of one tree, or spends the whole budget at the
/// beginning of another.
const SHARES: [Share; 5] = [Some(0.05), Some(0.15), Some(0.4), Some(0.7), None];

/// Random paths, one after the other.
#[derive(Debug)]
pub(super) struct Walk {
    bounds: Bounds,
    generator: SplitMix,
    /// How many paths are still to begin.
    remaining: u64,
    /// Which of the shares leads.
    leading: usize,
    /// What every path begins with.
    root: Vec<u32>,
    at_root: Account,
    /// What not to walk again; `None` walks anywhere, as an estimate must.
    seen: Option<Seen>,
    so_far: Account,
    /// As it was at the latest open draw.
    at_cut: Account,
    /// The answers so far, or those to begin again with.
    path: Vec<u32>,
    /// Where the path began again: what comes before was accounted for.
    replayed: usize,
    /// The draws inside the poll that is cut, to be answered as they were when it was whole.
    inside: VecDeque<u32>,
    /// The run begins again with the path as it is.
    again: bool,
}

/// What a path has cost, and how probable it was.
#[derive(Debug, Clone, Copy)]
struct Account {
    spent: Spent,
    /// The hash of its answers.
    answers: History,
    /// Under each share.
    probabilities: [f64; SHARES.len()],
}

impl Walk {
    pub(super) fn new(seed: u64, bounds: Bounds, paths: u64) -> Self {
        Walk {
            bounds,
            generator: SplitMix(seed),
            remaining: paths,
            leading: 0,
            root: Vec::new(),
            at_root: Account::new(),
            seen: None,
            so_far: Account::new(),
            at_cut: Account::new(),
            path: Vec::new(),
            replayed: 0,
            inside: VecDeque::new(),
            again: false,
        }
    }

    /// Walks no run twice, for as long as its memory lasts.
    pub(super) fn never_twice(mut self) -> Self {
        self.seen = Some(Seen::default());
        self
    }

    /// Begins every path with the draws of `prefix`, which must not end within a poll; what they spent counts.
    pub(super) fn beneath(mut self, prefix: &Tape) -> Self {
        self.root = prefix.values();
        self.at_root.spent = Spent::of_prefix(prefix, self.root.len());
        self.at_root.answers = self.root.iter().copied().fold(History::default(), after);
        self
    }

    /// How many different runs were walked, where none is walked twice.
    pub(super) fn distinct(&self) -> u64 {
        self.seen.as_ref().map_or(0, Seen::distinct)
    }

    /// Remembers the run that ended, so that it is not walked again.
    pub(super) fn remember(&mut self, tape: &Tape, ending: &Ending) {
        let Some(seen) = self.seen.as_mut().filter(|_| !self.again) else { return };
        match *ending {
            // What follows a void choice is void as well.
            Ending::Void { position } => seen.part(tape, (position + 1).min(tape.entries().len()), &self.bounds),
            _ => seen.run(tape, &self.bounds),
        }
    }

    /// Begins the next path, led by the next of the shares, or the last one again; `false` if there is none left.
    pub(super) fn begin(&mut self) -> bool {
        if std::mem::take(&mut self.again) {
            self.replayed = self.path.len();
            return true;
        }
        if self.seen.as_ref().is_some_and(Seen::everything) {
            return false;
        }
        let Some(remaining) = self.remaining.checked_sub(1) else { return false };
        self.remaining = remaining;
        self.leading = (self.leading + 1) % SHARES.len();
        self.so_far = self.at_root;
        self.path.clone_from(&self.root);
        self.replayed = self.root.len();
        self.inside.clear();
        true
    }

    /// Whether the run that ended is no path of its own, because it begins again.
    pub(super) fn begins_again(&self) -> bool {
        self.again
    }

    /// The inverse of the path's probability, where each share leads as often as any other.
    #[expect(clippy::cast_precision_loss, reason = "a handful of shares")]
    pub(super) fn weight(&self) -> f64 {
        SHARES.len() as f64 / self.so_far.probabilities.iter().sum::<f64>()
    }

    pub(super) fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        if position < self.replayed {
            return Ok(self.path[position]);
        }
        let value = match draw.label.kind {
            Kind::Cut | Kind::Lane => {
                self.inside.clear();
                self.begin_poll(draw)?
            }
            Kind::Next => {
                // Here, and at the next cut, the poll that was cut has ended.
                self.inside.clear();
                self.pick(draw)?
            }
            Kind::Fault | Kind::Value => match self.inside.pop_front() {
                // An estimate has to keep to them; a walk that remembers goes where something is left to see.
                Some(value) if self.seen.is_none() || self.offers(draw, value) => self.take(draw, value)?,
                _ => self.pick(draw)?,
            },
        };
        self.path.push(value);
        Ok(value)
    }

    /// A poll is executed whole at first, unless all of its whole polls were seen: then how often it can be cut is
    /// known.
    fn begin_poll(&mut self, draw: &Draw<'_>) -> Result<u32, Refusal> {
        self.at_cut = self.so_far;
        let known = self.seen.as_ref().filter(|seen| seen.beneath(self.so_far.answers, 0));
        if let Some(arity) = known.map(|seen| seen.cut_arity(self.so_far.answers)) {
            return self.pick(&Draw { alternatives: closed(arity, draw.cost(1)), ..*draw });
        }
        self.so_far.answers = after(self.so_far.answers, 0);
        Ok(0)
    }

    /// A poll was executed whole; refused if it should have been cut.
    pub(super) fn cut_closed(&mut self, cut: &ClosedCut) -> Result<(), Refusal> {
        if cut.position < self.replayed {
            return Ok(());
        }
        // The decision alone, as if the path began with it: what it multiplies depends on how it falls out.
        let fresh = Account { probabilities: [1.0; SHARES.len()], ..self.at_cut };
        let whole = std::mem::replace(&mut self.so_far, fresh);
        let value = self.pick(&cut.draw)?;
        let decision = self.so_far;
        if value == 0 {
            // What was drawn inside the poll belongs to the path as well.
            self.so_far = whole.and(decision.probabilities);
            return Ok(());
        }
        self.so_far = decision.and(self.at_cut.probabilities);
        self.inside = self.path.drain(cut.position..).skip(1).collect();
        self.path.push(value);
        self.again = true;
        Err(Refusal::NothingAdmitted)
    }

    /// Draws a value.
    fn pick(&mut self, draw: &Draw<'_>) -> Result<u32, Refusal> {
        let (free, costly) = self.count(draw);
        let take_costly = match SHARES[self.leading] {
            _ if free + costly == 0 => return Err(Refusal::NothingAdmitted),
            _ if free == 0 || costly == 0 => free == 0,
            None => self.generator.below(free + costly) >= free,
            Some(share) => self.generator.unit() < share,
        };
        let rank = self.generator.below(if take_costly { costly } else { free }) as usize;
        let of_class = |value: &u32| self.offers(draw, *value) && (draw.cost(*value) != Cost::Free) == take_costly;
        let value = (0..draw.arity().unwrap_or(1)).filter(of_class).nth(rank).unwrap_or(0);
        self.take(draw, value)
    }

    /// Accounts for a value.
    fn take(&mut self, draw: &Draw<'_>, value: u32) -> Result<u32, Refusal> {
        if !self.admits(draw, value) {
            return Err(Refusal::NothingAdmitted);
        }
        let (free, costly) = self.count(draw);
        let is_costly = draw.cost(value) != Cost::Free;
        let peers = if is_costly { costly } else { free };
        let of_class = |share: Share| match share {
            _ if peers == free + costly => 1.0,
            None => f64::from(peers) / f64::from(free + costly),
            Some(share) if is_costly => share,
            Some(share) => 1.0 - share,
        };
        for (probability, share) in self.so_far.probabilities.iter_mut().zip(SHARES) {
            *probability *= of_class(share) / f64::from(peers);
        }
        self.so_far.spent.add(draw.cost(value));
        self.so_far.answers = after(self.so_far.answers, value);
        Ok(value)
    }

    fn is_new(&self, value: u32) -> bool {
        self.seen.as_ref().is_none_or(|seen| !seen.beneath(self.so_far.answers, value))
    }

    /// Whether the bounds admit it, and not everything beneath it was seen.
    fn offers(&self, draw: &Draw<'_>, value: u32) -> bool {
        self.admits(draw, value) && self.is_new(value)
    }

    fn admits(&self, draw: &Draw<'_>, value: u32) -> bool {
        self.so_far.spent.over(draw.cost(value), &self.bounds).is_none()
    }

    /// How many free and how many costly alternatives are on offer.
    fn count(&self, draw: &Draw<'_>) -> (u32, u32) {
        let offered = (0..draw.arity().unwrap_or(1)).filter(|value| self.offers(draw, *value));
        offered.fold((0, 0), |(free, costly), value| match draw.cost(value) {
            Cost::Free => (free + 1, costly),
            _ => (free, costly + 1),
        })
    }
}

impl Account {
    fn new() -> Self {
        Account { spent: Spent::default(), answers: History::default(), probabilities: [1.0; SHARES.len()] }
    }

    /// As probable as both together.
    fn and(mut self, probabilities: [f64; SHARES.len()]) -> Self {
        for (own, other) in self.probabilities.iter_mut().zip(probabilities) {
            *own *= other;
        }
        self
    }
}

/// A cut whose number of alternatives is known.
fn closed(arity: u32, rest: Cost) -> Alternatives<'static> {
    Alternatives::FirstFree { arity, rest }
}
