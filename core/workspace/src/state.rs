//! The state folder of a workspace: where an environment keeps what a run can rebuild.

use std::path::{Path, PathBuf};

use trommel_model::{Code, Outcome, Problem, Workspace};

use crate::disk::make_private_folder;
use crate::network::refuse_network_folder;
use crate::{DEV, STATE_FOLDER};

/// The state of one environment of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The folder: `.trommel/` for `dev`, `.trommel/env/NAME/` for every other environment.
    pub dir: PathBuf,
}

/// Where the state of a workspace's environment is. Makes nothing; see [`State::make`].
pub fn state(workspace: &Workspace) -> State {
    let base = workspace.root.join(STATE_FOLDER);
    State { dir: if workspace.environment == DEV { base } else { base.join("env").join(&workspace.environment) } }
}

impl State {
    /// Makes the folder, for its owner only (mode 0700).
    ///
    /// `denied` when the workspace cannot be written; `no-space`; `bad-config` on a network file system, where the locks of
    /// SQLite cannot be relied on, and when `.trommel` or a folder in it is a symbolic link: somebody who hands over a
    /// workspace must not choose where state is written.
    pub fn make(&self) -> Outcome<()> {
        refuse_network_folder(&self.dir)?;
        self.own_folders().try_for_each(refuse_link)?;
        make_private_folder(&self.dir).map_err(|e| Problem::from_io(&e, "make the state folder", &self.dir))
    }

    /// A folder in it, for its owner only. Fails as [`Self::make`] does.
    pub fn folder(&self, name: &str) -> Outcome<PathBuf> {
        self.make()?;
        let folder = self.dir.join(name);
        refuse_link(&folder)?;
        make_private_folder(&folder).map_err(|e| Problem::from_io(&e, "make the folder", &folder))?;
        Ok(folder)
    }

    /// `.trommel` and the folders below it that lead to this environment.
    fn own_folders(&self) -> impl Iterator<Item = &Path> {
        let outside = self.dir.ancestors().position(|folder| folder.ends_with(STATE_FOLDER)).unwrap_or(0);
        self.dir.ancestors().take(outside + 1)
    }
}

fn refuse_link(folder: &Path) -> Outcome<()> {
    if std::fs::symlink_metadata(folder).is_ok_and(|about| about.is_symlink()) {
        return Err(Problem::new(Code::BadConfig, format!("{} is a symbolic link", folder.display()))
            .why("state is written inside of the workspace only")
            .next("remove the link; to keep state on another disk, put the whole workspace there"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use trommel_model::WorkspaceConfig;

    use super::*;

    fn workspace(root: &Path, environment: &str) -> Workspace {
        Workspace {
            root: root.to_owned(),
            environment: environment.to_owned(),
            config: WorkspaceConfig::default(),
            sources: vec![],
            models: vec![],
            kpis: vec![],
            boards: vec![],
            sinks: vec![],
            decisions: vec![],
            corrections: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn environments_have_folders_of_their_own() {
        assert_eq!(state(&workspace(Path::new("/w"), "dev")).dir, Path::new("/w/.trommel"));
        assert_eq!(state(&workspace(Path::new("/w"), "prod")).dir, Path::new("/w/.trommel/env/prod"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_look_and_links_are_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let prod = state(&workspace(dir.path(), "prod"));
        prod.make().unwrap();
        prod.make().unwrap();
        for folder in prod.own_folders() {
            assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700, "{}", folder.display());
        }
        assert_eq!(prod.own_folders().count(), 3);

        let (other, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), other.path().join(STATE_FOLDER)).unwrap();
        for environment in ["dev", "prod"] {
            assert_eq!(state(&workspace(other.path(), environment)).make().unwrap_err().code, Code::BadConfig, "{environment}");
        }
        std::os::unix::fs::symlink(elsewhere.path(), prod.dir.join("match")).unwrap();
        assert_eq!(prod.folder("match").unwrap_err().code, Code::BadConfig);
        assert!(prod.folder("other").unwrap().is_dir());
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_workspace_that_cannot_be_written_is_denied() {
        // No user may make folders here, not even root.
        let state = State { dir: PathBuf::from("/sys/kernel/.trommel") };
        assert_eq!(state.make().unwrap_err().code, Code::Denied);
    }
}
