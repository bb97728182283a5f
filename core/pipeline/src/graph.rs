//! Which table is made from which: sources and models as nodes in an order in which they can run.

use std::collections::{BTreeMap, BTreeSet};

use trommel_engine::sql::Named;
use trommel_engine::sql::tables_of;
use trommel_model::{
    Beside, CheckAction, CheckSpec, Code, ConnectionSpec, DecisionRow, Load, Materialise, ModelKind, ModelSpec, Outcome, Problem, Rule,
    SinkSpec, SourceSpec, StepKind, TableName, Workspace, nearest,
};

use crate::federated::{RemoteUse, remote_uses};
use crate::recipe;
use crate::refs::{Origin, Resolved, TableRef, resolve};
use crate::run::readable_expressions;

/// Everything a workspace makes, each node after those it depends on.
#[derive(Debug, Clone)]
pub struct Graph<'w> {
    /// The nodes.
    pub nodes: Vec<Node<'w>>,
}

/// One source or model.
#[derive(Debug, Clone)]
pub struct Node<'w> {
    /// The table it makes.
    pub name: TableName,
    /// What it is.
    pub maker: Maker<'w>,
    /// The tables made beside it, for a match.
    pub beside: Vec<(TableName, Beside)>,
    /// What people decided about its records, for a match.
    pub decisions: Vec<DecisionRow>,
    /// The tables it reads, its checks included, by name.
    pub reads: Vec<TableName>,
    /// Names of the nodes that make those tables, in the order of `Graph::nodes`.
    pub depends_on: Vec<TableName>,
    /// For SQL models: the text with its refs replaced.
    pub resolved: Option<Resolved>,
    /// For SQL models: the tables of databases it reads, in the text with its refs replaced.
    pub remotes: Vec<RemoteUse>,
}

/// What makes a table.
#[derive(Debug, Clone, Copy)]
pub enum Maker<'w> {
    /// A source.
    Source(&'w SourceSpec),
    /// A model.
    Model(&'w ModelSpec),
    /// A sink. It makes no table of the lake; what it held back is in its quarantine.
    Sink(&'w SinkSpec),
}

/// The layer rows are read into.
pub const RAW: &str = "raw";

/// What stands for the layer of sinks in the names of their steps.
pub const SINK: &str = "sink";

/// The layer in which held rows are kept; rows held from `L.T` are in `quarantine.L__T`.
pub const QUARANTINE: &str = "quarantine";

/// The table that keeps the rows held from a table.
pub fn quarantine_of(table: &TableName) -> TableName {
    TableName::new(QUARANTINE, format!("{}__{}", table.layer, table.table))
}

/// The graph of a workspace. `also` are tables that exist though nothing in the workspace makes them.
///
/// `unknown-ref` for a table nobody makes, with the nearest name; `cycle` with all of its members.
pub fn graph<'w>(workspace: &'w Workspace, also: &[TableName]) -> Outcome<Graph<'w>> {
    let mut nodes = Vec::new();
    for source in &workspace.sources {
        nodes.push(source_node(source)?);
    }
    let layers: BTreeSet<String> = [RAW, QUARANTINE]
        .into_iter()
        .chain(workspace.models.iter().map(|m| m.name.layer.as_str()))
        .chain(also.iter().map(|t| t.layer.as_str()))
        .map(str::to_lowercase)
        .collect();
    for model in &workspace.models {
        let mut node = model_node(model, &workspace.config.connections, &layers)?;
        let about = workspace.decisions.iter().filter(|file| file.model == node.name.to_string());
        node.decisions = about.flat_map(|file| file.decisions.clone()).collect();
        nodes.push(node);
    }
    for sink in &workspace.sinks {
        nodes.push(sink_node(sink)?);
    }
    let makers = makers(&nodes)?;
    let known: BTreeSet<&TableName> = makers.keys().filter(|t| t.layer != SINK).chain(also).collect();
    for node in &nodes {
        demand_known(node, &known)?;
    }
    let edges: Vec<Vec<usize>> = nodes
        .iter()
        .enumerate()
        .map(|(i, node)| {
            let of: BTreeSet<usize> = node.reads.iter().filter_map(|table| makers.get(table).copied()).collect();
            // A table may refer to itself in a foreign key; its rows are then compared among themselves.
            let own_check = |j: &usize| *j == i && !node.selects_itself();
            of.into_iter().filter(|j| !own_check(j)).collect()
        })
        .collect();
    let order = order(&nodes, &edges)?;
    let names: Vec<TableName> = nodes.iter().map(|n| n.name.clone()).collect();
    let mut slots: Vec<Option<Node<'w>>> = nodes.into_iter().map(Some).collect();
    let mut sorted = Vec::new();
    for i in &order {
        if let Some(mut node) = slots[*i].take() {
            node.depends_on = order.iter().filter(|j| edges[*i].contains(j)).map(|j| names[*j].clone()).collect();
            sorted.push(node);
        }
    }
    Ok(Graph { nodes: sorted })
}

