//! Finds the workspace that a folder belongs to.

use std::path::{Path, PathBuf};

use trommel_model::{Code, Outcome, Problem};

use crate::WORKSPACE_FILE;

/// The nearest folder at or above `start` with a `trommel.toml`; absolute, with symbolic links resolved.
///
/// `file-not-found` when `start` does not exist, `not-a-workspace` when neither it nor a folder above it is one.
pub fn find(start: &Path) -> Outcome<PathBuf> {
    let start = std::fs::canonicalize(start).map_err(|e| Problem::from_io(&e, "open the folder", start))?;
    start
        .ancestors()
        .find(|folder| folder.join(WORKSPACE_FILE).is_file())
        .map(Path::to_owned)
        .ok_or_else(|| not_a_workspace(&start).why(format!("there is no {WORKSPACE_FILE} in it or in a folder above it")))
}

/// The fault of a folder that is no workspace.
pub(crate) fn not_a_workspace(folder: &Path) -> Problem {
    Problem::new(Code::NotAWorkspace, format!("{} is not a workspace", folder.display()))
        .next("change to the folder of a workspace, or make one with `trommel init FOLDER`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn climbs_to_the_nearest_workspace() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let deep = root.join("shop/models/mart");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(root.join(WORKSPACE_FILE), "name = \"outer\"\n").unwrap();
        assert_eq!(find(&deep).unwrap(), root);
        std::fs::write(root.join("shop").join(WORKSPACE_FILE), "name = \"inner\"\n").unwrap();
        assert_eq!(find(&deep).unwrap(), root.join("shop"));
        assert_eq!(find(&root.join("shop").join(WORKSPACE_FILE)).unwrap(), root.join("shop"), "a file counts as its folder");
    }

    #[test]
    fn says_when_there_is_none() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(WORKSPACE_FILE)).unwrap();
        assert_eq!(find(dir.path()).unwrap_err().code, Code::NotAWorkspace, "a folder of that name does not count");
        assert_eq!(find(&dir.path().join("gone")).unwrap_err().code, Code::FileNotFound);
    }
}
