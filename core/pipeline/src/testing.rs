//! What tests of this crate share: an engine, tables written as text.

use trommel_engine::frame::cells_of;
use trommel_engine::sql::{ident, literal};
use trommel_engine::{Access, Engine, Limits};
use trommel_model::Cancel;

/// An engine with a folder of its own.
pub(crate) fn engine() -> (Engine, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { memory_bytes: 512 << 20, threads: 2, temp_dir: dir.path().join("temp") };
    let engine = Engine::open(&limits, &Access::Locked(vec![dir.path().to_owned()])).unwrap();
    (engine, dir)
}

/// Rows of a query, each value as text, null as `∅`.
pub(crate) fn rows(engine: &Engine, sql: &str) -> Vec<String> {
    let schema = engine.describe(sql).unwrap();
    let columns: Vec<String> = schema.names().map(|n| format!("coalesce(cast({} as varchar), '∅')", ident(n))).collect();
    let sql = format!("select concat_ws(' | ', {}) from (\n{sql}\n)", columns.join(", "));
    engine.query(&sql, &Cancel::new()).unwrap().iter().flat_map(cells_of).map(|row| row[0].text()).collect()
}

/// Makes a table from text: a line of `name: type | …`, then a line a row. Texts stand in double quotes with the
/// escapes of JSON; `∅` is null.
pub(crate) fn make(engine: &Engine, table: &str, text: &str) {
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    let header: Vec<(String, String)> = lines
        .next()
        .unwrap()
        .split(" | ")
        .map(|c| {
            let (name, kind) = c.trim().split_once(':').unwrap();
            (name.trim().to_owned(), sql_type(kind.trim()))
        })
        .collect();
    let values: Vec<String> = lines
        .map(|line| {
            let cells: Vec<String> = line.split(" | ").zip(&header).map(|(cell, (_, kind))| value(cell.trim(), kind)).collect();
            assert_eq!(cells.len(), header.len(), "{line}");
            format!("({})", cells.join(", "))
        })
        .collect();
    let columns: Vec<String> = header.iter().map(|(name, kind)| format!("{} {kind}", ident(name))).collect();
    let (layer, _) = table.split_once('.').unwrap();
    let mut sql = format!("create schema if not exists {layer}; create or replace table {table} ({});", columns.join(", "));
    if !values.is_empty() {
        sql.push_str(&format!("insert into {table} values {}", values.join(", ")));
    }
    engine.execute(&sql, &Cancel::new()).unwrap();
}

fn sql_type(kind: &str) -> String {
    match kind {
        "text" => "varchar".to_owned(),
        "integer" => "bigint".to_owned(),
        "float" => "double".to_owned(),
        other => other.to_owned(),
    }
}

fn value(cell: &str, kind: &str) -> String {
    let text = match cell {
        "∅" => return "null".to_owned(),
        quoted if quoted.starts_with('"') => serde_json::from_str::<String>(quoted).unwrap(),
        bare => bare.to_owned(),
    };
    format!("cast({} as {kind})", literal(&text))
}
