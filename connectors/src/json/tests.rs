//! JSON from end to end: what comes in, what comes out, what is held; and the public suite of odd documents.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use trommel_model::{Cancel, Code, FileFormat, Outcome, ProgressSlot, SourceSpec};

use crate::render::Cells;
use crate::sink::{Collect, Mode};
use crate::testing::real_data;
use crate::{Piece, ReadReport, read};

/// A table as text.
#[derive(Debug)]
struct Loaded {
    header: String,
    rows: Vec<String>,
    held: Vec<String>,
    report: ReadReport,
}

fn load_file(path: &Path, format: FileFormat, spec: &str, mode: Mode) -> Outcome<Loaded> {
    let spec: SourceSpec = serde_json::from_str(spec).unwrap();
    let bytes = std::fs::metadata(path).unwrap().len();
    let piece = Piece { name: "x".to_owned(), path: path.to_owned(), format, bytes, modified_ms: 0 };
    let sink = Collect::new();
    let report = read(&piece, &spec, mode, 2, &Cancel::new(), &ProgressSlot::new(), &sink)?;
    let collected = sink.into_parts();
    let schema = collected.schema.unwrap();
    let header: Vec<String> = schema.fields().iter().map(|f| format!("{} {}", f.name(), f.data_type())).collect();
    let mut rows = Vec::new();
    for (_, batch) in &collected.batches {
        let columns: Vec<Cells> = batch.columns().iter().map(|c| Cells::new(c).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let mut out = String::new();
            for (at, column) in columns.iter().enumerate() {
                if at > 0 {
                    out.push('|');
                }
                if column.is_null(row) {
                    out.push('∅');
                } else {
                    column.print(row, &mut out);
                }
            }
            rows.push(out);
        }
    }
    let held = collected
        .held
        .iter()
        .map(|h| format!("{} {} {}: {} | {}", h.line, h.rule, h.field.clone().unwrap_or_default(), h.reason, h.raw))
        .collect();
    Ok(Loaded { header: header.join(", "), rows, held, report })
}

fn load(text: &[u8], format: FileFormat, spec: &str, mode: Mode) -> Outcome<Loaded> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    std::fs::write(&path, text).unwrap();
    load_file(&path, format, spec, mode)
}

#[test]
fn nested_records_become_columns() {
    let lines = "{\"id\": 1, \"customer\": {\"name\": \"Ann\", \"tags\": [\"a\", 2]}, \"price\": 9.5}\n\n{\"id\": 2, \"customer\": {\"name\": \"B\\u00f6b\"}, \"ok\": true}\n";
    let loaded = load(lines.as_bytes(), FileFormat::Ndjson, "{}", Mode::Strict).unwrap();
    assert_eq!(
        loaded.header,
        "id Int64, customer_name Utf8, customer_tags Utf8, price Float64, ok Boolean, _file Utf8, _line Int64, _text Utf8"
    );
    assert_eq!(loaded.rows, ["1|Ann|[\"a\", 2]|9.5|∅|x|1|∅", "2|Böb|∅|∅|true|x|3|∅"]);
}

#[test]
fn the_list_of_records_is_found() {
    for (text, rows) in [
        ("[{\"a\": 1},\n {\"a\": 2}]", vec!["1|x|1|∅", "2|x|2|∅"]),
        ("{\"count\": 2, \"data\": {\"items\": [{\"a\": 1},\n\n{\"a\": 2}], \"next\": null}}\n", vec!["1|x|1|∅", "2|x|3|∅"]),
        ("{\"a\": 1}", vec!["1|x|1|∅"]),
        ("{\"a\": 1}\n{\"a\": 2}\n", vec!["1|x|1|∅", "2|x|2|∅"]),
        ("[]", vec![]),
        (" [ 1 , 2 ] ", vec!["1|x|1|∅", "2|x|1|∅"]),
        ("[[1, 2], \"x\"]", vec!["[1, 2]|x|1|∅", "x|x|1|∅"]),
    ] {
        assert_eq!(load(text.as_bytes(), FileFormat::Json, "{}", Mode::Strict).unwrap().rows, rows, "{text}");
    }
}

#[test]
fn the_path_to_the_records_can_be_told() {
    let text = b"{\"a\": [{\"x\": 1}], \"b\": {\"c\": [{\"y\": 2},\n {\"y\": {\"z\": 3}}], \"d\": {\"y\": 4}}}";
    for (path, nested, rows) in [
        ("$.b.c", "keep", vec!["2|x|1|∅", "{\"z\": 3}|x|2|∅"]),
        ("b.c", "flatten", vec!["2|∅|x|1|∅", "∅|3|x|2|∅"]),
        ("$.b.d", "flatten", vec!["4|x|2|∅"]),
        ("a", "flatten", vec!["1|x|1|∅"]),
    ] {
        let spec = format!("{{\"json\": {{\"records\": \"{path}\", \"nested\": \"{nested}\"}}}}");
        assert_eq!(load(text, FileFormat::Json, &spec, Mode::Strict).unwrap().rows, rows, "{path}");
    }
    let spec = r#"{"json": {"records": "$.b.e"}}"#;
    assert_eq!(load(text, FileFormat::Json, spec, Mode::Strict).unwrap_err().code, Code::UnknownName);
}

