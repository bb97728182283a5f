//! Reads a piece through the connector of its format.

use trommel_model::{Cancel, Code, FileFormat, Outcome, Problem, ProgressSlot, SourceSpec};

use crate::piece::is_text;
use crate::sink::{Mode, Sink};
use crate::{Piece, ReadReport, compressed, csv, excel, fixed, ipc, json, parallel, parquet, sqlite, xml};

/// Reads a whole piece into a sink. Faults of single rows are held rows; a fault of the piece as a whole is an error,
/// and then the sink may have had rows already.
pub fn read(
    piece: &Piece,
    spec: &SourceSpec,
    mode: Mode,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
    sink: &dyn Sink,
) -> Outcome<ReadReport> {
    progress.update(|p| {
        p.doing = format!("reading {}", piece.name);
        p.bytes = 0;
        p.bytes_total = piece.bytes;
        p.rows = 0;
        p.rows_total = 0;
    });
    let job = Job { piece, spec, mode, threads: threads.max(1), cancel, progress };
    unpacked(&job, u64::MAX, &mut |job| {
        parallel::guarded(|| match job.piece.format {
            FileFormat::Csv => csv::read::read(job, csv::read::CHUNK, sink),
            FileFormat::Json | FileFormat::Ndjson => json::read::read(job, sink),
            FileFormat::Parquet => parquet::read::read(job, sink),
            FileFormat::Sqlite => sqlite::read::read(job, sink),
            FileFormat::Excel => excel::read::read(job, sink),
            FileFormat::Xml => xml::read::read(job, sink),
            FileFormat::Fixed => fixed::read::read(job, sink),
            FileFormat::Arrow => ipc::read::read(job, sink),
            FileFormat::Server => Err(not_a_file()),
        })
    })
}

/// Does a job on the file of its piece, unpacked (at most so many bytes of it) when it is packed. A fault without a place
/// is one of the file.
pub fn unpacked(job: &Job<'_>, most: u64, work: &mut dyn FnMut(&Job<'_>) -> Outcome<ReadReport>) -> Outcome<ReadReport> {
    let piece = job.piece;
    let mut copy = None;
    let report = (|| {
        if is_text(piece.format) {
            copy = compressed::expand(piece, most, job.cancel, job.progress)?;
        }
        match &copy {
            None => work(job),
            Some(copy) => work(&Job { piece: &copy.piece(piece), ..*job }),
        }
    })();
    report.map_err(|mut p| {
        let of_copy = copy.as_ref().is_some_and(|c| p.place.file.as_deref() == Some(c.path()));
        if p.place.file.is_none() || of_copy {
            p.place.file = None;
            p = p.in_file(&piece.path);
        }
        p
    })
}

/// A table of a server is read by [`crate::database::read`], which knows the connection.
pub fn not_a_file() -> Problem {
    Problem::new(Code::Internal, "a table of a server is not a file").next("please report this")
}

/// What one read works with.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The piece.
    pub piece: &'a Piece,
    /// The source.
    pub spec: &'a SourceSpec,
    /// How odd rows are treated.
    pub mode: Mode,
    /// Threads to use, at least one.
    pub threads: usize,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// How far it is.
    pub progress: &'a ProgressSlot,
}
