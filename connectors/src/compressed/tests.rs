//! Packed files from end to end.

use std::io::Write;
use std::path::Path;

use trommel_model::{Cancel, Code, FileFormat, Outcome, ProgressSlot, SourceSpec};

use crate::sink::Mode;
use crate::testing::{Loaded, load_piece, table};
use crate::{Piece, Place, discover};

const CSV: &[u8] = b"a,b\n1,x\n2,y\n";

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// What `xz` makes of [`CSV`], and of its two halves behind each other.
const XZ: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\x01\x00\x0b\x61\x2c\x62\x0a\x31\x2c\x78\x0a\x32\x2c\x79\x0a\x00\x4c\xe0\xb7\x6e\x5d\x13\x21\x73\x00\x01\x24\x0c\xa6\x18\xd8\xd8\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";
const XZ_TWO: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\x01\x00\x06\x61\x2c\x62\x0a\x31\x2c\x78\x00\x00\xec\x3b\x0f\xae\xf6\x80\x59\xdf\x00\x01\x1f\x07\x16\x2e\xb8\x73\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\x01\x00\x04\x0a\x32\x2c\x79\x0a\x00\x00\x00\x00\x3c\x3c\xa9\xba\x30\xf1\x6c\xc2\x00\x01\x1d\x05\xb8\x2d\x80\xaf\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        out.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn read(bytes: &[u8], name: &str, format: FileFormat) -> Outcome<Loaded> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name.split('/').next().unwrap());
    std::fs::write(&path, bytes).unwrap();
    load_piece(&Piece { name: name.to_owned(), path, format, bytes: bytes.len() as u64, modified_ms: 0 }, "{}", Mode::Strict)
}

#[test]
fn every_packing_is_told_by_its_first_bytes() {
    let zst = zstd::encode_all(CSV, 3).unwrap();
    for packed in [gz(CSV), bz2(CSV), XZ.to_vec(), zst, zip(&[("x.csv", CSV)])] {
        assert_eq!(table(&read(&packed, "x.csv", FileFormat::Csv).unwrap()), ["1|x|2|∅", "2|y|3|∅"]);
    }
}

#[test]
fn members_behind_each_other_are_one_file() {
    let (one, two) = CSV.split_at(7);
    let zst = |b: &[u8]| zstd::encode_all(b, 3).unwrap();
    for packed in [[gz(one), gz(two)].concat(), [bz2(one), bz2(two)].concat(), XZ_TWO.to_vec(), [zst(one), zst(two)].concat()] {
        assert_eq!(read(&packed, "x.csv.gz", FileFormat::Csv).unwrap().report.rows_in, 2);
    }
}

#[test]
fn every_format_of_text_may_be_packed() {
    for (text, format) in [
        (&b"[{\"a\": 1}, {\"a\": 2}]"[..], FileFormat::Json),
        (b"{\"a\": 1}\n{\"a\": 2}\n", FileFormat::Ndjson),
        (b"<l><r a='1'/><r a='2'/></l>", FileFormat::Xml),
        (b"n  t\n1  x\n2  y\n", FileFormat::Fixed),
    ] {
        let loaded = read(&gz(text), "x", format).unwrap();
        assert_eq!((loaded.report.rows_in, loaded.collected.schema.is_some()), (2, true), "{format:?}");
    }
}

#[test]
fn what_is_broken_or_a_bomb_is_refused() {
    let whole = gz(&CSV.repeat(10_000));
    let zeros = vec![0_u8; 1 << 20];
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..300 {
        bomb.write_all(&zeros).unwrap();
    }
    for (bytes, code) in [
        (whole[..whole.len() / 2].to_vec(), Code::BadArchive),
        (bomb.finish().unwrap(), Code::TooLarge),
        (zip(&[]), Code::EmptyFile),
        (zip(&[("../../x.csv", CSV)]), Code::Denied),
        (zip(&[("/etc/x.csv", CSV)]), Code::Denied),
        (zip(&[("a.csv", CSV), ("b.csv", CSV)]), Code::BadConfig),
        (b"PK\x03\x04 and no more".to_vec(), Code::BadArchive),
    ] {
        let problem = read(&bytes, "x.zip", FileFormat::Csv).unwrap_err();
        assert_eq!(problem.code, code, "{problem}");
        assert!(problem.place.file.is_some_and(|f| f.ends_with("x.zip")));
    }
}

fn names(root: &Path, path: &str) -> Outcome<Vec<String>> {
    let spec: SourceSpec = serde_json::from_str(&format!("{{\"path\": \"{path}\"}}")).unwrap();
    Ok(discover(&Place { root, connection: None, spec: &spec })?.into_iter().map(|p| p.name).collect())
}

#[test]
fn files_of_an_archive_are_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("one.zip", zip(&[("a.csv", CSV), ("__MACOSX/._a.csv", b"junk"), (".DS_Store", b"junk")]));
    write("two.zip", zip(&[("d/b.csv", CSV), ("d/a.csv", CSV)]));
    write("odd.zip", zip(&[("a.csv", CSV), ("b.json", b"[]"), ("c.bin", b"")]));
    write("x.csv.gz", gz(CSV));
    for (path, expected) in [
        ("one.zip", vec!["one.zip"]),
        ("two.zip", vec!["two.zip/d/a.csv", "two.zip/d/b.csv"]),
        ("two.zip/d/b.csv", vec!["two.zip/d/b.csv"]),
        ("odd.zip/*.csv", vec!["odd.zip/a.csv"]),
        ("*.csv.gz", vec!["x.csv.gz"]),
    ] {
        assert_eq!(names(folder.path(), path).unwrap(), expected, "{path}");
    }
    assert_eq!(names(folder.path(), "odd.zip").unwrap_err().code, Code::BadConfig);
    let spec: SourceSpec = serde_json::from_str(r#"{"path": "two.zip"}"#).unwrap();
    for piece in discover(&Place { root: folder.path(), connection: None, spec: &spec }).unwrap() {
        let loaded = load_piece(&piece, "{}", Mode::Strict).unwrap();
        assert_eq!(loaded.report.rows_in, 2);
    }
}

#[test]
fn the_copy_goes_when_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv.gz");
    std::fs::write(&path, gz(CSV)).unwrap();
    let piece = Piece { name: "x.csv.gz".to_owned(), path, format: FileFormat::Csv, bytes: 0, modified_ms: 0 };
    let copy = super::expand(&piece, u64::MAX, &Cancel::new(), &ProgressSlot::new()).unwrap().unwrap();
    let place = copy.path().to_owned();
    assert_eq!(std::fs::read(&place).unwrap(), CSV);
    drop(copy);
    assert!(!place.exists());
}

#[test]
fn a_preview_unpacks_the_head_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv.gz");
    let mut text = String::from("n,t\n");
    for n in 0..2_000_000_u64 {
        text.push_str(&format!("{n},{}\n", n * 7919 % 1_000_003));
    }
    std::fs::write(&path, gz(text.as_bytes())).unwrap();
    let piece = Piece { name: "x.csv.gz".to_owned(), path, format: FileFormat::Csv, bytes: 0, modified_ms: 0 };
    let (window, _) = crate::preview(&piece, &serde_json::from_str("{}").unwrap(), 3).unwrap();
    assert_eq!(window.rows.len(), 3);
}
