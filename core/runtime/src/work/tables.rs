//! Rows and profiles.

use std::sync::Arc;

use trommel_app::{News, Subject};
use trommel_model::{Outcome, Problem, RowCount, SortKey, Window, Workspace, did_you_mean};

use crate::relation::{Remotes, relation_with};
use crate::worker::Task;

/// Rows of a subject under a sort and a filter, and how many there are.
#[expect(clippy::too_many_arguments, reason = "the parts of one wish; they meet here only")]
pub(super) fn window(
    task: &Task,
    workspace: Option<&Arc<Workspace>>,
    subject: &Subject,
    sort: &[SortKey],
    filter: Option<&str>,
    offset: u64,
    limit: u64,
    remotes: Remotes,
) -> Outcome<News> {
    if let (Subject::Source(name), Some(workspace)) = (subject, workspace) {
        return source_preview(task, workspace, name, limit);
    }
    if let (Subject::Remote { connection, table }, Some(workspace)) = (subject, workspace) {
        return super::connections::remote(task, workspace, connection, table, limit);
    }
    let relation = relation_with(task, workspace, subject, remotes)?;
    let engine = &relation.desk.engine;
    let window = engine.window(&relation.sql, sort, filter, offset, limit, &task.cancel)?;
    let seen = window.rows.len() as u64;
    // A short window after its beginning already says how many rows there are.
    let rows = if seen < limit && (seen > 0 || offset == 0) {
        RowCount::Known(offset + seen)
    } else {
        RowCount::Known(engine.count(&filtered(&relation.sql, filter), &task.cancel)?)
    };
    Ok(News::Window { window, rows, notes: relation.notes })
}

fn filtered(sql: &str, filter: Option<&str>) -> String {
    match filter {
        Some(condition) => format!("SELECT * FROM ({sql}\n) WHERE ({condition}\n)"),
        None => sql.to_owned(),
    }
}

/// The first rows of a source as they come, without taking anything in.
fn source_preview(task: &Task, workspace: &Workspace, name: &str, limit: u64) -> Outcome<News> {
    let Some(spec) = workspace.sources.iter().find(|s| s.name == name) else {
        return Err(Problem::new(trommel_model::Code::UnknownName, format!("there is no source \"{name}\""))
            .next(did_you_mean(name, workspace.sources.iter().map(|s| s.name.as_str()))));
    };
    let connection = spec.connection.as_ref().and_then(|c| workspace.config.connections.iter().find(|x| &x.name == c));
    let place = trommel_connectors::Place { root: &workspace.root, connection, spec };
    let pieces = trommel_connectors::discover(&place)?;
    let Some(piece) = pieces.first() else {
        return Ok(News::Window { window: Window::default(), rows: RowCount::Known(0), notes: vec!["the source has no files".to_owned()] });
    };
    let rows = usize::try_from(limit).unwrap_or(usize::MAX);
    let (window, report) = match connection.filter(|c| c.kind.is_server()) {
        Some(connection) => {
            let server = trommel_connectors::database::Server { root: &workspace.root, connection };
            trommel_connectors::database::preview(&server, spec, rows, &task.cancel)?
        }
        None => trommel_connectors::preview(piece, spec, rows)?,
    };
    let seen = window.rows.len() as u64;
    let mut notes = report.notes;
    if pieces.len() > 1 {
        notes.push(format!("these are rows of {}, the first of {} files", piece.name, pieces.len()));
    }
    let rows = if seen < limit && pieces.len() == 1 { RowCount::Known(seen) } else { RowCount::AtLeast(seen) };
    Ok(News::Window { window, rows, notes })
}
