//! Corrected copies and records by example; any text, by counting lines plainly.

use std::path::Path;

use proptest::prelude::*;
use trommel_model::{Cancel, Correction, FileFormat, Outcome, ProgressSlot, SourceSpec};

use super::{Corrected, corrected, record};
use crate::Piece;

fn piece(path: &Path, format: FileFormat) -> Piece {
    let bytes = std::fs::metadata(path).unwrap().len();
    Piece { name: "a.csv".to_owned(), path: path.to_owned(), format, bytes, modified_ms: 0 }
}

fn correction(line: u64, was: &str, now: Option<&str>) -> Correction {
    Correction {
        file: "a.csv".to_owned(),
        line,
        was: was.to_owned(),
        now: now.map(str::to_owned),
        rule: String::new(),
        who: "ann".to_owned(),
        at: "2026-01-31T09:30:00Z".to_owned(),
        why: String::new(),
    }
}

fn correct(bytes: &[u8], corrections: &[Correction]) -> (String, Corrected) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, bytes).unwrap();
    let spec = SourceSpec::of_file("a.csv", None);
    let done = corrected(&piece(&path, FileFormat::Csv), &spec, corrections, &Cancel::new(), &ProgressSlot::new()).unwrap();
    (std::fs::read_to_string(done.path()).unwrap(), done)
}

#[test]
fn records_are_replaced_where_they_are_what_they_were() {
    for (text, corrections, expected, stale) in [
        ("a,b\n1,x\n2,y\n", vec![correction(3, "2,y", Some("2,z"))], "a,b\n1,x\n2,z\n", 0),
        ("a,b\n1,x\n2,y", vec![correction(3, "2,y", Some("2,zz"))], "a,b\n1,x\n2,zz", 0),
        ("a,b\r\n1,x\r\n2,y\r\n", vec![correction(2, "1,x", Some("1,\"x, y\""))], "a,b\r\n1,\"x, y\"\r\n2,y\r\n", 0),
        ("a,b\r1,x\r2,y\r", vec![correction(3, "2,y", Some("3,y"))], "a,b\r1,x\r3,y\r", 0),
        // Records of several lines; two corrections, in any order.
        ("a\n\"1\n2\"\n3\n", vec![correction(4, "3", Some("4")), correction(2, "\"1\n2\"", Some("12"))], "a\n12\n4\n", 0),
        // Another text by now, no such line, discarded, the beginning of a longer record.
        ("a\n1\n", vec![correction(2, "2", Some("3"))], "a\n1\n", 1),
        ("a\n1\n", vec![correction(3, "", Some("3"))], "a\n1\n", 1),
        ("a\n1\n", vec![correction(2, "1", None)], "a\n1\n", 0),
        ("a\n12\n", vec![correction(2, "1", Some("3"))], "a\n12\n", 1),
        // The same record twice: one correction can be made.
        ("a\n1\n", vec![correction(2, "1", Some("2")), correction(2, "1", Some("3"))], "a\n2\n", 1),
    ] {
        let (copy, done) = correct(text.as_bytes(), &corrections);
        assert_eq!((copy.as_str(), done.stale.len()), (expected, stale), "{text:?} {corrections:?}");
        assert_eq!(done.applied + done.stale.len(), corrections.iter().filter(|c| c.now.is_some()).count());
    }
}

#[test]
fn other_encodings_are_corrected_in_utf8() {
    let (copy, done) = correct(b"name\nK\xf6ln\nM\xfcnchen\n", &[correction(2, "Köln", Some("Cöln"))]);
    assert_eq!(copy, "name\nCöln\nMünchen\n");
    assert_eq!(done.spec(&SourceSpec::of_file("a.csv", None)).csv.encoding.as_deref(), Some("utf-8"));
    let (copy, done) = correct("\u{feff}name\nKöln\n".as_bytes(), &[correction(2, "Köln", Some("Bonn"))]);
    assert_eq!(copy, "name\nBonn\n");
    assert_eq!(done.spec(&SourceSpec::of_file("a.csv", None)).csv.encoding, None);
}

