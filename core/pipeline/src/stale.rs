//! What no longer holds once a table changes: everything that is made from it, what was written elsewhere from that, and
//! the KPIs and boards that show it.

use std::collections::BTreeSet;

use trommel_model::{SinkSpec, TableName, Workspace};

use crate::graph::{Graph, Maker, Node};

/// What is stale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stale {
    /// The table itself and the models that read it, directly or through others, in the order in which they are made.
    pub models: Vec<String>,
    /// Sinks that wrote any of them to a database, each with where it leads: `sink.back → orders at crm`.
    pub sinks: Vec<String>,
    /// Sinks that wrote any of them to a file or a folder.
    pub exports: Vec<String>,
    /// KPIs over any of them.
    pub kpis: Vec<String>,
    /// Boards with any of those.
    pub boards: Vec<String>,
}

/// What a change of the table that a node makes would reach.
pub fn stale(workspace: &Workspace, graph: &Graph<'_>, table: &TableName) -> Stale {
    let mut reached: BTreeSet<&TableName> = BTreeSet::new();
    let mut nodes: Vec<&Node<'_>> = Vec::new();
    for node in &graph.nodes {
        // Nodes stand behind those they depend on, so one pass reaches them all.
        if node.name == *table || node.depends_on.iter().any(|name| reached.contains(name)) {
            reached.insert(&node.name);
            nodes.push(node);
        }
    }
    let made: BTreeSet<String> = nodes.iter().flat_map(|node| node.makes()).map(|t| t.to_string()).collect();
    let kpis: Vec<String> = workspace.kpis.iter().filter(|kpi| made.contains(&kpi.from)).map(|kpi| kpi.name.clone()).collect();
    let shows = |board: &&trommel_model::BoardSpec| board.cards.iter().any(|card| kpis.contains(&card.kpi));
    let written = |to: fn(&SinkSpec) -> bool| -> Vec<String> {
        let of = |node: &&Node<'_>| match node.maker {
            Maker::Sink(sink) if to(sink) => Some(format!("{} → {}", node.name, sink.destination())),
            _ => None,
        };
        nodes.iter().filter_map(of).collect()
    };
    Stale {
        models: nodes.iter().filter(|node| !matches!(node.maker, Maker::Sink(_))).map(|node| node.name.to_string()).collect(),
        sinks: written(|sink| sink.connection.is_some()),
        exports: written(|sink| sink.connection.is_none()),
        boards: workspace.boards.iter().filter(shows).map(|board| board.name.clone()).collect(),
        kpis,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::graph;

    #[test]
    fn what_was_written_elsewhere_is_stale_too() {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            ("trommel.toml", "name = \"w\"\n[[connections]]\nname = \"crm\"\nkind = \"sqlite\"\npath = \"crm.sqlite\"\n"),
            ("sources/people.toml", "path = \"people.csv\"\n"),
            ("people.csv", "id,name\n1,ann\n"),
            ("models/mart/one.sql", "select * from ref('raw.people')\n"),
            ("models/mart/two.sql", "select * from ref('mart.one')\n"),
            ("models/mart/other.sql", "select * from ref('raw.people')\n"),
            ("sinks/back.toml", "from = \"mart.two\"\nconnection = \"crm\"\ntable = \"people\"\nkey = [\"id\"]\n"),
            ("sinks/file.toml", "from = \"mart.one\"\npath = \"out/people.csv\"\n"),
            ("sinks/query.toml", "query = \"select * from ref('mart.two')\"\npath = \"out/two.csv\"\n"),
            ("sinks/away.toml", "from = \"mart.other\"\npath = \"out/other.csv\"\n"),
        ];
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let workspace = trommel_workspace::load(dir.path(), None).unwrap();
        let found = stale(&workspace, &graph(&workspace, &[]).unwrap(), &"mart.one".parse().unwrap());
        assert_eq!(found.models, ["mart.one", "mart.two"]);
        assert_eq!(found.sinks, ["sink.back → people at crm"]);
        assert_eq!(found.exports, ["sink.file → out/people.csv", "sink.query → out/two.csv"]);
    }
}
