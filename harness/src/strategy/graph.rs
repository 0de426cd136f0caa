//! A startup as data: what there is to start, and what each of it needs.

/// What there is to start, in the order in which it is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// In the order of declaration.
    pub nodes: Vec<Node>,
}

/// One of the things to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is called.
    pub name: &'static str,
    /// The names of those that have to be started before.
    pub needs: Vec<&'static str>,
}

impl Graph {
    /// The names, in the order of declaration.
    pub fn names(&self) -> Vec<&'static str> {
        self.nodes.iter().map(|node| node.name).collect()
    }

    /// What the node of that name needs; of several, the first. Nothing where there is none.
    pub fn needs_of(&self, name: &str) -> &[&'static str] {
        self.nodes.iter().find(|node| node.name == name).map_or(&[], |node| &node.needs)
    }

    /// What is wrong with an order: a node that is not there, comes twice, or comes before something that it needs. `None`
    /// where nothing is.
    ///
    /// ```
    /// use nevernone::strategy::{Graph, Node};
    ///
    /// let needs_config = |name| Node { name, needs: vec!["config"] };
    /// let graph = Graph { nodes: vec![needs_config("server"), Node { name: "config", needs: vec![] }] };
    /// assert_eq!(graph.broken_by(&["config", "server"]), None);
    /// assert_eq!(graph.broken_by(&["server", "config"]).unwrap(), "server comes before config, which it needs");
    /// assert_eq!(graph.broken_by(&["config"]).unwrap(), "server is not in the order");
    /// ```
    pub fn broken_by(&self, order: &[&str]) -> Option<String> {
        let place = |name: &str| order.iter().position(|other| *other == name);
        for node in &self.nodes {
            let Some(own) = place(node.name) else { return Some(format!("{} is not in the order", node.name)) };
            for need in &node.needs {
                match place(need) {
                    None => return Some(format!("{need}, which {} needs, is not in the order", node.name)),
                    Some(other) if other >= own => {
                        return Some(format!("{} comes before {need}, which it needs", node.name));
                    }
                    Some(_) => {}
                }
            }
        }
        if order.len() == self.nodes.len() {
            return None;
        }
        Some(format!("the order has {} names, and the graph has {} nodes", order.len(), self.nodes.len()))
    }
}
