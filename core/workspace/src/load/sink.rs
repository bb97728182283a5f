//! `sinks/NAME.toml`.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use trommel_model::{
    Code, ConnectionSpec, OnMisfit, Outcome, Problem, SINK_ENDINGS, SinkSpec, TableName, WorkspaceConfig, WriteMode, did_you_mean,
};

use super::Read;
use super::document::{Document, Step, config_fault, span_of};
use super::explain::suggest;
use super::folder::Found;
use super::text::TextFile;

/// Reads a sink and everything that can be said of it alone.
pub(crate) fn read(file: &TextFile, found: &Found) -> Outcome<SinkSpec> {
    let mut spec: SinkSpec = Document::parse(file)?.read(&[])?;
    spec.name.clone_from(&found.name);
    let fault = |key: &str, what: &str, label: &str| config_fault(file, &[Step::Key(key)], what, label);
    match (&spec.from, &spec.query) {
        (None, None) => {
            return Err(config_fault(file, &[], "the sink does not say what to write", "no table").next("add from = \"layer.table\""));
        }
        (Some(_), Some(_)) => return Err(fault("query", "a sink writes a table or a query, not both", "there is a table too")),
        (Some(from), None) => {
            from.parse::<TableName>().map_err(|fault| super::at_key(file, "from", fault))?;
        }
        (None, Some(_)) => {
            let start = span_of(file, &[Step::Key("query")]).start;
            spec.query_line = 1 + file.text.get(..start).map_or(0, |before| before.matches('\n').count() as u64);
        }
    }
    match (spec.mode, spec.key.is_empty()) {
        (WriteMode::Upsert, true) => {
            return Err(fault("mode", "an upsert needs a key", "no key").next("add key = [\"id\"]: the columns that name a row"));
        }
        (WriteMode::Append, false) => {
            return Err(fault("key", "rows that are added replace none", "not used").next("remove it, or use mode = \"upsert\""));
        }
        _ => {}
    }
    Ok(spec)
}

/// Holds a sink against its connection.
pub(crate) fn examine(spec: &SinkSpec, file: &TextFile, config: &WorkspaceConfig) -> Outcome<()> {
    let fault = |key: &str, what: String, label: &str| config_fault(file, &[Step::Key(key)], what, label);
    let connection = match &spec.connection {
        None => None,
        Some(name) => Some(config.connections.iter().find(|c| c.name == *name).ok_or_else(|| {
            let known: Vec<_> = config.connections.iter().map(|c| c.name.as_str()).collect();
            let problem = fault("connection", format!("there is no connection \"{name}\""), "unknown connection");
            if known.is_empty() {
                problem.next("define it in trommel.toml under a line [[connections]]")
            } else {
                problem.next(suggest(name, &known))
            }
        })?),
    };
    match connection {
        Some(connection) if connection.kind.is_database() => to_database(spec, file, connection),
        _ => to_file(spec, file),
    }
}

fn to_database(spec: &SinkSpec, file: &TextFile, connection: &ConnectionSpec) -> Outcome<()> {
    let fault = |key: &str, what: String, label: &str| config_fault(file, &[Step::Key(key)], what, label);
    let name = &connection.name;
    if spec.path.is_some() {
        return Err(fault("path", format!("the connection \"{name}\" is a database"), "a database has no files")
            .next("say `table` instead of `path`"));
    }
    if !spec.partition.is_empty() {
        return Err(fault("partition", format!("the connection \"{name}\" is a database"), "only for Parquet").next("remove it"));
    }
    match &spec.table {
        None => Err(fault("connection", "the sink does not say where to write".to_owned(), "a database").next("add table = …")),
        Some(table) if table.split('.').count() > 2 || table.split('.').any(|part| part.trim().is_empty()) => {
            Err(fault("table", format!("\"{table}\" is not a table"), "not a table").next("write \"table\" or \"schema.table\""))
        }
        Some(_) => Ok(()),
    }
}

fn to_file(spec: &SinkSpec, file: &TextFile) -> Outcome<()> {
    let fault = |key: &str, what: &str, label: &str| config_fault(file, &[Step::Key(key)], what, label);
    if spec.table.is_some() {
        return Err(fault("table", "\"table\" is for databases", "the sink writes a file")
            .next("name a connection to a database, or say `path` instead of `table`"));
    }
    let Some(path) = &spec.path else {
        return Err(config_fault(file, &[], "the sink does not say where to write", "no path")
            .next("add path = \"out/table.csv\", or a connection and a table"));
    };
    let within = !path.trim().is_empty() && Path::new(path).components().all(|p| matches!(p, Component::Normal(_) | Component::CurDir));
    if !within {
        return Err(fault("path", "the path leads out of its folder", "not a path within its folder")
            .next("write it relative to the workspace, or to the folder of a connection, without .."));
    }
    let ending = Path::new(path).extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    if !SINK_ENDINGS.contains(&ending.as_str()) {
        let next = did_you_mean(&ending, SINK_ENDINGS.iter().copied());
        let next = if next.is_empty() { format!("use one of: .{}", SINK_ENDINGS.join(", .")) } else { next };
        return Err(fault("path", "the ending does not say what to write", "unknown ending").next(next));
    }
    if !spec.partition.is_empty() && ending != "parquet" {
        return Err(fault("partition", "only Parquet is written in partitions", "not Parquet").next("write a path that ends with .parquet"));
    }
    if spec.mode != WriteMode::Replace {
        return Err(fault("mode", "a file is always replaced", "only for databases").next("use mode = \"replace\", or leave it out"));
    }
    if !spec.key.is_empty() {
        return Err(fault("key", "a file has no key", "only for databases").next("remove it"));
    }
    if spec.on_bad != OnMisfit::Fail {
        return Err(fault("on_bad", "every row fits a file", "only for databases").next("remove it"));
    }
    Ok(())
}

/// Two sinks that replace the same thing would undo each other.
pub(crate) fn clashing_targets(sinks: &[Read<SinkSpec>]) -> Vec<Problem> {
    let mut seen: BTreeMap<(Option<&str>, String), &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for Read { spec, file } in sinks.iter().filter(|read| read.spec.mode == WriteMode::Replace) {
        let what = spec.table.as_ref().or(spec.path.as_ref()).map(|t| t.to_lowercase()).unwrap_or_default();
        match seen.insert((spec.connection.as_deref(), what), &file.path) {
            None => {}
            Some(other) => problems.push(
                Problem::new(Code::BadConfig, format!("two sinks replace {}", spec.destination()))
                    .in_file(&file.path)
                    .why(format!("{other} replaces it too"))
                    .next("write the rows of both by one query, or use mode = \"upsert\""),
            ),
        }
    }
    problems
}
