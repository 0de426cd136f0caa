//! Where everything of a timeline stands: a row for what one actor did in one step, a lane for each task.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::run::{StuckTask, TimelineEntry};

/// A timeline in rows and lanes.
#[derive(Debug)]
pub(super) struct Lanes<'a> {
    /// The tasks, in the order in which they first did something.
    pub(super) names: Vec<&'a str>,
    /// From the first row of a task to its last one; a stuck task waits to the end.
    pub(super) spans: Vec<RangeInclusive<usize>>,
    pub(super) rows: Vec<Row<'a>>,
}

/// What one actor did, in one go.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) step: u32,
    pub(super) at: Duration,
    pub(super) actor: &'a str,
    /// `None` is the outside world, or the clock.
    pub(super) lane: Option<usize>,
    pub(super) what: Vec<&'a str>,
    /// Whether no row before it is of the same step.
    pub(super) begins_step: bool,
    /// Whether the time is another one than in the row before.
    pub(super) begins_time: bool,
}

impl<'a> Lanes<'a> {
    pub(super) fn of(entries: &'a [TimelineEntry], stuck: &[StuckTask]) -> Self {
        let mut lanes = Lanes { names: Vec::new(), spans: Vec::new(), rows: Vec::new() };
        for entry in entries {
            lanes.add(entry);
        }
        let end = lanes.rows.len();
        for (name, span) in lanes.names.iter().zip(&mut lanes.spans) {
            if stuck.iter().any(|task| task.name == *name) {
                *span = *span.start()..=end;
            }
        }
        lanes
    }

    fn add(&mut self, entry: &'a TimelineEntry) {
        let lane = (!entry.outside).then(|| self.lane(&entry.actor));
        if let Some(row) = self.rows.last_mut()
            && (row.step, row.at, row.actor, row.lane) == (entry.step, entry.at, &*entry.actor, lane)
        {
            row.what.push(&entry.what);
            return;
        }
        let before = self.rows.last();
        let row = Row {
            step: entry.step,
            at: entry.at,
            actor: &entry.actor,
            lane,
            what: vec![&entry.what],
            begins_step: before.is_none_or(|row| row.step != entry.step),
            begins_time: before.is_none_or(|row| row.at != entry.at),
        };
        if let Some(lane) = lane {
            self.spans[lane] = *self.spans[lane].start()..=self.rows.len();
        }
        self.rows.push(row);
    }

    fn lane(&mut self, name: &'a str) -> usize {
        self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.spans.push(self.rows.len()..=self.rows.len());
            self.names.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Lanes, TimelineEntry};
    use crate::run::StuckTask;

    fn entry(step: u32, actor: &str, outside: bool, what: &str) -> TimelineEntry {
        let (actor, what) = (actor.to_owned(), what.to_owned());
        TimelineEntry { step, at: Duration::from_millis(u64::from(step / 3)), actor, outside, what }
    }

    #[test]
    fn a_row_is_what_one_actor_does_in_one_step_and_a_lane_is_a_task() {
        let entries = [
            entry(1, "a", false, "fault"),
            entry(1, "a", false, "runs"),
            entry(2, "b", false, "runs"),
            entry(3, "clock", true, "moves"),
            entry(4, "b", false, "runs"),
            entry(4, "door", true, "opens"),
        ];
        let lanes = Lanes::of(&entries, &[]);
        assert_eq!((&lanes.names[..], &lanes.spans[..]), (&["a", "b"][..], &[0..=0, 1..=3][..]));
        let rows: Vec<_> = lanes.rows.iter().map(|row| (row.step, row.lane, row.what.len(), row.begins_step)).collect();
        assert_eq!(
            rows,
            [
                (1, Some(0), 2, true),
                (2, Some(1), 1, true),
                (3, None, 1, true),
                (4, Some(1), 1, true),
                (4, None, 1, false)
            ]
        );
        let times: Vec<bool> = lanes.rows.iter().map(|row| row.begins_time).collect();
        assert_eq!(times, [true, false, true, false, false]);
    }

    #[test]
    fn a_stuck_task_waits_to_the_end() {
        let entries = [entry(1, "a", false, "runs"), entry(2, "b", false, "runs")];
        let stuck = StuckTask { name: "a".to_owned(), since_ms: 0, at: Vec::new(), waits_for: Vec::new() };
        assert_eq!(Lanes::of(&entries, &[stuck]).spans, [0..=2, 1..=1]);
    }
}