impl Graph<'_> {
    /// The node that makes a table: the table itself, its quarantine or one beside it.
    pub fn maker_of(&self, table: &TableName) -> Option<&Node<'_>> {
        self.nodes.iter().find(|n| n.makes().contains(table))
    }
}

impl<'w> Node<'w> {
    /// True for a model that is read anew whenever it is read.
    pub(crate) fn is_view(&self) -> bool {
        matches!(self.maker, Maker::Model(model) if model.materialise == Materialise::View)
    }

    /// What kind of step makes it.
    pub fn kind(&self) -> StepKind {
        match self.maker {
            Maker::Source(_) => StepKind::Ingest,
            Maker::Model(model) => match model.kind {
                ModelKind::Sql(_) => StepKind::Sql,
                ModelKind::Recipe(_) => StepKind::Recipe,
                ModelKind::Match(_) => StepKind::Match,
            },
            Maker::Sink(_) => StepKind::Write,
        }
    }

    /// Rules on its table.
    pub fn checks(&self) -> &'w [CheckSpec] {
        match self.maker {
            Maker::Source(source) => &source.checks,
            Maker::Model(model) => &model.checks,
            Maker::Sink(_) => &[],
        }
    }

    /// The table of that kind beside it.
    pub fn table_beside(&self, wanted: Beside) -> Option<&TableName> {
        self.beside.iter().find(|(_, beside)| *beside == wanted).map(|(table, _)| table)
    }

    /// All tables it makes.
    pub fn makes(&self) -> Vec<TableName> {
        let mut all = vec![self.name.clone(), quarantine_of(&self.name)];
        all.extend(self.beside.iter().map(|(table, _)| table.clone()));
        all
    }

    /// The file that says it, relative to the workspace.
    pub fn path(&self) -> String {
        match self.maker {
            Maker::Source(source) => format!("sources/{}.toml", source.name),
            Maker::Model(model) => model.path.clone(),
            Maker::Sink(sink) => sink.file(),
        }
    }

    fn selects_itself(&self) -> bool {
        match self.maker {
            Maker::Source(_) | Maker::Sink(_) => false,
            Maker::Model(model) => match &model.kind {
                ModelKind::Sql(_) => self.resolved.as_ref().is_some_and(|r| r.tables.iter().any(|t| t.name == self.name)),
                ModelKind::Recipe(recipe) => recipe.from == self.name.to_string(),
                ModelKind::Match(spec) => spec.from == self.name.to_string(),
            },
        }
    }
}

fn source_node(source: &SourceSpec) -> Outcome<Node<'_>> {
    let name = TableName::new(RAW, source.name.clone());
    let path = format!("sources/{}.toml", source.name);
    let reads = foreign_tables(&source.checks, &path)?;
    let waits = source.checks.iter().find(|check| check.action == CheckAction::Wait);
    if let Some(check) = waits.filter(|_| source.load == Load::Incremental) {
        return Err(Problem::new(Code::BadConfig, format!("rows of {name} cannot wait: {}", check.label()))
            .in_file(path)
            .why("the source grows from a database, and a row that was read is not read again when its parent comes")
            .next("let the rows of a model wait that is made from it; use action = \"quarantine\" or \"warn\" here"));
    }
    Ok(Node {
        name,
        maker: Maker::Source(source),
        beside: Vec::new(),
        decisions: Vec::new(),
        reads,
        depends_on: Vec::new(),
        resolved: None,
        remotes: Vec::new(),
    })
}

