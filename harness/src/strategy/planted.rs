//! Startup graphs that make no sense: in each exactly one defect is planted, and told beside it.

use proptest::bits;
use proptest::prelude::*;
use proptest::sample::Index;

use super::graphs::{drafts, name};
use super::orders::orders;
use super::{Graph, GraphSize, Node};

/// A graph with a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cyclic {
    /// It has this one cycle; whatever else waits only waits for it.
    pub graph: Graph,
    /// Each needs the next, and the last needs the first. One name alone is a node that needs itself.
    pub cycle: Vec<&'static str>,
}

/// A graph with a need that nobody meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Only this is wrong with it.
    pub graph: Graph,
    /// Who needs it.
    pub node: &'static str,
    /// What is needed, and not there.
    pub need: &'static str,
}

/// A graph in which a name is declared twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// Only this is wrong with it. The two need not need the same.
    pub graph: Graph,
    /// The name.
    pub name: &'static str,
}

/// What a missing need is called: no node is.
const ABSENT: &str = "absent";

/// Graphs with one cycle, of any length. Shrinks to a shorter cycle with as little around it as possible; there always is
/// one.
///
/// ```
/// use nevernone::strategy::{GraphSize, cyclic_graphs};
/// use proptest::prelude::*;
///
/// proptest!(|(planted in cyclic_graphs(&GraphSize::default()))| {
///     let next = planted.cycle.iter().cycle().skip(1);
///     for (name, next) in planted.cycle.iter().zip(next) {
///         prop_assert!(planted.graph.needs_of(name).contains(next));
///     }
///     prop_assert!(planted.graph.broken_by(&planted.graph.names()).is_some(), "no order is one");
/// });
/// ```
pub fn cyclic_graphs(size: &GraphSize) -> impl Strategy<Value = Cyclic> + use<> {
    let most = size.most();
    (1..=most, drafts(size, 1), orders(0..most)).prop_map(|(length, mut draft, order)| {
        let cycle = &order[..length];
        for key in 0..draft.ranks.len() {
            if cycle.contains(&key) && !draft.kept.contains(&key) {
                draft.kept.push(key);
            }
        }
        draft.kept.sort_unstable();
        // All of one rank: of its members none needs another but by the cycle, and nobody whom they need needs them.
        let lowest = cycle.iter().map(|key| draft.ranks[*key]).min().unwrap_or_default();
        for key in cycle {
            draft.ranks[*key] = lowest;
        }
        let mut graph = draft.graph();
        for (key, next) in cycle.iter().zip(cycle.iter().cycle().skip(1)) {
            for node in graph.nodes.iter_mut().filter(|node| node.name == name(*key)) {
                node.needs.push(name(*next));
            }
        }
        Cyclic { graph, cycle: cycle.iter().copied().map(name).collect() }
    })
}

/// Graphs in which one node needs what is not there. Shrinks as [`graphs`](super::graphs) do; the need stays.
///
/// ```
/// use nevernone::strategy::{GraphSize, missing_graphs};
/// use proptest::prelude::*;
///
/// proptest!(|(planted in missing_graphs(&GraphSize::default()))| {
///     prop_assert!(planted.graph.needs_of(planted.node).contains(&planted.need));
///     prop_assert!(!planted.graph.names().contains(&planted.need));
/// });
/// ```
pub fn missing_graphs(size: &GraphSize) -> impl Strategy<Value = Missing> + use<> {
    (drafts(size, 1), any::<Index>(), any::<Index>()).prop_map(|(draft, whose, where_to)| {
        let mut graph = draft.graph();
        let place = whose.index(graph.nodes.len());
        let node = &mut graph.nodes[place];
        node.needs.insert(where_to.index(node.needs.len() + 1), ABSENT);
        let node = node.name;
        Missing { graph, node, need: ABSENT }
    })
}

/// Graphs in which one name is declared twice. Shrinks as [`graphs`](super::graphs) do; the second declaration stays.
///
/// ```
/// use nevernone::strategy::{GraphSize, duplicate_graphs};
/// use proptest::prelude::*;
///
/// proptest!(|(planted in duplicate_graphs(&GraphSize::default()))| {
///     let names = planted.graph.names();
///     prop_assert_eq!(names.iter().filter(|name| **name == planted.name).count(), 2);
/// });
/// ```
pub fn duplicate_graphs(size: &GraphSize) -> impl Strategy<Value = Duplicate> + use<> {
    let most = size.most();
    let wishes = bits::u32::sampled(0..=size.needs.min(most), 0..most);
    (drafts(size, 1), any::<Index>(), any::<Index>(), wishes).prop_map(|(draft, which, where_to, wishes)| {
        let mut graph = draft.graph();
        let keys = draft.keys();
        let key = *which.get(&keys);
        let second = Node { name: name(key), needs: draft.granted(key, wishes) };
        graph.nodes.insert(where_to.index(graph.nodes.len() + 1), second);
        Duplicate { graph, name: name(key) }
    })
}
