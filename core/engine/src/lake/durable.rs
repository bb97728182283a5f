//! Files that are either complete and on disk, or absent.
//!
//! A file is written under a temporary name, synced, renamed, and its folder is synced. A sync that
//! fails is fatal for the file: the operating system may have dropped the data it could not write, so
//! trying again would prove nothing.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use trommel_model::{Cancel, Outcome, Problem};

use super::clock;
use crate::failpoint;

/// A new data file under its temporary name. Removed again unless it is [kept](NewFile::keep).
pub(super) struct NewFile {
    temporary: PathBuf,
    target: PathBuf,
    kept: bool,
}

impl NewFile {
    /// A name for a new data file in `folder`, which is made when absent (mode 0700).
    pub fn in_folder(folder: &Path) -> Outcome<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| Problem::from_io(&e, "make the folder", folder))?;
        let name = format!("ducklake-{}.parquet", clock::fresh_uuid());
        Ok(Self { temporary: folder.join(format!(".{name}.part")), target: folder.join(name), kept: false })
    }

    /// Where to write.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Opens the temporary file for writing, readable by its owner only.
    pub fn create(&self) -> Outcome<File> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.temporary)
            .map_err(|e| Problem::from_io(&e, "make the file", &self.temporary))
    }

    /// Makes the file durable under its final name, and gives that.
    pub fn keep(mut self) -> Outcome<PathBuf> {
        let written = |e: &io::Error| Problem::from_io(e, "write the file", &self.target);
        failpoint::hit("lake.file_written")?;
        let file = File::open(&self.temporary).map_err(|e| written(&e))?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(|e| written(&e))?;
        file.sync_all().map_err(|e| written(&e))?;
        std::fs::rename(&self.temporary, &self.target).map_err(|e| written(&e))?;
        self.kept = true;
        sync_folders(&self.target).map_err(|e| written(&e))?;
        failpoint::hit("lake.file_kept")?;
        Ok(self.target.clone())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed now is found as an orphan later.
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}

/// Syncs the folder of a file and the two above it (table, layer, data), any of which may be new.
fn sync_folders(file: &Path) -> io::Result<()> {
    file.ancestors().skip(1).take(3).try_for_each(|folder| File::open(folder)?.sync_all())
}

/// A writer that knows the SHA-256 of what went through it.
pub(super) struct Hashed<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    /// Wraps a writer nothing has been written to.
    pub fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// The bytes written and their hash in hexadecimal digits.
    pub fn finish(&mut self) -> io::Result<(u64, String)> {
        self.inner.flush()?;
        Ok((self.bytes, hex::encode(self.hash.finalize_reset())))
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The SHA-256 of a file in hexadecimal digits.
pub(super) fn sha256(path: &Path, cancel: &Cancel) -> Outcome<String> {
    let failed = |e: &io::Error| Problem::from_io(e, "read the file", path);
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(|e| failed(&e))?);
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        cancel.check()?;
        match reader.read(&mut buffer).map_err(|e| failed(&e))? {
            0 => return Ok(hex::encode(hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}
