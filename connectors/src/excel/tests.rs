//! Workbooks as far as they can be looked at from here: whole, in place, with the right remarks.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, Time64MicrosecondArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, Outcome};

use crate::write::{Export, Format, Writer, Written};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap()
}

fn sample() -> RecordBatch {
    let money = Decimal128Array::from(vec![Some(123_450), None, Some(12_345_678_901_234_567_890)]).with_precision_and_scale(20, 2).unwrap();
    batch(vec![
        ("id", Arc::new(Int64Array::from(vec![Some(1), Some(1_234_567_890_123_456_789), Some(-999_999_999_999_999)]))),
        ("zip", Arc::new(StringArray::from(vec![Some("00420"), None, Some("")]))),
        ("formula", Arc::new(StringArray::from(vec![Some("=1+1"), Some("@x"), Some("a <b> & \"c\" \u{1}\u{8} é😀")]))),
        ("money", Arc::new(money)),
        ("day", Arc::new(Date32Array::from(vec![Some(19_782), Some(-200_000), None]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![Some(1_700_000_000_500_000), None, Some(0)]))),
        ("clock", Arc::new(Time64MicrosecondArray::from(vec![Some(47_107_000_000), Some(0), None]))),
        ("share", Arc::new(Float64Array::from(vec![Some(0.5), Some(f64::NAN), Some(f64::INFINITY)]))),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("link", Arc::new(StringArray::from(vec!["https://example.org/x"; 3]))),
    ])
}

fn write(path: &Path, title: &str, batches: &[RecordBatch]) -> Outcome<Written> {
    let notes = vec![("Source".to_owned(), "mart.x".to_owned()), ("Query".to_owned(), "select *\nfrom x".to_owned())];
    let export = Export { format: Format::Xlsx, raw: false, title: title.to_owned(), notes };
    let mut writer = Writer::to_file(path, &export)?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish(&batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema))
}

#[test]
fn a_workbook_appears_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xlsx");
    let written = write(&path, "Orders", &[sample(), sample()]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"PK"));
    assert_eq!((written.rows, written.bytes), (6, bytes.len() as u64));
    assert_eq!(written.notes, ["10 numbers and dates written as text because Excel would change them"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn names_of_sheets_are_made_to_fit() {
    let folder = tempfile::tempdir().unwrap();
    for title in ["", "notes", "a/b:c*?[d]\\e'", "history", "ein sehr langer Name für ein Blatt, viel zu lang", "  "] {
        assert!(write(&folder.path().join("x.xlsx"), title, &[sample()]).is_ok(), "{title:?}");
    }
}

#[test]
fn text_that_is_too_long_is_cut_and_told() {
    let folder = tempfile::tempdir().unwrap();
    for (text, cut) in [("x".repeat(32_767), 0), ("x".repeat(32_768), 1), ("😀".repeat(20_000), 1)] {
        let rows = batch(vec![("t", Arc::new(StringArray::from(vec![text])))]);
        let written = write(&folder.path().join("x.xlsx"), "t", &[rows]).unwrap();
        assert_eq!(written.notes.len(), cut, "{:?}", written.notes);
    }
}

#[test]
fn a_table_without_rows_and_one_with_too_many_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xlsx");
    assert_eq!(write(&path, "t", &[sample().slice(0, 0)]).unwrap().rows, 0);
    assert!(write(&path, "t", &[]).is_ok());
    let fields: Vec<Field> = (0..16_385).map(|i| Field::new(format!("c{i}"), arrow::datatypes::DataType::Utf8, true)).collect();
    let wide = RecordBatch::new_empty(Arc::new(Schema::new(fields)));
    assert_eq!(write(&path, "t", &[wide]).unwrap_err().code, Code::TooLarge);
}

/// Writes workbooks to look at by hand, where `TROMMEL_WORKBOOKS` says.
#[test]
fn full_sheets_are_continued_on_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let place = std::env::var_os("TROMMEL_WORKBOOKS").map_or_else(|| folder.path().to_owned(), Into::into);
    let numbers = batch(vec![("n", Arc::new(Int64Array::from((0..1_048_580).collect::<Vec<_>>())))]);
    let written = write(&place.join("long.xlsx"), "Long", &[numbers]).unwrap();
    assert_eq!(written.notes, ["1048580 rows on 2 sheets"]);
    write(&place.join("types.xlsx"), "Orders", &[sample()]).unwrap();
}

