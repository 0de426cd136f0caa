//! A graph that makes sense has one order, which respects its needs and, beyond them, the declaration; of one that makes none
//! the defect is named before anything runs.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use nevernone::strategy::{
    self, Cyclic, Duplicate, GraphSize, Missing, Node, cyclic_graphs, duplicate_graphs, graphs, linear_extensions,
    missing_graphs,
};
use nevernone_reference::{
    retry::Verdict,
    startup::graph::{Classify, Graph, GraphError, Phase, Plan, Token},
};
use proptest::{prelude::*, sample::Index, test_runner::TestCaseError};

use super::config;

/// How many phases began: none may, since nothing here is started.
type Begun = Arc<AtomicU32>;

/// No phase here fails.
#[derive(Debug, thiserror::Error)]
enum Never {}

impl Classify for Never {
    fn verdict(&self) -> Verdict {
        match *self {}
    }
}

type Planned = Plan<(), Never>;

/// Needs by name only; with types they are in `running.rs`.
fn plan(graph: &strategy::Graph, begun: &Begun) -> Result<Planned, GraphError> {
    let phase = |node: &Node| {
        let begun = Begun::clone(begun);
        let run = move |(), ()| {
            begun.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        };
        Phase::new(Token::<()>::new(node.name), (), run).after(node.needs.iter().copied())
    };
    graph.nodes.iter().map(phase).fold(Graph::new(), Graph::phase).plan()
}

fn order(graph: &strategy::Graph) -> Result<Vec<&'static str>, TestCaseError> {
    let plan = plan(graph, &Begun::default());
    let plan = plan.map_err(|error| TestCaseError::fail(format!("it makes sense, and is refused: {error}")))?;
    Ok(plan.order().collect())
}

fn refusal(graph: &strategy::Graph) -> Result<GraphError, TestCaseError> {
    let begun = Begun::default();
    match plan(graph, &begun) {
        Ok(plan) => Err(TestCaseError::fail(format!("it makes no sense, and is planned as {plan}"))),
        Err(error) if begun.load(Ordering::Relaxed) == 0 => Ok(error),
        Err(error) => Err(TestCaseError::fail(format!("a phase of it began, and then: {error}"))),
    }
}

/// The same nodes, declared in another order.
fn declared_as(graph: &strategy::Graph, order: &[&str]) -> strategy::Graph {
    let node = |name: &&str| graph.nodes.iter().find(|node| node.name == *name).expect("one of them").clone();
    strategy::Graph { nodes: order.iter().map(node).collect() }
}

fn valid() -> impl Strategy<Value = strategy::Graph> {
    graphs(&GraphSize { nodes: 1..=12, needs: 4 })
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn an_order_respects_every_need(graph in valid()) {
        prop_assert_eq!(graph.broken_by(&order(&graph)?), None);
    }

    #[test]
    fn of_those_that_are_free_the_one_declared_first_comes_next(graph in valid()) {
        let order = order(&graph)?;
        for (place, next) in order.iter().enumerate() {
            let (before, left) = order.split_at(place);
            let is_free = |node: &&Node| left.contains(&node.name) && node.needs.iter().all(|need| before.contains(need));
            let first = graph.nodes.iter().find(is_free).map(|node| node.name);
            prop_assert_eq!(Some(*next), first, "at place {} of {:?}", place, &order);
        }
    }

    #[test]
    fn an_order_that_respects_the_needs_is_kept_where_it_is_how_the_phases_are_declared(
        (graph, other) in valid().prop_flat_map(|graph| (Just(graph.clone()), linear_extensions(&graph)))
    ) {
        prop_assert_eq!(order(&declared_as(&graph, &other))?, other);
    }

    #[test]
    fn neither_the_order_nor_the_number_of_a_phases_mentions_of_its_needs_matters(graph in valid(), again in any::<Index>()) {
        let mut other = graph.clone();
        for node in &mut other.nodes {
            node.needs.reverse();
            if !node.needs.is_empty() {
                node.needs.push(*again.get(&node.needs));
            }
        }
        prop_assert_eq!(order(&other)?, order(&graph)?);
    }

    #[test]
    fn a_cycle_is_refused_and_told_whole(Cyclic { graph, cycle } in cyclic_graphs(&GraphSize::default())) {
        match refusal(&graph)? {
            GraphError::NeedsItself { phase } => prop_assert_eq!(vec![phase], cycle),
            GraphError::Cycle { mut path } => {
                prop_assert_eq!(path.first(), path.last());
                path.pop();
                prop_assert_eq!(path.len(), cycle.len(), "{:?}", path);
                let start = path.iter().position(|name| *name == cycle[0]).unwrap_or_default();
                path.rotate_left(start);
                prop_assert_eq!(path, cycle);
            }
            other => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn a_need_that_is_missing_is_refused_by_name(Missing { graph, node, need } in missing_graphs(&GraphSize::default())) {
        prop_assert_eq!(refusal(&graph)?, GraphError::Missing { phase: node, need });
    }

    #[test]
    fn a_name_that_is_declared_twice_is_refused(Duplicate { graph, name } in duplicate_graphs(&GraphSize::default())) {
        prop_assert_eq!(refusal(&graph)?, GraphError::Duplicate { phase: name });
    }
}
