//! Writes a folder of Parquet files, in folders by the values of some columns: `year=2024/part-0.parquet`.
//!
//! All of it is written beside its place, then put there; a folder that was there goes when the new one is whole. Where
//! the file system can, both change places at once; else for a moment between two renames there is none of that name.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use arrow::row::{RowConverter, SortField};
use trommel_model::{Code, Outcome, Problem, did_you_mean};

use super::partition::{NO_VALUE, encoded};
use super::write::ParquetFile;
use crate::render::Cells;
use crate::write::Written;

/// A folder being written. Dropped without [`Writer::finish`], it leaves nothing behind.
pub struct Writer {
    place: PathBuf,
    work: tempfile::TempDir,
    /// Where the columns stand that become folders.
    by: Vec<usize>,
    names: Vec<String>,
    /// Where the others stand.
    kept: Vec<usize>,
    schema: SchemaRef,
    open: Option<(String, ParquetFile)>,
    files: u64,
    rows: u64,
}

impl Writer {
    /// Starts a folder that will be at `place`, for rows of these columns. Rows of one partition best come together.
    pub fn create(place: &Path, schema: &SchemaRef, partition: &[String]) -> Outcome<Self> {
        if place.is_file() {
            return Err(Problem::new(Code::FileExists, "there is a file of that name").in_file(place).next("choose another name"));
        }
        let mut by = Vec::new();
        for name in partition {
            let names = || schema.fields().iter().map(|f| f.name().as_str());
            let Some(at) = names().position(|n| n == name) else {
                let problem = Problem::new(Code::UnknownName, format!("the rows have no column \"{name}\" to be parted by"));
                let hint = did_you_mean(name, names());
                return Err(problem.next(if hint.is_empty() {
                    format!("they have {}", names().collect::<Vec<_>>().join(", "))
                } else {
                    hint
                }));
            };
            by.push(at);
        }
        let kept: Vec<usize> = (0..schema.fields().len()).filter(|at| !by.contains(at)).collect();
        if kept.is_empty() {
            return Err(Problem::new(Code::BadConfig, "no column is left to be written").next("leave one out of partition"));
        }
        let parent = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let work = tempfile::Builder::new().prefix(".trommel-").suffix(".part").tempdir_in(parent);
        let work = work.map_err(|e| Problem::from_io(&e, "write the folder", place))?;
        let fields: Vec<_> = kept.iter().map(|at| schema.fields()[*at].clone()).collect();
        let schema = Arc::new(Schema::new(fields));
        Ok(Self { place: place.to_owned(), work, by, names: partition.to_vec(), kept, schema, open: None, files: 0, rows: 0 })
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        let fail = |e: arrow::error::ArrowError| Problem::new(Code::Internal, "rows cannot be parted").why(e.to_string());
        let keys: Vec<_> = self.by.iter().map(|at| batch.column(*at).clone()).collect();
        let fields = keys.iter().map(|k| SortField::new(k.data_type().clone())).collect();
        let same = RowConverter::new(fields).and_then(|c| c.convert_columns(&keys)).map_err(fail)?;
        let cells: Vec<Cells> = keys.iter().map(Cells::new).collect::<Result<_, _>>().map_err(fail)?;
        let kept = batch.project(&self.kept).map_err(fail)?;
        let mut first = 0;
        while first < batch.num_rows() {
            let end = (first + 1..batch.num_rows()).find(|row| same.row(*row) != same.row(first)).unwrap_or(batch.num_rows());
            let folder = self.folder(&cells, first);
            self.part(&folder)?.write(&kept.slice(first, end - first))?;
            self.rows += (end - first) as u64;
            first = end;
        }
        Ok(())
    }

