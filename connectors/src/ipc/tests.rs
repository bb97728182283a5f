//! Arrow files and streams from end to end.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, StringArray};
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, FileFormat};

use super::write::Form;
use crate::sink::Mode;
use crate::testing::{load, table};
use crate::write::{Export, Format, Writer};

fn rows(from: i32) -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int32Array::from(vec![Some(from), None]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "é"]));
    RecordBatch::try_from_iter(vec![("n", numbers), ("t", texts)]).unwrap()
}

fn write(path: &Path, form: Form) {
    let format = if form == Form::File { Format::Arrow } else { Format::ArrowStream };
    let mut writer = Writer::to_file(path, &Export { format, raw: true, title: String::new(), notes: Vec::new() }).unwrap();
    writer.write(&rows(1)).unwrap();
    writer.write(&rows(7)).unwrap();
    assert_eq!(writer.finish(&rows(1).schema()).unwrap().rows, 4);
}

#[test]
fn both_forms_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    for (name, form) in [("x.arrow", Form::File), ("x.arrows", Form::Stream)] {
        let path = folder.path().join(name);
        write(&path, form);
        let loaded = load(&path, FileFormat::Arrow, "{}", Mode::Strict).unwrap();
        assert_eq!(table(&loaded), ["1|a|1|∅", "∅|é|2|∅", "7|a|3|∅", "∅|é|4|∅"]);
    }
}

#[test]
fn a_contract_casts_and_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.arrow");
    write(&path, Form::File);
    let spec = r#"{"columns": [{"name": "n", "type": "integer", "required": true}]}"#;
    let loaded = load(&path, FileFormat::Arrow, spec, Mode::Strict).unwrap();
    assert_eq!(table(&loaded), ["1|a|1|∅", "7|a|3|∅"]);
    assert_eq!(loaded.collected.held.iter().map(|h| h.line).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn what_is_no_arrow_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.arrow");
    write(&path, Form::File);
    let whole = std::fs::read(&path).unwrap();
    for (bytes, code) in [
        (Vec::new(), Code::EmptyFile),
        (b"FEA1....".to_vec(), Code::BadArrow),
        (b"hello, this is not arrow".to_vec(), Code::BadArrow),
        (whole[..whole.len() / 2].to_vec(), Code::BadArrow),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(load(&path, FileFormat::Arrow, "{}", Mode::Lenient).unwrap_err().code, code);
    }
}
