//! A Parquet file that is complete and durable, and not yet part of any snapshot.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use trommel_model::{Outcome, Problem};

use super::columns::Column;
use super::stats::ColumnStats;
use super::target::Target;

/// A data file, ready to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Where it is, relative to the lake's data folder.
    pub path: String,
    /// Its rows, as its own footer counts them.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The size of its footer.
    pub footer_bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// What it says of each column that holds values.
    pub columns: Vec<ColumnStats>,
    /// The source file its rows came from, when they came from one.
    pub source_file: Option<String>,
    /// The identifiers it was written with, by dotted path of the column.
    pub(super) ids: Vec<(String, i64)>,
    /// The snapshot that was the newest when its table's columns were looked up.
    pub(super) base: i64,
}

/// What is known of a file once it is written.
pub(super) struct Written {
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
    pub columns: Vec<ColumnStats>,
}

impl DataFile {
    /// The file at `path`, written for `target`.
    pub(super) fn new(target: &Target, path: &Path, written: Written) -> Outcome<Self> {
        let footer_bytes = footer_bytes(path).map_err(|e| Problem::from_io(&e, "read the file", path))?;
        let relative = path.strip_prefix(&target.data_dir).unwrap_or(path);
        Ok(Self {
            path: relative.to_string_lossy().into_owned(),
            rows: written.rows,
            bytes: written.bytes,
            footer_bytes,
            sha256: written.sha256,
            columns: written.columns,
            source_file: None,
            ids: ids_of(&target.columns.list, ""),
            base: target.base,
        })
    }

    /// The same file, with the source file its rows came from.
    #[must_use]
    pub fn from_source(mut self, source_file: impl Into<String>) -> Self {
        self.source_file = Some(source_file.into());
        self
    }
}

/// Identifiers of columns and what is within them, by dotted path in lower case.
pub(super) fn ids_of(columns: &[Column], above: &str) -> Vec<(String, i64)> {
    let mut ids = Vec::new();
    for column in columns {
        let path = format!("{above}{}", column.name.to_lowercase());
        ids.push((path.clone(), column.id));
        ids.extend(ids_of(&column.children, &format!("{path}.")));
    }
    ids
}

/// The length of the footer's metadata: the four bytes before the closing `PAR1`.
fn footer_bytes(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-8))?;
    let mut length = [0; 4];
    file.read_exact(&mut length)?;
    Ok(u32::from_le_bytes(length).into())
}
