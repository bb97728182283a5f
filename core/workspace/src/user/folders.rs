//! The standard folders of a user.

use std::path::PathBuf;

use directories::ProjectDirs;
use trommel_model::{Code, Outcome, Problem};

/// Where a user's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// For what the user decides: `settings.toml`. On Linux `$XDG_CONFIG_HOME/trommel`.
    pub config: PathBuf,
    /// For what the program remembers: `recent.toml`. On Linux `$XDG_STATE_HOME/trommel`.
    pub state: PathBuf,
    /// For what can be made again: files converted outside of any workspace. On Linux `$XDG_CACHE_HOME/trommel`.
    pub cache: PathBuf,
}

/// The standard folders, or `instead` for all: the value of `TROMMEL_CONFIG_DIR`, which a binary reads at its edge.
///
/// Makes nothing. Fails when the user has no home folder.
pub fn folders(instead: Option<PathBuf>) -> Outcome<Folders> {
    if let Some(folder) = instead {
        return Ok(Folders { cache: folder.join("cache"), config: folder.clone(), state: folder });
    }
    let standard = ProjectDirs::from("", "", "trommel").ok_or_else(|| {
        Problem::new(Code::FileNotFound, "there is no home folder").next("set HOME, or TROMMEL_CONFIG_DIR to a folder for settings")
    })?;
    let state = standard.state_dir().unwrap_or_else(|| standard.data_local_dir());
    Ok(Folders { config: standard.config_dir().to_owned(), state: state.to_owned(), cache: standard.cache_dir().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_folder_holds_everything() {
        let given = PathBuf::from("/x");
        assert_eq!(folders(Some(given.clone())).unwrap(), Folders { config: given.clone(), cache: given.join("cache"), state: given });
    }

    #[test]
    fn the_standard_folders_are_named_after_the_program() {
        // Without a home folder there are none, and that is said.
        match folders(None) {
            Ok(folders) => assert!(folders.config.ends_with("trommel") && folders.state.ends_with("trommel"), "{folders:?}"),
            Err(problem) => assert_eq!(problem.code, Code::FileNotFound),
        }
    }
}
