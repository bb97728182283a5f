//! A file as a table: converted once through its connector to Parquet, and kept until the file changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use serde_json::{Value, json};
use trommel_connectors::parquet::ParquetFile;
use trommel_connectors::{FILE_COLUMN, LINE_COLUMN, Mode, Piece, Sink, TEXT_COLUMN, format_of};
use trommel_engine::sql;
use trommel_model::{Code, FileFormat, Outcome, Problem, QuarantinedRow, SourceSpec, did_you_mean};

use crate::desk::{self, Desk};
use crate::worker::Task;

/// Remarks are cut after this many; the count of the rest is told.
const NOTES_SHOWN: usize = 20;

/// What becomes of the values of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// They get the types that the whole column bears.
    Typed,
    /// They stay the text they came as.
    AsText,
}

/// What there is to say of the files that are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// Remarks.
    pub(crate) notes: Vec<String>,
    /// Of each file its columns, each with the name it has in the file: headers may repeat names or leave them empty.
    pub(crate) headers: Vec<Vec<(String, String)>>,
}

/// A SELECT over a file, without the position columns.
pub(crate) fn select(task: &Task, desk: &Desk, path: &Path, values: Values, told: &mut Told) -> Outcome<String> {
    let (path, inner) = split_inner(path);
    let piece = piece(&path, inner.as_deref())?;
    let kept = desk.cache.join(key(&piece, values));
    let ready = kept.join("ready.json");
    let facts = match fs::read(&ready).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) {
        Some(facts) => facts,
        None => convert(task, &piece, values, &kept, &ready)?,
    };
    let strings = |name: &str| -> Vec<String> {
        facts[name].as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    told.notes.extend(strings("notes"));
    told.headers.push(strings("columns").into_iter().zip(strings("labels")).collect());
    let files: Vec<String> = strings("files").iter().map(|f| sql::literal(&kept.join(f).to_string_lossy())).collect();
    let select = format!(
        "SELECT * EXCLUDE ({}, {}, {}) FROM read_parquet([{}])",
        sql::ident(FILE_COLUMN),
        sql::ident(LINE_COLUMN),
        sql::ident(TEXT_COLUMN),
        files.join(", ")
    );
    if values == Values::Typed || piece.format == FileFormat::Csv {
        return Ok(select);
    }
    // What came typed is printed; delimited text was never read as anything else.
    let columns = desk.engine.describe(&select)?;
    let printed: Vec<String> = columns.names().map(sql::ident).map(|name| format!("CAST({name} AS VARCHAR) AS {name}")).collect();
    Ok(format!("SELECT {} FROM ({select})", printed.join(", ")))
}

/// Takes `shop.db::orders` apart; a path that exists as it is is taken as it is.
pub(crate) fn split_inner(path: &Path) -> (PathBuf, Option<String>) {
    if path.exists() {
        return (path.to_owned(), None);
    }
    match path.to_string_lossy().split_once("::") {
        Some((file, table)) => (PathBuf::from(file), Some(table.to_owned())),
        None => (path.to_owned(), None),
    }
}

/// The piece that a path stands for. Files of unknown endings are taken for delimited text.
pub(crate) fn piece(path: &Path, table: Option<&str>) -> Outcome<Piece> {
    let facts = fs::metadata(path).map_err(|e| not_readable(&e, path))?;
    if facts.is_dir() {
        return Err(Problem::new(Code::FileUnreadable, "that is a folder, not a file").in_file(path).next("name a file in it"));
    }
    let modified_ms = facts
        .modified()
        .ok()
        .and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
    let format = format_of(path).unwrap_or(FileFormat::Csv);
    let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let name = match (format, table) {
        (FileFormat::Sqlite, Some(table)) => table.to_owned(),
        (FileFormat::Sqlite, None) => trommel_connectors::sqlite::only_table(path)?,
        // A sheet of a workbook, a file of an archive.
        (_, Some(inner)) => format!("{file}/{inner}"),
        _ => file,
    };
    // A file of an archive says by its own ending what it is.
    let format = match table {
        Some(inner) if trommel_connectors::compressed::is_archive(path) => format_of(Path::new(inner)).unwrap_or(FileFormat::Csv),
        _ => format,
    };
    let path = fs::canonicalize(path).map_err(|e| not_readable(&e, path))?;
    Ok(Piece { name, path, format, bytes: facts.len(), modified_ms })
}

fn not_readable(error: &std::io::Error, path: &Path) -> Problem {
    let mut problem = Problem::from_io(error, "read the file", path);
    if error.kind() == std::io::ErrorKind::NotFound
        && let (Some(folder), Some(name)) = (path.parent(), path.file_name())
    {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let names: Vec<String> =
            fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        let hint = did_you_mean(&name.to_string_lossy(), names.iter().map(String::as_str));
        problem.why = None;
        "there is no such file".clone_into(&mut problem.what);
        problem.next = Some(if hint.is_empty() { "check the path".to_owned() } else { hint });
    }
    problem
}

