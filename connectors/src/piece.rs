//! Where a source lives, and the pieces (files, tables) it is read from.

use std::path::{Path, PathBuf};

use trommel_model::{ConnectionSpec, FileFormat, SourceSpec};

use crate::compressed;

/// A source together with what its paths are relative to.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The workspace's folder, absolute.
    pub root: &'a Path,
    /// The connection the source names, when it names one.
    pub connection: Option<&'a ConnectionSpec>,
    /// The source.
    pub spec: &'a SourceSpec,
}

/// One file of a source, or one table or query of a database file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Path relative to the connection's folder with `/` between its parts, and what is meant within the file behind it
    /// (a member of an archive, a sheet); for a database, the table's name or `query`.
    pub name: String,
    /// The file to open.
    pub path: PathBuf,
    /// How it is written.
    pub format: FileFormat,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last changed, milliseconds since 1970; 0 when the system does not say.
    pub modified_ms: i64,
}

impl Piece {
    /// What is read within the file, when the name goes on behind that of the file: `x.zip/a.csv` is `a.csv` of `x.zip`,
    /// `x.xlsx/Orders` is sheet `Orders`.
    pub fn inner(&self) -> Option<&str> {
        let file = self.path.file_name()?.to_str()?;
        let mut from = 0;
        while let Some(at) = self.name[from..].find(file) {
            let (start, end) = (from + at, from + at + file.len());
            let whole = start == 0 || self.name.as_bytes()[start - 1] == b'/';
            if whole && let Some(inner) = self.name[end..].strip_prefix('/') {
                return Some(inner);
            }
            from = end;
        }
        None
    }
}

/// The format a file's ending stands for, under a packing such as `.gz`; of an archive, that of the files in it.
/// `None` for endings we do not know.
pub fn format_of(path: &Path) -> Option<FileFormat> {
    let name = path.file_name()?.to_str()?;
    if compressed::is_archive(path) {
        let members = compressed::members(path).ok()?;
        let formats: Vec<Option<FileFormat>> = members.iter().map(|m| format_of_name(&m.name)).collect();
        return formats.first().copied().flatten().filter(|first| formats.iter().all(|f| *f == Some(*first)));
    }
    format_of_name(compressed::inner_name(name))
}

/// The format that the ending of a name stands for.
pub fn format_of_name(name: &str) -> Option<FileFormat> {
    let (stem, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        _ if stem.is_empty() => return None,
        "csv" | "tsv" | "tab" | "psv" | "txt" | "dat" => FileFormat::Csv,
        "json" | "geojson" => FileFormat::Json,
        "ndjson" | "jsonl" => FileFormat::Ndjson,
        "parquet" | "pq" => FileFormat::Parquet,
        "sqlite" | "sqlite3" | "db" => FileFormat::Sqlite,
        "xlsx" | "xlsm" | "xltx" | "xltm" | "xlam" | "xls" | "xlt" | "xla" | "xlsb" | "ods" | "ots" => FileFormat::Excel,
        "xml" | "rss" | "atom" | "gpx" | "kml" | "svg" | "xsd" => FileFormat::Xml,
        "fwf" | "prn" => FileFormat::Fixed,
        "arrow" | "arrows" | "feather" | "ipc" => FileFormat::Arrow,
        _ => return None,
    })
}

/// True for formats that may be packed from outside: they do not pack themselves.
pub fn is_text(format: FileFormat) -> bool {
    matches!(format, FileFormat::Csv | FileFormat::Json | FileFormat::Ndjson | FileFormat::Xml | FileFormat::Fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_ending() {
        for (name, format) in [
            ("a.csv", Some(FileFormat::Csv)),
            ("a.csv.gz", Some(FileFormat::Csv)),
            ("a.JSON.ZST", Some(FileFormat::Json)),
            ("a.xlsm", Some(FileFormat::Excel)),
            ("a.ods", Some(FileFormat::Excel)),
            ("a.xml.bz2", Some(FileFormat::Xml)),
            ("a.gz", None),
            (".csv", None),
            ("a", None),
        ] {
            assert_eq!(format_of(Path::new(name)), format, "{name}");
        }
    }

    #[test]
    fn names_that_go_on_behind_the_file() {
        for (name, inner) in [("d/x.zip/a/b.csv", Some("a/b.csv")), ("x.zip", None), ("yx.zip/a", None), ("x.zip/x.zip/a", Some("x.zip/a"))]
        {
            let piece = Piece { name: name.to_owned(), path: "/d/x.zip".into(), format: FileFormat::Csv, bytes: 0, modified_ms: 0 };
            assert_eq!(piece.inner(), inner, "{name}");
        }
    }
}
