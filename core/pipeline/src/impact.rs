//! KPIs as they would be if a table were another one: what lies between the two is made anew, as views, and nothing is
//! published.

use std::collections::BTreeSet;

use trommel_engine::Engine;
use trommel_engine::sql::qualified;
use trommel_model::{Cancel, ModelKind, Outcome, TableName};

use crate::graph::{Graph, Maker, Node};
use crate::recipe::compile;

/// Makes everything between some tables and a KPI's table again, in the engine alone; `replaced` are tables whose new rows
/// stand in the engine already. Gives the tables that were made again, in order. Matches on the way stay as they are.
///
/// The engine must not be one that others read.
pub fn follow(engine: &Engine, graph: &Graph<'_>, replaced: &[TableName], wanted: &TableName, cancel: &Cancel) -> Outcome<Vec<String>> {
    let needed = between(graph, wanted);
    let mut changed: BTreeSet<TableName> = replaced.iter().cloned().collect();
    let mut made = Vec::new();
    for node in graph.nodes.iter().filter(|n| needed.contains(&n.name) && !replaced.contains(&n.name)) {
        if !node.reads.iter().any(|table| changed.contains(table)) {
            continue;
        }
        let Some(select) = select(engine, node)? else { continue };
        engine.execute(&format!("create or replace view {} as {select}", qualified(&node.name)), cancel)?;
        changed.insert(node.name.clone());
        made.push(node.name.to_string());
    }
    Ok(made)
}

/// The nodes a table is made from, itself included.
fn between(graph: &Graph<'_>, wanted: &TableName) -> BTreeSet<TableName> {
    let mut needed = BTreeSet::new();
    let mut ask: Vec<TableName> = graph.maker_of(wanted).map(|node| node.name.clone()).into_iter().collect();
    while let Some(name) = ask.pop() {
        if let Some(node) = graph.nodes.iter().find(|n| n.name == name)
            && needed.insert(name)
        {
            ask.extend(node.depends_on.iter().cloned());
        }
    }
    needed
}

/// What makes a node's rows, when that can be said in one SELECT.
fn select(engine: &Engine, node: &Node<'_>) -> Outcome<Option<String>> {
    let Maker::Model(model) = node.maker else { return Ok(None) };
    Ok(match &model.kind {
        ModelKind::Sql(_) => node.resolved.as_ref().map(|resolved| trommel_engine::sql::body(&resolved.sql).to_owned()),
        ModelKind::Recipe(recipe) => {
            let from: TableName = recipe.from.parse()?;
            let input = engine.describe(&format!("select * from {}", qualified(&from)))?;
            Some(compile(recipe, &input)?.sql)
        }
        ModelKind::Match(_) => None,
    })
}
