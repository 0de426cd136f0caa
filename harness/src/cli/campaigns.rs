//! `check`: several scenarios at a time, one table, one report.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;

use super::progress::Searches;
use super::{CheckArguments, UsageError, commands};
use crate::campaign::{self, Options, workers::Crew};
use crate::report::{Report, ScenarioReport, annotations, files, table, terminal};
use crate::scenario::Scenario;

pub(super) fn check(
    scenarios: &[Scenario],
    arguments: &CheckArguments,
    program: &str,
    out: &mut dyn Write,
) -> Result<u8, UsageError> {
    let chosen: Vec<&Scenario> = match &arguments.names[..] {
        [] => scenarios.iter().collect(),
        names => names.iter().map(|name| commands::find(scenarios, name)).collect::<Result<_, _>>()?,
    };
    let problem = |source| UsageError::Report { folder: arguments.out.clone(), source };
    files::prepare(&arguments.out).map_err(problem)?;
    let report = Report::new(check_all(&chosen, arguments)?, campaign::calibration().is_ok());
    tell(report, &arguments.out, &replays_with(program), out)
}

/// Prints verdicts and stories, writes the report's files, and gives the exit code. `replays` is the line that replays a
/// token of a scenario.
pub(crate) fn tell(
    report: Report,
    folder: &Path,
    replays: &dyn Fn(&ScenarioReport, &str) -> String,
    out: &mut dyn Write,
) -> Result<u8, UsageError> {
    let report = report.replayed_by(replays);
    writeln!(out, "{}", table::verdicts(&report))?;
    for scenario in &report.scenarios {
        let replay = scenario.failure.as_ref().and_then(|failure| failure.replay.as_deref());
        if !scenario.ok || scenario.failure.is_some() || !scenario.notes.is_empty() {
            writeln!(out, "{}", terminal::story(scenario, replay.unwrap_or_default()))?;
        } else {
            for limit in [terminal::lane(scenario), terminal::isolation(scenario)].into_iter().flatten() {
                writeln!(out, "{}: {limit}", scenario.name)?;
            }
        }
    }
    let written = report.write(folder).map_err(|source| UsageError::Report { folder: folder.to_owned(), source })?;
    if annotations::are_read() {
        write!(out, "{}", annotations::of(&report))?;
    }
    writeln!(out, "{}", table::summary(&report, &written))?;
    Ok(report.exit_code())
}

/// The lines that replay what fails, of a program that finds a scenario by its token.
pub(super) fn replays_with(program: &str) -> impl Fn(&ScenarioReport, &str) -> String {
    move |_, token| format!("{program} replay '{token}'")
}

/// Searches them on as many threads as are asked for; the reports come back in the order of the scenarios. A thread that
/// finds no scenario left helps with the large ones.
fn check_all(scenarios: &[&Scenario], arguments: &CheckArguments) -> Result<Vec<ScenarioReport>, UsageError> {
    let mut options = arguments.options(scenarios)?;
    let cores = || thread::available_parallelism().ok();
    let jobs = options.jobs.or_else(cores).unwrap_or(NonZeroUsize::MIN);
    options.jobs = Some(jobs);
    let searches = Searches::watch();
    let reports: Vec<OnceLock<ScenarioReport>> = scenarios.iter().map(|_| OnceLock::new()).collect();
    thread::scope(|scope| {
        // Dropped when every report is there.
        let (_searching, finished) = mpsc::channel();
        let drawn = &searches;
        scope.spawn(move || drawn.draw(&finished));
        // Those with a process for each run need this one as it is before any other was executed in it.
        for isolated in [true, false] {
            let chosen = scenarios.iter().enumerate().filter(|(_, scenario)| scenario.isolated == isolated);
            let check = Arc::new(Check {
                scenarios: chosen.map(|(index, scenario)| (index, (*scenario).clone())).collect(),
                options: options.clone(),
                crew: Arc::new(Crew::new(jobs.get())),
                searches: Arc::clone(&searches),
                next: AtomicUsize::new(0),
            });
            for (index, report) in check.start()? {
                let _ = reports[index].set(report);
            }
        }
        Ok::<(), UsageError>(())
    })?;
    Ok(reports.into_iter().map(|report| report.into_inner().expect("every search ends with a report")).collect())
}

