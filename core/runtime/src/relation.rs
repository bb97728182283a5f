//! A subject as something an engine can read: an engine and a SELECT.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use trommel_app::Subject;
use trommel_engine::sql::{self, Named};
use trommel_model::{Code, Outcome, Problem, TableName, Workspace, did_you_mean};

use crate::desk::Desk;
use crate::files::{Told, Values};
use crate::worker::Task;
use crate::{files, lists, remote};

/// What a subject reads as.
pub(crate) struct Relation {
    pub(crate) desk: Desk,
    /// A SELECT over what is in the engine.
    pub(crate) sql: String,
    /// Remarks on reading files.
    pub(crate) notes: Vec<String>,
    /// Of the one file that is read, its columns with the names they have in it.
    pub(crate) header: Vec<(String, String)>,
    /// Tables of databases, for as long as they are read.
    _remote: Option<Arc<remote::Read>>,
}

/// What is done with tables of databases that were read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remotes {
    /// They are read again.
    Fresh,
    /// They are kept while the same query is looked at.
    Kept,
}

/// Makes a subject readable. Files are converted once and kept.
pub(crate) fn relation(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject) -> Outcome<Relation> {
    relation_with(task, workspace, subject, Remotes::Fresh)
}

/// As [`relation`], and says whether tables of databases are read again.
pub(crate) fn relation_with(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject, remotes: Remotes) -> Outcome<Relation> {
    let desk = Desk::open(task, workspace.map(AsRef::as_ref))?;
    let mut told = Told::default();
    let (subject, values) = match subject {
        Subject::AsText(subject) => (subject.as_ref(), Values::AsText),
        other => (other, Values::Typed),
    };
    let mut remote = None;
    let sql = match subject {
        Subject::Table(name) => {
            let text = format!("SELECT * FROM {}", sql::qualified(name));
            match table(&desk, name) {
                // It may be one of a database.
                Err(problem) if problem.code == Code::UnknownName => match remote::read(task, &desk, workspace, &text, remotes)? {
                    Some(read) => {
                        let select = read.sql.clone();
                        told.notes.extend(read.reads.iter().map(trommel_pipeline::federated::RemoteRead::summary));
                        remote = Some(read);
                        select
                    }
                    None => return Err(problem),
                },
                found => found?,
            }
        }
        Subject::File(path) => files::select(task, &desk, path, values, &mut told)?,
        Subject::Sql(text) => {
            let text = with_files(task, &desk, text, values, &mut told)?;
            let text = text.trim().trim_end_matches(';').to_owned();
            remote = remote::read(task, &desk, workspace, &text, remotes)?;
            match &remote {
                Some(read) => {
                    told.notes.extend(read.reads.iter().flat_map(|one| std::iter::once(one.summary()).chain(one.notes.iter().cloned())));
                    sql::body(&read.sql).to_owned()
                }
                None => text,
            }
        }
        Subject::Explained(text) => {
            let text = with_files(task, &desk, text, values, &mut told)?;
            lists::explained(task, &desk, &remote::explain(task, &desk, workspace, &text)?)?
        }
        Subject::Remote { connection, .. } => {
            return Err(Problem::new(Code::Usage, "of a table of a connection only the first rows are read")
                .next(format!("make it a source: trommel source add-table {connection} TABLE")));
        }
        Subject::Source(name) => table(&desk, &TableName::new("raw", name.clone()))?,
        Subject::Kpi(name) => lists::kpi_series(task, &desk, required(workspace)?, name)?,
        Subject::List(kind) => lists::select(task, &desk, required(workspace)?, kind)?,
        // Twice as text is as text.
        Subject::AsText(_) => return relation_with(task, workspace, subject, remotes),
    };
    let header = if told.headers.len() == 1 { told.headers.remove(0) } else { Vec::new() };
    Ok(Relation { desk, sql, notes: told.notes, header, _remote: remote })
}

fn required(workspace: Option<&Arc<Workspace>>) -> Outcome<&Arc<Workspace>> {
    workspace.ok_or_else(|| Problem::new(Code::NotAWorkspace, "no workspace is open"))
}

fn table(desk: &Desk, name: &TableName) -> Outcome<String> {
    let select = format!("SELECT * FROM {}", sql::qualified(name));
    match desk.engine.describe(&select) {
        Ok(_) => Ok(select),
        Err(problem) => {
            let known = lists::table_names(desk)?;
            let hint = did_you_mean(&name.to_string(), known.iter().map(String::as_str));
            if known.contains(&name.to_string()) {
                return Err(problem);
            }
            let next = if !hint.is_empty() {
                hint
            } else if known.is_empty() {
                "the lake is empty: trommel run".to_owned()
            } else {
                "trommel lake tables lists what there is".to_owned()
            };
            Err(Problem::new(Code::UnknownName, format!("there is no table \"{name}\" in the lake")).next(next))
        }
    }
}

/// The query with every file it names replaced by a view of it.
fn with_files(task: &Task, desk: &Desk, text: &str, values: Values, told: &mut Told) -> Outcome<String> {
    let mut made = BTreeSet::new();
    let mut rewritten = String::with_capacity(text.len());
    let mut done = 0;
    // A query that cannot be taken apart is left to the engine, whose message is the better one.
    for used in sql::tables_of(text).unwrap_or_default() {
        let name = match used.name {
            Named::File(name) => name,
            Named::Table(parts) if parts.len() == 1 && Path::new(&parts[0]).is_file() => parts[0].clone(),
            Named::Table(_) => continue,
        };
        let view = format!("main.{}", sql::ident(&name));
        if made.insert(name.clone()) {
            let select = files::select(task, desk, Path::new(&name), values, told).map_err(|problem| match problem.code {
                Code::FileNotFound => problem.pointing_at("query", text, used.span.clone(), "no such file"),
                _ => problem,
            })?;
            // A view of the engine, not of a connection: whoever reads the query has a connection of its own.
            desk.engine.execute(&format!("CREATE OR REPLACE VIEW {view} AS {select}"), &task.cancel)?;
        }
        if used.span.start >= done {
            rewritten.push_str(&text[done..used.span.start]);
            rewritten.push_str(&view);
            done = used.span.end;
        }
    }
    rewritten.push_str(&text[done..]);
    Ok(rewritten)
}