/// A file's name in the cache: it changes whenever the file does.
fn key(piece: &Piece, values: Values) -> String {
    use sha2::{Digest, Sha256};
    // The number in front changes with what readers make of a file.
    let text =
        format!("3\n{:?}\n{}\n{}\n{}\n{}\n{values:?}", piece.format, piece.path.display(), piece.name, piece.bytes, piece.modified_ms);
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(12).map(|b| format!("{b:02x}")).collect()
}

/// Converts a file. The folder is complete once `ready.json` is in it.
fn convert(task: &Task, piece: &Piece, values: Values, kept: &Path, ready: &Path) -> Outcome<Value> {
    let io = |e: &std::io::Error| Problem::from_io(e, "write to the cache", kept);
    let temporary = kept.with_extension(format!("{}-{}", std::process::id(), task.ticket.0));
    fs::create_dir_all(&temporary).map_err(|e| io(&e))?;
    let result = convert_into(task, piece, values, &temporary);
    let facts = match result {
        Ok(facts) => facts,
        Err(problem) => {
            // What is left of a failed conversion is of no use; a failure to remove it costs only space.
            let _ = fs::remove_dir_all(&temporary);
            return Err(problem);
        }
    };
    let bytes = serde_json::to_vec(&facts).map_err(|e| Problem::new(Code::Internal, "cannot write the cache").why(e.to_string()))?;
    fs::write(temporary.join("ready.json"), bytes).map_err(|e| io(&e))?;
    if fs::rename(&temporary, kept).is_err() {
        // Somebody else was faster; theirs is as good as ours.
        let _ = fs::remove_dir_all(&temporary);
        if !ready.is_file() {
            return Err(Problem::new(Code::FileUnreadable, "cannot write to the cache").in_file(kept));
        }
    }
    Ok(facts)
}

fn convert_into(task: &Task, piece: &Piece, values: Values, folder: &Path) -> Outcome<Value> {
    let mut spec = SourceSpec::of_file(&piece.name, (piece.format == FileFormat::Sqlite).then(|| piece.name.clone()));
    spec.csv.as_text = values == Values::AsText;
    let sink = Parts::new(folder);
    let threads = desk::threads(task, None);
    let report = trommel_connectors::read(piece, &spec, Mode::Lenient, threads, &task.cancel, &task.progress, &sink)?;
    let (files, held) = sink.finish()?;
    let mut notes = report.notes;
    let rest = held.len().saturating_sub(NOTES_SHOWN);
    notes.extend(held.iter().take(NOTES_SHOWN).map(|row| format!("{} line {}: {}", row.file, row.line, row.reason)));
    if rest > 0 {
        notes.push(format!("{rest} more rows could not be read"));
    }
    if report.padded > 0 {
        notes.push(format!("{} of {} rows have fewer or more fields than the header; they were padded", report.padded, report.rows_in));
    }
    let (columns, labels) = report.dialect.map(|d| (d.columns, d.labels)).unwrap_or_default();
    Ok(json!({ "files": files, "notes": notes, "rows": report.rows_out, "columns": columns, "labels": labels }))
}

/// A sink that writes each part to a Parquet file of its own.
struct Parts<'a> {
    folder: &'a Path,
    state: Mutex<PartsState>,
}

#[derive(Default)]
struct PartsState {
    schema: Option<SchemaRef>,
    open: BTreeMap<usize, ParquetFile>,
    done: BTreeMap<usize, String>,
    held: Vec<QuarantinedRow>,
}

impl<'a> Parts<'a> {
    fn new(folder: &'a Path) -> Self {
        Self { folder, state: Mutex::default() }
    }

    fn file(part: usize) -> String {
        format!("part-{part:06}.parquet")
    }

    /// The files in order; an empty table still has one.
    fn finish(self) -> Outcome<(Vec<String>, Vec<QuarantinedRow>)> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<String> = state.done.into_values().collect();
        if files.is_empty()
            && let Some(schema) = state.schema
        {
            let name = Self::file(0);
            ParquetFile::create(&self.folder.join(&name), &schema)?.finish()?;
            files.push(name);
        }
        Ok((files, state.held))
    }
}

impl Sink for Parts<'_> {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).schema = Some(schema.clone());
        Ok(())
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        // The writer leaves the shared state while it works, so that parts are written side by side.
        let taken = self.state.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&part);
        let mut file = match taken {
            Some(file) => file,
            None => ParquetFile::create(&self.folder.join(Self::file(part)), &batch.schema())?,
        };
        file.write(&batch)?;
        self.state.lock().unwrap_or_else(PoisonError::into_inner).open.insert(part, file);
        Ok(())
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        let taken = self.state.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&part);
        if let Some(file) = taken {
            file.finish()?;
            self.state.lock().unwrap_or_else(PoisonError::into_inner).done.insert(part, Self::file(part));
        }
        Ok(())
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).held.extend(rows);
        Ok(())
    }
}
