//! Queries that read tables of databases: read once, kept while the same query is looked at, gone after it.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use trommel_engine::Engine;
use trommel_model::{Outcome, Workspace};
use trommel_pipeline::federated::{Federated, Fetch, RemoteRead, RemoteUse, Site, federate, remote_uses};

use crate::desk::{self, Desk};
use crate::relation::Remotes;
use crate::sweep::REMOTE;
use crate::worker::Task;

/// What was read for a query.
pub(crate) type Read = Federated<Arc<Engine>>;

/// What was read for the query that was looked at last.
pub(crate) struct Kept {
    text: String,
    engine: Arc<Engine>,
    read: Arc<Read>,
}

/// Reads what a query needs of databases; nothing for one that names no such table.
pub(crate) fn read(
    task: &Task,
    desk: &Desk,
    workspace: Option<&Arc<Workspace>>,
    text: &str,
    remotes: Remotes,
) -> Outcome<Option<Arc<Read>>> {
    let Some(workspace) = workspace else { return Ok(None) };
    let uses = uses(desk, workspace, text)?;
    if uses.is_empty() {
        return Ok(None);
    }
    let mut kept = task.shared.remote.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = kept.as_ref().filter(|k| remotes == Remotes::Kept && k.text == text && Arc::ptr_eq(&k.engine, &desk.engine)) {
        return Ok(Some(kept.read.clone()));
    }
    // Others need not wait for a database.
    *kept = None;
    drop(kept);
    let read = Arc::new(federated(task, desk, workspace, text, &uses, Fetch::Rows)?);
    let now = Kept { text: text.to_owned(), engine: desk.engine.clone(), read: read.clone() };
    *task.shared.remote.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    Ok(Some(read))
}

/// What would be asked of each database.
pub(crate) fn explain(task: &Task, desk: &Desk, workspace: Option<&Arc<Workspace>>, text: &str) -> Outcome<Vec<RemoteRead>> {
    let Some(workspace) = workspace else { return Ok(Vec::new()) };
    let text = text.trim().trim_end_matches(';');
    let uses = uses(desk, workspace, text)?;
    if uses.is_empty() {
        return Ok(Vec::new());
    }
    Ok(federated(task, desk, workspace, text, &uses, Fetch::Nothing)?.reads.clone())
}

fn federated(task: &Task, desk: &Desk, workspace: &Workspace, text: &str, uses: &[RemoteUse], fetch: Fetch) -> Outcome<Read> {
    let label = format!("{REMOTE}{}-{}", std::process::id(), task.ticket.0);
    let site = Site {
        root: &workspace.root,
        connections: &workspace.config.connections,
        folder: desk.cache.join(&label),
        prefix: label.replace('-', "_"),
        cancel: &task.cancel,
        progress: &task.progress,
    };
    federate(&site, desk.engine.clone(), text, uses, fetch)
}

/// The remote tables of a query. One that cannot be taken apart is left to the engine, whose message is the better one.
fn uses(desk: &Desk, workspace: &Workspace, text: &str) -> Outcome<Vec<RemoteUse>> {
    if trommel_engine::sql::tables_of(text).is_err() {
        return Ok(Vec::new());
    }
    let lake = desk::open_lake(workspace)?;
    let layers: BTreeSet<String> = lake.tables(desk.snapshot)?.into_iter().map(|t| t.name.layer.to_lowercase()).collect();
    remote_uses(&workspace.config.connections, text, &|layer| layers.contains(&layer.to_lowercase()))
}
