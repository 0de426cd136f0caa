//! From a declared graph to the one order in which it is run; whatever is wrong with it is found here.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use super::{
    Deadline, Graph, GraphError,
    phase::{Need, Node},
};

/// A graph that makes sense, in the order in which it is run. Clones are the same plan, and it serves any number of
/// starts.
pub struct Plan<S, F>(pub(super) Arc<Planned<S, F>>);

pub(super) struct Planned<S, F> {
    /// In the order in which they run: whatever a phase needs comes before it.
    pub(super) phases: Vec<Node<S, F>>,
    pub(super) deadline: Option<Duration>,
    pub(super) undo_deadline: Option<Duration>,
}

impl<S, F> Clone for Plan<S, F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S, F> Plan<S, F> {
    /// The phases' names in the order in which they run; they are undone in reverse.
    pub fn order(&self) -> impl DoubleEndedIterator<Item = &'static str> {
        self.0.phases.iter().map(|phase| phase.name)
    }
}

/// The order, as in `config → database → server`.
impl<S, F> fmt::Display for Plan<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.order().collect::<Vec<_>>().join(" → "))
    }
}

impl<S, F> fmt::Debug for Plan<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plan({self})")
    }
}

pub(super) fn plan<S, F>(graph: Graph<S, F>) -> Result<Plan<S, F>, GraphError> {
    let Graph { phases, deadline, undo_deadline } = graph;
    if phases.is_empty() {
        return Err(GraphError::Empty);
    }
    some_time(Deadline::Start, deadline)?;
    some_time(Deadline::Undo, undo_deadline)?;
    for phase in &phases {
        some_time(Deadline::Phase(phase.name), phase.bounds.deadline)?;
        some_time(Deadline::Attempt(phase.name), phase.bounds.attempt_deadline)?;
    }
    let needs = resolve(&phases)?;
    let order = order(&needs).map_err(|left| GraphError::Cycle { path: circle(&phases, &needs, &left) })?;
    let mut phases: Vec<Option<Node<S, F>>> = phases.into_iter().map(Some).collect();
    let phases = order.into_iter().filter_map(|place| phases[place].take()).collect();
    Ok(Plan(Arc::new(Planned { phases, deadline, undo_deadline })))
}

fn some_time(deadline: Deadline, declared: Option<Duration>) -> Result<(), GraphError> {
    if declared == Some(Duration::ZERO) { Err(GraphError::NoTime { deadline }) } else { Ok(()) }
}

/// What each phase needs, as places in the order of declaration.
fn resolve<S, F>(phases: &[Node<S, F>]) -> Result<Vec<Vec<usize>>, GraphError> {
    let mut places = BTreeMap::new();
    for (place, phase) in phases.iter().enumerate() {
        if places.insert(phase.name, place).is_some() {
            return Err(GraphError::Duplicate { phase: phase.name });
        }
    }
    let place_of = |phase: &Node<S, F>, need: &Need| {
        let (phase, need, asked) = (phase.name, need.name, need.made);
        if need == phase {
            return Err(GraphError::NeedsItself { phase });
        }
        let place = *places.get(need).ok_or(GraphError::Missing { phase, need })?;
        let made = phases[place].makes;
        match asked {
            Some(asked) if asked.id != made.id => {
                Err(GraphError::OtherType { phase, need, asked: asked.name, made: made.name })
            }
            _ => Ok(place),
        }
    };
    phases.iter().map(|phase| phase.needs.iter().map(|need| place_of(phase, need)).collect()).collect()
}

/// Of those whose needs are met, always the one that was declared first. Where nobody's are: all who are left.
fn order(needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut order = Vec::with_capacity(needs.len());
    let mut left: Vec<usize> = (0..needs.len()).collect();
    while !left.is_empty() {
        let is_met = |place: &usize| needs[*place].iter().all(|need| order.contains(need));
        let Some(next) = left.iter().position(is_met) else {
            return Err(left);
        };
        order.push(left.remove(next));
    }
    Ok(order)
}

/// A circle among phases that all wait for one another: from need to need until a name comes back.
fn circle<S, F>(phases: &[Node<S, F>], needs: &[Vec<usize>], left: &[usize]) -> Vec<&'static str> {
    let mut path = vec![left[0]];
    loop {
        let last = path[path.len() - 1];
        // Each of those that are left has a need among them, or it would have had its turn.
        let next = needs[last].iter().copied().find(|need| left.contains(need)).unwrap_or(last);
        let known = path.iter().position(|place| *place == next);
        path.push(next);
        if let Some(known) = known {
            return path[known..].iter().map(|place| phases[*place].name).collect();
        }
    }
}
