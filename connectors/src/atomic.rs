//! A file that is either there whole or not at all: written beside its place under another name, then renamed.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use trommel_model::{Code, Outcome, Problem};

/// A file being written. Dropped without [`AtomicFile::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Starts a file that will be at `path`.
    pub fn create(path: &Path) -> Outcome<Self> {
        if path.is_dir() {
            return Err(Problem::new(Code::FileExists, "there is a folder of that name").in_file(path).next("choose another name"));
        }
        let mut options = tempfile::Builder::new();
        options.prefix(".trommel-").suffix(".part");
        // What files usually get (the system takes the umask off), not the private mode of temporary files.
        #[cfg(unix)]
        options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = options.tempfile_in(folder_of(path)).map_err(|e| Problem::from_io(&e, "write the file", path))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::with_capacity(256 * 1024, file) })
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it durable and puts it in its place, over a file that may be there.
    pub fn commit(self) -> Outcome<()> {
        let path = self.path;
        let fail = |e: &io::Error| Problem::from_io(e, "write the file", &path);
        let file = self.file.into_inner().map_err(|e| fail(e.error()))?;
        file.as_file().sync_all().map_err(|e| fail(&e))?;
        keep_permissions(&path, file.as_file()).map_err(|e| fail(&e))?;
        file.persist(&path).map_err(|e| fail(&e.error))?;
        sync_folder(&folder_of(&path)).map_err(|e| fail(&e))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl io::Seek for AtomicFile {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Writes a file of known bytes whole, or not at all.
pub fn whole_file(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(|e| Problem::from_io(&e, "write the file", path))?;
    file.commit()
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A file that is replaced passes its permissions on.
fn keep_permissions(path: &Path, file: &File) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(old) => file.set_permissions(old.permissions()),
        Err(_) => Ok(()),
    }
}

/// Makes a rename durable. Only Unix systems let a folder be synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        std::fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let problem = AtomicFile::create(Path::new("/nowhere/at/all.csv")).unwrap_err();
        assert_eq!(problem.code, Code::FileNotFound);
    }
}
