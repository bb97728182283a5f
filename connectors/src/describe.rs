//! What a file holds and how it is written: what an import shows before anything is taken in.

use trommel_model::{Cancel, FileFacts, FileFormat, Outcome, ProgressSlot, SourceSpec};

use crate::preview::{First, windowed};
use crate::read::read;
use crate::sink::Mode;
use crate::{Piece, csv, preview, sqlite};

/// Looks at a whole piece: how it is written, its columns with the types that all values bear, and its first rows.
pub fn describe(
    piece: &Piece,
    spec: &SourceSpec,
    rows: usize,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<FileFacts> {
    let open = SourceSpec { columns: Vec::new(), ..spec.clone() };
    match piece.format {
        FileFormat::Csv => {
            let known = csv::describe(piece, &open.csv, threads, cancel, progress)?;
            let (mut first, _) = preview(piece, &open, rows)?;
            // The types are those of the whole file, not of the part that is shown.
            if first.schema.names().eq(known.columns.iter().map(|c| c.name.as_str())) {
                first.schema.fields.clone_from(&known.columns);
            }
            Ok(FileFacts {
                format: piece.format,
                found: known.dialect.found,
                columns: known.columns,
                rows: Some(known.rows),
                first,
                notes: known.notes,
            })
        }
        // These say their columns themselves; their first rows are enough.
        FileFormat::Parquet | FileFormat::Arrow | FileFormat::Sqlite => {
            let (first, report) = preview(piece, &open, rows)?;
            let found = if piece.format == FileFormat::Sqlite { of_database(piece)? } else { Vec::new() };
            Ok(FileFacts { format: piece.format, found, columns: first.schema.fields.clone(), rows: None, first, notes: report.notes })
        }
        // Their types are known when all of it was seen.
        _ => {
            let sink = First::keeping(rows);
            let report = read(piece, &open, Mode::Lenient, threads, cancel, progress, &sink)?;
            let counted = report.rows_in;
            let (first, report) = windowed(Ok(report), sink, rows)?;
            Ok(FileFacts {
                format: piece.format,
                found: report.found,
                columns: first.schema.fields.clone(),
                rows: Some(counted),
                first,
                notes: report.notes,
            })
        }
    }
}

fn of_database(piece: &Piece) -> Outcome<Vec<trommel_model::FoundOption>> {
    let tables = sqlite::tables(&piece.path)?;
    Ok(vec![trommel_model::FoundOption::certain("table", piece.name.clone()).or(tables)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(name: &str, format: FileFormat, text: &[u8], spec: &str) -> FileFacts {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let piece = Piece { name: name.to_owned(), path, format, bytes: text.len() as u64, modified_ms: 0 };
        let spec = serde_json::from_str(spec).unwrap();
        describe(&piece, &spec, 2, 2, &Cancel::new(), &ProgressSlot::new()).unwrap()
    }

    fn check(facts: &FileFacts, found: &[(&str, &str)], columns: &[&str], rows: u64) {
        for (name, value) in found {
            let option = facts.found.iter().find(|f| f.name == *name);
            assert_eq!(option.map(|f| f.value.as_str()), Some(*value), "{name} in {:?}", facts.found);
        }
        let shown: Vec<String> = facts.columns.iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
        assert_eq!((shown, facts.rows, facts.first.rows.len()), (columns.iter().map(|c| (*c).to_owned()).collect(), Some(rows), 2));
    }

    #[test]
    fn each_format_says_how_it_is_written() {
        let csv = b"id;price\n1;2,5\n2;3,75\n3;4,5\n";
        let found = facts("x.csv", FileFormat::Csv, csv, "{}");
        check(&found, &[("delimiter", ";"), ("decimal-mark", ","), ("header", "yes")], &["id integer", "price float"], 3);
        assert_eq!(found.found.iter().find(|f| f.name == "decimal-mark").and_then(|f| f.sure), Some(0.875));
        let told = facts("x.csv", FileFormat::Csv, csv, r#"{"csv": {"header": false, "decimal_mark": "."}}"#);
        check(&told, &[("header", "no"), ("decimal-mark", ".")], &["col_0 text", "col_1 text"], 4);
        let json = br#"{"page": 1, "data": {"items": [{"a": 1}, {"a": 2}, {"a": 3.5}]}}"#;
        check(&facts("x.json", FileFormat::Json, json, "{}"), &[("records", "data.items"), ("nested", "flatten")], &["a float"], 3);
        let xml = b"<shop><order id='1'/><order id='2'/><order id='x'/></shop>";
        check(&facts("x.xml", FileFormat::Xml, xml, "{}"), &[("record", "shop/order")], &["@id text"], 3);
        let fixed = b"id  name\n1   Ann\n2   Bob\n";
        check(&facts("x.fwf", FileFormat::Fixed, fixed, "{}"), &[("starts", "1,5"), ("header", "yes")], &["id integer", "name text"], 2);
    }

    #[test]
    fn packed_text_is_looked_into() {
        use std::io::Write as _;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"a|b\n1|x\n2|y\n").unwrap();
        let found = facts("x.csv.gz", FileFormat::Csv, &packer.finish().unwrap(), "{}");
        check(&found, &[("delimiter", "|")], &["a integer", "b text"], 2);
    }
}
