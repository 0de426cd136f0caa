//! Startup graphs that make sense, and what all graphs here are made from.

use std::ops::RangeInclusive;

use proptest::bits;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::orders::orders;
use super::{Graph, Node};

/// A graph here has no more nodes than that: one for each letter.
pub const MOST_NODES: usize = 26;

const NAMES: [&str; MOST_NODES] = [
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w",
    "x", "y", "z",
];

/// How large graphs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphSize {
    /// How many nodes; at most [`MOST_NODES`]. Where something is planted in the graph, at least one.
    pub nodes: RangeInclusive<usize>,
    /// How many needs of a node, at most. What is planted comes on top of it.
    pub needs: usize,
}

impl Default for GraphSize {
    /// One to eight nodes with up to three needs each: what goes wrong with graphs goes wrong with small ones.
    fn default() -> Self {
        GraphSize { nodes: 1..=8, needs: 3 }
    }
}

impl GraphSize {
    pub(super) fn most(&self) -> usize {
        (*self.nodes.end()).clamp(1, MOST_NODES)
    }
}

/// Graphs that make sense: no name comes twice, each need is there, and nothing waits for itself. In which order they are
/// declared says nothing of the order in which they can start, and neither do the names. Shrinks to fewer nodes, then to
/// fewer needs; what is left keeps its names and its needs.
///
/// ```
/// use nevernone::strategy::{GraphSize, graphs};
/// use proptest::test_runner::{TestError, TestRunner};
///
/// // Somebody believes that startups have no diamonds: two ways from one node to another.
/// let searched = TestRunner::deterministic().run(&graphs(&GraphSize::default()), |graph| {
///     for node in &graph.nodes {
///         let mut reached: Vec<&str> = node.needs.iter().flat_map(|need| graph.needs_of(need)).copied().collect();
///         let ways = reached.len();
///         reached.sort();
///         reached.dedup();
///         assert_eq!(reached.len(), ways, "two ways from {}", node.name);
///     }
///     Ok(())
/// });
/// let Err(TestError::Fail(_, least)) = searched else { panic!("they have") };
/// let needs: usize = least.nodes.iter().map(|node| node.needs.len()).sum();
/// assert_eq!((least.nodes.len(), needs), (4, 4), "a diamond, and nothing else: {least:?}");
/// ```
pub fn graphs(size: &GraphSize) -> impl Strategy<Value = Graph> + use<> {
    drafts(size, 0).prop_map(|draft| draft.graph())
}

/// A graph in the making. Nodes are known by their key, which is also their name, so that none of them becomes another where
/// others are taken away.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Those that are there, in ascending order.
    pub(super) kept: Vec<usize>,
    /// By key, a bit for each key that it would like to need.
    pub(super) wishes: Vec<u32>,
    /// All keys, in the order of declaration.
    pub(super) declared: Vec<usize>,
    /// By key. A wish is granted where what it is for is of lower rank, so nothing waits for itself.
    pub(super) ranks: Vec<usize>,
}

/// Each part shrinks by itself: first the nodes, then the wishes, then both orders.
pub(super) fn drafts(size: &GraphSize, least: usize) -> impl Strategy<Value = Draft> + use<> {
    let most = size.most();
    let least = (*size.nodes.start()).clamp(least, most);
    let wishes = bits::u32::sampled(0..=size.needs.min(most), 0..most);
    let parts =
        (subsequence((0..most).collect::<Vec<_>>(), least..=most), vec(wishes, most), orders(0..most), orders(0..most));
    parts.prop_map(|(kept, wishes, declared, ranks)| Draft { kept, wishes, declared, ranks })
}

pub(super) fn name(key: usize) -> &'static str {
    NAMES[key]
}

impl Draft {
    /// What is there, in the order of declaration.
    pub(super) fn keys(&self) -> Vec<usize> {
        self.declared.iter().copied().filter(|key| self.kept.contains(key)).collect()
    }

    /// Those wishes that can be granted to a node.
    pub(super) fn granted(&self, key: usize, wishes: u32) -> Vec<&'static str> {
        let is_granted = |other: &&usize| wishes & (1 << **other) != 0 && self.ranks[**other] < self.ranks[key];
        self.kept.iter().filter(is_granted).map(|other| name(*other)).collect()
    }

    pub(super) fn graph(&self) -> Graph {
        let node = |key| Node { name: name(key), needs: self.granted(key, self.wishes[key]) };
        Graph { nodes: self.keys().into_iter().map(node).collect() }
    }
}
