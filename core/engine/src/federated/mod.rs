//! What a query needs of tables that stand elsewhere: their columns, the conditions on their rows, how many are enough.
//!
//! It is asked of DuckDB's own planner. The query is planned over empty tables that look like the real ones; what the
//! planner pushes down into the scan of such a table is what may be asked of the remote one. So joins, subqueries,
//! common tables and outer joins mean here exactly what they mean when the query runs. Nothing is run, and nothing of
//! the lake is read.

mod condition;
mod grouping;
mod order;
mod scan;

#[cfg(test)]
mod tests;

use arrow::datatypes::SchemaRef;
use duckdb::{Config, Connection};
use serde_json::Value;
use trommel_model::{Outcome, RemoteNeed, TableName};

use crate::problem::{Asked, OrProblem};
use crate::sql::{self, Named, ident, qualified};
use crate::types::ColumnType;
use crate::{Engine, operators};

pub use grouping::{Grouped, TOTAL};

/// A table that stands elsewhere, under the name by which the query reads it.
#[derive(Debug, Clone)]
pub struct Remote {
    /// The name.
    pub name: TableName,
    /// Its columns.
    pub columns: SchemaRef,
}

/// What a query needs.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Of each remote table, in the order given.
    pub tables: Vec<RemoteNeed>,
    /// The query over totals, when these are all that it wants of its only table.
    pub grouped: Option<Grouped>,
    /// Why nothing is known and all is asked for, when that is so.
    pub remark: Option<String>,
}

/// Rewrites of the planner that hide what is asked of a table, or depend on how many rows it has. Some of them come and go
/// with the engine's version.
const OFF: [&str; 15] = [
    "statistics_propagation",
    "late_materialization",
    "join_filter_pushdown",
    "compressed_materialization",
    "in_clause",
    "aggregate_function_rewriter",
    "partial_aggregate_pushdown",
    "common_subplan",
    "sampling_pushdown",
    "join_elimination",
    "self_join_aggregate",
    "top_n_window_elimination",
    "common_aggregate",
    "aggregate_reuse",
    "duplicate_groups",
];

/// What a query needs of these tables. The query has been bound by `engine`, which knows the tables of the lake.
pub fn needs(engine: &Engine, query: &str, remotes: &[Remote]) -> Outcome<Needs> {
    let query = sql::body(query);
    let tree = sql::one_query(query)?;
    let prefix = prefix(query, remotes);
    let planner = open().or_problem(Asked::plain(query))?;
    for remote in remotes {
        planner.execute_batch(&stand_in(remote, &prefix)).or_problem(Asked::plain(query))?;
    }
    for table in sql::tables_of(query)? {
        if let Named::Table(parts) = table.name
            && let Some(name) = name_of(&parts).filter(|name| remotes.iter().all(|r| r.name != *name))
        {
            planner.execute_batch(&local(engine, &name)?).or_problem(Asked::plain(query))?;
        }
    }
    let plan = planner.query_row(&format!("EXPLAIN (FORMAT json) {query}"), [], |row| row.get::<_, String>(1));
    let plan: Value = match plan.or_problem(Asked::plain(query)) {
        Ok(plan) => serde_json::from_str(&plan).unwrap_or_default(),
        // The engine can read files and the planner cannot; the query is sound all the same.
        Err(problem) => {
            let remark = Some(format!("all of the table is read: the query cannot be planned ahead ({})", problem.what));
            return Ok(Needs { tables: remotes.iter().map(scan::everything).collect(), grouped: None, remark });
        }
    };
    let scans = scan::of_plan(&plan, remotes, &prefix);
    // The columns of a pivot depend on the rows; a planner that has none cannot know them.
    let pivots = query.to_ascii_lowercase().contains("pivot");
    let tables = remotes.iter().enumerate().map(
        |(at, remote)| {
            if pivots { scan::everything(remote) } else { scan::need(&scans, at, remote, &prefix) }
        },
    );
    let mut needs = Needs { tables: tables.collect(), grouped: None, remark: None };
    if let ([remote], [only], false) = (remotes, &scans[..], pivots)
        && let Some(first) = only.first
        && let Some(order) = order::of_node(&tree["node"], remote)
    {
        needs.tables[0].limit = Some(first);
        needs.tables[0].order = order;
    }
    if let ([remote], [only], false) = (remotes, &scans[..], pivots)
        && only.is_grouped
    {
        let names: Vec<String> = engine.describe(query)?.names().map(str::to_owned).collect();
        needs.grouped = grouping::of_tree(tree, remote, &names)?;
        needs.tables[0].grouping = needs.grouped.as_ref().map(|g| g.grouping.clone());
    }
    Ok(needs)
}

fn open() -> duckdb::Result<Connection> {
    let config = Config::default().threads(1)?.enable_external_access(false)?.enable_autoload_extension(false)?.max_memory("64MB")?;
    let connection = Connection::open_in_memory_with_flags(config)?;
    let names: Vec<String> = OFF.iter().copied().chain(operators::DISABLED_OPTIMIZERS.split(',')).map(sql::literal).collect();
    let known = format!("SELECT string_agg(name, ',') FROM duckdb_optimizers() WHERE name IN ({})", names.join(", "));
    let off: String = connection.query_row(&known, [], |row| row.get(0))?;
    connection.execute_batch(&format!("SET errors_as_json = true; SET disabled_optimizers = '{off}'; SET lock_configuration = true"))?;
    Ok(connection)
}

/// What the columns of stand-ins are called: so as nothing in the query and no column is.
fn prefix(query: &str, remotes: &[Remote]) -> String {
    let mut texts = vec![query.to_lowercase()];
    texts.extend(remotes.iter().flat_map(|r| r.columns.fields().iter().map(|f| f.name().to_lowercase())));
    let mut prefix = "__remote_".to_owned();
    while texts.iter().any(|text| text.contains(&prefix)) {
        prefix.push('_');
    }
    prefix
}

/// An empty table with numbered columns, and over it a view with the real ones.
fn stand_in(remote: &Remote, prefix: &str) -> String {
    let fields = remote.columns.fields();
    let typed: Vec<String> =
        fields.iter().enumerate().map(|(at, f)| format!("{prefix}{at} {}", ColumnType::of_arrow(f).duckdb_name())).collect();
    let named: Vec<String> = fields.iter().enumerate().map(|(at, f)| format!("{prefix}{at} AS {}", ident(f.name()))).collect();
    let below = qualified(&scan::stand_in(&remote.name));
    format!(
        "CREATE SCHEMA IF NOT EXISTS {}; CREATE TABLE {below} ({}); CREATE VIEW {} AS SELECT {} FROM {below}",
        ident(&remote.name.layer),
        typed.join(", "),
        qualified(&remote.name),
        named.join(", ")
    )
}

/// An empty table that looks like one of the engine's.
fn local(engine: &Engine, name: &TableName) -> Outcome<String> {
    let columns = engine.columns(&format!("SELECT * FROM {}", qualified(name)))?;
    let typed: Vec<String> = columns.iter().map(|(name, t)| format!("{} {}", ident(name), t.duckdb_name())).collect();
    let (schema, table) = (ident(&name.layer), qualified(name));
    Ok(format!("CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE IF NOT EXISTS {table} ({})", typed.join(", ")))
}

/// A table named by one or two parts.
fn name_of(parts: &[String]) -> Option<TableName> {
    match parts {
        [table] => Some(TableName::new("main", table.clone())),
        [layer, table] => Some(TableName::new(layer.clone(), table.clone())),
        _ => None,
    }
}
