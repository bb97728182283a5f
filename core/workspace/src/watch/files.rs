//! The text files of a workspace at one moment, and what changed from one moment to the next.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::is_noise;
use crate::WORKSPACE_FILE;

/// The folders whose files make up a workspace.
pub(super) const FOLDERS: &[&str] = &["sources", "models", "checks", "kpis", "boards", "decisions"];

/// No workspace is deeper; links that lead in a circle are.
const MAX_DEPTH: usize = 8;

/// Every text file with what tells one version of it from the next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Files(BTreeMap<PathBuf, Version>);

/// Two versions of a file that agree in all of this are taken for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    bytes: u64,
    modified: Option<SystemTime>,
    /// On Unix: inode, and seconds and nanoseconds of the last change of anything, which no program can set.
    identity: (u64, i64, i64),
}

impl Files {
    /// Lists the files as they are now. What cannot be read counts as absent; paths are relative to the root.
    pub(super) fn list(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        add_file(root, Path::new(WORKSPACE_FILE), &mut files);
        for folder in FOLDERS {
            add_folder(root, Path::new(folder), MAX_DEPTH, &mut files);
        }
        Self(files)
    }
}

/// The files that differ, as paths below `root`, sorted.
pub(super) fn changes(root: &Path, before: &Files, now: &Files) -> Vec<PathBuf> {
    let gone = before.0.keys().filter(|path| !now.0.contains_key(*path));
    let new = now.0.iter().filter(|(path, version)| before.0.get(*path) != Some(version)).map(|(path, _)| path);
    let mut paths: Vec<_> = gone.chain(new).map(|path| root.join(path)).collect();
    paths.sort();
    paths
}

fn add_folder(root: &Path, folder: &Path, depth: usize, files: &mut BTreeMap<PathBuf, Version>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if is_noise(&name.to_string_lossy()) {
            continue;
        }
        let path = folder.join(name);
        if root.join(&path).is_dir() {
            if depth > 0 {
                add_folder(root, &path, depth - 1, files);
            }
        } else {
            add_file(root, &path, files);
        }
    }
}

fn add_file(root: &Path, path: &Path, files: &mut BTreeMap<PathBuf, Version>) {
    if let Ok(about) = fs::metadata(root.join(path))
        && about.is_file()
    {
        files.insert(path.to_owned(), Version { bytes: about.len(), modified: about.modified().ok(), identity: identity(&about) });
    }
}

#[cfg(unix)]
fn identity(about: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (about.ino(), about.ctime(), about.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}
