//! Delimited text from end to end: what comes in, what comes out, what is held.

use proptest::prelude::*;
use trommel_model::{Cancel, Code, FileFormat, Outcome, ProgressSlot, SourceSpec};

use super::read::{CHUNK, read};
use crate::read::Job;
use crate::render::Cells;
use crate::sink::{Collect, Mode};
use crate::{Piece, ReadReport};

/// A table as text: the header with types, then the rows; and the held rows as `line rule field: reason | raw`.
#[derive(Debug, PartialEq)]
struct Loaded {
    header: String,
    rows: Vec<String>,
    held: Vec<String>,
    report: ReadReport,
}

fn load(text: &[u8], spec: &str, mode: Mode, chunk: u64, threads: usize) -> Outcome<Loaded> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    std::fs::write(&path, text).unwrap();
    let spec: SourceSpec = serde_json::from_str(spec).unwrap();
    let piece = Piece { name: "x.csv".to_owned(), path, format: FileFormat::Csv, bytes: text.len() as u64, modified_ms: 0 };
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    let job = Job { piece: &piece, spec: &spec, mode, threads, cancel: &cancel, progress: &progress };
    let sink = Collect::new();
    let report = read(&job, chunk, &sink)?;
    let collected = sink.into_parts();
    let schema = collected.schema.unwrap();
    let header: Vec<String> = schema.fields().iter().map(|f| format!("{} {}", f.name(), f.data_type())).collect();
    let mut rows = Vec::new();
    for (_, batch) in &collected.batches {
        let columns: Vec<Cells> = batch.columns().iter().map(|c| Cells::new(c).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns
                .iter()
                .map(|c| {
                    let mut out = String::new();
                    if c.is_null(row) {
                        out.push('∅');
                    } else {
                        c.print(row, &mut out);
                    }
                    out
                })
                .collect();
            rows.push(cells.join("|"));
        }
    }
    let mut held: Vec<_> = collected
        .held
        .into_iter()
        .map(|h| (h.line, format!("{} {} {}: {} | {}", h.line, h.rule, h.field.unwrap_or_default(), h.reason, h.raw)))
        .collect();
    held.sort();
    Ok(Loaded { header: header.join(", "), rows, held: held.into_iter().map(|h| h.1).collect(), report })
}

/// Rows without their position columns.
fn check(text: &str, spec: &str, mode: Mode, rows: &[&str], held: &[&str]) {
    let loaded = load(text.as_bytes(), spec, mode, CHUNK, 1).unwrap();
    let own: Vec<String> = loaded.rows.iter().map(|r| r.rsplitn(4, '|').last().unwrap_or_default().to_owned()).collect();
    assert_eq!(own, rows, "{text}");
    assert_eq!(loaded.held, held, "{text}");
    assert_eq!(loaded.report.rows_in, loaded.report.rows_out + loaded.report.held, "{text}");
}

#[test]
fn types_come_from_the_whole_file() {
    let text = "id,code,price,day,at,ok,name,none\n1,007,9.99,2024-01-31,2024-01-31 10:00:00,true,Ann,\n-2,12,10.5,2024-02-01,2024-02-01 10:00:00,false,\"B, C\",\n";
    let loaded = load(text.as_bytes(), "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert_eq!(
        loaded.header,
        "id Int64, code Utf8, price Float64, day Date32, at Timestamp(µs), ok Boolean, name Utf8, none Utf8, _file Utf8, _line Int64, _text Utf8"
    );
    assert_eq!(
        loaded.rows,
        [
            "1|007|9.99|2024-01-31|2024-01-31 10:00:00|true|Ann|∅|x.csv|2|∅",
            "-2|12|10.5|2024-02-01|2024-02-01 10:00:00|false|B, C|∅|x.csv|3|∅"
        ]
    );
}