    /// Puts the folder in its place.
    pub fn finish(mut self) -> Outcome<Written> {
        if let Some((_, file)) = self.open.take() {
            file.finish()?;
        }
        let place = &self.place;
        let fail = |e: std::io::Error| Problem::from_io(&e, "write the folder", place);
        open_to_all(self.work.path()).map_err(fail)?;
        File::open(self.work.path()).and_then(|folder| folder.sync_all()).map_err(fail)?;
        let new = self.work.keep();
        let stood = place.exists();
        let old = if stood && exchange(&new, place) { new } else { replace(&new, place, stood).map_err(fail)? };
        if stood {
            std::fs::remove_dir_all(&old).map_err(fail)?;
        }
        let notes = vec![format!("{} files", self.files)];
        Ok(Written { path: self.place.clone(), rows: self.rows, bytes: 0, notes })
    }

    fn folder(&self, cells: &[Cells], row: usize) -> String {
        let mut out = String::new();
        for (name, cells) in self.names.iter().zip(cells) {
            let value = if cells.is_null(row) {
                NO_VALUE.to_owned()
            } else {
                let mut text = String::new();
                cells.print(row, &mut text);
                encoded(&text)
            };
            out.push_str(&format!("{}={value}/", encoded(name)));
        }
        out
    }

    /// The file that rows of a folder go to.
    fn part(&mut self, folder: &str) -> Outcome<&mut ParquetFile> {
        let (open, file) = match self.open.take() {
            Some(same) if same.0 == folder => same,
            other => {
                if let Some((_, done)) = other {
                    done.finish()?;
                }
                let within = self.work.path().join(folder);
                std::fs::create_dir_all(&within).map_err(|e| Problem::from_io(&e, "write the folder", &self.place))?;
                let file = ParquetFile::create(&within.join(format!("part-{}.parquet", self.files)), &self.schema)?;
                self.files += 1;
                (folder.to_owned(), file)
            }
        };
        Ok(&mut self.open.insert((open, file)).1)
    }
}

/// Lets two folders change places at once, where the system and the file system can.
fn exchange(new: &Path, old: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return rustix::fs::renameat_with(rustix::fs::CWD, new, rustix::fs::CWD, old, rustix::fs::RenameFlags::EXCHANGE).is_ok();
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (new, old);
        false
    }
}

/// Puts a folder in its place in two steps; gives where the old one is.
fn replace(new: &Path, place: &Path, stood: bool) -> std::io::Result<PathBuf> {
    let old = new.with_extension("old");
    let moved = (if stood { std::fs::rename(place, &old) } else { Ok(()) }).and_then(|()| std::fs::rename(new, place));
    if let Err(e) = moved {
        // The old one is better than none.
        if stood && !place.exists() {
            let _ = std::fs::rename(&old, place);
        }
        let _ = std::fs::remove_dir_all(new);
        return Err(e);
    }
    Ok(old)
}

/// Temporary folders are private; this one is to be read like any other.
fn open_to_all(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use arrow::array::Int64Array;
    use arrow::datatypes::{DataType, Field};

    use super::*;

    fn write(place: &Path, value: i64) {
        let schema = Arc::new(Schema::new(vec![Field::new("p", DataType::Int64, true), Field::new("v", DataType::Int64, true)]));
        let column = || Arc::new(Int64Array::from(vec![value])) as _;
        let batch = RecordBatch::try_new(schema.clone(), vec![column(), column()]).unwrap();
        let mut writer = Writer::create(place, &schema, &["p".to_owned()]).unwrap();
        writer.write(&batch).unwrap();
        assert_eq!(writer.finish().unwrap().rows, 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_that_is_replaced_is_never_missing() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("out");
        write(&place, 0);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut looks = 0_u64;
                while !done.load(Ordering::Relaxed) {
                    assert!(place.exists(), "missing after {looks} looks");
                    looks += 1;
                }
                looks
            });
            for value in 1..200 {
                write(&place, value);
            }
            done.store(true, Ordering::Relaxed);
            assert!(watching.join().unwrap() > 0);
        });
        let inside = |path: &Path| -> Vec<String> {
            std::fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
        };
        assert_eq!((inside(folder.path()), inside(&place)), (vec!["out".to_owned()], vec!["p=199".to_owned()]));
    }
}
