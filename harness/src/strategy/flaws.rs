//! Histories with one flaw: which, and in which run, is told beside them.

use proptest::prelude::*;
use proptest::sample::Index;

use super::histories::stories;
use super::{Happened, History, HistorySize, Told};

/// What can be wrong with what was told of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// It was accepted, and its end was never told.
    NoEnd,
    /// Its end was told twice.
    EndedTwice,
    /// It goes on after its end.
    AfterEnd,
    /// Something was told of it before it was accepted, or it never was.
    NotAccepted,
    /// It was accepted twice.
    AcceptedTwice,
    /// Part of it was told to a thread that it does not belong to.
    OtherThread,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Flaw; 6] =
        [Flaw::NoEnd, Flaw::EndedTwice, Flaw::AfterEnd, Flaw::NotAccepted, Flaw::AcceptedTwice, Flaw::OtherThread];
}

/// A history with one flaw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flawed {
    /// All its other runs are as they should be.
    pub history: History,
    /// What is wrong.
    pub flaw: Flaw,
    /// With which run.
    pub run: usize,
}

/// Histories with this flaw, planted anywhere. Shrinks as [`histories`](super::histories) do; the flaw stays.
///
/// ```
/// use nevernone::strategy::{Flaw, HistorySize, flawed_histories};
/// use proptest::prelude::*;
/// use proptest::sample::select;
///
/// let flaws = select(&Flaw::ALL[..]).prop_flat_map(|flaw| flawed_histories(&HistorySize::default(), flaw));
/// proptest!(|(planted in flaws)| {
///     prop_assert_eq!(planted.history.flaw(), Some((planted.run, planted.flaw)));
/// });
/// ```
pub fn flawed_histories(size: &HistorySize, flaw: Flaw) -> impl Strategy<Value = Flawed> + use<> {
    let most = (*size.runs.end()).max(1);
    let size = HistorySize { runs: (*size.runs.start()).clamp(1, most)..=most, ..size.clone() };
    (stories(&size), any::<Index>(), any::<Index>()).prop_map(move |(mut told, whose, where_to)| {
        let accepted: Vec<Told> = told.iter().copied().filter(|told| told.what == Happened::Accepted).collect();
        let victim = *whose.get(&accepted);
        plant(&mut told, flaw, victim, where_to);
        Flawed { history: History { told }, flaw, run: victim.run }
    })
}

fn plant(told: &mut Vec<Told>, flaw: Flaw, victim: Told, where_to: Index) {
    let is_its = |told: &Told| told.run == victim.run;
    let first = told.iter().position(is_its).unwrap_or_default();
    let last = told.iter().rposition(is_its).unwrap_or_default();
    let mut insert_after = |place: usize, what: Happened| {
        let place = place + 1 + where_to.index(told.len() - place);
        told.insert(place, Told { what, ..victim });
    };
    match flaw {
        Flaw::NoEnd => drop(told.remove(last)),
        Flaw::EndedTwice => insert_after(last, Happened::Completed),
        Flaw::AfterEnd => insert_after(last, Happened::Progress),
        Flaw::NotAccepted => drop(told.remove(first)),
        Flaw::AcceptedTwice => insert_after(first, Happened::Accepted),
        Flaw::OtherThread => {
            let after: Vec<usize> = (first + 1..=last).filter(|place| told[*place].run == victim.run).collect();
            told[*where_to.get(&after)].thread += 1;
        }
    }
}
