//! Any small tree: a search executes each of its runs once and reports the first failing one in (cost, lexicographic) order; and
//! its parts, searched apart and merged, are the whole.

use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
    rc::Rc,
};

use nevernone::{
    Ending, Scenario, Verdict,
    campaign::{self, Options, SingleRun},
    cancellable,
    choice::{Draw, Tape},
    choose,
    explore::{ClosedCut, Exhaustive, Explorer, Refusal},
    fault, millis,
    report::{Report, ScenarioReport},
    shard::{Read, Shard, merge},
    sometimes, spawn,
};
use proptest::{collection::vec, prelude::*};
use tokio::{task::yield_now, time::sleep};

use super::config;

/// What a task of a tree does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Yield,
    Sleep,
    /// Weighs one where it fires.
    Fault,
    /// Weighs what was drawn.
    Draw,
    /// Weighs one where it was given up.
    Wait,
}

/// What a scenario is made of.
#[derive(Debug, Clone)]
struct Tree {
    tasks: Vec<Vec<Step>>,
    /// It fails where so much came together.
    fails_at: u32,
}

fn trees() -> impl Strategy<Value = Tree> {
    // What costs something most often, so that failures come at several costs.
    let step = prop_oneof![
        1 => Just(Step::Yield),
        1 => Just(Step::Sleep),
        3 => Just(Step::Fault),
        1 => Just(Step::Draw),
        2 => Just(Step::Wait),
    ];
    let tasks = vec(vec(step, 1..=3), 1..=3);
    (tasks, 1..=6_u32).prop_map(|(tasks, fails_at)| Tree { tasks, fails_at })
}

async fn act(step: Step, together: &Cell<u32>) {
    let add = |weight: u32| together.set(together.get() + weight);
    match step {
        Step::Yield => yield_now().await,
        Step::Sleep => sleep(millis(1)).await,
        Step::Fault => add(u32::from(fault("connect", &["refused", "late"]).is_some())),
        Step::Draw => add(choose("weight", 3)),
        Step::Wait => add(u32::from(cancellable("wait", sleep(millis(1))).await.is_err())),
    }
}

fn scenario(tree: &Tree) -> Scenario {
    let tree = tree.clone();
    let body = move || {
        let Tree { tasks, fails_at } = tree.clone();
        async move {
            let together = Rc::new(Cell::new(0));
            let begun = tasks.into_iter().map(|steps| {
                let together = Rc::clone(&together);
                spawn("task", async move {
                    for step in steps {
                        act(step, &together).await;
                    }
                })
            });
            for task in begun.collect::<Vec<_>>() {
                task.await;
            }
            sometimes("nothing came together", together.get() == 0);
            assert!(together.get() < fails_at, "too much came together");
        }
    };
    Scenario::new("tree", body).faults(3).preemptions(1).cancellations(1)
}

/// An exhaustive search that ends at no failure, and each run's cost and answers as the search itself hears of them.
#[derive(Clone)]
struct Every {
    search: Rc<RefCell<Exhaustive>>,
    last: Rc<RefCell<(u32, Vec<u32>)>>,
}

impl Explorer for Every {
    fn begin(&mut self) -> bool {
        self.search.borrow_mut().begin()
    }

    fn choose(&mut self, position: usize, draw: &Draw<'_>) -> Result<u32, Refusal> {
        self.search.borrow_mut().choose(position, draw)
    }

    fn known_arity(&self, position: usize) -> Option<u32> {
        self.search.borrow().known_arity(position)
    }

    fn cut_closed(&mut self, cut: &ClosedCut) -> Result<(), Refusal> {
        self.search.borrow_mut().cut_closed(cut)
    }

    fn cut_was_void(&mut self, position: usize) -> Result<(), Refusal> {
        self.search.borrow_mut().cut_was_void(position)
    }

    fn end(&mut self, tape: &Tape, ending: &Ending) -> Result<(), Refusal> {
        self.last.replace((tape.total_cost(), tape.values()));
        // Not told of failures: after one, a search leaves out what costs as much.
        let untold = if matches!(ending, Ending::Failed(_)) { &Ending::Passed } else { ending };
        self.search.borrow_mut().end(tape, untold)
    }
}

/// Every run within the scenario's bounds, in the order of the tree: cost, answers, and the run.
fn every_run(scenario: &Scenario) -> Vec<((u32, Vec<u32>), SingleRun)> {
    let search = Rc::new(RefCell::new(Exhaustive::new(scenario.bounds())));
    let every = Every { search, last: Rc::default() };
    let mut runs = Vec::new();
    while let Some(run) = campaign::run_once(scenario, every.clone()) {
        if !matches!(run.ending, Ending::Void { .. }) {
            runs.push((every.last.borrow().clone(), run));
        }
    }
    runs
}

/// Larger trees take too long here.
const LARGE: u64 = 500;

fn searched(scenario: &Scenario) -> Option<ScenarioReport> {
    let options = Options { max_executions: Some(LARGE), ..Options::default() };
    Some(campaign::check(scenario, &options)).filter(|report| report.verdict != Verdict::Incomplete)
}

fn in_shard(scenario: &Scenario, index: u32, of: u32) -> Read {
    let shard = Shard::new(index, of).expect("one of them");
    let report = campaign::check(scenario, &Options { shard: Some(shard), ..Options::default() });
    let text = serde_json::to_string(&Report::new(vec![report], true)).expect("a report is JSON");
    (PathBuf::from(format!("{index}.json")), serde_json::from_str(&text).expect("its own text"))
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn a_search_executes_each_run_once_and_reports_the_first_failing_one_by_cost_and_answers(tree in trees()) {
        let scenario = scenario(&tree);
        let searched = searched(&scenario);
        prop_assume!(searched.is_some());
        let report = searched.expect("just looked");
        let runs = every_run(&scenario);
        prop_assert!(runs.iter().map(|(place, _)| &place.1).is_sorted_by(|one, next| one < next), "in order, each once");
        let failing = runs.iter().filter(|(_, run)| matches!(run.ending, Ending::Failed(_)));
        match (failing.min_by_key(|(place, _)| place), &report.failure) {
            (None, None) => prop_assert_eq!(report.runs, runs.len() as u64),
            (Some(((cost, _), run)), Some(failure)) => {
                prop_assert_eq!((*cost, run.token.to_string()), (failure.cost, failure.token.clone()));
            }
            (expected, found) => prop_assert!(false, "{:?}, and the search says {:?}", expected, found),
        }
    }

    #[test]
    fn the_parts_of_a_tree_merged_are_the_whole(tree in trees(), of in 2..=4_u32) {
        let scenario = scenario(&tree);
        let searched = searched(&scenario);
        prop_assume!(searched.is_some());
        let whole = searched.expect("just looked");
        let parts: Vec<Read> = (1..=of).map(|index| in_shard(&scenario, index, of)).collect();
        let merged = merge(&parts).expect("they fit").scenarios.remove(0);
        let failure = |report: &ScenarioReport| report.failure.as_ref().map(|failure| (failure.cost, failure.token.clone()));
        prop_assert_eq!((merged.verdict, failure(&merged)), (whole.verdict, failure(&whole)));
        if whole.failure.is_none() {
            prop_assert_eq!((merged.runs, &merged.sometimes, &merged.faults), (whole.runs, &whole.sometimes, &whole.faults));
        }
    }
}