fn model_node<'w>(model: &'w ModelSpec, connections: &[ConnectionSpec], layers: &BTreeSet<String>) -> Outcome<Node<'w>> {
    let mut node = Node {
        name: model.name.clone(),
        maker: Maker::Model(model),
        beside: Vec::new(),
        decisions: Vec::new(),
        reads: Vec::new(),
        depends_on: Vec::new(),
        resolved: None,
        remotes: Vec::new(),
    };
    let in_file = |p: Problem| if p.place.file.is_none() { p.in_file(&model.path) } else { p };
    match &model.kind {
        ModelKind::Sql(sql) => {
            let origin = Origin { path: &model.path, first_line: sql.first_line, sql: &sql.sql };
            let resolved = resolve(origin)?;
            let remotes = remote_uses(connections, &resolved.sql, &|layer| layers.contains(&layer.to_lowercase()));
            node.remotes = remotes.map_err(|p| resolved.explain(origin, p))?;
            if let Some(one) = node.remotes.first().filter(|_| model.materialise == Materialise::View) {
                return Err(Problem::new(Code::BadConfig, format!("{} is a view and cannot read {}", node.name, one.shown()))
                    .in_file(&model.path)
                    .why("what a database holds changes between two looks at a view")
                    .next("set materialise = \"table\""));
            }
            let is_remote = |table: &TableRef| node.remotes.iter().any(|one| resolved.to_source(one.span.start) == table.span.start);
            node.reads.extend(resolved.tables.iter().filter(|t| !is_remote(t)).map(|t| t.name.clone()));
            node.resolved = Some(resolved);
        }
        ModelKind::Recipe(recipe) => {
            node.reads.push(recipe.from.parse().map_err(in_file)?);
            for expression in recipe::dependencies(recipe) {
                node.reads.extend(tables_in_expression(expression));
            }
            // A name that is none is told by the compiler, with its step.
            node.reads.extend(recipe::lookups(recipe).into_iter().filter_map(|table| table.parse().ok()));
        }
        ModelKind::Match(spec) => {
            node.reads.push(spec.from.parse().map_err(in_file)?);
            readable_expressions(spec).map_err(in_file)?;
            node.beside = spec.tables_beside(&model.name);
        }
    }
    node.reads.extend(foreign_tables(&model.checks, &model.path)?);
    node.reads.sort();
    node.reads.dedup();
    Ok(node)
}

fn sink_node(sink: &SinkSpec) -> Outcome<Node<'_>> {
    let name = TableName::new(SINK, sink.name.clone());
    let mut node = Node {
        name,
        maker: Maker::Sink(sink),
        beside: Vec::new(),
        decisions: Vec::new(),
        reads: Vec::new(),
        depends_on: Vec::new(),
        resolved: None,
        remotes: Vec::new(),
    };
    if let Some(from) = &sink.from {
        node.reads.push(from.parse().map_err(|p: Problem| p.in_file(sink.file()))?);
    }
    if let Some(query) = &sink.query {
        let resolved = resolve(Origin { path: &sink.file(), first_line: sink.query_line, sql: query })?;
        node.reads.extend(resolved.tables.iter().map(|t| t.name.clone()));
        node.resolved = Some(resolved);
    }
    node.reads.sort();
    node.reads.dedup();
    Ok(node)
}

/// Tables that an expression of a recipe names. One that cannot be read is left to the compiler, which says why.
fn tables_in_expression(expression: &str) -> Vec<TableName> {
    let uses = tables_of(&format!("select ({expression}\n)")).unwrap_or_default();
    uses.into_iter()
        .filter_map(|found| match found.name {
            Named::Table(parts) => <[String; 2]>::try_from(parts).ok(),
            Named::File(_) => None,
        })
        .map(|[layer, table]| TableName::new(layer, table))
        .collect()
}

