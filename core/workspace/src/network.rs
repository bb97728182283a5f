//! Tells folders on network file systems, on which locks and shared memory cannot be relied on.

use std::path::Path;

use trommel_model::{Code, Outcome, Problem};

/// Kinds of file system on which SQLite's write-ahead log is not safe (<https://www.sqlite.org/wal.html>, section 1).
const NETWORK: &[&str] =
    &["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs", "lustre", "gpfs", "ncpfs", "davfs"];

/// `bad-config` when a folder, or the nearest one above it that exists, lies on a network file system.
pub(crate) fn refuse_network_folder(folder: &Path) -> Outcome<()> {
    let Some(real) = folder.ancestors().find_map(|f| f.canonicalize().ok()) else { return Ok(()) };
    // Only Linux says it in a file; elsewhere nothing is refused.
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else { return Ok(()) };
    match file_system(&mounts, &real) {
        Some(kind) if NETWORK.contains(&kind) => Err(Problem::new(Code::BadConfig, "the workspace is on a network file system")
            .in_file(folder)
            .why(format!("the file system is {kind}: several processes could damage the lake and the ledger there"))
            .next("move the workspace to a local disk")),
        _ => Ok(()),
    }
}

/// The kind of file system at a path, from the text of `/proc/self/mountinfo` (see proc(5)).
fn file_system<'m>(mounts: &'m str, path: &Path) -> Option<&'m str> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let (before, after) = line.split_once(" - ")?;
        let (point, kind) = (unescape(before.split(' ').nth(4)?), after.split(' ').next()?);
        // Of two mounts on one point, the later one covers the earlier.
        if path.starts_with(&point) && best.is_none_or(|(length, _)| point.len() >= length) {
            best = Some((point.len(), kind));
        }
    }
    best.map(|(_, kind)| kind)
}

/// Spaces, tabs, newlines and backslashes are written as octal numbers.
fn unescape(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (code, c)| text.replace(code, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_counts() {
        let mounts = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:50 / /home rw shared:2 - nfs4 server:/home rw
41 40 0:51 / /home/me/local\\040disk rw - xfs /dev/sdb1 rw
42 22 0:52 / /mnt/x rw - ext4 /dev/sdc1 rw
43 22 0:53 / /mnt/x rw - fuse.sshfs host: rw
";
        for (path, kind) in
            [("/srv/w", "ext4"), ("/home/me/w", "nfs4"), ("/home/me/local disk/w", "xfs"), ("/homely", "ext4"), ("/mnt/x", "fuse.sshfs")]
        {
            assert_eq!(file_system(mounts, Path::new(path)), Some(kind), "{path}");
        }
    }

    #[test]
    fn a_local_folder_is_accepted_before_it_exists() {
        let dir = tempfile::tempdir().unwrap();
        refuse_network_folder(&dir.path().join("a/b")).unwrap();
    }
}
