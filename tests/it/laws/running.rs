//! Starts of any graph under any planned faults do what a simple model of them says, to the millisecond: what begins when, what
//! is tried again, which deadline ends it, what is undone, and what is told.

mod model;
mod plant;

use nevernone::{
    Ending, Scenario, campaign,
    explore::{Bounds, FaultPlan, Planned},
    strategy::{self, GraphSize, Place, fault_plans, graphs},
};
use nevernone_reference::scenarios::ExploredEnv;
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestCaseResult};

use self::plant::{ATTEMPT_FAULTS, MOST_ATTEMPTS, UNDO_AT_ONCE, UNDO_WAITING, Undo};
use super::config;

pub(super) use self::plant::{Happened, Plant, Shape, plan};

/// Of each node, how often it is tried and how it is undone.
pub(super) fn shapes(nodes: usize) -> impl Strategy<Value = Vec<Shape>> {
    let undo = select(vec![Undo::AtOnce, Undo::Waiting, Undo::Nothing]);
    let shape = (1..=MOST_ATTEMPTS, any::<bool>(), any::<bool>(), undo);
    vec(shape, nodes).prop_map(|shapes| {
        let shape = |(attempts, attempt_deadline, deadline, undo)| Shape { attempts, attempt_deadline, deadline, undo };
        shapes.into_iter().map(shape).collect()
    })
}

/// Few faults more often than many, or no start would come far.
fn starts() -> impl Strategy<Value = (strategy::Graph, Vec<Shape>, FaultPlan)> {
    let whole = |graph: strategy::Graph| {
        let places = places(&graph);
        let few = vec(fault_plans(&places), 2).prop_map(|mut plans| {
            // What both plan.
            let other = plans.remove(1);
            plans[0].faults.retain(|place, _| other.faults.contains_key(place));
            plans.remove(0)
        });
        (shapes(graph.nodes.len()), prop_oneof![1 => fault_plans(&places), 3 => few], Just(graph))
    };
    let size = GraphSize { nodes: 1..=6, needs: 3 };
    graphs(&size).prop_flat_map(whole).prop_map(|(shapes, faults, graph)| (graph, shapes, faults))
}

pub(super) fn places(graph: &strategy::Graph) -> Vec<Place> {
    let kinds = |kinds: &[&str]| u32::try_from(kinds.len()).expect("few");
    let nodes = graph.nodes.len();
    let attempts = |node: &strategy::Node| Place {
        name: node.name,
        kinds: kinds(&ATTEMPT_FAULTS),
        attempts: MOST_ATTEMPTS as usize,
    };
    let undoing = [("undo at once", &UNDO_AT_ONCE[..]), ("undo waiting", &UNDO_WAITING[..])];
    let undoing = undoing.map(|(name, faults)| Place { name, kinds: kinds(faults), attempts: nodes });
    graph.nodes.iter().map(attempts).chain(undoing).collect()
}

/// One task, of which nothing is cut: all that is left to choose are the faults.
fn in_order() -> Bounds {
    let none = Some(0);
    Bounds { preemptions: none, cancellations: none, panics: none, stalls: none, crashes: none, ..Bounds::unbounded() }
}

fn does_what_the_model_says(graph: strategy::Graph, shapes: Vec<Shape>, faults: FaultPlan) -> TestCaseResult {
    let expected = model::of(&graph, &shapes, &faults);
    let scenario = Scenario::new("a-start", move || {
        let (plan, expected) = (plan(&graph, &shapes), expected.clone());
        async move {
            let env = ExploredEnv::default();
            let plant = Plant::new(&env);
            let told = match plan.start(&env, plant.clone()).await {
                Ok(up) => ("it is up".to_owned(), plant::left(up.stop().await.err().unwrap_or_default())),
                Err(error) => (plant::told(&error.why), plant::left(error.left)),
            };
            assert_eq!(plant.happened(), expected.happened, "what happened");
            assert_eq!(told, (expected.told, expected.left), "what was told");
            assert_eq!(plant.held(), 0, "everything is given back");
        }
    });
    let run = campaign::run_once(&scenario, Planned::new(faults, Vec::new(), in_order())).expect("one run");
    prop_assert_eq!(run.ending, Ending::Passed);
    Ok(())
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn a_start_under_planned_faults_does_what_the_model_says((graph, shapes, faults) in starts()) {
        does_what_the_model_says(graph, shapes, faults)?;
    }
}
