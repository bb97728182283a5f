//! Lists the text files of a workspace's folders, and holds them inside of the workspace.

use std::path::{Path, PathBuf};

use trommel_model::{Code, Outcome, Problem, is_word};

use crate::watch::is_noise;

/// A file to read.
pub(crate) struct Found {
    /// Where it is.
    pub absolute: PathBuf,
    /// Where it is within the workspace, with `/` between folders.
    pub path: String,
    /// Its name without the ending.
    pub name: String,
    /// Its ending in small letters.
    pub ending: String,
}

/// What folders within a folder are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subfolders {
    /// Read by somebody else.
    Layers,
    /// Nothing that is read; files in them that look as if they should be are a fault.
    Strange,
}

/// The files directly in a folder of the workspace with one of these endings, by name. Everything that is in the way is
/// put to the problems: names that cannot be names of tables, links that lead out, files in strange folders further down.
///
/// `root` is canonical. A folder that does not exist has no files.
pub(crate) fn files(root: &Path, folder: &str, endings: &[&str], below: Subfolders, problems: &mut Vec<Problem>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, absolute) in entries(root, folder, problems) {
        let path = format!("{folder}/{name}");
        if absolute.is_dir() {
            if below == Subfolders::Strange {
                problems.extend(misplaced(&absolute, &path, folder, endings));
            }
            continue;
        }
        let Some((stem, ending)) = split_name(&name, endings) else { continue };
        match inside(root, &absolute, &path).and_then(|()| word(stem, &path)) {
            Ok(()) => found.push(Found { absolute, name: stem.to_owned(), ending, path }),
            Err(problem) => problems.push(problem),
        }
    }
    found
}

/// The folders directly in a folder of the workspace, as `(name, path within the workspace)`, by name.
pub(crate) fn folders(root: &Path, folder: &str, problems: &mut Vec<Problem>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, absolute) in entries(root, folder, problems) {
        let path = format!("{folder}/{name}");
        if !absolute.is_dir() {
            continue;
        }
        match inside(root, &absolute, &path).and_then(|()| word(&name, &path)) {
            Ok(()) => found.push((name, path)),
            Err(problem) => problems.push(problem),
        }
    }
    found
}

/// Fails when a path, with symbolic links resolved, is not inside of the workspace.
pub(crate) fn inside(root: &Path, absolute: &Path, path: &str) -> Outcome<()> {
    let real = std::fs::canonicalize(absolute).map_err(|e| Problem::from_io(&e, "follow the path", Path::new(path)))?;
    if real.starts_with(root) {
        return Ok(());
    }
    Err(Problem::new(Code::BadConfig, format!("{path} leads out of the workspace"))
        .in_file(path)
        .why(format!("it is a symbolic link to {}", real.display()))
        .next("put the file itself there"))
}

fn entries(root: &Path, folder: &str, problems: &mut Vec<Problem>) -> Vec<(String, PathBuf)> {
    let absolute = root.join(folder);
    let listing = match std::fs::read_dir(&absolute) {
        Ok(listing) => listing,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(e) => {
            problems.push(Problem::from_io(&e, "list the folder", Path::new(folder)));
            return Vec::new();
        }
    };
    if let Err(problem) = inside(root, &absolute, folder) {
        problems.push(problem);
        return Vec::new();
    }
    let mut found = Vec::new();
    for entry in listing {
        match entry {
            Ok(entry) => found.push((entry.file_name().to_string_lossy().into_owned(), entry.path())),
            Err(e) => problems.push(Problem::from_io(&e, "list the folder", Path::new(folder))),
        }
    }
    found.retain(|(name, _)| !is_noise(name));
    found.sort();
    found
}

fn split_name<'n>(name: &'n str, endings: &[&str]) -> Option<(&'n str, String)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    endings.contains(&ending.as_str()).then_some((stem, ending))
}

/// A folder where only files are read, when somebody put such files into it.
fn misplaced(absolute: &Path, path: &str, folder: &str, endings: &[&str]) -> Option<Problem> {
    let names = std::fs::read_dir(absolute).ok()?.flatten().map(|e| e.file_name().to_string_lossy().into_owned());
    let name = names.filter(|name| !is_noise(name) && split_name(name, endings).is_some()).min()?;
    Some(
        Problem::new(Code::BadConfig, format!("{path}/{name} is too deep"))
            .in_file(format!("{path}/{name}"))
            .why(format!("only files directly in {folder}/ are read"))
            .next(format!("move it to {folder}/{name}")),
    )
}

fn word(name: &str, path: &str) -> Outcome<()> {
    if is_word(name) {
        return Ok(());
    }
    Err(Problem::new(Code::BadConfig, format!("\"{name}\" cannot be a name"))
        .in_file(path)
        .next("rename it: letters, digits, _ and - only, at most 128 of them"))
}