#[test]
fn types_come_from_every_record() {
    let text = "{\"a\": 1, \"b\": 1, \"c\": \"1\", \"d\": 123456789012345678901}\n{\"a\": 1.50, \"b\": \"x\", \"c\": \"2\", \"d\": 1}\n{\"a\": null}";
    let loaded = load(text.as_bytes(), FileFormat::Ndjson, "{}", Mode::Strict).unwrap();
    assert!(loaded.header.starts_with("a Float64, b Utf8, c Utf8, d Utf8, "), "{}", loaded.header);
    assert_eq!(loaded.rows[1], "1.5|x|2|1|x|2|{\"a\": 1.50, \"b\": \"x\", \"c\": \"2\", \"d\": 1}");
}

#[test]
fn a_contract_casts_and_holds() {
    let spec = r#"{"columns": [{"name": "n", "type": "integer", "required": true}, {"name": "d", "type": "date"}]}"#;
    let text = "{\"n\": \"7\", \"d\": \"2024-01-31\"}\n{\"n\": 1.5}\n{\"d\": \"2024-01-31\"}\n{\"n\": 1, \"d\": \"soon\"}\n";
    let loaded = load(text.as_bytes(), FileFormat::Ndjson, spec, Mode::Strict).unwrap();
    assert_eq!(loaded.rows, ["7|2024-01-31|x|1|∅"]);
    assert_eq!(
        loaded.held,
        [
            "2 cast(integer) n: \"1.5\" is not an integer | {\"n\": 1.5}",
            "3 required n: \"n\" has no value | {\"d\": \"2024-01-31\"}",
            "4 cast(date) d: \"soon\" is not a date | {\"n\": 1, \"d\": \"soon\"}"
        ]
    );
}

#[test]
fn bad_lines_are_held_and_the_others_come() {
    let text = "{\"a\": 1}\n{\"a\": }\n{\"a\": 2} x\n{\"a\": 3}\n";
    for mode in [Mode::Strict, Mode::Lenient] {
        let loaded = load(text.as_bytes(), FileFormat::Ndjson, "{}", mode).unwrap();
        assert_eq!(loaded.rows, ["1|x|1|∅", "3|x|4|∅"]);
        assert_eq!(
            loaded.held,
            [
                "2 json : expected a value at character 7 | {\"a\": }",
                "3 json : expected the end of the line at character 10 | {\"a\": 2} x"
            ]
        );
    }
}

#[test]
fn of_a_document_that_is_cut_the_records_before_come() {
    for text in ["[{\"a\": 1},\n{\"a\": 2},\n{\"a\": 3, \"b\": \"x", "{\"items\": [{\"a\": 1},\n{\"a\": 2},\n{\"a\": 3, \"b\": \"x"] {
        let loaded = load(text.as_bytes(), FileFormat::Json, "{}", Mode::Strict).unwrap();
        assert_eq!(loaded.rows, ["1|x|1|∅", "2|x|2|∅"], "{text}");
        assert_eq!(
            loaded.held,
            ["3 json : the document breaks off at line 3, column 17: expected the end of the record | {\"a\": 3, \"b\": \"x"],
            "{text}"
        );
        assert_eq!(loaded.report.rows_in, 3);
    }
}

#[test]
fn a_bad_element_is_held_and_the_next_ones_come() {
    let text = "[{\"a\": 1}, {\"a\": tru}, {\"a\": 3}\n, {\"a\" 4}]";
    let loaded = load(text.as_bytes(), FileFormat::Json, "{}", Mode::Strict).unwrap();
    assert_eq!(loaded.rows, ["1|x|1|∅", "3|x|1|∅"]);
    assert_eq!(
        loaded.held,
        [
            "1 json : expected true, false, null or another value at character 7 | {\"a\": tru}",
            "2 json : expected a colon at character 6 | {\"a\" 4}"
        ]
    );
}

#[test]
fn files_that_are_no_json() {
    for (text, code) in [
        ("", Code::EmptyFile),
        ("  \n", Code::EmptyFile),
        ("id,name\n1,x\n", Code::BadJson),
        ("[1, 2", Code::BadJson),
        ("{\"a\": 1", Code::BadJson),
    ] {
        assert_eq!(load(text.as_bytes(), FileFormat::Json, "{}", Mode::Lenient).unwrap_err().code, code, "{text}");
    }
    let problem = load(b"{\"a\":\n  nul}", FileFormat::Json, "{}", Mode::Lenient).unwrap_err();
    assert_eq!((problem.place.line, problem.place.column), (Some(2), Some(3)));
    let deep = "[".repeat(100_000);
    assert_eq!(load(deep.as_bytes(), FileFormat::Json, "{}", Mode::Lenient).unwrap_err().code, Code::BadJson);
}

