//! What no longer holds once a table changes: everything that is made from it, and the KPIs and boards that show it.

use std::collections::BTreeSet;

use trommel_model::{TableName, Workspace};

use crate::graph::Graph;

/// What is stale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stale {
    /// The table itself and the models that read it, directly or through others, in the order in which they are made.
    pub models: Vec<String>,
    /// KPIs over any of them.
    pub kpis: Vec<String>,
    /// Boards with any of those.
    pub boards: Vec<String>,
}

/// What a change of the table that a node makes would reach.
pub fn stale(workspace: &Workspace, graph: &Graph<'_>, table: &TableName) -> Stale {
    let mut reached: BTreeSet<&TableName> = BTreeSet::new();
    let mut models = Vec::new();
    for node in &graph.nodes {
        // Nodes stand behind those they depend on, so one pass reaches them all.
        if node.name == *table || node.depends_on.iter().any(|name| reached.contains(name)) {
            reached.insert(&node.name);
            models.push(node);
        }
    }
    let made: BTreeSet<String> = models.iter().flat_map(|node| node.makes()).map(|t| t.to_string()).collect();
    let kpis: Vec<String> = workspace.kpis.iter().filter(|kpi| made.contains(&kpi.from)).map(|kpi| kpi.name.clone()).collect();
    let shows = |board: &&trommel_model::BoardSpec| board.cards.iter().any(|card| kpis.contains(&card.kpi));
    Stale {
        models: models.iter().map(|node| node.name.to_string()).collect(),
        boards: workspace.boards.iter().filter(shows).map(|board| board.name.clone()).collect(),
        kpis,
    }
}
