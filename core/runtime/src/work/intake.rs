//! Sources and connections on their way into the workspace: what is found out about a file, and what is written.

use std::path::Path;

use trommel_app::News;
use trommel_connectors::{Keyring, Piece};
use trommel_model::{
    ConnectionSpec, Contract, DryRun, FileFacts, FileFormat, NewConnection, NewSource, Outcome, Problem, Reference, Workspace, as_word,
};

use crate::desk;
use crate::files;
use crate::worker::Task;

/// Rows of a file that are shown before it is taken in.
const FIRST_ROWS: usize = 50;

/// What a file holds and how it is written.
pub(super) fn describe(task: &Task, new: &NewSource) -> Outcome<FileFacts> {
    let piece = piece_of(new)?;
    trommel_connectors::describe(&piece, &new.spec, FIRST_ROWS, desk::threads(task, None), &task.cancel, &task.progress)
}

/// Writes a source, or shows what would be written. A file is looked at first: what cannot be read is no source.
pub(super) fn add_source(task: &Task, workspace: &Workspace, new: &NewSource, dry_run: DryRun) -> Outcome<News> {
    let mut new = new.clone();
    let facts = if new.file.is_some() { Some(describe(task, &new)?) } else { None };
    settle(&mut new, facts.as_ref());
    if let (None, Contract::None) = (&facts, new.contract) {
        reachable(task, workspace, &new)?;
    }
    trommel_workspace::add_source(workspace, &new, facts.as_ref(), dry_run).map(News::Added)
}

/// Writes a connection, or shows what would be written.
pub(super) fn connect(task: &Task, workspace: &Workspace, new: &NewConnection, dry_run: DryRun) -> Outcome<News> {
    let Some(password) = &new.password else {
        return trommel_workspace::add_connection(&workspace.root, new, dry_run).map(News::Added);
    };
    let folder = trommel_workspace::user::folders(task.settings.config_dir.clone())?.config.join("secrets");
    let name = format!("{}-{}", as_word(&workspace.config.name), new.spec.name);
    let with = |reference| NewConnection { spec: ConnectionSpec { password: Some(reference), ..new.spec.clone() }, ..new.clone() };
    // What cannot be written is known before the password is kept.
    let shown = trommel_workspace::add_connection(&workspace.root, &with(Reference::Keyring(name.clone())), DryRun::Yes)?;
    if dry_run == DryRun::Yes {
        return Ok(News::Added(shown));
    }
    let kept = trommel_connectors::keep_secret(password.reveal(), &name, &Keyring::default(), &folder)?;
    let mut added = trommel_workspace::add_connection(&workspace.root, &with(kept.reference), dry_run)?;
    added.notes.push(format!("the password is kept in {}", kept.place));
    Ok(News::Added(added))
}

/// Says what a source has to say that is not told: the format of a file whose ending does not tell it, and the table of a
/// database file.
fn settle(new: &mut NewSource, facts: Option<&FileFacts>) {
    let (Some(file), Some(facts)) = (&new.file, facts) else { return };
    if trommel_connectors::format_of(file) != Some(facts.format) {
        new.spec.format = Some(facts.format);
    }
    if facts.format == FileFormat::Sqlite && new.spec.table.is_none() {
        new.spec.table = facts.found.iter().find(|f| f.name == "table").map(|f| f.value.clone());
    }
}

/// A table that cannot be read, or does not have the columns that are named, is no source.
fn reachable(task: &Task, workspace: &Workspace, new: &NewSource) -> Outcome<()> {
    let Some(connection) = workspace.config.connections.iter().find(|c| Some(&c.name) == new.spec.connection.as_ref()) else {
        return Ok(());
    };
    let (window, _) = super::connections::first_rows(task, workspace, connection, &new.spec, 1)?;
    let names: Vec<&str> = window.schema.names().collect();
    for named in new.spec.cursor.iter().chain(&new.spec.key) {
        if !names.contains(&named.as_str()) {
            let table = new.spec.table.as_deref().unwrap_or_default();
            let hint = trommel_model::did_you_mean(named, names.iter().copied());
            let next = if hint.is_empty() { format!("its columns are {}", names.join(", ")) } else { hint };
            return Err(Problem::new(trommel_model::Code::UnknownName, format!("{table} has no column \"{named}\"")).next(next));
        }
    }
    Ok(())
}

fn piece_of(new: &NewSource) -> Outcome<Piece> {
    let path = new.file.as_deref().unwrap_or(Path::new(""));
    let (path, inner) = files::split_inner(path);
    let inner = inner.as_deref().or(new.spec.table.as_deref().filter(|_| is_database(&path, new)));
    let mut piece = files::piece(&path, inner)?;
    if let Some(format) = new.spec.format {
        piece.format = format;
    }
    Ok(piece)
}

fn is_database(path: &Path, new: &NewSource) -> bool {
    new.spec.format.or_else(|| trommel_connectors::format_of(path)) == Some(FileFormat::Sqlite)
}
