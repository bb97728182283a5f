//! What can be asked of any database server.

use std::path::{Path, PathBuf};

use trommel_model::{
    Cancel, Code, ConnectionKind, ConnectionSpec, FileFormat, Outcome, Problem, ProgressSlot, RemoteTable, SourceSpec, Window,
};

use super::{Reach, Since, shown};
use crate::preview::{First, windowed};
use crate::sink::{Mode, Sink};
use crate::{Piece, ReadReport, mysql, parallel, postgres};

/// A server, as a workspace names it.
#[derive(Debug, Clone, Copy)]
pub struct Server<'a> {
    /// The workspace's folder, absolute.
    pub root: &'a Path,
    /// The connection.
    pub connection: &'a ConnectionSpec,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A table or view; the schema where one is said.
    Table(Option<String>, String),
    /// A query.
    Query(String),
}

/// What one read works with.
pub struct Found<'a> {
    /// The server.
    pub reach: Reach,
    /// The piece.
    pub piece: &'a Piece,
    /// The source.
    pub spec: &'a SourceSpec,
    /// How odd rows are treated.
    pub mode: Mode,
    /// From where on; everything without it.
    pub since: Option<&'a Since>,
    /// At most so many rows; everything without it.
    pub most: Option<u64>,
    /// Threads to use, at least one.
    pub threads: usize,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// How far it is.
    pub progress: &'a ProgressSlot,
}

impl Found<'_> {
    /// A remark on rows without a cursor, which later runs do not see unless a key tells them apart.
    pub fn unset(&self, rows: i64) -> Option<String> {
        let cursor = self.spec.cursor.as_ref().filter(|_| rows > 0 && self.spec.key.is_empty())?;
        Some(format!(
            "{rows} rows have no value in the cursor \"{cursor}\": runs after this one do not see such rows unless the source names a key"
        ))
    }
}

/// The piece of a source that reads from a server: its table, or its query.
pub fn piece_of(connection: &ConnectionSpec, spec: &SourceSpec) -> Outcome<Piece> {
    let name = match (&spec.table, &spec.query) {
        (_, Some(_)) => "query".to_owned(),
        (Some(table), None) => table.clone(),
        (None, None) => {
            return Err(Problem::new(Code::BadConfig, format!("source {} does not say what to read", spec.name))
                .next("set table, or write a query"));
        }
    };
    Ok(Piece { name, path: PathBuf::from(shown(connection)), format: FileFormat::Server, bytes: 0, modified_ms: 0 })
}

/// The tables and views of the database, by name.
pub fn tables(server: &Server<'_>, cancel: &Cancel) -> Outcome<Vec<RemoteTable>> {
    let reach = Reach::of(server.root, server.connection)?;
    parallel::guarded(|| match reach.kind {
        ConnectionKind::Mysql => mysql::tables(&reach, cancel),
        _ => postgres::tables(&reach, cancel),
    })
}

/// Reads a piece into a sink, all of it as it was at one moment. With a cursor in the source, gives its largest value
/// at that moment, whether rows fit their contract or not.
#[expect(clippy::too_many_arguments, reason = "the parts of one read; they meet here only")]
pub fn read(
    server: &Server<'_>,
    piece: &Piece,
    spec: &SourceSpec,
    mode: Mode,
    since: Option<&Since>,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
    sink: &dyn Sink,
) -> Outcome<(ReadReport, Option<String>)> {
    let reach = Reach::of(server.root, server.connection)?;
    progress.update(|p| {
        p.doing = format!("reading {} from {}", piece.name, server.connection.name);
        p.bytes = 0;
        p.bytes_total = 0;
        p.rows = 0;
        p.rows_total = 0;
    });
    dispatch(&Found { reach, piece, spec, mode, since, most: None, threads: threads.max(1), cancel, progress }, sink)
}

/// The first rows of a table or query, and how reading went.
pub fn preview(server: &Server<'_>, spec: &SourceSpec, rows: usize, cancel: &Cancel) -> Outcome<(Window, ReadReport)> {
    let piece = piece_of(server.connection, spec)?;
    let reach = Reach::of(server.root, server.connection)?;
    let mode = if spec.columns.is_empty() { Mode::Lenient } else { Mode::Strict };
    let progress = ProgressSlot::new();
    let sink = First::new(rows);
    let found = Found { reach, piece: &piece, spec, mode, since: None, most: Some(rows as u64), threads: 1, cancel, progress: &progress };
    windowed(dispatch(&found, &sink).map(|(report, _)| report), sink, rows)
}

fn dispatch(found: &Found<'_>, sink: &dyn Sink) -> Outcome<(ReadReport, Option<String>)> {
    parallel::guarded(|| match found.reach.kind {
        ConnectionKind::Mysql => mysql::read(found, sink),
        _ => postgres::read(found, sink),
    })
}

impl Subject {
    /// What a source says. `default_schema` is not assumed: a bare name is left to the server.
    pub fn of(spec: &SourceSpec) -> Self {
        match (&spec.query, &spec.table) {
            (Some(query), _) => Self::Query(query.trim().trim_end_matches(';').to_owned()),
            (None, Some(table)) => match table.split_once('.') {
                Some((schema, table)) => Self::Table(Some(schema.to_owned()), table.to_owned()),
                None => Self::Table(None, table.clone()),
            },
            (None, None) => Self::Query(String::new()),
        }
    }

    /// What stands after FROM. `quote` quotes a name.
    pub fn from(&self, quote: impl Fn(&str) -> String) -> String {
        match self {
            Self::Table(Some(schema), table) => format!("{}.{}", quote(schema), quote(table)),
            Self::Table(None, table) => quote(table),
            Self::Query(query) => format!("({query}\n) AS {}", quote("query")),
        }
    }
}