#[test]
fn what_a_value_does_not_give_back_is_kept_as_text() {
    let text = "id,price\n1,9.90\n2,9.95\n";
    let loaded = load(text.as_bytes(), "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert_eq!(loaded.rows, ["1|9.9|x.csv|2|1,9.90", "2|9.95|x.csv|3|∅"]);
}

#[test]
fn ragged_rows_are_held_or_padded() {
    let text = "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n";
    check(
        text,
        "{}",
        Mode::Strict,
        &["1|2|3", "10|11|12"],
        &["3 columns : expected 3 fields, found 2 | 4,5", "4 columns : expected 3 fields, found 4 | 6,7,8,9"],
    );
    let loaded = load(format!("{text}{}", "1,2,3\n".repeat(20)).as_bytes(), "{}", Mode::Lenient, CHUNK, 1).unwrap();
    assert_eq!(loaded.rows[..4], ["1|2|3|x.csv|2|∅", "4|5|∅|x.csv|3|4,5", "6|7|8|x.csv|4|6,7,8,9", "10|11|12|x.csv|5|∅"]);
    assert_eq!(loaded.report.padded, 2);
}

#[test]
fn records_that_are_often_longer_make_columns() {
    let loaded = load(b"a,b\n1,2\n1,2\n1,2\n1,2,x\n", "{}", Mode::Lenient, CHUNK, 1).unwrap();
    assert_eq!(loaded.rows, ["1|2|∅|x.csv|2|1,2", "1|2|∅|x.csv|3|1,2", "1|2|∅|x.csv|4|1,2", "1|2|x|x.csv|5|∅"]);
    assert!(loaded.header.starts_with("a Int64, b Int64, col_2 Utf8"));
}

#[test]
fn an_open_quote_holds_its_own_row() {
    check("a,b\n1,\"x\n2,y\n3,z\n", "{}", Mode::Strict, &["2|y", "3|z"], &["2 quote : a quote is not closed properly | 1,\"x"]);
    check("a,b\n1,x\n2,\"y\n", "{}", Mode::Strict, &["1|x"], &["3 quote : a quote is not closed properly | 2,\"y"]);
    let lenient = load(b"a,b\n1,\"x\n2,y\n", "{}", Mode::Lenient, CHUNK, 1).unwrap();
    assert_eq!(lenient.rows, ["1|\"x|x.csv|2|1,\"x", "2|y|x.csv|3|∅"]);
}

#[test]
fn lines_are_counted_through_quotes() {
    let text = "a,b\r\n\"x\r\n\r\ny\",1\r\n\r\n# no comment\nz,2\r\n";
    let loaded = load(text.as_bytes(), "{}", Mode::Lenient, CHUNK, 1).unwrap();
    let lines: Vec<&str> = loaded.rows.iter().map(|r| r.rsplit('|').nth(1).unwrap_or_default()).collect();
    assert_eq!(lines, ["2", "7"]);
}

#[test]
fn a_contract_casts_and_holds() {
    let spec = r#"{"columns": [
        {"name": "id", "type": "integer", "required": true},
        {"name": "price", "type": "decimal(6,2)", "on_bad": "null"},
        {"name": "day", "type": "date", "formats": ["%d.%m.%Y"]},
        {"name": "ok", "type": "boolean"}],
        "csv": {"null_words": ["-"]}}"#;
    check(
        "id,price,day,ok\n1,9.90,31.1.2024,yes\n2x,1,1.1.2024,no\n,1,1.1.2024,no\n4,cheap,-,0\n5,1,2024-01-01,1\n",
        spec,
        Mode::Strict,
        &["1|9.90|2024-01-31|true", "4|∅|∅|false"],
        &[
            "3 cast(integer) id: \"2x\" is not an integer | 2x,1,1.1.2024,no",
            "4 required id: \"id\" has no value | ,1,1.1.2024,no",
            "6 cast(date) day: \"2024-01-01\" is not a date | 5,1,2024-01-01,1",
        ],
    );
}

#[test]
fn a_null_word_is_no_value_in_typed_columns_only() {
    check("n,t\n1,NA\nNA,x\n3,NA\n", "{}", Mode::Strict, &["1|NA", "∅|x", "3|NA"], &[]);
}

#[test]
fn a_decimal_comma_is_seen() {
    check("a;b\n1,5;x\n2,25;y\n", "{}", Mode::Strict, &["1.5|x", "2.25|y"], &[]);
}

