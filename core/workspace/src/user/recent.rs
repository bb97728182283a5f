//! The workspaces a user opened last: `recent.toml` in the standard state folder.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use trommel_model::{Code, Outcome, Problem};

use super::Folders;
use crate::disk::{make_private_folder, private_file, write_atomically};
use crate::load::read_own;

/// No more are remembered.
const MAX: usize = 20;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recent {
    /// Absolute, the one opened last first.
    #[serde(default)]
    workspaces: Vec<PathBuf>,
}

/// The folders of the workspaces opened last, newest first, without those that are gone.
///
/// A file with a fault gives none and the fault, for a warning.
pub fn recent(folders: &Folders) -> (Vec<PathBuf>, Option<Problem>) {
    match read(folders) {
        Ok(recent) => (recent.workspaces, None),
        Err(problem) => (Vec::new(), Some(problem)),
    }
}

/// Puts a workspace in front of the list. Several programs may do so at once. A file with a fault is left alone: the
/// fault comes back.
pub fn remember(folders: &Folders, workspace: &Path) -> Outcome<()> {
    let workspace = std::fs::canonicalize(workspace).map_err(|e| Problem::from_io(&e, "open the workspace", workspace))?;
    make_private_folder(&folders.state).map_err(|e| Problem::from_io(&e, "make the folder of the recent workspaces", &folders.state))?;
    let lock = folders.state.join("recent.lock");
    let failed = |e: &std::io::Error| Problem::from_io(e, "lock the list of recent workspaces", &lock);
    let turn = private_file().open(&lock).map_err(|e| failed(&e))?;
    turn.lock().map_err(|e| failed(&e))?;
    let mut recent = read(folders)?;
    recent.workspaces.retain(|other| *other != workspace);
    recent.workspaces.insert(0, workspace);
    recent.workspaces.truncate(MAX);
    let text = toml::to_string(&recent).map_err(|e| {
        Problem::new(Code::Internal, "cannot remember the workspace")
            .why(e.to_string())
            .next("a path must be valid Unicode to be remembered")
    })?;
    write_atomically(&path(folders), &format!("# Workspaces opened last, the newest first. Written by Trommel.\n{text}"))
}

fn path(folders: &Folders) -> PathBuf {
    folders.state.join("recent.toml")
}

fn read(folders: &Folders) -> Outcome<Recent> {
    let mut recent = read_own::<Recent>(&path(folders))?.map(|(recent, _)| recent).unwrap_or_default();
    recent.workspaces.retain(|workspace| workspace.is_dir());
    Ok(recent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, Folders) {
        let dir = tempfile::tempdir().unwrap();
        let folders = super::super::folders(Some(dir.path().join("user"))).unwrap();
        (dir, folders)
    }

    fn names(folders: &Folders) -> Vec<String> {
        let (found, problem) = recent(folders);
        assert_eq!(problem, None);
        found.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_newest_is_first_and_the_gone_are_dropped() {
        let (dir, folders) = fresh();
        assert!(names(&folders).is_empty());
        for name in ["a", "b", "c", "a"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            remember(&folders, &path).unwrap();
        }
        assert_eq!(names(&folders), ["a", "c", "b"]);
        std::fs::remove_dir(dir.path().join("c")).unwrap();
        assert_eq!(names(&folders), ["a", "b"]);
        assert_eq!(remember(&folders, &dir.path().join("c")).unwrap_err().code, Code::FileNotFound);
    }

    #[test]
    fn twenty_are_kept() {
        let (dir, folders) = fresh();
        for number in 0..23 {
            let path = dir.path().join(format!("w{number}"));
            std::fs::create_dir(&path).unwrap();
            remember(&folders, &path).unwrap();
        }
        let names = names(&folders);
        assert_eq!((names.len(), names[0].as_str(), names[19].as_str()), (20, "w22", "w3"));
    }

    #[test]
    fn nobody_is_forgotten_when_several_write_at_once() {
        let (dir, folders) = fresh();
        let paths: Vec<_> = (0..8).map(|n| dir.path().join(format!("w{n}"))).collect();
        for path in &paths {
            std::fs::create_dir(path).unwrap();
        }
        std::thread::scope(|scope| {
            for path in &paths {
                scope.spawn(|| remember(&folders, path).unwrap());
            }
        });
        let mut names = names(&folders);
        names.sort();
        assert_eq!(names, ["w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"]);
    }

    #[test]
    fn a_faulty_file_warns_and_is_left_alone() {
        let (dir, folders) = fresh();
        std::fs::create_dir_all(&folders.state).unwrap();
        std::fs::write(path(&folders), "workspaces = 3\n").unwrap();
        let (found, problem) = recent(&folders);
        assert!(found.is_empty());
        assert_eq!(problem.as_ref().unwrap().what, "\"workspaces\" must be a list in brackets, not the number 3");
        assert_eq!(Some(remember(&folders, dir.path()).unwrap_err()), problem);
        assert_eq!(std::fs::read_to_string(path(&folders)).unwrap(), "workspaces = 3\n");
    }
}
