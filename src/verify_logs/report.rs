//! What a checklist came to: an item a line, what was found beneath it, and a verdict.

use std::fmt;
use std::sync::Arc;

/// So many findings of one item are told, and the rest is counted.
const TOLD: usize = 5;

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// How many sources came before: places sort as the logs were given.
    pub(super) order: usize,
    pub(super) number: u64,
    pub(super) source: Arc<str>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.number)
    }
}

/// What is asked of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Created,
    Wired,
    NeverNone,
    MadeGood,
    InTime,
    Ended,
    Reached,
    Active,
    Readable,
}

impl Item {
    /// In the order in which they are told.
    const ALL: [Item; 9] = [
        Item::Created,
        Item::Wired,
        Item::NeverNone,
        Item::MadeGood,
        Item::InTime,
        Item::Ended,
        Item::Reached,
        Item::Active,
        Item::Readable,
    ];

    fn title(self) -> &'static str {
        match self {
            Item::Created => "the manager was created and validated",
            Item::Wired => "it was wired to every agent",
            Item::NeverNone => "nobody was given None",
            Item::MadeGood => "whatever failed was made good",
            Item::InTime => "nothing timed out",
            Item::Ended => "every accepted run told its end",
            Item::Reached => "every event reached somebody",
            Item::Active => "the bridge is not degraded",
            Item::Readable => "every line can be read",
        }
    }
}

/// How bad a finding is; the worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Good,
    Warning,
    NotShown,
    Failure,
}

#[derive(Debug)]
struct Findings {
    weight: Weight,
    texts: Vec<String>,
    /// Those that are not told included.
    count: u64,
}

/// What came of a checklist; its `Display` is what operators read.
#[derive(Debug)]
pub struct Report {
    findings: [Findings; Item::ALL.len()],
    lines: u64,
    ours: u64,
}

/// What a log proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every item holds; warnings are possible.
    Passed,
    /// An item does not hold.
    Failed,
    /// Nothing is wrong in what can be read, and that is not all that is asked for.
    Incomplete,
    /// Not one line is the platform's.
    Vacuous,
}

impl Verdict {
    /// The exit code that says so, the same as that of a check: 0, 1, 3 or 4.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::Failed => 1,
            Verdict::Incomplete => 3,
            Verdict::Vacuous => 4,
        }
    }
}

impl Default for Report {
    fn default() -> Self {
        let none = |_| Findings { weight: Weight::Good, texts: Vec::new(), count: 0 };
        Report { findings: Item::ALL.map(none), lines: 0, ours: 0 }
    }
}

impl Report {
    /// What the log proves. A failure comes before all else, and a log that proves nothing before one that proves a part.
    pub fn verdict(&self) -> Verdict {
        match self.findings.iter().map(|findings| findings.weight).max() {
            Some(Weight::Failure) => Verdict::Failed,
            _ if self.ours == 0 => Verdict::Vacuous,
            Some(Weight::NotShown) => Verdict::Incomplete,
            _ => Verdict::Passed,
        }
    }

    /// One more line was read.
    pub(super) fn count(&mut self, is_ours: bool) {
        self.lines += 1;
        self.ours += u64::from(is_ours);
    }

    /// Tells something of an item. Of a lesser weight than what is known already, it is not told.
    pub(super) fn find(&mut self, item: Item, weight: Weight, text: String) {
        let findings = &mut self.findings[item as usize];
        if weight > findings.weight {
            *findings = Findings { weight, texts: Vec::new(), count: 0 };
        }
        if weight == findings.weight {
            findings.count += 1;
            if findings.texts.len() < TOLD {
                findings.texts.push(text);
            }
        }
    }

    /// Whether anything good was told of an item.
    pub(super) fn is_shown(&self, item: Item) -> bool {
        !self.findings[item as usize].texts.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in Item::ALL {
            let findings = &self.findings[item as usize];
            let mark = match findings.weight {
                Weight::Good => "ok  ",
                Weight::Warning => "warn",
                Weight::NotShown => "?   ",
                Weight::Failure => "FAIL",
            };
            writeln!(f, "{mark}  {}", item.title())?;
            for text in &findings.texts {
                writeln!(f, "        {text}")?;
            }
            let rest = findings.count - findings.texts.len() as u64;
            if rest > 0 {
                writeln!(f, "        and {rest} more")?;
            }
        }
        let verdict = match self.verdict() {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Incomplete => "incomplete",
            Verdict::Vacuous => "vacuous: no line is the platform's; is it the right log, and from level INFO on?",
        };
        writeln!(f, "{verdict}: {} of {} lines are the platform's", self.ours, self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_findings_the_first_five_are_told_and_the_rest_counted() {
        let told = |count: u32| {
            let mut report = Report::default();
            (1..=count).for_each(|n| report.find(Item::InTime, Weight::Failure, format!("finding {n}")));
            let text = report.to_string();
            (text.matches("finding ").count(), text.contains("and 2 more"), text.contains(" more"))
        };
        assert_eq!((told(5), told(7)), ((5, false, false), (5, true, true)));
    }
}
