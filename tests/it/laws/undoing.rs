//! A start of any graph that is stopped, or dropped, at any moment and under any faults: what was begun is undone in reverse,
//! each phase once, and nothing begins any more.

use nevernone::{
    Ending, Scenario, always, any_moment, campaign, cancellable, eventually,
    explore::{Bounds, FaultPlan, Planned},
    secs,
    strategy::{self, GraphSize, fault_plans, graphs, schedules},
    watch,
};
use nevernone_reference::scenarios::ExploredEnv;
use proptest::{prelude::*, test_runner::TestCaseResult};

use super::{
    config,
    running::{Happened, Plant, Shape, places, plan, shapes},
};

/// Beyond what an exhaustive search can afford.
fn disturbed() -> Bounds {
    Bounds { preemptions: Some(4), cancellations: Some(1), panics: Some(0), stalls: Some(1), ..Bounds::unbounded() }
}

fn starts() -> impl Strategy<Value = (strategy::Graph, Vec<Shape>, FaultPlan)> {
    let whole = |graph: strategy::Graph| {
        let (shapes, faults) = (shapes(graph.nodes.len()), fault_plans(&places(&graph)));
        (Just(graph), shapes, faults)
    };
    graphs(&GraphSize { nodes: 1..=5, needs: 3 }).prop_flat_map(whole)
}

async fn disturbed_start(graph: strategy::Graph, shapes: Vec<Shape>) {
    let (env, plan) = (ExploredEnv::default(), plan(&graph, &shapes));
    let (plant, order) = (Plant::new(&env), plan.order().collect::<Vec<_>>());
    let nodes = graph.nodes.len();
    always("no more is held than there are phases", watch(&plant, move |plant| plant.held() <= nodes));
    let start = {
        let (env, plant) = (env.clone(), plant.clone());
        async move {
            match plan.start_unless(&env, plant.clone(), any_moment("a stop")).await {
                Ok(up) => {
                    assert_eq!(plant.held(), nodes, "it is up, and not all of it is there");
                    drop(up.stop().await);
                }
                Err(error) => drop(error),
            }
        }
    };
    if cancellable("start", start).await.is_err() {
        // What has to wait is undone in a task of its own.
        eventually("what was begun is given back", secs(1), watch(&plant, |plant| plant.held() == 0)).await;
        // A phase that made nothing may still be waiting for its undoing.
        tokio::time::sleep(secs(1)).await;
    }
    assert_eq!(plant.held(), 0, "something was not given back");
    let happened = plant.happened();
    let undone_from = happened.iter().position(|happened| matches!(happened, Happened::Undone { .. }));
    let (before, after) = happened.split_at(undone_from.unwrap_or(happened.len()));
    let begun = begun(before);
    assert!(order.starts_with(&begun), "{begun:?} began, and the order is {order:?}");
    let is_undone = |name: &&str| {
        let place = graph.nodes.iter().position(|node| node.name == *name).expect("it is in the graph");
        shapes[place].is_undone()
    };
    let expected: Vec<&str> = begun.into_iter().rev().filter(is_undone).collect();
    let undone: Option<Vec<&str>> = after.iter().map(undone).collect();
    assert_eq!(undone, Some(expected), "the reverse of what began, and nothing else: {happened:?}");
}

/// Several attempts are one beginning.
fn begun(happened: &[Happened]) -> Vec<&'static str> {
    let names = happened.iter().filter_map(|happened| match happened {
        Happened::Begun { phase, .. } => Some(*phase),
        _ => None,
    });
    let mut names: Vec<&str> = names.collect();
    names.dedup();
    names
}

fn undone(happened: &Happened) -> Option<&'static str> {
    match happened {
        Happened::Undone { phase, .. } => Some(phase),
        _ => None,
    }
}

fn keeps_the_law(graph: strategy::Graph, shapes: Vec<Shape>, explorer: Planned) -> TestCaseResult {
    let scenario = Scenario::new("a-start-that-is-disturbed", move || disturbed_start(graph.clone(), shapes.clone()));
    let run = campaign::run_once(&scenario, explorer).expect("one run");
    prop_assume!(!matches!(run.ending, Ending::Void { .. }));
    prop_assert_eq!(run.ending, Ending::Passed, "token: {}", run.token);
    Ok(())
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn whatever_disturbs_a_start_it_is_undone_in_reverse_and_once(
        (graph, shapes, faults) in starts(), schedule in schedules(80)
    ) {
        keeps_the_law(graph, shapes, Planned::new(faults, schedule, disturbed()))?;
    }
}
