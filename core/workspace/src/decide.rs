//! Writes decisions of people into the workspace: rows are added behind those that are there, none is changed.

use std::path::{Path, PathBuf};

use trommel_model::{DecisionRow, Outcome, Problem, TableName, Workspace};

use crate::write_atomically;

/// Adds rows to the decisions about a match, and gives the file they are in, relative to the workspace. What stands in
/// the file already stays as it is, comments too.
pub fn decide(workspace: &Workspace, model: &TableName, rows: &[DecisionRow]) -> Outcome<PathBuf> {
    let name = model.to_string();
    let path = match workspace.decisions.iter().find(|file| file.model == name) {
        Some(file) => PathBuf::from(&file.path),
        None => Path::new("decisions").join(format!("{}__{}.toml", model.layer, model.table)),
    };
    let absolute = workspace.root.join(&path);
    let mut text = match std::fs::read_to_string(&absolute) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => format!("match = {}\n", quoted(&name)),
        Err(e) => return Err(Problem::from_io(&e, "read the decisions", &absolute)),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for row in rows {
        text.push_str(&written(row));
    }
    if let Some(folder) = absolute.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Problem::from_io(&e, "make the folder", folder))?;
    }
    write_atomically(&absolute, &text)?;
    Ok(path)
}

fn written(row: &DecisionRow) -> String {
    let record = |key: &trommel_model::RecordKey| format!("{{ source = {}, id = {} }}", quoted(&key.source), quoted(&key.id));
    format!(
        "\n[[decisions]]\nverdict = \"{}\"\nleft = {}\nright = {}\nversion = {}\nwho = {}\nwhen = {}\nwhy = {}\n",
        row.verdict.name(),
        record(&row.left),
        record(&row.right),
        row.version,
        quoted(&row.who),
        quoted(&row.when),
        quoted(&row.why)
    )
}

/// A TOML text on one line (a basic string of the specification).
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use trommel_model::{RecordKey, Ruling};

    use super::*;

    #[test]
    fn rows_are_added_behind_what_stands() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("trommel.toml"), "name = \"t\"\n").unwrap();
        std::fs::create_dir_all(dir.path().join("models/mart")).unwrap();
        let model = "kind = \"match\"\nfrom = \"raw.a\"\nid = \"id\"\nthreshold = 0.9\n[[blocking]]\nkeys = [{ column = \"x\" }]\n\
                     [[comparisons]]\ncolumn = \"x\"\nmethod = \"exact\"\n";
        std::fs::write(dir.path().join("models/mart/people.toml"), model).unwrap();
        let key = |id: &str| RecordKey { source: "a \"b\"\\".into(), id: id.into() };
        let row = |version, why: &str| DecisionRow {
            verdict: Ruling::Merge,
            left: key("1"),
            right: key("two\nlines"),
            version,
            who: "ada".into(),
            when: "2026-01-01T00:00:00Z".into(),
            why: why.into(),
        };
        let load = || crate::load(dir.path(), None).unwrap();
        let name: TableName = "mart.people".parse().unwrap();
        let path = decide(&load(), &name, &[row(1, "'''\"\"\" both quotes")]).unwrap();
        let absolute = dir.path().join(&path);
        let commented = format!("# kept\n{}", std::fs::read_to_string(&absolute).unwrap());
        std::fs::write(&absolute, commented).unwrap();
        decide(&load(), &name, &[row(2, "later")]).unwrap();
        assert_eq!(load().decisions[0].decisions, [row(1, "'''\"\"\" both quotes"), row(2, "later")]);
        assert!(std::fs::read_to_string(&absolute).unwrap().starts_with("# kept\n"));
    }
}
