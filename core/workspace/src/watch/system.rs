//! The operating system's watching of the folders that matter.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Wake;
use super::files::FOLDERS;

/// Watches on the root, the folder above it (which tells when the root is renamed) and the folders of text files.
pub(super) struct System {
    /// Absent when the operating system has nothing left to watch with.
    watcher: Option<RecommendedWatcher>,
    /// The folders of text files that are watched, each with what tells it from another folder of its name.
    watched: BTreeMap<PathBuf, u64>,
}

impl System {
    /// Starts to watch. What cannot be watched is left to the regular look at the files.
    pub(super) fn start(root: &Path, wake: &Sender<Wake>) -> Self {
        let (own_root, wake) = (root.to_owned(), wake.clone());
        let handler = move |event: notify::Result<Event>| {
            if let Some(reason) = reason(&own_root, &event) {
                let _ = wake.send(reason);
            }
        };
        let mut system = Self { watcher: notify::recommended_watcher(handler).ok(), watched: BTreeMap::new() };
        if let Some(watcher) = &mut system.watcher {
            for folder in root.parent().into_iter().chain([root]) {
                let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
            }
        }
        system.follow(root);
        system
    }

    /// As when the operating system refuses to watch anything.
    #[cfg(test)]
    pub(super) fn deaf() -> Self {
        Self { watcher: None, watched: BTreeMap::new() }
    }

    /// Watches folders that came since, and watches anew those that were removed and made again.
    pub(super) fn follow(&mut self, root: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        for folder in FOLDERS.iter().map(|folder| root.join(folder)) {
            let identity = identity(&folder);
            if self.watched.get(&folder).copied() == identity {
                continue;
            }
            if self.watched.remove(&folder).is_some() {
                let _ = watcher.unwatch(&folder);
            }
            if let Some(identity) = identity
                && watcher.watch(&folder, RecursiveMode::Recursive).is_ok()
            {
                self.watched.insert(folder, identity);
            }
        }
    }
}

/// Whether an event is worth waking up for. Reading a file is not: listing the files reads their folders.
fn reason(root: &Path, event: &notify::Result<Event>) -> Option<Wake> {
    let Ok(event) = event else { return Some(Wake::Anew) };
    if event.need_rescan() {
        return Some(Wake::Anew);
    }
    let wrote = matches!(event.kind, EventKind::Access(AccessKind::Close(AccessMode::Write)));
    if event.kind.is_access() && !wrote {
        return None;
    }
    if event.paths.iter().any(|path| path == root) && !matches!(event.kind, EventKind::Modify(notify::event::ModifyKind::Metadata(_))) {
        return Some(Wake::Anew);
    }
    event.paths.iter().any(|path| path.starts_with(root) && matters(root, path)).then_some(Wake::Event)
}

/// False for the state folder and everything else that is hidden.
fn matters(root: &Path, path: &Path) -> bool {
    path.strip_prefix(root).is_ok_and(|inside| inside.components().all(|part| !super::is_noise(&part.as_os_str().to_string_lossy())))
}

#[cfg(unix)]
fn identity(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(folder).ok().filter(std::fs::Metadata::is_dir).map(|about| about.ino())
}

#[cfg(not(unix))]
fn identity(folder: &Path) -> Option<u64> {
    folder.is_dir().then_some(0)
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, Flag, MetadataKind, ModifyKind, RemoveKind, RenameMode};

    use super::*;

    #[test]
    fn what_wakes_the_watcher() {
        let root = Path::new("/w/shop");
        let check = |kind: EventKind, path: &str, expected: Option<Wake>| {
            let event = Ok(Event::new(kind).add_path(PathBuf::from(path)));
            assert_eq!(reason(root, &event), expected, "{kind:?} {path}");
        };
        let modified = EventKind::Modify(ModifyKind::Any);
        check(modified, "/w/shop/models/mart/a.sql", Some(Wake::Event));
        check(EventKind::Create(CreateKind::Folder), "/w/shop/kpis", Some(Wake::Event));
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), "/w/shop/trommel.toml", Some(Wake::Event));
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), "/w/shop/trommel.toml", None);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), "/w/shop/models", None);
        check(modified, "/w/shop/.trommel/ledger.sqlite-wal", None);
        check(modified, "/w/shop/models/mart/.a.sql.swp", None);
        check(modified, "/w/other/trommel.toml", None);
        check(EventKind::Modify(ModifyKind::Name(RenameMode::From)), "/w/shop", Some(Wake::Anew));
        check(EventKind::Remove(RemoveKind::Folder), "/w/shop", Some(Wake::Anew));
        check(EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), "/w/shop", Some(Wake::Event));
        assert_eq!(reason(root, &Err(notify::Error::generic("lost"))), Some(Wake::Anew));
        let overflow = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(reason(root, &Ok(overflow)), Some(Wake::Anew));
    }
}
