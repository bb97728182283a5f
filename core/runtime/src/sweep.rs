//! Folders in the cache that belong to one process: `spill-PID-…` and `remote-PID-TICKET`. What processes left behind that
//! were killed is removed by the next one.

use std::path::{Path, PathBuf};

/// Begins the folder that an engine spills into.
const SPILL: &str = "spill-";
/// Begins the folder that rows of remote tables are kept in.
pub(crate) const REMOTE: &str = "remote-";

/// Removes what processes left behind that live no more.
pub(crate) fn sweep(cache: &Path) {
    let left = |name: &str| -> Option<PathBuf> {
        let rest = name.strip_prefix(SPILL).or_else(|| name.strip_prefix(REMOTE))?;
        let process: u32 = rest.split('-').next()?.parse().ok()?;
        let lives = process == std::process::id() || Path::new("/proc").join(process.to_string()).exists();
        (!lives).then(|| cache.join(name))
    };
    for entry in std::fs::read_dir(cache).into_iter().flatten().flatten() {
        if let Some(path) = entry.file_name().to_str().and_then(left) {
            // What cannot be removed is tried again by the next query.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_dead_left_is_removed() {
        let cache = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let dead = child.id();
        child.wait().unwrap();
        let own = std::process::id();
        let gone = [format!("spill-{dead}-x"), format!("remote-{dead}-3")];
        let kept = [format!("spill-{own}-x"), format!("remote-{own}-3"), "spill-x".to_owned(), "other".to_owned()];
        for name in gone.iter().chain(&kept) {
            std::fs::create_dir_all(cache.path().join(name).join("inner")).unwrap();
        }
        sweep(cache.path());
        let mut left: Vec<String> =
            std::fs::read_dir(cache.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        let mut expected = kept.to_vec();
        expected.sort();
        assert_eq!(left, expected);
    }
}
