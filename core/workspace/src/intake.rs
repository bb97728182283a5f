//! Takes a source or a connection into a workspace: writes the text that a person would have written.
//!
//! Everything is read and held against the workspace before a byte is written. Nothing is ever overwritten but a connection
//! that is to be changed, and of its file only that table: comments, order and layout stay.

mod connection;
mod place;
mod source;

#[cfg(test)]
mod tests;

use std::path::Path;

use trommel_model::{
    Added, AddedFile, Code, DryRun, Existing, FileFacts, NewConnection, NewSource, Outcome, Problem, Workspace, WorkspaceConfig, as_word,
    is_word,
};

use crate::load::config;
use crate::load::text::TextFile;
use crate::load::try_source;
use crate::{WORKSPACE_FILE, write_atomically};

/// Writes `sources/NAME.toml`, and a connection for the folder of its file when none leads there.
///
/// `facts` are what was found out about the file: its columns for the contract, and how it is written for remarks.
pub fn add_source(workspace: &Workspace, new: &NewSource, facts: Option<&FileFacts>, dry_run: DryRun) -> Outcome<Added> {
    let root = &workspace.root;
    let mut spec = new.spec.clone();
    spec.name = name_of(workspace, new)?;
    let mut files = Vec::new();
    let mut config = current(root)?;
    if let Some(file) = &new.file {
        let placed = place::of(root, &config.0, file)?;
        if let Some(folder) = &placed.folder {
            let (text, added) = connection::with(&config.1, folder, Existing::Refuse)?;
            config = (config::of(&TextFile::of(WORKSPACE_FILE, text.clone()))?, text);
            files.push(AddedFile { path: WORKSPACE_FILE.to_owned(), text: added, existed: true });
        }
        (spec.connection, spec.path) = (placed.connection, Some(placed.path));
    }
    let text = source::text(&spec, new.contract, facts);
    try_source(root, &spec.name, &text, &config.0)?;
    let path = format!("sources/{}.toml", spec.name);
    files.push(AddedFile { path: path.clone(), text: text.clone(), existed: false });
    if dry_run == DryRun::No {
        let folder = root.join("sources");
        std::fs::create_dir_all(&folder).map_err(|e| Problem::from_io(&e, "make the folder", &folder))?;
        // The connection first: a source without its connection would be a fault of the workspace, the reverse is none.
        if files.len() > 1 {
            write_atomically(&root.join(WORKSPACE_FILE), &config.1)?;
        }
        write_atomically(&root.join(&path), &text)?;
    }
    let mut notes = vec![format!("to take it back, remove {path}")];
    if files.len() > 1 {
        notes.push(format!("{WORKSPACE_FILE} has a new connection for the folder of the file"));
    }
    Ok(Added { what: format!("source {}", spec.name), source: Some(spec.name), files, notes })
}

/// Writes a connection to `trommel.toml`.
pub fn add_connection(root: &Path, new: &NewConnection, dry_run: DryRun) -> Outcome<Added> {
    let name = &new.spec.name;
    if !is_word(name) {
        return Err(
            Problem::new(Code::Usage, format!("\"{name}\" cannot be the name of a connection")).next("use letters, digits, _ and - only")
        );
    }
    let (_, old) = current(root)?;
    let (text, added) = connection::with(&old, &new.spec, new.existing)?;
    config::of(&TextFile::of(WORKSPACE_FILE, text.clone()))?;
    if dry_run == DryRun::No {
        write_atomically(&root.join(WORKSPACE_FILE), &text)?;
    }
    let back = format!("to take it back, remove its table from {WORKSPACE_FILE}");
    let files = vec![AddedFile { path: WORKSPACE_FILE.to_owned(), text: added, existed: true }];
    Ok(Added { what: format!("connection {name}"), source: None, files, notes: vec![back] })
}

/// `trommel.toml` as it is now: what it says, and its text.
fn current(root: &Path) -> Outcome<(WorkspaceConfig, String)> {
    config::read(root).map(|(config, file)| (config, file.text))
}

/// The name of a source: said, or made from what is read; one that no other source has.
fn name_of(workspace: &Workspace, new: &NewSource) -> Outcome<String> {
    let said = new.name.trim();
    let taken = |name: &str| workspace.sources.iter().any(|s| s.name.eq_ignore_ascii_case(name));
    if said.is_empty() {
        return Ok(free(suggested(new), taken));
    }
    if !is_word(said) {
        return Err(Problem::new(Code::Usage, format!("\"{said}\" cannot be the name of a source"))
            .why("it becomes a table raw.NAME and a file sources/NAME.toml")
            .next(format!("use letters, digits, _ and - only, for instance {}", as_word(said))));
    }
    if taken(said) {
        return Err(Problem::new(Code::FileExists, format!("there is a source \"{said}\" already"))
            .in_file(format!("sources/{said}.toml"))
            .next("choose another name, or change that file"));
    }
    Ok(said.to_owned())
}

/// The name, with a number behind it when it is taken.
fn free(base: String, taken: impl Fn(&str) -> bool) -> String {
    let (mut name, mut number) = (base.clone(), 2);
    while taken(&name) {
        name = format!("{base}_{number}");
        number += 1;
    }
    name
}

fn suggested(new: &NewSource) -> String {
    let of_file = new.file.as_ref().and_then(|f| f.file_name()).map(|n| n.to_string_lossy().into_owned());
    let text = match (of_file, &new.spec.table) {
        // A packed file has two endings.
        (Some(name), _) => name.split('.').find(|part| !part.is_empty()).unwrap_or_default().to_owned(),
        (None, Some(table)) => table.rsplit('.').next().unwrap_or(table).to_owned(),
        (None, None) => new.spec.connection.clone().unwrap_or_default(),
    };
    as_word(&text)
}
