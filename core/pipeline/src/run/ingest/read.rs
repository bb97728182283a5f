//! Files of a source read in parallel, each with the hash of exactly the bytes that were read.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use arrow::datatypes::SchemaRef;
use trommel_connectors::database::{self, Server, Since};
use trommel_connectors::{Mode, Moved, Piece, ReadReport, Sink, corrected, read, sha256};
use trommel_model::{Code, Correction, FileFormat, Outcome, Problem, SourceSpec, TableName};

use super::sink::{FileSink, Landed};
use super::unify::{Came, Column};
use crate::changes::connection;
use crate::corrections;
use crate::run::context::Context;
use crate::run::held::Held;

/// One file that was read and written.
pub(super) struct Read {
    /// The file.
    pub piece: Piece,
    /// The hash of its bytes.
    pub sha256: String,
    /// What it came to.
    pub landed: Landed,
    /// The reader's account.
    pub report: ReadReport,
    /// The largest cursor of what a server gave, where the source names one.
    pub cursor: Option<String>,
    /// Where its lines are read, by what was corrected.
    pub moved: Moved,
}

impl Read {
    /// Its columns.
    pub fn came(&self) -> Came {
        let columns = self.landed.schema.fields().iter().zip(&self.landed.empty);
        let columns = columns.map(|(field, empty)| Column { field: field.as_ref().clone(), empty: *empty }).collect();
        Came { name: self.piece.name.clone(), columns }
    }
}

/// Reads the files, as many at a time as there are threads. The result is in the order given.
///
/// Rows are written with the `expected` columns where they fit them. Of a server's table, rows `since` a cursor are read.
pub(super) fn read_all(
    context: &Context<'_>,
    table: &TableName,
    source: &SourceSpec,
    expected: Option<&SchemaRef>,
    pieces: &[Piece],
    since: Option<&Since>,
) -> Outcome<Vec<Read>> {
    let threads = context.request.threads.max(1);
    let at_once = threads.min(pieces.len()).max(1);
    let (next, slots) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(piece) = pieces.get(at) else { return };
                        let done = read_one(context, table, source, expected, piece, since, threads.div_ceil(at_once));
                        if done.is_err() {
                            // Nobody starts another file once one has failed.
                            next.store(pieces.len(), Ordering::Relaxed);
                        }
                        slots.lock().unwrap_or_else(PoisonError::into_inner).push((at, done));
                    }
                })
            })
            .collect();
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let mut done = slots.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, read)| read).collect()
}

fn read_one(
    context: &Context<'_>,
    table: &TableName,
    source: &SourceSpec,
    expected: Option<&SchemaRef>,
    piece: &Piece,
    since: Option<&Since>,
    threads: usize,
) -> Outcome<Read> {
    let before = stamp(piece)?;
    let held = Held::new(context.lake, table, &context.id, Some(piece.name.clone()));
    let sink = FileSink::new(context.lake, table, &piece.name, expected.cloned(), held);
    let (mut cursor, mut moved) = (None, Moved::default());
    let (hash, report) = if piece.format == FileFormat::Server {
        let report = from_server(context, source, piece, since, threads, &sink)?;
        cursor = report.1;
        // What a server has cannot be hashed; it is read by every run.
        (String::new(), report.0)
    } else if piece.format == FileFormat::Sqlite {
        // A database may change while it is read. Hashed before, a change in between is seen by the next run.
        let hash = sha256(piece, context.cancel)?;
        (hash, read(piece, source, Mode::Strict, threads, context.cancel, context.progress, &sink)?)
    } else {
        let decided = corrections::of_file(context.workspace, source, &piece.name);
        let (hash, report) = std::thread::scope(|scope| {
            let hash = scope.spawn(|| sha256(piece, context.cancel));
            let report = from_file(context, source, piece, &decided, threads, &sink);
            let hash = hash.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let (report, by) = report?;
            moved = by;
            Ok::<_, Problem>((hash?, report))
        })?;
        (corrections::marked(&hash, &decided), report)
    };
    if stamp(piece)? != before {
        return Err(Problem::new(Code::FileUnreadable, format!("{} changed while it was read", piece.name))
            .in_file(&piece.path)
            .next("run again when it is complete"));
    }
    let landed = sink.finish()?;
    tie(piece, &report, &landed)?;
    Ok(Read { piece: piece.clone(), sha256: hash, landed, report, cursor, moved })
}

/// Reads a file, its records as they were corrected; tells where its lines are then.
fn from_file(
    context: &Context<'_>,
    source: &SourceSpec,
    piece: &Piece,
    decided: &[Correction],
    threads: usize,
    sink: &dyn Sink,
) -> Outcome<(ReadReport, Moved)> {
    let (cancel, progress) = (context.cancel, context.progress);
    let decided: Vec<Correction> = decided.iter().filter(|c| !c.reopens()).cloned().collect();
    if decided.is_empty() {
        return Ok((read(piece, source, Mode::Strict, threads, cancel, progress, sink)?, Moved::default()));
    }
    let copy = corrected(piece, source, &decided, cancel, progress)?;
    let report = read(&copy.piece(piece), &copy.spec(source), Mode::Strict, threads, cancel, progress, sink);
    let mut report = report.map_err(|mut problem| {
        if problem.place.file.as_deref() == Some(copy.path()) {
            problem.place.file = Some(piece.path.clone());
        }
        problem
    })?;
    match copy.applied {
        0 => {}
        1 => report.notes.push("1 record is read as it was corrected".to_owned()),
        n => report.notes.push(format!("{n} records are read as they were corrected")),
    }
    report.notes.extend(
        copy.stale
            .iter()
            .map(|c| format!("the record on line {} is no longer what {} corrected on {}: it is read as it is", c.line, c.who, c.at)),
    );
    Ok((report, copy.moved))
}

/// Reads from the server that the source's connection names.
fn from_server(
    context: &Context<'_>,
    source: &SourceSpec,
    piece: &Piece,
    since: Option<&Since>,
    threads: usize,
    sink: &dyn Sink,
) -> Outcome<(ReadReport, Option<String>)> {
    let workspace = context.workspace;
    let Some(connection) = connection(workspace, source)? else {
        return Err(Problem::new(Code::Internal, format!("source {} names no connection", source.name)));
    };
    let server = Server { root: &workspace.root, connection };
    database::read(&server, piece, source, Mode::Strict, since, threads, context.cancel, context.progress, sink)
}

/// The reader's account against what was written.
fn tie(piece: &Piece, report: &ReadReport, landed: &Landed) -> Outcome<()> {
    let written: u64 = landed.files.iter().map(|f| f.rows).sum();
    if report.rows_out == written && report.held == landed.held && report.rows_in == written + landed.held {
        return Ok(());
    }
    Err(Problem::new(Code::LawBroken, format!("{} does not account for all of its rows", piece.name))
        .in_file(&piece.path)
        .why(format!(
            "{} in; {} out, {} written; {} held, {} in quarantine",
            report.rows_in, report.rows_out, written, report.held, landed.held
        ))
        .next("nothing was published; please report this"))
}

/// Size and time of a file; none for databases, which are read in a transaction of their own and may change meanwhile.
fn stamp(piece: &Piece) -> Outcome<Option<(u64, Option<SystemTime>)>> {
    if matches!(piece.format, FileFormat::Sqlite | FileFormat::Server) {
        return Ok(None);
    }
    let path: &Path = &piece.path;
    let about = std::fs::metadata(path).map_err(|e| Problem::from_io(&e, "read the file", path))?;
    Ok(Some((about.len(), about.modified().ok())))
}