fn record_of(text: &str, format: FileFormat, line: u64, values: &[(&str, &str)]) -> Outcome<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, text).unwrap();
    let found = record(&piece(&path, format), &SourceSpec::of_file("a.csv", None), line, &Cancel::new())?;
    let values: Vec<(String, String)> = values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Ok((found.text.clone(), found.with(&values)?))
}

#[test]
fn a_record_changes_where_it_is_told_to() {
    let csv = "id;name;price\n1;\"Ann; Bee\";1.50\n2; Bob ;\"2\"\n3;Cy\n4;Di;4;5\n5;\"say \"\"hi\"\"\";6\n";
    for (line, values, was, now) in [
        (2, &[("price", "2")][..], "1;\"Ann; Bee\";1.50", "1;\"Ann; Bee\";2"),
        (2, &[("name", "A;B")], "1;\"Ann; Bee\";1.50", "1;\"A;B\";1.50"),
        (3, &[("id", "7"), ("price", "a \"b\"")], "2; Bob ;\"2\"", "7; Bob ;\"a \"\"b\"\"\""),
        (4, &[("price", "9")], "3;Cy", "3;Cy;9"),
        (5, &[("name", "Dee")], "4;Di;4;5", "4;Dee;4;5"),
        (6, &[("id", "6")], "5;\"say \"\"hi\"\"\";6", "6;\"say \"\"hi\"\"\";6"),
        (6, &[], "5;\"say \"\"hi\"\"\";6", "5;\"say \"\"hi\"\"\";6"),
    ] {
        assert_eq!(record_of(csv, FileFormat::Csv, line, values).unwrap(), (was.to_owned(), now.to_owned()));
    }
    let problem = record_of(csv, FileFormat::Csv, 2, &[("prise", "2")]).unwrap_err();
    assert_eq!(problem.next.as_deref(), Some("did you mean \"price\"?"));
    assert!(record_of(csv, FileFormat::Csv, 99, &[]).is_err());
    assert!(record_of(csv, FileFormat::Parquet, 2, &[]).is_err());
    let ndjson = "{\"a\":1,\"b\":\"x\"}\n{\"a\":\"oops\",\"b\":\"y\"}\n";
    let (was, now) = record_of(ndjson, FileFormat::Ndjson, 2, &[("a", "2")]).unwrap();
    assert_eq!((was.as_str(), now.as_str()), ("{\"a\":\"oops\",\"b\":\"y\"}", "{\"a\":2,\"b\":\"y\"}"));
}

#[test]
fn everything_else_of_a_json_record_stays_as_it_came() {
    let text = r#"{ "id" : 12345678901234567890123, "amt":1.10 ,"q":"x,}\"", "in":{"q":[1, 2]},"n":null, "id2":-0.0e5}"#;
    for (values, now) in [
        (&[("q", "1")][..], text.replace(r#""x,}\"""#, "1")),
        (&[("q", "[1,  2]"), ("n", "yes")], text.replace(r#""x,}\"""#, "[1,  2]").replace("null", "\"yes\"")),
        (&[("id2", "2")], text.replace("-0.0e5", "2")),
        (&[("in", "{}")], text.replace(r#"{"q":[1, 2]}"#, "{}")),
        (&[], text.to_owned()),
    ] {
        assert_eq!(record_of(text, FileFormat::Ndjson, 1, values).unwrap().1, now);
    }
    // Of a key that comes twice the last counts, for readers too.
    assert_eq!(record_of(r#"{"a":1,"a":2}"#, FileFormat::Ndjson, 1, &[("a", "3")]).unwrap().1, r#"{"a":1,"a":3}"#);
}

proptest! {
    #[test]
    fn every_line_of_any_text_is_found(lines in prop::collection::vec("[ab,]{1,6}", 1..40), crlf in any::<bool>(), at in any::<prop::sample::Index>()) {
        let end = if crlf { "\r\n" } else { "\n" };
        let text = lines.join(end);
        let which = at.index(lines.len());
        let (copy, done) = correct(text.as_bytes(), &[correction(which as u64 + 1, &lines[which], Some("!"))]);
        let mut expected = lines.clone();
        expected[which] = "!".to_owned();
        prop_assert_eq!(copy, expected.join(end));
        prop_assert_eq!(done.applied, 1);
    }
}