#[test]
fn values_used_as_keys_do_not_make_a_table_without_end() {
    let text = (0..6000).map(|n| format!("{{\"k{n}\": 1}}\n")).collect::<Vec<_>>().concat();
    assert_eq!(load(text.as_bytes(), FileFormat::Ndjson, "{}", Mode::Lenient).unwrap_err().code, Code::TooLarge);
}

#[test]
fn many_records_keep_their_lines() {
    let lines = (1..=300_000).map(|n| format!("{{\"n\": {n}, \"pad\": \"{}\"}}\n", "x".repeat(n % 90))).collect::<Vec<_>>().concat();
    let list = format!("[\n{}]", lines.trim_end().replace('\n', ",\n"));
    for (text, format, shift) in [(lines, FileFormat::Ndjson, 0), (list, FileFormat::Json, 1)] {
        let loaded = load(text.as_bytes(), format, "{}", Mode::Strict).unwrap();
        assert_eq!(loaded.rows.len(), 300_000);
        for (at, row) in loaded.rows.iter().enumerate() {
            let cells: Vec<&str> = row.split('|').collect();
            assert_eq!((cells[0], cells[3]), (&*(at + 1).to_string(), &*(at + 1 + shift).to_string()));
        }
    }
}

/// `JSONTestSuite`: `y_` must be accepted, `n_` must be refused.
#[test]
fn the_suite_of_odd_documents() {
    let Some(folder) = real_data("formats/json.tar.xz") else { return };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.path().join("json/test_parsing")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 100);
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let loaded = load_file(&path, FileFormat::Json, "{}", Mode::Lenient);
        let refused = loaded.as_ref().map_or(true, |l| l.report.held > 0);
        match &name[..2] {
            "y_" => assert!(!refused, "{name}: {loaded:?}"),
            "n_" => assert!(refused, "{name}: {loaded:?}"),
            _ => {}
        }
    }
}

/// Every JSON file of DuckDB's own tests gives a table or a clear error.
#[test]
fn files_of_another_reader() {
    let Some(folder) = real_data("formats/json.tar.xz") else { return };
    let mut folders = vec![folder.path().join("duckdb_json")];
    let mut tables = 0;
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let format = if path.extension().is_some_and(|e| e == "json") { FileFormat::Json } else { FileFormat::Ndjson };
            match load_file(&path, format, "{}", Mode::Lenient) {
                Ok(loaded) => {
                    tables += 1;
                    assert_eq!(loaded.report.rows_in, loaded.report.rows_out + loaded.report.held);
                }
                Err(problem) => assert_ne!(problem.code, Code::Internal, "{}: {problem}", path.display()),
            }
        }
    }
    assert!(tables > 20, "{tables}");
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(pieces in proptest::collection::vec(prop_oneof![
        Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just(":"), Just("\"a\""), Just("\"b\": 1"), Just("1"), Just("-1.5e3"), Just("true"),
        Just("\n"), Just(" "), Just("\\"), Just("\""), Just("\"\\ud800\""), Just("é"), Just("{\"a\": 1}"), Just("{\"a\": {\"b\": [1]}},")
    ], 0..40)) {
        let text = pieces.concat();
        for format in [FileFormat::Json, FileFormat::Ndjson] {
            match load(text.as_bytes(), format, "{}", Mode::Strict) {
                Ok(loaded) => {
                    prop_assert_eq!(loaded.report.rows_in, loaded.report.rows_out + loaded.report.held);
                    prop_assert_eq!((loaded.rows.len() + loaded.held.len()) as u64, loaded.report.rows_in);
                }
                Err(problem) => prop_assert_ne!(problem.code, Code::Internal, "{}", problem),
            }
        }
    }

    #[test]
    fn soundness_is_that_of_a_strict_parser(bytes in proptest::collection::vec(any::<u8>(), 0..30), text in "[\\[\\]{}:,\"0-9eE.+\\-truefalsn \\\\]{0,25}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let theirs = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
            let mut cursor = super::scan::Cursor::new(bytes, 0);
            let ours = cursor.value(0).is_ok() && cursor.peek().is_none() && std::str::from_utf8(bytes).is_ok();
            // The other parser refuses numbers beyond a double and lone halves of surrogate pairs, which RFC 8259 leaves open.
            prop_assert!(ours == theirs || (ours && (bytes.contains(&b'e') || bytes.contains(&b'E') || bytes.contains(&b'u'))), "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
