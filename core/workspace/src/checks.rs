//! Writes checks into `checks/`, one file a table, and takes them back.

use std::fs;
use std::path::Path;

use trommel_model::{CheckProposal, ChecksAdded, Code, Outcome, Problem, TableName, Workspace};

use crate::write_atomically;

const FOLDER: &str = "checks";

/// Writes checks of a table behind those that are in its file. The workspace is read again afterwards: what cannot be read
/// leaves the file as it was.
pub fn add_checks(workspace: &Workspace, table: &TableName, chosen: &[CheckProposal]) -> Outcome<ChecksAdded> {
    let folder = workspace.root.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|e| Problem::from_io(&e, "make the folder", &folder))?;
    let (name, before) = file_of(&workspace.root, table)?;
    let mut after = match &before {
        Some(text) if text.ends_with('\n') => text.clone(),
        Some(text) => format!("{text}\n"),
        None => format!("table = \"{table}\"\n"),
    };
    for check in chosen {
        after.push_str(&format!("\n# {}\n[[checks]]\n{}", check.support, check.text));
    }
    let path = workspace.root.join(&name);
    write_atomically(&path, &after)?;
    if let Err(problem) = crate::load(&workspace.root, Some(&workspace.environment)) {
        restore(&path, before.as_deref())?;
        return Err(problem);
    }
    let labels = chosen.iter().map(|c| c.label.clone()).collect();
    Ok(ChecksAdded { table: table.to_string(), file: name, before, after, labels })
}

/// Takes checks back that were written, unless somebody has changed the file since.
pub fn take_checks_back(workspace: &Workspace, added: &ChecksAdded) -> Outcome<()> {
    let path = workspace.root.join(&added.file);
    let now = fs::read_to_string(&path).map_err(|e| Problem::from_io(&e, "read the checks", &path))?;
    if now != added.after {
        return Err(Problem::new(Code::Usage, format!("{} has changed since", added.file))
            .why("taking the checks back would take the change with it")
            .next("remove them in the file"));
    }
    restore(&path, added.before.as_deref())
}

fn restore(path: &Path, text: Option<&str>) -> Outcome<()> {
    match text {
        Some(text) => write_atomically(path, text),
        None => fs::remove_file(path).map_err(|e| Problem::from_io(&e, "remove the file", path)),
    }
}

/// The file of a table's checks and its text: one that is there and is about the table, else a free name.
fn file_of(root: &Path, table: &TableName) -> Outcome<(String, Option<String>)> {
    let mut number = 1;
    loop {
        let more = if number == 1 { String::new() } else { format!("_{number}") };
        let name = format!("{FOLDER}/{}_{}{more}.toml", table.layer, table.table);
        let path = root.join(&name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((name, None)),
            Err(e) => return Err(Problem::from_io(&e, "read the checks", &path)),
        };
        let about = text.parse::<toml::Table>().ok().and_then(|t| t.get("table")?.as_str().map(str::to_owned));
        if about.as_deref() == Some(table.to_string().as_str()) {
            return Ok((name, Some(text)));
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(text: &str) -> CheckProposal {
        CheckProposal { label: "x".to_owned(), support: "all rows".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn checks_are_added_and_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("trommel.toml"), "name = \"x\"\n").unwrap();
        fs::create_dir(dir.path().join("sources")).unwrap();
        fs::write(dir.path().join("sources/a.toml"), "path = \"a.csv\"\n").unwrap();
        let load = || crate::load(dir.path(), None).unwrap();
        let table = TableName::new("raw", "a");
        let first = add_checks(&load(), &table, &[proposal("check = \"not_null\"\ncolumn = \"id\"\n")]).unwrap();
        assert_eq!((first.file.as_str(), &first.before), ("checks/raw_a.toml", &None));
        let second = add_checks(&load(), &table, &[proposal("check = \"unique\"\ncolumns = [\"id\"]\n")]).unwrap();
        assert_eq!(load().sources[0].checks.len(), 2);
        // What cannot be read leaves no trace.
        add_checks(&load(), &table, &[proposal("check = \"uniqe\"\n")]).unwrap_err();
        assert_eq!(load().sources[0].checks.len(), 2);
        assert_eq!(take_checks_back(&load(), &first).unwrap_err().code, Code::Usage);
        take_checks_back(&load(), &second).unwrap();
        take_checks_back(&load(), &first).unwrap();
        assert_eq!(load().sources[0].checks.len(), 0);
        assert!(!dir.path().join("checks/raw_a.toml").exists());
        // A file of that name about something else is left alone.
        fs::write(dir.path().join("sources/b.toml"), "path = \"b.csv\"\n").unwrap();
        fs::write(dir.path().join("checks/raw_a.toml"), "table = \"raw.b\"\n").unwrap();
        let third = add_checks(&load(), &table, &[proposal("check = \"not_null\"\ncolumn = \"id\"\n")]).unwrap();
        assert_eq!(third.file, "checks/raw_a_2.toml");
    }
}
