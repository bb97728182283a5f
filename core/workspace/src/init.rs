//! Makes a new workspace: the least that works, with comments that say what comes next.

use std::fs;
use std::path::Path;

use trommel_model::{Code, Outcome, Problem};

use crate::disk::write_atomically;
use crate::{STATE_FOLDER, WORKSPACE_FILE};

/// The folders of a workspace, in the order in which data passes through them.
const FOLDERS: &[&str] = &["sources", "models/clean", "models/mart", "checks", "kpis", "boards"];

/// Makes a workspace in a folder, which is made when it does not exist.
///
/// What is missing of a workspace is added, nothing is ever overwritten: on a complete workspace this does nothing.
/// A folder with anything in it that is no workspace is refused (`file-exists`), except for a fresh `.git`.
pub fn init(root: &Path, name: &str) -> Outcome<()> {
    if name.trim().is_empty() {
        return Err(Problem::new(Code::Usage, "a workspace needs a name").next("name it after what its data is about"));
    }
    let failed = |e: &std::io::Error| Problem::from_io(e, "make the workspace", root);
    if root.exists() && !root.is_dir() {
        return Err(Problem::new(Code::FileExists, format!("{} is a file", root.display())).next("choose another name for the folder"));
    }
    fs::create_dir_all(root).map_err(|e| failed(&e))?;
    let config = root.join(WORKSPACE_FILE);
    if !config.exists()
        && let Some(stranger) = stranger(root).map_err(|e| failed(&e))?
    {
        return Err(Problem::new(Code::FileExists, format!("{} is not empty", root.display()))
            .why(format!("there is {stranger} in it, and no {WORKSPACE_FILE}"))
            .next("choose a new folder"));
    }
    for folder in FOLDERS {
        fs::create_dir_all(root.join(folder)).map_err(|e| failed(&e))?;
    }
    ignore_state(&root.join(".gitignore"))?;
    // Last, so that a folder is a workspace only once everything else is there.
    if config.exists() { Ok(()) } else { write_atomically(&config, &config_text(name)) }
}

/// A file or folder that a new workspace would not expect to find.
fn stranger(root: &Path) -> std::io::Result<Option<String>> {
    let expected = |name: &str| name == ".git" || name == ".gitignore" || FOLDERS.iter().any(|f| f.split('/').next() == Some(name));
    let mut names = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !expected(&name) || (name != ".gitignore" && name != ".git" && holds_files(&entry.path())?) {
            names.push(name);
        }
    }
    Ok(names.into_iter().min())
}

