//! Connections: whether they can be used, and what they lead to.

use std::path::Path;
use std::time::Instant;

use trommel_app::{News, Report};
use trommel_connectors::database::write::Order;
use trommel_connectors::database::{self, Server};
use trommel_connectors::{Place, ReadReport, sqlite};
use trommel_model::{
    Code, ConnectionKind, ConnectionSpec, Masked, Outcome, Problem, RemoteTable, RowCount, SourceSpec, TrialStage, Window, Workspace,
    did_you_mean,
};

use crate::worker::Task;

/// Tries a connection stage by stage; each is told as it comes out.
pub(super) fn test(task: &Task, workspace: &Workspace, connection: &ConnectionSpec, password: Option<&Masked>) -> Outcome<News> {
    let root = &workspace.root;
    let mut stages: Vec<TrialStage> = Vec::new();
    let mut tell = |stage: TrialStage| {
        task.tell(News::Stage(stage.clone()));
        stages.push(stage);
    };
    match connection.kind {
        ConnectionKind::Folder | ConnectionKind::Sqlite => tell(local(root, connection)),
        ConnectionKind::Postgres | ConnectionKind::Mysql => {
            database::trial(&Server { root, connection }, password, &task.cancel, &mut tell)?;
        }
    }
    let fact = |stage: &TrialStage| {
        let found = stage.outcome.as_ref().map_or("failed", String::as_str);
        (stage.name.clone(), format!("{found} ({:.0} ms)", stage.elapsed_ms))
    };
    let mut problems: Vec<Problem> = stages.iter().find_map(|s| s.outcome.as_ref().err().cloned()).into_iter().collect();
    let mut facts: Vec<(String, String)> = stages.iter().map(fact).collect();
    if problems.is_empty() {
        may_write(task, workspace, connection, &mut facts, &mut problems);
    }
    Ok(News::Report(Report { title: format!("connection {}", connection.name), facts, text: None, data: None, problems }))
}

/// Whether the sinks that name the connection may write to their tables.
fn may_write(
    task: &Task,
    workspace: &Workspace,
    connection: &ConnectionSpec,
    facts: &mut Vec<(String, String)>,
    problems: &mut Vec<Problem>,
) {
    let sinks = workspace.sinks.iter().filter(|s| s.connection.as_deref() == Some(&connection.name) && connection.kind.is_database());
    for sink in sinks {
        let Some(table) = &sink.table else { continue };
        let order = Order {
            root: &workspace.root,
            connection,
            table,
            mode: sink.mode,
            key: &sink.key,
            on_bad: sink.on_bad,
            sink: &sink.name,
            writer: &sink.name,
            run: "",
            batch: "",
            cancel: &task.cancel,
            progress: &task.progress,
        };
        let name = format!("write, sink.{}", sink.name);
        match database::write::may_write(&order) {
            Ok(found) => facts.push((name, found)),
            Err(problem) => {
                facts.push((name, "failed".to_owned()));
                problems.push(problem);
            }
        }
    }
}

/// A folder or a database file: it is there and can be read.
fn local(root: &Path, connection: &ConnectionSpec) -> TrialStage {
    let began = Instant::now();
    let path = root.join(&connection.path);
    let outcome = match connection.kind {
        ConnectionKind::Sqlite => sqlite::tables(&path).map(|tables| format!("{} tables can be read", tables.len())),
        _ => std::fs::read_dir(&path)
            .map(|entries| format!("{} files and folders", entries.count()))
            .map_err(|e| Problem::from_io(&e, "open the connection's folder", &path)),
    };
    TrialStage { name: "reach".to_owned(), elapsed_ms: began.elapsed().as_secs_f64() * 1e3, outcome }
}

/// The tables of a connection's database, to read.
pub(super) fn tables(task: &Task, workspace: &Workspace, name: &str) -> Outcome<News> {
    let tables = list(task, workspace, connection(workspace, name)?)?;
    let facts = tables.into_iter().map(|table| (table.name.clone(), table.to_string())).collect();
    Ok(News::Report(Report { title: format!("tables of {name}"), facts, text: None, data: None, problems: Vec::new() }))
}

/// The same, to choose from.
pub(super) fn browse(task: &Task, workspace: &Workspace, name: &str) -> Outcome<News> {
    list(task, workspace, connection(workspace, name)?).map(News::Tables)
}

fn list(task: &Task, workspace: &Workspace, connection: &ConnectionSpec) -> Outcome<Vec<RemoteTable>> {
    match connection.kind {
        ConnectionKind::Folder => {
            Err(Problem::new(Code::Usage, format!("\"{}\" is a folder, which has no tables", connection.name)).next("trommel source list"))
        }
        ConnectionKind::Sqlite => sqlite::table_facts(&workspace.root.join(&connection.path)),
        ConnectionKind::Postgres | ConnectionKind::Mysql => database::tables(&Server { root: &workspace.root, connection }, &task.cancel),
    }
}

/// The first rows of a table of a connection.
pub(super) fn remote(task: &Task, workspace: &Workspace, name: &str, table: &str, limit: u64) -> Outcome<News> {
    let connection = connection(workspace, name)?;
    let mut spec = SourceSpec::of_file("", Some(table.to_owned()));
    spec.connection = Some(name.to_owned());
    let rows = usize::try_from(limit).unwrap_or(usize::MAX);
    let (window, report) = first_rows(task, workspace, connection, &spec, rows)?;
    let seen = window.rows.len() as u64;
    let rows = if seen < limit { RowCount::Known(seen) } else { RowCount::AtLeast(seen) };
    Ok(News::Window { window, rows, notes: report.notes })
}

/// The first rows of what a source of a database says, and how reading went.
pub(super) fn first_rows(
    task: &Task,
    workspace: &Workspace,
    connection: &ConnectionSpec,
    spec: &SourceSpec,
    rows: usize,
) -> Outcome<(Window, ReadReport)> {
    if connection.kind.is_server() {
        return database::preview(&Server { root: &workspace.root, connection }, spec, rows, &task.cancel);
    }
    let pieces = trommel_connectors::discover(&Place { root: &workspace.root, connection: Some(connection), spec })?;
    match pieces.first() {
        Some(piece) => trommel_connectors::preview(piece, spec, rows),
        None => Ok((Window::default(), ReadReport::default())),
    }
}

pub(super) fn connection<'w>(workspace: &'w Workspace, name: &str) -> Outcome<&'w ConnectionSpec> {
    let all = &workspace.config.connections;
    all.iter().find(|c| c.name == name).ok_or_else(|| {
        let hint = did_you_mean(name, all.iter().map(|c| c.name.as_str()));
        Problem::new(Code::UnknownName, format!("there is no connection \"{name}\"")).next(hint)
    })
}
