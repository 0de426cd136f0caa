//! Orders of steps: all of them, and those that respect what a step needs.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;

use super::Graph;

/// Every order of these steps, all equally likely. Shrinks towards the order in which they are given: what is left out of place
/// has to be.
///
/// ```
/// use nevernone::strategy::orders;
/// use proptest::test_runner::{TestError, TestRunner};
///
/// let searched = TestRunner::deterministic().run(&orders(["connect", "migrate", "warm up", "listen"]), |order| {
///     let place = |step: &str| order.iter().position(|other| *other == step);
///     assert!(place("migrate") < place("listen"), "it listens before it has migrated");
///     Ok(())
/// });
/// let Err(TestError::Fail(_, least)) = searched else { panic!("some orders do") };
/// assert_eq!(least, ["connect", "warm up", "listen", "migrate"], "the others are in order");
/// ```
pub fn orders<T: Clone + Debug>(steps: impl IntoIterator<Item = T>) -> impl Strategy<Value = Vec<T>> {
    let steps: Vec<T> = steps.into_iter().collect();
    delays(steps.len()).prop_map(move |delays| {
        let places = taken(&delays, |_, _| true);
        places.into_iter().map(|place| steps[place].clone()).collect()
    })
}

/// Orders of a graph's nodes in which each comes after all that it needs. All of them can come. Shrinks towards the order in
/// which always that node comes next, of those whose needs are met, that was declared first.
///
/// ```
/// use nevernone::strategy::{Graph, Node, linear_extensions};
/// use proptest::prelude::*;
/// use std::collections::BTreeSet;
/// use std::cell::RefCell;
///
/// let graph = Graph { nodes: vec![
///     Node { name: "server", needs: vec!["database", "cache"] },
///     Node { name: "database", needs: vec![] },
///     Node { name: "cache", needs: vec![] },
/// ] };
/// let seen = RefCell::new(BTreeSet::new());
/// proptest!(|(order in linear_extensions(&graph))| {
///     prop_assert_eq!(graph.broken_by(&order), None);
///     seen.borrow_mut().insert(order);
/// });
/// assert_eq!(seen.into_inner(), BTreeSet::from([vec!["database", "cache", "server"], vec!["cache", "database", "server"]]));
/// ```
///
/// # Panics
/// Where the graph has no such order: a cycle, a need that is missing, a name that is declared twice.
pub fn linear_extensions(graph: &Graph) -> impl Strategy<Value = Vec<&'static str>> + use<> {
    let names = graph.names();
    let place_of = |need: &&str| {
        let mut places = names.iter().enumerate().filter(|(_, name)| *name == need).map(|(place, _)| place);
        let place = places.next().unwrap_or_else(|| panic!("{need} is needed, and there is none"));
        assert_eq!(places.next(), None, "{need} is declared twice");
        place
    };
    let needs: Vec<Vec<usize>> = graph.nodes.iter().map(|node| node.needs.iter().map(place_of).collect()).collect();
    delays(names.len()).prop_map(move |delays| {
        let places = taken(&delays, |place, before| needs[place].iter().all(|need| before.contains(need)));
        places.into_iter().map(|place| names[place]).collect()
    })
}

/// How long each step is put off. Each shrinks by itself, and moves no other step: positions, or swaps, would.
fn delays(count: usize) -> impl Strategy<Value = Vec<u32>> + use<> {
    // So many that two are hardly ever equal, or the order of declaration would be likelier than others.
    vec(0..=1_u32 << 24, count)
}

/// One place after the other: of those that are free after the ones before, the one that is put off least.
fn taken(delays: &[u32], is_free: impl Fn(usize, &[usize]) -> bool) -> Vec<usize> {
    let mut left: Vec<usize> = (0..delays.len()).collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let free = left.iter().copied().filter(|place| is_free(*place, &order));
        let next = free.min_by_key(|place| delays[*place]).expect("the nodes that are left wait for one another");
        left.retain(|place| *place != next);
        order.push(next);
    }
    order
}