mod reading {
    //! Workbooks that are read.

    use std::io::Write;
    use std::path::Path;

    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
    use trommel_model::{Code, FileFormat, Outcome};

    use crate::excel::sheets;
    use crate::sink::Mode;
    use crate::testing::{Loaded, header, load, real_data, table};

    fn read(path: &Path, spec: &str, mode: Mode) -> Outcome<Loaded> {
        load(path, FileFormat::Excel, spec, mode)
    }

    /// A workbook with a title above the table, gaps, faults, and sheets beside it.
    fn orders(path: &Path) {
        let mut book = Workbook::new();
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let clock = Format::new().set_num_format("hh:mm:ss");
        let moment = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        let span = Format::new().set_num_format("[h]:mm:ss");
        book.add_worksheet().set_name("Cover").unwrap();
        let sheet = book.add_worksheet();
        sheet.set_name("Orders").unwrap();
        sheet.write(0, 1, "Orders of January").unwrap();
        for (at, name) in ["id", "zip", "paid", "day", "at", "moment", "span", "price", "mixed"].iter().enumerate() {
            sheet.write(2, 1 + at as u16, *name).unwrap();
        }
        for row in 0..3_u32 {
            let line = 3 + row + u32::from(row == 2);
            sheet.write(line, 1, f64::from(row + 1)).unwrap();
            sheet.write(line, 2, format!("0{row}115")).unwrap();
            sheet.write(line, 3, row != 1).unwrap();
            let date = ExcelDateTime::from_ymd(2024, 2, 28 + row as u8 % 2).unwrap();
            sheet.write_with_format(line, 4, &date, &day).unwrap();
            sheet.write_with_format(line, 5, 0.25 * f64::from(row + 1), &clock).unwrap();
            sheet.write_with_format(line, 6, 45_350.0 + 0.5 * f64::from(row), &moment).unwrap();
            sheet.write_with_format(line, 7, 0.5 + f64::from(row), &span).unwrap();
        }
        sheet.write(3, 8, 9.5).unwrap();
        sheet.write_formula(4, 8, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        sheet.write(6, 8, 10).unwrap();
        sheet.write(3, 9, 7).unwrap();
        sheet.write(4, 9, "seven").unwrap();
        sheet.write(6, 9, true).unwrap();
        let hidden = book.add_worksheet();
        hidden.set_name("Secret").unwrap().set_hidden(true);
        hidden.write(0, 0, "a").unwrap();
        hidden.write(1, 0, 1).unwrap();
        book.save(path).unwrap();
    }

    #[test]
    fn the_table_of_the_first_sheet_with_cells_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xlsx");
        orders(&path);
        let loaded = read(&path, "{}", Mode::Strict).unwrap();
        assert_eq!(
            header(&loaded),
            "id Int64, zip Utf8, paid Boolean, day Date32, at Time64(µs), moment Timestamp(µs), span Utf8, price Float64, mixed Utf8"
        );
        let rows = table(&loaded);
        assert_eq!(rows[0], "1|00115|true|2024-02-28|06:00:00|2024-02-28 00:00:00|12:00:00|9.5|7|4|∅");
        assert!(rows[1].starts_with("2|01115|false|2024-02-29|12:00:00|2024-02-28 12:00:00|36:00:00|∅|seven|5|{\"id\":2,"), "{}", rows[1]);
        assert!(rows[1].contains("\"price\":\"#DIV/0!\""), "{}", rows[1]);
        assert_eq!(rows[2], "3|02115|true|2024-02-28|18:00:00|2024-02-29 00:00:00|60:00:00|10.0|TRUE|7|∅");
        let notes = loaded.report.notes.join("; ");
        for part in ["sheet \"Orders\" is read; others are \"Cover\", \"Secret (hidden)\"", "in row 3; 1 row above", "1 cells hold a fault"]
        {
            assert!(notes.contains(part), "{notes}");
        }
    }