/// What the threads of one `check` share.
struct Check {
    /// With the place of each in the report.
    scenarios: Vec<(usize, Scenario)>,
    options: Options,
    crew: Arc<Crew>,
    searches: Arc<Searches>,
    /// The first scenario that nobody has taken.
    next: AtomicUsize,
}

impl Check {
    /// Starts its threads; what they find comes through the channel, which ends with the last search.
    fn start(self: &Arc<Self>) -> Result<Receiver<(usize, ScenarioReport)>, UsageError> {
        let (tell, told) = mpsc::channel();
        let jobs = if self.scenarios.is_empty() { 0 } else { self.options.jobs.map_or(1, NonZeroUsize::get) };
        // Not scoped: a thread whose step never returns is given up, and must not be waited for.
        for worker in 0..jobs {
            let (check, tell, driving) = (Arc::clone(self), tell.clone(), self.crew.driving());
            thread::Builder::new().name(format!("nevernone-{worker}")).spawn(move || {
                check.drive(&tell);
                // Whoever waits for reports waits for nothing of a thread that only helps.
                drop(tell);
                drop(driving);
                check.crew.help();
            })?;
        }
        Ok(told)
    }

    /// Searches scenarios, one after the other, until none is left.
    fn drive(&self, tell: &Sender<(usize, ScenarioReport)>) {
        let alone = self.options.jobs == Some(NonZeroUsize::MIN);
        let crew = Some(&self.crew).filter(|_| !alone);
        loop {
            // Relaxed: the counter only hands out numbers; the reports travel through the channel.
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((place, scenario)) = self.scenarios.get(index) else { return };
            let progress = self.searches.begin(scenario, self.options.bounds.apply(scenario.bounds()));
            let options = Options { progress: Arc::clone(&progress), ..self.options.clone() };
            let report = campaign::check_with(scenario, &options, crew);
            self.searches.end(&progress);
            let _ = tell.send((*place, report));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::{self, ThreadId};
    use std::time::Duration;

    use super::{CheckArguments, NonZeroUsize, Scenario, check_all};
    use crate::{Verdict, choose, fault};

    /// A tree that is cut into units, of 320 times `width` runs; three faults in a late one lead to `deep`.
    fn large(name: &'static str, width: u32, deep: fn()) -> Scenario {
        Scenario::new(name, move || async move {
            let late = choose("a", 40) >= 20;
            let _ = choose("b", width);
            let faults = ["first", "second", "third"].map(|place| fault(place, &["err"]));
            if late && faults.iter().all(Option::is_some) {
                deep();
            }
        })
        .faults(3)
    }

    #[test]
    fn a_thread_of_the_crew_that_never_returns_costs_its_own_scenario_alone() {
        static LEADER: OnceLock<ThreadId> = OnceLock::new();
        static RELEASED: AtomicBool = AtomicBool::new(false);
        // Whoever comes there first is the leader while it cuts the tree; from then on all others stay. It has so much to do
        // that the thread which had the small scenario comes to its help.
        let hangs = large("hangs", 400, || {
            let leads = *LEADER.get_or_init(|| thread::current().id()) == thread::current().id();
            while !leads && !RELEASED.load(Ordering::Relaxed) {
                thread::yield_now();
            }
        })
        .watchdog(Duration::from_millis(500));
        let scenarios = [hangs, Scenario::new("small", || async {}), large("large", 40, || ())];
        let chosen: Vec<&Scenario> = scenarios.iter().collect();
        let jobs = NonZeroUsize::new(3).and_then(|jobs| u16::try_from(jobs.get()).ok());
        let reports = check_all(&chosen, &CheckArguments { jobs, ..CheckArguments::default() }).unwrap();
        RELEASED.store(true, Ordering::Relaxed);
        let verdicts: Vec<Verdict> = reports.iter().map(|report| report.verdict).collect();
        assert_eq!(verdicts, [Verdict::Failed, Verdict::Verified, Verdict::Verified]);
        let failure = reports[0].failure.as_ref().expect("found");
        assert_eq!((failure.property.as_str(), failure.cost), ("watchdog", 3));
    }
}
