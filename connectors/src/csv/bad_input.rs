//! Files that are too long, too wide, broken far down or written to while they are read.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use trommel_model::{Cancel, Code, FileFormat, Outcome, ProgressSlot, QuarantinedRow, SourceSpec};

use crate::sink::{Mode, Sink};
use crate::{Piece, ReadReport, read};

/// Keeps what was held and how many rows came; does something to the file between the survey and the rows.
struct Count<F: Fn() + Sync> {
    rows: Mutex<u64>,
    columns: Mutex<usize>,
    held: Mutex<Vec<QuarantinedRow>>,
    meanwhile: F,
}

impl<F: Fn() + Sync> Sink for Count<F> {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        *self.columns.lock().unwrap() = schema.fields().len() - 3;
        (self.meanwhile)();
        Ok(())
    }

    fn batch(&self, _part: usize, batch: RecordBatch) -> Outcome<()> {
        *self.rows.lock().unwrap() += batch.num_rows() as u64;
        Ok(())
    }

    fn end_part(&self, _part: usize) -> Outcome<()> {
        Ok(())
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.held.lock().unwrap().extend(rows);
        Ok(())
    }
}

struct Came {
    report: ReadReport,
    columns: usize,
    held: Vec<QuarantinedRow>,
}

fn file(text: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn load(path: &Path, spec: &str, mode: Mode, meanwhile: impl Fn() + Sync) -> Outcome<Came> {
    let bytes = std::fs::metadata(path).unwrap().len();
    let piece = Piece { name: "x.csv".to_owned(), path: path.to_owned(), format: FileFormat::Csv, bytes, modified_ms: 0 };
    let spec: SourceSpec = serde_json::from_str(spec).unwrap();
    let sink = Count { rows: Mutex::default(), columns: Mutex::default(), held: Mutex::default(), meanwhile };
    let report = read(&piece, &spec, mode, 2, &Cancel::new(), &ProgressSlot::new(), &sink)?;
    assert_eq!(report.rows_out, *sink.rows.lock().unwrap());
    assert_eq!(report.rows_in, report.rows_out + report.held);
    Ok(Came { report, columns: sink.columns.into_inner().unwrap(), held: sink.held.into_inner().unwrap() })
}

#[test]
fn a_line_of_a_hundred_megabytes() {
    let long = "x".repeat(100 << 20);
    for text in [format!("a,b\n{long},1\nshort,2\n"), long] {
        let (_folder, path) = file(text.as_bytes());
        let came = load(&path, "{}", Mode::Lenient, || {}).unwrap();
        assert!(came.report.rows_out >= 1 && came.report.held == 0, "{}", came.report.rows_out);
    }
}

#[test]
fn a_hundred_megabytes_of_delimiters_on_one_line() {
    let (_folder, path) = file(&b"1,".repeat(50 << 20));
    let came = load(&path, "{}", Mode::Lenient, || {}).unwrap();
    assert_eq!(came.report.rows_out, 1);
}

#[test]
fn a_wrong_value_three_million_rows_down() {
    let mut text = String::from("id,n\n");
    for row in 1..=3_100_000 {
        if row == 3_000_000 {
            text.push_str("3000000,seven\n");
        } else {
            text.push_str(&format!("{row},7\n"));
        }
    }
    let (_folder, path) = file(text.as_bytes());
    let spec = r#"{"columns": [{"name": "id", "type": "integer"}, {"name": "n", "type": "integer"}]}"#;
    let came = load(&path, spec, Mode::Strict, || {}).unwrap();
    assert_eq!((came.report.rows_out, came.held.len()), (3_099_999, 1));
    let held = &came.held[0];
    assert_eq!((held.line, held.rule.as_str(), held.raw.as_str()), (3_000_001, "cast(integer)", "3000000,seven"));
}

#[test]
fn ten_thousand_columns() {
    let names: Vec<String> = (0..10_000).map(|n| format!("c{n}")).collect();
    let row = "7,".repeat(9_999) + "7\n";
    let (_folder, path) = file((names.join(",") + "\n" + &row.repeat(50)).as_bytes());
    let came = load(&path, "{}", Mode::Strict, || {}).unwrap();
    assert_eq!((came.columns, came.report.rows_out, came.report.held), (10_000, 50, 0));
}

#[test]
fn a_quote_left_open_near_the_start_of_a_large_file() {
    let rows = 2_000_000;
    let mut text = String::from("id,name\n1,\"open\n");
    for row in 2..=rows {
        text.push_str(&format!("{row},name {row}\n"));
    }
    let (_folder, path) = file(text.as_bytes());
    let strict = load(&path, "{}", Mode::Strict, || {}).unwrap();
    assert_eq!((strict.report.rows_out, strict.report.held), (rows - 1, 1));
    assert_eq!((strict.held[0].line, strict.held[0].rule.as_str()), (2, "quote"));
    assert_eq!(load(&path, "{}", Mode::Lenient, || {}).unwrap().report.rows_out, rows);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_read_as_it_was() {
    let text = "id,name\n".to_owned() + &(0..100_000).map(|n| format!("{n},x\n")).collect::<Vec<_>>().concat();
    let (_folder, path) = file(text.as_bytes());
    let grow = || OpenOptions::new().append(true).open(&path).unwrap().write_all(b"100000,y\n100001,z").unwrap();
    assert_eq!(load(&path, "{}", Mode::Strict, grow).unwrap().report.rows_out, 100_000);
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_a_fault() {
    let text = "id,name\n".to_owned() + &(0..2_000_000).map(|n| format!("{n},x\n")).collect::<Vec<_>>().concat();
    let (_folder, path) = file(text.as_bytes());
    let shrink = || OpenOptions::new().write(true).open(&path).unwrap().set_len(1000).unwrap();
    assert_eq!(load(&path, "{}", Mode::Strict, shrink).err().map(|p| p.code), Some(Code::FileUnreadable));
}
