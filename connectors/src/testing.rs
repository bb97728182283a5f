//! What tests share: where real data and servers are.

use std::path::{Path, PathBuf};
use std::process::Command;

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use trommel_model::{Cancel, ConnectionKind, ConnectionSpec, Outcome, Problem, ProgressSlot, Reference, SourceSpec, Tls, TrialStage};

use crate::ReadReport;
use crate::database::{self, Server, Since, piece_of};
use crate::sink::{Collect, Collected, Mode};

/// Unpacks an archive of `$TROMMEL_DATA` (by default `../shared/data` beside the project) into a temporary folder.
///
/// Where the data are missing, the continuous build fails; elsewhere the test says loudly that it was left out.
pub fn real_data(archive: &str) -> Option<tempfile::TempDir> {
    let usual = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = std::env::var_os("TROMMEL_DATA").map_or_else(usual, PathBuf::from).join(archive);
    if !path.exists() {
        assert!(std::env::var("CI").is_err(), "real data are missing: {}", path.display());
        eprintln!("LEFT OUT: {} is not there; set TROMMEL_DATA", path.display());
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("tar").arg("xJf").arg(&path).arg("-C").arg(folder.path()).status().unwrap();
    assert!(status.success(), "cannot unpack {}", path.display());
    Some(folder)
}

/// A table that was read, and the account of it.
#[derive(Debug)]
pub struct Loaded {
    /// Batches, schema and held rows.
    pub collected: Collected,
    /// The account.
    pub report: ReadReport,
}

/// Reads a file by a source written in JSON.
pub fn load(path: &Path, format: trommel_model::FileFormat, spec: &str, mode: Mode) -> Outcome<Loaded> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    load_piece(
        &crate::Piece { name, path: path.to_owned(), format, bytes: std::fs::metadata(path).unwrap().len(), modified_ms: 0 },
        spec,
        mode,
    )
}

/// Reads a piece by a source written in JSON.
pub fn load_piece(piece: &crate::Piece, spec: &str, mode: Mode) -> Outcome<Loaded> {
    let spec: SourceSpec = serde_json::from_str(spec).unwrap();
    let sink = Collect::new();
    let report = crate::read(piece, &spec, mode, 2, &Cancel::new(), &ProgressSlot::new(), &sink)?;
    let collected = sink.into_parts();
    let rows: usize = collected.batches.iter().map(|(_, b)| b.num_rows()).sum();
    assert_eq!((report.rows_out, report.held), (rows as u64, collected.held.len() as u64));
    assert_eq!(report.rows_in, report.rows_out + report.held);
    Ok(Loaded { collected, report })
}

/// Columns with their types, without the position columns: `a Int64, b Utf8`.
pub fn header(loaded: &Loaded) -> String {
    let schema = loaded.collected.schema.as_ref().unwrap();
    let own = schema.fields().iter().filter(|f| !crate::is_position(f.name()));
    own.map(|f| format!("{} {}", f.name(), f.data_type())).collect::<Vec<_>>().join(", ")
}

/// Rows as text, cells apart by `|`, no value as `∅`; without `_file`.
pub fn table(loaded: &Loaded) -> Vec<String> {
    let mut rows = Vec::new();
    for (_, batch) in &loaded.collected.batches {
        let file = batch.schema().index_of(crate::FILE_COLUMN).unwrap();
        let columns: Vec<crate::render::Cells> =
            (0..batch.num_columns()).filter(|at| *at != file).map(|at| crate::render::Cells::new(batch.column(at)).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let cell = |column: &crate::render::Cells| {
                let mut out = String::new();
                if column.is_null(row) {
                    return "∅".to_owned();
                }
                column.print(row, &mut out);
                out
            };
            rows.push(columns.iter().map(cell).collect::<Vec<_>>().join("|"));
        }
    }
    rows
}

/// A throw-away server of `scripts/servers`, verified by its test authority. `variable` has its URL.
///
/// Where none runs, the continuous build fails; elsewhere the test says loudly that it was left out.
pub fn server(variable: &str, kind: ConnectionKind) -> Option<ConnectionSpec> {
    let Ok(url) = std::env::var(variable) else {
        assert!(std::env::var("CI").is_err(), "no server: {variable} is not set");
        eprintln!("LEFT OUT: {variable} is not set; eval \"$(scripts/servers start)\"");
        return None;
    };
    Some(ConnectionSpec {
        password: Some(Reference::Env("TROMMEL_TEST_PASSWORD".to_owned())),
        ca: Some(std::env::var("TROMMEL_TEST_CA").unwrap()),
        tls: Some(Tls::VerifyFull),
        ..ConnectionSpec::server("test", kind, &url)
    })
}

/// The PostgreSQL among them.
pub fn postgres() -> Option<ConnectionSpec> {
    server("TROMMEL_TEST_POSTGRES", ConnectionKind::Postgres)
}

/// The MariaDB among them.
pub fn mysql() -> Option<ConnectionSpec> {
    server("TROMMEL_TEST_MYSQL", ConnectionKind::Mysql)
}

/// What a read of a server came to.
pub fn read_server(connection: &ConnectionSpec, spec: &SourceSpec, since: Option<&Since>) -> Outcome<(Collected, ReadReport)> {
    let server = Server { root: Path::new("/"), connection };
    let sink = Collect::new();
    let piece = piece_of(connection, spec)?;
    let (report, _) = database::read(&server, &piece, spec, Mode::Strict, since, 2, &Cancel::new(), &ProgressSlot::new(), &sink)?;
    assert_eq!(report.rows_in, report.rows_out + report.held);
    Ok((sink.into_parts(), report))
}

/// `name type` of the columns before the position columns, and the rows with `∅` for no value, `_text` at their end.
pub fn shown(all: &Collected) -> (Vec<String>, Vec<Vec<String>>) {
    let schema = all.schema.clone().unwrap();
    let count = schema.fields().len() - 3;
    let columns = schema.fields().iter().take(count).map(|f| format!("{} {}", f.name(), f.data_type())).collect();
    let mut rows = Vec::new();
    for (_, batch) in &all.batches {
        let options = FormatOptions::new().with_null("∅");
        let columns: Vec<ArrayRef> = batch.columns().iter().map(in_utc).collect();
        let cells: Vec<_> = columns.iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
        let own = || cells.iter().enumerate().filter(|(at, _)| *at < count || *at == count + 2).map(|(_, c)| c);
        rows.extend((0..batch.num_rows()).map(|row| own().map(|c| c.value(row).to_string()).collect::<Vec<_>>()));
    }
    (columns, rows)
}

/// Arrow shows moments of a zone only where it is said as an offset.
fn in_utc(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => cast(column, &DataType::Timestamp(*unit, Some("+00:00".into()))).unwrap(),
        _ => column.clone(),
    }
}

/// The stages of trying a server.
pub fn tried(connection: &ConnectionSpec) -> Outcome<Vec<TrialStage>> {
    let mut stages = Vec::new();
    database::trial(&Server { root: Path::new("/"), connection }, None, &Cancel::new(), &mut |stage| stages.push(stage))?;
    Ok(stages)
}

/// The fault of the stage that failed, and its name.
pub fn failed(stages: &[TrialStage]) -> Option<(&Problem, &str)> {
    stages.iter().find_map(|s| s.outcome.as_ref().err().map(|p| (p, s.name.as_str())))
}
