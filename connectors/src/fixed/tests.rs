//! Fixed-width text from end to end.

use trommel_model::{Code, FileFormat, Outcome};

use crate::sink::Mode;
use crate::testing::{Loaded, header, load, table};

fn read(text: &[u8], spec: &str, mode: Mode) -> Outcome<Loaded> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.fwf");
    std::fs::write(&path, text).unwrap();
    load(&path, FileFormat::Fixed, spec, mode)
}

#[test]
fn columns_types_and_lines() {
    let text = "id   name    day         price\r\n\r\n1    Ann     2024-01-31    9.5\r\n20   Bob Li  2024-02-01   10.25\r\n300          2024-02-02\r\n";
    let loaded = read(text.as_bytes(), "{}", Mode::Strict).unwrap();
    assert_eq!(header(&loaded), "id Int64, name Utf8, day Date32, price Float64");
    assert_eq!(table(&loaded), ["1|Ann|2024-01-31|9.5|3|∅", "20|Bob Li|2024-02-01|10.25|4|∅", "300|∅|2024-02-02|∅|5|∅"]);
}

#[test]
fn columns_that_touch_are_told() {
    let spec = r#"{"fixed": {"starts": [1, 9, 11], "names": ["day", "code", "count"]}}"#;
    let loaded = read("20240131AB0012\n20240201KÖ0034\n".as_bytes(), spec, Mode::Strict).unwrap();
    assert_eq!(table(&loaded), ["20240131|AB|0012|1|∅", "20240201|KÖ|0034|2|∅"]);
    let bad = read(b"x\n", r#"{"fixed": {"starts": [5, 3]}}"#, Mode::Strict).unwrap_err();
    assert_eq!(bad.code, Code::BadConfig);
}

#[test]
fn what_crosses_a_border_is_held_or_kept() {
    // The columns are made out from the head; the line that does not keep to them comes later.
    let mut text = "aa bb\n".repeat(3000);
    text.push_str("aaabb\n");
    let strict = read(text.as_bytes(), "{}", Mode::Strict).unwrap();
    assert_eq!(strict.report.held, 1);
    assert_eq!((strict.collected.held[0].line, strict.collected.held[0].raw.as_str()), (3001, "aaabb"));
    let lenient = read(text.as_bytes(), "{}", Mode::Lenient).unwrap();
    assert_eq!(table(&lenient)[3000], "aaa|bb|3001|aaabb");
    assert_eq!(lenient.report.padded, 1);
}

#[test]
fn other_encodings_and_empty_files() {
    let loaded = read(b"K\xf6ln 1\nBonn 2\n", r#"{"fixed": {"encoding": "latin1"}}"#, Mode::Strict).unwrap();
    assert_eq!(table(&loaded), ["Köln|1|1|∅", "Bonn|2|2|∅"]);
    assert_eq!(read(b"", "{}", Mode::Strict).unwrap_err().code, Code::EmptyFile);
}
