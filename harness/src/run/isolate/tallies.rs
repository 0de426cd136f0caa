//! A tally on its way from a run's own process to its parent.

use super::wire::{Reader, Writer};
use crate::names::interned;
use crate::run::tally::{FaultTally, SometimesTally, Tally};

pub(super) fn write(writer: &mut Writer, tally: &Tally) {
    writer.count(tally.sometimes.len());
    for goal in &tally.sometimes {
        writer.text(goal.name).long(goal.hits);
    }
    writer.count(tally.faults.len());
    for fault in &tally.faults {
        writer.text(fault.name.0).text(fault.name.1).long(fault.fired);
    }
    writer.count(tally.places.len());
    for place in &tally.places {
        writer.text(place);
    }
    writer.byte(tally.offered).byte(u8::from(tally.due));
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Tally> {
    let mut tally = Tally::default();
    for _ in 0..reader.count()? {
        tally.sometimes.push(SometimesTally { name: interned(reader.text()?), hits: reader.long()? });
    }
    for _ in 0..reader.count()? {
        let name = (interned(reader.text()?), interned(reader.text()?));
        tally.faults.push(FaultTally { name, fired: reader.long()? });
    }
    for _ in 0..reader.count()? {
        tally.places.push(interned(reader.text()?));
    }
    tally.offered = reader.byte()?;
    tally.due = reader.byte()? != 0;
    Some(tally)
}