    #[test]
    fn sheet_range_and_header_can_be_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xlsx");
        orders(&path);
        for (spec, columns, rows) in [
            (r#"{"excel": {"sheet": "Secret"}}"#, "a Int64", 1),
            (r#"{"excel": {"sheet": 3}}"#, "a Int64", 1),
            (r#"{"excel": {"range": "B3:C5"}}"#, "id Int64, zip Utf8", 2),
            (r#"{"excel": {"range": "B4:C5"}}"#, "col_0 Int64, col_1 Utf8", 2),
            (r#"{"excel": {"range": "B:C", "header_row": 3}}"#, "id Int64, zip Utf8", 3),
            (r#"{"excel": {"range": "B3:C9", "header": false}}"#, "col_0 Utf8, col_1 Utf8", 4),
        ] {
            let loaded = read(&path, spec, Mode::Strict).unwrap();
            assert_eq!((header(&loaded).as_str(), loaded.report.rows_in), (columns, rows), "{spec}");
        }
        let inner =
            crate::Piece { name: "x.xlsx/secret".to_owned(), path: path.clone(), format: FileFormat::Excel, bytes: 0, modified_ms: 0 };
        assert_eq!(crate::testing::load_piece(&inner, "{}", Mode::Strict).unwrap().report.rows_in, 1);
        for (spec, code) in [
            (r#"{"excel": {"sheet": "Order"}}"#, Code::UnknownName),
            (r#"{"excel": {"sheet": 9}}"#, Code::UnknownName),
            (r#"{"excel": {"sheet": 1}}"#, Code::EmptyFile),
            (r#"{"excel": {"range": "nonsense"}}"#, Code::BadConfig),
        ] {
            assert_eq!(read(&path, spec, Mode::Strict).unwrap_err().code, code, "{spec}");
        }
        assert_eq!(sheets(&path).unwrap().iter().map(|s| s.visible).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_contract_casts_and_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xlsx");
        orders(&path);
        let spec = r#"{"columns": [{"name": "price", "type": "decimal(10,2)", "required": true}, {"name": "mixed", "type": "integer"}]}"#;
        let loaded = read(&path, spec, Mode::Strict).unwrap();
        assert!(table(&loaded)[0].contains("|9.50|7|4|"), "{:?}", table(&loaded));
        let held: Vec<String> = loaded.collected.held.iter().map(|h| format!("{} {}", h.line, h.rule)).collect();
        assert_eq!(held, ["5 required", "7 cast(integer)"]);
    }

    #[test]
    fn merged_cells_are_filled_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xlsx");
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let plain = Format::new();
        for (at, name) in ["region", "n"].iter().enumerate() {
            sheet.write(0, at as u16, *name).unwrap();
        }
        sheet.merge_range(1, 0, 2, 0, "north", &plain).unwrap();
        sheet.write(3, 0, "south").unwrap();
        for row in 1..4_u32 {
            sheet.write(row, 1, row).unwrap();
        }
        book.save(&path).unwrap();
        assert_eq!(table(&read(&path, "{}", Mode::Strict).unwrap()), ["north|1|2|∅", "∅|2|3|∅", "south|3|4|∅"]);
        let filled = read(&path, r#"{"excel": {"fill_merged": true}}"#, Mode::Strict).unwrap();
        assert_eq!(table(&filled), ["north|1|2|∅", "north|2|3|∅", "south|3|4|∅"]);
    }

    #[test]
    fn a_sheet_without_names_and_one_with_groups_of_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xlsx");
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, (a, b)) in [(1.0, "x"), (2.0, "y")].iter().enumerate() {
            sheet.write(row as u32, 0, *a).unwrap();
            sheet.write(row as u32, 1, *b).unwrap();
        }
        let sheet = book.add_worksheet();
        for (column, text) in [(1, "2023"), (3, "2024")] {
            sheet.write(0, column, text).unwrap();
        }
        for (column, text) in ["city", "in", "out", "in", "out"].iter().enumerate() {
            sheet.write(1, column as u16, *text).unwrap();
        }
        sheet.write(2, 0, "Rome").unwrap();
        for column in 1..5_u16 {
            sheet.write(2, column, column).unwrap();
        }
        book.save(&path).unwrap();
        let first = read(&path, "{}", Mode::Strict).unwrap();
        assert_eq!((header(&first).as_str(), first.report.rows_in), ("col_0 Int64, col_1 Utf8", 2));
        let second = read(&path, r#"{"excel": {"sheet": 2}}"#, Mode::Strict).unwrap();
        assert_eq!(header(&second), "city Utf8, 2023 in Int64, 2023 out Int64, 2024 in Int64, 2024 out Int64");
    }

    fn ods(path: &Path, content: &str) {
        let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        for (name, text) in [
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet".to_owned()),
            ("META-INF/manifest.xml", "<manifest:manifest/>".to_owned()),
            (
                "content.xml",
                format!(
                    "<office:document-content><office:body><office:spreadsheet>{content}</office:spreadsheet></office:body></office:document-content>"
                ),
            ),
        ] {
            archive.start_file(name, options).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap();
    }

    #[test]
    fn open_document_sheets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ods");
        let cell = |kind: &str, given: &str, text: &str| {
            format!("<table:table-cell office:value-type=\"{kind}\"{given}><text:p>{text}</text:p></table:table-cell>")
        };
        let header: String = ["n", "day", "at", "ok", "note"].iter().map(|n| cell("string", "", n)).collect();
        let row = [
            cell("float", " office:value=\"1.5\"", "1,5"),
            cell("date", " office:date-value=\"2024-02-29\"", "29.2."),
            cell("time", " office:time-value=\"PT06H00M00S\"", "6"),
            cell("boolean", " office:boolean-value=\"true\"", "WAHR"),
            cell("string", "", "a &amp; b<text:s text:c=\"2\"/>c</text:p><text:p>d"),
        ]
        .concat();
        ods(
            &path,
            &format!(
                "<table:table table:name=\"S\"><table:table-row>{header}</table:table-row><table:table-row table:number-rows-repeated=\"2\">{row}</table:table-row>\
                 <table:table-row table:number-rows-repeated=\"1048573\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>"
            ),
        );
        let loaded = read(&path, "{}", Mode::Strict).unwrap();
        assert_eq!(super::reading::header(&loaded), "n Float64, day Date32, at Time64(µs), ok Boolean, note Utf8");
        assert_eq!(table(&loaded), ["1.5|2024-02-29|06:00:00|true|a & b  c\nd|2|∅", "1.5|2024-02-29|06:00:00|true|a & b  c\nd|3|∅"]);
        let bomb = cell("float", " office:value=\"1\" table:number-columns-repeated=\"16384\"", "1");
        ods(
            &path,
            &format!(
                "<table:table table:name=\"S\"><table:table-row table:number-rows-repeated=\"1048576\">{bomb}</table:table-row></table:table>"
            ),
        );
        assert_eq!(read(&path, "{}", Mode::Strict).unwrap_err().code, Code::TooLarge);
    }

    #[test]
    fn bombs_and_strangers_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xlsx");
        let sheet = |path: &Path, name: &str, content: &[u8]| {
            let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file("_rels/.rels", options).unwrap();
            archive.start_file(name, options).unwrap();
            for _ in 0..100 {
                archive.write_all(content).unwrap();
            }
            archive.finish().unwrap();
        };
        sheet(&path, "xl/worksheets/sheet1.xml", &vec![b' '; 1 << 20]);
        assert_eq!(read(&path, "{}", Mode::Strict).unwrap_err().code, Code::TooLarge);
        sheet(&path, "xl/sharedStrings.xml", b"<sst uniqueCount=\"999999999999\">");
        assert_eq!(read(&path, "{}", Mode::Strict).unwrap_err().code, Code::BadWorkbook);
        let mut corners = Workbook::new();
        let wide = corners.add_worksheet();
        for at in 0..40_000_u32 {
            wide.write(at, (at % 16_384) as u16, 1).unwrap();
        }
        corners.save(&path).unwrap();
        assert_eq!(read(&path, "{}", Mode::Strict).unwrap_err().code, Code::TooLarge);
        for (bytes, code) in [
            (&b""[..], Code::EmptyFile),
            (b"a,b\n1,2\n", Code::BadWorkbook),
            (b"<?xml version=\"1.0\"?><Workbook/>", Code::BadWorkbook),
            (b"PK\x03\x04 and no more", Code::BadWorkbook),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", Code::BadWorkbook),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read(&path, "{}", Mode::Lenient).unwrap_err().code, code, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    /// Workbooks of other readers' tests, some of them made to break readers: each gives a table or a clear error.
    #[test]
    fn workbooks_of_other_readers() {
        let Some(folder) = real_data("formats/excel.tar.xz") else { return };
        let (mut tables, mut files) = (0, 0);
        for set in ["calamine", "xlrd", "sheetjs"] {
            for path in std::fs::read_dir(folder.path().join(set)).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()) {
                files += 1;
                match read(&path, "{}", Mode::Lenient) {
                    Ok(_) => tables += 1,
                    Err(problem) => assert_ne!(problem.code, Code::Internal, "{}: {problem}", path.display()),
                }
            }
        }
        assert!(files > 100 && tables * 4 > files * 3, "{tables} of {files}");
    }
}