fn holds_files(folder: &Path) -> std::io::Result<bool> {
    if !folder.is_dir() {
        return Ok(true);
    }
    for entry in fs::read_dir(folder)? {
        if holds_files(&entry?.path())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn ignore_state(path: &Path) -> Outcome<()> {
    let line = format!("{STATE_FOLDER}/");
    let old = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(Problem::from_io(&e, "read the file", path)),
    };
    if old.lines().any(|l| matches!(l.trim().trim_start_matches('/'), l if l == line || l == STATE_FOLDER)) {
        return Ok(());
    }
    let gap = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
    write_atomically(path, &format!("{old}{gap}{line}\n"))
}

fn config_text(name: &str) -> String {
    let name = toml_edit::Value::from(name.trim()).to_string();
    format!(
        r#"# A Trommel workspace. Everything in this folder is text that people can review, except for {STATE_FOLDER}/,
# which a run can rebuild.
name = {name}
description = ""

# Environments besides "dev", each with a lake and a ledger of its own.
# environments = ["prod"]

# What a run may use. By default it takes all cores and a share of the memory.
# memory = "2GB"
# threads = 2

# Where data comes from. The path is absolute or relative to this folder.
# [[connections]]
# name = "files"
# kind = "folder"
# path = "data"
#
# [[connections]]
# name = "shop"
# kind = "sqlite"
# path = "data/shop.sqlite"

# Next:
#   sources/orders.toml        what to read             connection = "files"
#                                                       path = "orders/*.csv"
#   models/clean/orders.toml   a recipe, step by step   kind = "recipe"
#                                                       from = "raw.orders"
#                                                       steps = [{{ do = "trim", columns = ["customer"] }}]
#   models/mart/revenue.sql    a SELECT                 select day, sum(amount) as amount
#                                                       from ref('clean.orders') group by day
#   checks/revenue.toml        rules about a table      table = "mart.revenue"
#   kpis/revenue.toml          a formula over a table   title = "Revenue"
#                                                       from = "mart.revenue"
#                                                       formula = "sum(amount)"
#   boards/sales.toml          KPIs on a page           title = "Sales"
#                                                       cards = [{{ kpi = "revenue", chart = "line" }}]
#
# Then `trommel plan` says what a run would do, and `trommel run` does it.
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load;

    #[test]
    fn a_new_workspace_loads_under_any_name() {
        for name in ["shop", "Müller & \"Söhne\" \\ x", "a\nb"] {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().join("new/folder");
            init(&root, name).unwrap();
            assert_eq!(load(&root, None).unwrap().config.name, name);
            assert_eq!(fs::read_to_string(root.join(".gitignore")).unwrap(), ".trommel/\n");
        }
    }

    #[test]
    fn what_the_comments_propose_is_valid() {
        let dir = tempfile::tempdir().unwrap();
        init(dir.path(), "shop").unwrap();
        let config = dir.path().join(WORKSPACE_FILE);
        let text = fs::read_to_string(&config).unwrap();
        let uncommented: Vec<_> = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.starts_with("[[") || rest.split_once(" = ").is_some_and(|(key, _)| trommel_model::is_word(key)) => rest,
                _ => line,
            })
            .collect();
        fs::write(&config, uncommented.join("\n")).unwrap();
        let workspace = load(dir.path(), Some("prod")).unwrap();
        assert_eq!((workspace.config.connections.len(), workspace.config.threads), (2, Some(2)));
        // The examples of the right column, file by file.
        let mut files: Vec<(String, String)> = Vec::new();
        for line in text.lines().filter_map(|l| l.strip_prefix("#   ")) {
            let (path, rest) = line.split_at(27);
            let (_, example) = rest.split_at(25);
            match path.trim() {
                "" => {}
                path => files.push((path.to_owned(), String::new())),
            }
            let text = &mut files.last_mut().unwrap().1;
            text.push_str(example);
            text.push('\n');
        }
        assert_eq!(files.len(), 6);
        for (path, example) in files {
            fs::write(dir.path().join(path), example).unwrap();
        }
        let workspace = load(dir.path(), None).unwrap();
        assert_eq!((workspace.sources.len(), workspace.models.len(), workspace.kpis.len(), workspace.boards.len()), (1, 2, 1, 1));
    }

    #[test]
    fn nothing_is_overwritten_and_strangers_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir(root.join(".git")).unwrap();
        fs::write(root.join(".gitignore"), "target").unwrap();
        init(root, "shop").unwrap();
        assert_eq!(fs::read_to_string(root.join(".gitignore")).unwrap(), "target\n.trommel/\n");
        fs::write(root.join(WORKSPACE_FILE), "name = \"mine\"\n").unwrap();
        fs::remove_dir(root.join("boards")).unwrap();
        init(root, "shop").unwrap();
        assert_eq!(load(root, None).unwrap().config.name, "mine");
        assert!(root.join("boards").is_dir());
        assert_eq!(fs::read_to_string(root.join(".gitignore")).unwrap(), "target\n.trommel/\n");

        for stranger in ["letter.txt", "models/mart/old.sql"] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(stranger);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "x").unwrap();
            let problem = init(dir.path(), "shop").unwrap_err();
            assert_eq!(problem.code, Code::FileExists, "{stranger}");
            assert!(!dir.path().join(WORKSPACE_FILE).exists());
            assert_eq!(init(&path, "shop").unwrap_err().code, Code::FileExists, "a file in the place of the folder");
        }
        assert_eq!(init(root, " ").unwrap_err().code, Code::Usage);
    }
}