/// The tables that checks compare with.
fn foreign_tables(checks: &[CheckSpec], path: &str) -> Outcome<Vec<TableName>> {
    let mut found = Vec::new();
    for check in checks {
        if let Rule::ForeignKey { references, .. } = &check.rule
            && check.rule.other_table().is_none()
        {
            return Err(Problem::new(Code::BadConfig, format!("\"{references}\" is not a column of a table"))
                .in_file(path)
                .next("write references = \"layer.table.column\""));
        }
        let Some(other) = check.rule.other_table() else { continue };
        found.push(other.parse().map_err(|_| {
            Problem::new(Code::BadConfig, format!("the check {} compares with \"{other}\", which is no table", check.label()))
                .in_file(path)
                .next("write layer.table, for instance clean.customers")
        })?);
    }
    Ok(found)
}

/// Which node makes which table; two nodes must not make the same.
fn makers(nodes: &[Node<'_>]) -> Outcome<BTreeMap<TableName, usize>> {
    let mut makers = BTreeMap::new();
    for (i, node) in nodes.iter().enumerate() {
        for table in node.makes() {
            if let Some(other) = makers.insert(table.clone(), i) {
                return Err(Problem::new(Code::BadConfig, format!("two files make the table {table}"))
                    .in_file(node.path())
                    .why(format!("{} makes it too", nodes[other].path()))
                    .next("rename one of them"));
            }
        }
    }
    Ok(makers)
}

fn demand_known(node: &Node<'_>, known: &BTreeSet<&TableName>) -> Outcome<()> {
    let Some(missing) = node.reads.iter().find(|table| !known.contains(table)) else { return Ok(()) };
    let names: Vec<String> = known.iter().filter(|t| t.layer != QUARANTINE).map(ToString::to_string).collect();
    let near = nearest(&missing.to_string(), names.iter().map(String::as_str)).map(str::to_owned);
    let problem = Problem::new(Code::UnknownRef, format!("{} reads {missing}, which nothing makes", node.name));
    let problem = match &near {
        Some(near) => problem.next(format!("did you mean \"{near}\"?")),
        None if names.is_empty() => problem.next("add a source or a model that makes it"),
        None => problem.next(format!("tables are {}", names.join(", "))),
    };
    let place: Option<(&TableRef, Origin<'_>)> = match node.maker {
        Maker::Model(ModelSpec { kind: ModelKind::Sql(sql), path, .. }) => node
            .resolved
            .as_ref()
            .and_then(|r| r.tables.iter().find(|t| t.name == *missing))
            .map(|t| (t, Origin { path, first_line: sql.first_line, sql: &sql.sql })),
        _ => None,
    };
    Err(match place {
        Some((table, origin)) => origin.point(problem, table.span.clone(), "nothing makes this table".to_owned()),
        None => problem.in_file(node.path()),
    })
}

/// Nodes after those they depend on; among those that are free, sources first and sinks last, then by name.
fn order(nodes: &[Node<'_>], edges: &[Vec<usize>]) -> Outcome<Vec<usize>> {
    let rank = |i: usize| (nodes[i].kind() != StepKind::Ingest, nodes[i].kind() == StepKind::Write, &nodes[i].name);
    let mut left: BTreeSet<_> = (0..nodes.len()).map(|i| (rank(i), i)).collect();
    let (mut done, mut order) = (BTreeSet::new(), Vec::new());
    while !left.is_empty() {
        let Some(next) = left.iter().find(|(_, i)| edges[*i].iter().all(|j| done.contains(j))).copied() else {
            let stuck: Vec<usize> = left.iter().map(|(_, i)| *i).collect();
            return Err(cycle(nodes, edges, &stuck));
        };
        left.remove(&next);
        done.insert(next.1);
        order.push(next.1);
    }
    Ok(order)
}

/// Names a cycle among nodes of which each waits for another one.
fn cycle(nodes: &[Node<'_>], edges: &[Vec<usize>], stuck: &[usize]) -> Problem {
    let mut path = vec![stuck[0]];
    let ring = loop {
        let at = path[path.len() - 1];
        let Some(next) = edges[at].iter().copied().find(|j| stuck.contains(j)) else { break path };
        if let Some(start) = path.iter().position(|i| *i == next) {
            break path.split_off(start);
        }
        path.push(next);
    };
    // The same cycle is always told from the same member on.
    let smallest = (0..ring.len()).min_by_key(|i| &nodes[ring[*i]].name).unwrap_or(0);
    let mut names: Vec<String> = ring[smallest..].iter().chain(&ring[..smallest]).map(|i| nodes[*i].name.to_string()).collect();
    names.push(names[0].clone());
    Problem::new(Code::Cycle, "models depend on each other in a circle")
        .in_file(nodes[ring[smallest]].path())
        .why(format!("{} (each reads the next)", names.join(" → ")))
        .next("take one of these tables out of the circle")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use trommel_model::{Materialise, SqlModel, WorkspaceConfig};

    use super::*;

    fn workspace(sources: &[&str], models: &[(&str, &str)]) -> Workspace {
        let source = |name: &&str| {
            let mut spec: SourceSpec = serde_json::from_str("{}").unwrap();
            spec.name = (*name).to_owned();
            spec
        };
        let model = |(name, sql): &(&str, &str)| ModelSpec {
            name: name.parse().unwrap(),
            path: format!("models/{}.sql", name.replace('.', "/")),
            kind: ModelKind::Sql(SqlModel { sql: (*sql).to_owned(), first_line: 3 }),
            materialise: Materialise::Table,
            description: String::new(),
            owner: String::new(),
            keys: vec![],
            checks: vec![],
        };
        Workspace {
            root: PathBuf::from("/w"),
            environment: "dev".to_owned(),
            config: WorkspaceConfig::default(),
            sources: sources.iter().map(source).collect(),
            models: models.iter().map(model).collect(),
            kpis: vec![],
            boards: vec![],
            sinks: vec![],
            decisions: vec![],
            corrections: BTreeMap::new(),
        }
    }

    #[test]
    fn tables_come_after_what_they_are_made_from() {
        let ws = workspace(
            &["orders", "people"],
            &[("a.top", "select * from ref('z.low'), raw.people"), ("z.low", "select * from ref('raw.orders')")],
        );
        let graph = graph(&ws, &[]).unwrap();
        let names: Vec<String> = graph.nodes.iter().map(|n| n.name.to_string()).collect();
        assert_eq!(names, ["raw.orders", "raw.people", "z.low", "a.top"]);
        let top: Vec<String> = graph.nodes[3].depends_on.iter().map(ToString::to_string).collect();
        assert_eq!(top, ["raw.people", "z.low"]);
    }

    #[test]
    fn an_unknown_table_is_shown_in_its_file_with_the_nearest_name() {
        let ws = workspace(&["orders"], &[("a.x", "select *\nfrom ref('raw.ordes')")]);
        let problem = graph(&ws, &[]).unwrap_err();
        assert_eq!(problem.code, Code::UnknownRef);
        assert_eq!((problem.place.line, problem.place.column), (Some(4), Some(6)));
        assert_eq!(problem.next.as_deref(), Some("did you mean \"raw.orders\"?"));
        let direct = workspace(&["orders"], &[("a.x", "select * from raw.ordes")]);
        assert_eq!(graph(&direct, &[]).unwrap_err().code, Code::UnknownRef);
        assert!(graph(&direct, &["raw.ordes".parse().unwrap()]).is_ok());
    }

    #[test]
    fn a_cycle_is_named_whole() {
        let from = |t: &str| format!("select * from ref('{t}')");
        let (a, b, c, d) = (from("m.b"), from("m.c"), from("m.a"), from("m.a"));
        let ws = workspace(&[], &[("m.a", &a), ("m.b", &b), ("m.c", &c), ("a.outside", &d)]);
        let problem = graph(&ws, &[]).unwrap_err();
        assert_eq!(problem.code, Code::Cycle);
        assert_eq!(problem.why.as_deref(), Some("m.a → m.b → m.c → m.a (each reads the next)"));
        let own = from("m.a");
        let problem = graph(&workspace(&[], &[("m.a", &own)]), &[]).unwrap_err();
        assert_eq!(problem.why.as_deref(), Some("m.a → m.a (each reads the next)"));
    }

    #[test]
    fn two_makers_of_one_table_are_refused() {
        let ws = workspace(&["x"], &[("raw.x", "select 1 as a")]);
        assert_eq!(graph(&ws, &[]).unwrap_err().code, Code::BadConfig);
    }
}
