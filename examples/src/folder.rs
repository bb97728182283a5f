//! The folder an example goes to: never somebody else's, and never half an example.

use std::fs;
use std::path::{Path, PathBuf};

use trommel_model::{Code, Outcome, Problem};

use crate::settings::{REMEMBERED, Settings, describe};

/// What stands in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: an example can be made.
    Free,
    /// The example with these very settings.
    Made,
}

/// The folder to make: the one given, or the example's name in the current folder. Absolute.
pub fn root(given: Option<&Path>, name: &str) -> Outcome<PathBuf> {
    let path = given.unwrap_or(Path::new(name));
    std::path::absolute(path).map_err(|e| Problem::from_io(&e, "find the folder of the example", path))
}

/// What stands in the folder; a problem when it is anything but nothing or the same example.
pub fn standing(root: &Path, settings: &Settings) -> Outcome<Standing> {
    if is_free(root)? {
        return Ok(Standing::Free);
    }
    let Ok(remembered) = fs::read_to_string(root.join(REMEMBERED)) else {
        return Err(Problem::new(Code::FileExists, "the folder is not empty, and what is in it is no example")
            .in_file(root)
            .next("give another folder with --folder"));
    };
    if remembered == settings.text() {
        return Ok(Standing::Made);
    }
    Err(Problem::new(Code::FileExists, "the folder holds an example with other settings")
        .in_file(root)
        .why(format!("it was made with {}; asked for is {}", describe(&remembered), settings.options()))
        .next("ask for the same settings, remove the folder, or give another one with --folder"))
}

fn is_free(root: &Path) -> Outcome<bool> {
    match fs::read_dir(root) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => {
            Err(Problem::new(Code::FileExists, "a file of this name is in the way").in_file(root).next("give another folder with --folder"))
        }
        Err(e) => Err(Problem::from_io(&e, "look into the folder of the example", root)),
    }
}

/// An example being made in a folder beside its place. Dropped before [`Making::finish`], it is removed.
#[derive(Debug)]
pub struct Making {
    path: PathBuf,
}

impl Making {
    /// Makes the folder to work in.
    pub fn start(root: &Path) -> Outcome<Self> {
        let parent = root.parent().unwrap_or(root);
        fs::create_dir_all(parent).map_err(|e| Problem::from_io(&e, "make the folder of the example", parent))?;
        let name = root.file_name().map_or_else(|| "example".into(), |n| n.to_string_lossy());
        let path = parent.join(format!(".{name}.making-{}", std::process::id()));
        // Left behind by a killed process of the same number.
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|e| Problem::from_io(&e, "clear the folder of an unfinished example", &path))?;
        }
        fs::create_dir(&path).map_err(|e| Problem::from_io(&e, "make the folder of the example", &path))?;
        Ok(Self { path })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a folder in it.
    pub fn folder(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.path.join(name);
        fs::create_dir_all(&path).map_err(|e| Problem::from_io(&e, "make a folder of the example", &path))?;
        Ok(path)
    }

    /// Writes down what it is made with.
    pub fn remember(&self, settings: &Settings) -> Outcome<()> {
        let path = self.path.join(REMEMBERED);
        fs::write(&path, settings.text()).map_err(|e| Problem::from_io(&e, "write down the settings", &path))
    }

    /// Moves it to its place, which is absent or an empty folder.
    pub fn finish(self, root: &Path) -> Outcome<()> {
        let failed = |e: std::io::Error| Problem::from_io(&e, "put the example in its place", root);
        if !root.exists() {
            return fs::rename(&self.path, root).map_err(failed);
        }
        // An empty folder stays the folder it is: somebody may stand in it.
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            fs::rename(entry.path(), root.join(entry.file_name())).map_err(failed)?;
        }
        Ok(())
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        // Already moved, or to be forgotten; there is nobody left to tell.
        let _ = fs::remove_dir_all(&self.path);
    }
}