#[test]
fn a_delimiter_of_several_characters() {
    let text = "a|~|b\n1|~|x\n2|~|\"y|~|z\"\n3\n";
    let loaded = load(text.as_bytes(), "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert_eq!(loaded.rows, ["1|x|x.csv|2|∅", "2|y|~|z|x.csv|3|∅"]);
    assert_eq!(loaded.held, ["4 columns : expected 2 fields, found 1 | 3"]);
    let short = load(text.replace("\n3\n", "\n3|~|x|~|y\n").as_bytes(), "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert_eq!(short.held, ["4 columns : expected 2 fields, found 3 | 3|~|x|~|y"]);
}

#[test]
fn every_value_stays_text_when_asked() {
    let text = "id,price,day,x\n007,9.90,2024-01-31,NA\n8, 1,,\n,,,\n9,2,3,4\n";
    let loaded = load(text.as_bytes(), r#"{"csv": {"as_text": true}}"#, Mode::Lenient, CHUNK, 1).unwrap();
    assert!(loaded.header.starts_with("id Utf8, price Utf8, day Utf8, x Utf8"), "{}", loaded.header);
    assert_eq!(loaded.rows, ["007|9.90|2024-01-31|NA|x.csv|2|∅", "8| 1|∅|∅|x.csv|3|∅", "9|2|3|4|x.csv|5|∅"]);
    assert!(loaded.report.notes.iter().any(|n| n.contains("1 empty record within")), "{:?}", loaded.report.notes);
}

#[test]
fn lines_below_the_table_are_left_out_and_told() {
    let text = "a,b,c\n1,2,3\n4,5,6\n\nSource: the office\nas of May\n";
    let loaded = load(text.as_bytes(), "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert_eq!(loaded.rows, ["1|2|3|x.csv|2|∅", "4|5|6|x.csv|3|∅"]);
    assert!(loaded.report.notes.iter().any(|n| n.contains("2 lines below the table")), "{:?}", loaded.report.notes);
}

#[test]
fn another_table_below_is_told_and_left_to_itself() {
    let text = "a,b,c\n1,2,3\n4,5,6\n\nx,y\n7,8\n";
    let lenient = load(text.as_bytes(), "{}", Mode::Lenient, CHUNK, 1).unwrap();
    assert_eq!(lenient.rows, ["1|2|3|x.csv|2|∅", "4|5|6|x.csv|3|∅"]);
    assert!(lenient.report.notes.iter().any(|n| n.contains("another table begins on line 5")), "{:?}", lenient.report.notes);
    let second = load(text.as_bytes(), r#"{"csv": {"skip_lines": 4}}"#, Mode::Lenient, CHUNK, 1).unwrap();
    assert_eq!(second.rows, ["7|8|x.csv|6|∅"]);
    assert_eq!(load(text.as_bytes(), "{}", Mode::Strict, CHUNK, 1).unwrap().report.held, 2);
}

#[test]
fn columns_that_drift() {
    let contract = r#""columns": [{"name": "a", "type": "integer"}, {"name": "b", "type": "text"}]"#;
    check("a,c\n1,x\n", &format!("{{{contract}}}"), Mode::Strict, &["1|x|∅"], &[]);
    let hold = format!("{{{contract}, \"drift\": \"quarantine\"}}");
    check("a,c\n1,x\n", &hold, Mode::Strict, &[], &["2 drift : not agreed: \"c\"; missing: \"b\" | 1,x"]);
    let freeze = format!("{{{contract}, \"drift\": \"freeze\"}}");
    assert_eq!(load(b"a,c\n1,x\n", &freeze, Mode::Strict, CHUNK, 1).unwrap_err().code, Code::Drift);
}

#[test]
fn files_that_are_hardly_there() {
    for empty in [&b""[..], b"\n\n", b"\xef\xbb\xbf", b"  \r\n"] {
        assert_eq!(load(empty, "{}", Mode::Strict, CHUNK, 1).unwrap_err().code, Code::EmptyFile, "{empty:?}");
    }
    let header = load(b"id,name\n", "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert_eq!((header.header.as_str(), header.rows.len()), ("id Utf8, name Utf8, _file Utf8, _line Int64, _text Utf8", 0));
    check("id,name\n1,x", "{}", Mode::Strict, &["1|x"], &[]);
}

#[test]
fn names_are_made_unique() {
    let loaded = load(b"id,id,,_line\n1,2,3,4\n", "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert!(loaded.header.starts_with("id Int64, id_2 Int64, col_2 Int64, _line_2 Int64, "), "{}", loaded.header);
    assert!(loaded.report.notes.iter().any(|n| n.contains("id_2")), "{:?}", loaded.report.notes);
}

#[test]
fn encodings_come_as_text() {
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain("name,n\nKöln,1\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [&b"\xef\xbb\xbfname,n\nK\xc3\xb6ln,1\n"[..], b"name,n\nK\xf6ln,1\n", &utf16] {
        let loaded = load(bytes, "{}", Mode::Strict, CHUNK, 1).unwrap();
        assert_eq!(loaded.rows, ["Köln|1|x.csv|2|∅"]);
        assert!(loaded.header.starts_with("name Utf8, n Int64"));
    }
}

#[test]
fn an_encoding_that_only_shows_late_is_seen() {
    let mut text = b"name,n\n".to_vec();
    for at in 0..60_000 {
        text.extend_from_slice(format!("plain,{at}\n").as_bytes());
    }
    let late = text.len() / 2 + 100;
    let place = text[late..].iter().position(|b| *b == b'\n').unwrap() + late + 1;
    text.splice(place..place, b"K\xf6ln,0\n".iter().copied());
    let loaded = load(&text, "{}", Mode::Strict, CHUNK, 2).unwrap();
    assert_eq!(loaded.report.held, 0);
    assert!(loaded.rows.iter().any(|r| r.starts_with("Köln|")));
}

#[test]
fn bytes_that_are_no_text_are_held_or_replaced() {
    let text = b"name,n\nok \xc3\xa9 \xc3\xa9 \xc3\xa9 \xc3\xa9 \xc3\xa9,1\nbad \xff,2\nnul \0,3\n";
    let strict = load(text, "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert_eq!(strict.rows, ["ok é é é é é|1|x.csv|2|∅"]);
    assert_eq!(
        strict.held,
        [
            "3 encoding : byte 0xFF at character 5 is not UTF-8; if the file has another encoding, set csv.encoding | bad \u{FFFD},2",
            "4 encoding : a NUL byte at character 5 | nul \0,3"
        ]
    );
    let lenient = load(text, "{}", Mode::Lenient, CHUNK, 1).unwrap();
    assert_eq!(lenient.rows[1..], ["bad \u{FFFD}|2|x.csv|3|bad \u{FFFD},2", "nul \u{FFFD}|3|x.csv|4|nul \u{FFFD},3"]);
}

#[test]
fn one_text_among_numbers_is_named() {
    let mut text = "n,m\n".to_owned();
    for at in 0..30_000 {
        text.push_str(if at == 29_000 { "x,1\n" } else { "7,1\n" });
    }
    let silent = load(text.as_bytes(), "{}", Mode::Strict, 64 << 10, 2).unwrap();
    assert!(silent.header.starts_with("n Utf8, m Int64"));
    assert!(silent.report.notes.iter().any(|n| n.contains("1 of 30000 values, the first on line 29002")), "{:?}", silent.report.notes);
    let asked = load(text.as_bytes(), r#"{"columns": [{"name": "n", "type": "integer"}]}"#, Mode::Strict, 64 << 10, 2).unwrap();
    assert_eq!(asked.held, ["29002 cast(integer) n: \"x\" is not an integer | x,1"]);
    assert_eq!(asked.report.rows_out, 29_999);
}

#[test]
fn titles_comments_and_empty_ends_are_left_out_and_told() {
    let text = "Report of May,,\n,,\nid,name,n\n1,x,2\n2,y,3\n,,\n,,\n";
    let loaded = load(text.as_bytes(), "{}", Mode::Strict, CHUNK, 1).unwrap();
    assert_eq!(loaded.rows, ["1|x|2|x.csv|4|∅", "2|y|3|x.csv|5|∅"]);
    assert!(loaded.report.notes.iter().any(|n| n.contains("2 lines above the table")));
    assert!(loaded.report.notes.iter().any(|n| n.contains("2 empty records at the end")));
}

#[test]
fn a_line_of_many_megabytes_is_one_row() {
    let long = "x".repeat(24 << 20);
    let text = format!("a,b\n{long},1\nshort,2\n");
    let loaded = load(text.as_bytes(), "{}", Mode::Strict, 1 << 20, 2).unwrap();
    assert_eq!(loaded.rows.len(), 2);
    assert_eq!(loaded.rows[1], "short|2|x.csv|3|∅");
    assert_eq!(loaded.rows[0].len(), long.len() + "|1|x.csv|2|∅".len());
}

#[test]
fn a_quoted_field_may_span_chunks() {
    let inside = "line of text, with a comma\n".repeat(4000);
    let text = format!("a,b\n1,\"{inside}\"\n2,y\n");
    for chunk in [64, 1000, 50_000, CHUNK] {
        let loaded = load(text.as_bytes(), "{}", Mode::Strict, chunk, 2).unwrap();
        assert_eq!(loaded.rows.len(), 2, "{chunk}");
        assert_eq!(loaded.rows[1], "2|y|x.csv|4003|∅");
    }
}

#[test]
fn cancelling_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let piece = Piece { name: "x.csv".to_owned(), path, format: FileFormat::Csv, bytes: 8, modified_ms: 0 };
    let cancel = Cancel::new();
    cancel.raise();
    let spec: SourceSpec = serde_json::from_str("{}").unwrap();
    let result = crate::read(&piece, &spec, Mode::Strict, 1, &cancel, &ProgressSlot::new(), &Collect::new());
    assert_eq!(result.unwrap_err().code, Code::Interrupted);
}

/// Texts made of the bytes that matter, so that odd combinations come up.
fn dirty() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => Just(&b","[..]),
        6 => Just(&b"\n"[..]),
        4 => Just(&b"\""[..]),
        2 => Just(&b"\"\""[..]),
        2 => Just(&b"\r\n"[..]),
        1 => Just(&b"\r"[..]),
        3 => Just(&b"12"[..]),
        3 => Just(&b"x"[..]),
        1 => Just(&b" "[..]),
        1 => Just(&b"\xff"[..]),
        1 => Just(&b"\0"[..]),
        1 => Just("é".as_bytes()),
        1 => Just(&b"\\"[..]),
    ];
    proptest::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

fn same_for_every_chunk(text: &[u8], spec: &str, mode: Mode) -> Result<(), TestCaseError> {
    let whole = match load(text, spec, mode, CHUNK, 1) {
        Ok(whole) => whole,
        Err(problem) => {
            prop_assert_ne!(problem.code, Code::Internal, "{}", problem);
            prop_assert_ne!(problem.code, Code::LawBroken, "{}", problem);
            return Ok(());
        }
    };
    prop_assert_eq!(whole.report.rows_in, whole.report.rows_out + whole.report.held);
    prop_assert_eq!(whole.rows.len() as u64, whole.report.rows_out);
    prop_assert_eq!(whole.held.len() as u64, whole.report.held);
    for (chunk, threads) in [(1, 1), (7, 2), (40, 3)] {
        let cut = load(text, spec, mode, chunk, threads).unwrap();
        prop_assert_eq!(&cut, &whole);
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader_and_chunks_do_not_matter(text in dirty(), strict in any::<bool>()) {
        let mode = if strict { Mode::Strict } else { Mode::Lenient };
        same_for_every_chunk(&text, "{}", mode)?;
        same_for_every_chunk(&text, r#"{"csv": {"delimiter": ",", "quote": "\"", "header": true, "skip_lines": 0, "encoding": "utf-8"}}"#, mode)?;
        same_for_every_chunk(&text, r#"{"csv": {"delimiter": ",", "quote": "\"", "escape": "\\", "header": false, "skip_lines": 0}}"#, mode)?;
    }

    #[test]
    fn no_bytes_break_the_reader(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        same_for_every_chunk(&text, "{}", Mode::Lenient)?;
    }

    #[test]
    fn what_is_written_is_read_back(rows in proptest::collection::vec(("[ -~é\n\r\t\"',;]{0,12}", any::<i32>(), "[a-z]{1,5}"), 1..30)) {
        use std::sync::Arc;
        use arrow::array::{Int32Array, RecordBatch, StringArray};
        use crate::write::{Export, Format, Writer};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let batch = RecordBatch::try_from_iter([
            ("text", Arc::new(StringArray::from_iter_values(rows.iter().map(|r| &r.0))) as _),
            ("number", Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.1))) as _),
            ("word", Arc::new(StringArray::from_iter_values(rows.iter().map(|r| &r.2))) as _),
        ]).unwrap();
        let export = Export { format: Format::Csv, raw: true, title: String::new(), notes: Vec::new() };
        let mut writer = Writer::to_file(&path, &export).unwrap();
        writer.write(&batch).unwrap();
        writer.finish(&batch.schema()).unwrap();
        let spec = r#"{"csv": {"delimiter": ",", "quote": "\"", "header": true, "skip_lines": 0, "encoding": "utf-8"}, "columns": [{"name": "text", "type": "text"}]}"#;
        let loaded = load(&std::fs::read(&path).unwrap(), spec, Mode::Strict, CHUNK, 1).unwrap();
        let own: Vec<String> = loaded.rows.iter().map(|r| r.rsplitn(4, '|').last().unwrap_or_default().to_owned()).collect();
        let expected: Vec<String> = rows.iter().map(|r| format!("{}|{}|{}", if r.0.is_empty() { "∅" } else { &r.0 }, r.1, r.2)).collect();
        prop_assert_eq!(own, expected);
    }
}
