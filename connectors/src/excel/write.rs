//! Writes a table to a workbook, row by row in constant memory: real types, header, frozen row, filter, widths,
//! more sheets past 1,048,576 rows, and a sheet of notes.

use std::path::{Path, PathBuf};

use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;
use rust_xlsxwriter::{Format, Workbook as Book, Worksheet, XlsxError};
use trommel_model::{Code, Outcome, Problem};

use super::config::{CELL_CHARACTERS, DIGITS, EPOCH, FIRST_DAY, LAST_DAY, Looks, SHEET_COLUMNS, SHEET_ROWS, WIDEST};
use super::error;
use crate::atomic::AtomicFile;
use crate::render::Cells;
use crate::values::print_float;
use crate::write::{Export, TableWriter};

/// A workbook being written.
pub struct Workbook {
    path: PathBuf,
    file: Option<AtomicFile>,
    book: Book,
    title: String,
    notes: Vec<(String, String)>,
    schema: Option<SchemaRef>,
    looks: Looks,
    decimals: Vec<Format>,
    widths: Vec<usize>,
    /// Sheets of data so far.
    sheets: u32,
    /// Next row of the current sheet.
    row: u32,
    rows: u64,
    cut: u64,
    as_text: u64,
}

impl Workbook {
    /// Starts one.
    pub fn create(path: &Path, export: &Export) -> Outcome<Self> {
        let mut book = Book::new();
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            // Rows wait beside the target, not on a small temporary disk.
            book.set_tempdir(folder).map_err(|e| error::of(&e, path))?;
        }
        Ok(Self {
            path: path.to_owned(),
            file: Some(AtomicFile::create(path)?),
            book,
            title: sheet_name(&export.title),
            notes: export.notes.clone(),
            schema: None,
            looks: Looks::new(),
            decimals: Vec::new(),
            widths: Vec::new(),
            sheets: 0,
            row: 0,
            rows: 0,
            cut: 0,
            as_text: 0,
        })
    }

    /// Ends the current sheet and starts the next.
    fn next_sheet(&mut self) -> Result<(), XlsxError> {
        self.end_sheet()?;
        self.sheets += 1;
        let name = if self.sheets == 1 { self.title.clone() } else { numbered(&self.title, self.sheets) };
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        let Some(schema) = &self.schema else { return Ok(()) };
        for (at, field) in schema.fields().iter().enumerate() {
            sheet.write_string_with_format(0, at as u16, cut(field.name()).0, &self.looks.header)?;
            self.widths[at] = self.widths[at].max(field.name().chars().count() + 2);
        }
        self.row = 1;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        if self.sheets == 0 {
            return Ok(());
        }
        let sheet = self.book.worksheet_from_index(self.sheets as usize - 1)?;
        for (at, width) in self.widths.iter().enumerate() {
            sheet.set_column_width(at as u16, ((*width).clamp(4, WIDEST - 1) + 1) as f64)?;
        }
        if !self.widths.is_empty() {
            sheet.autofilter(0, 0, self.row.saturating_sub(1), self.widths.len() as u16 - 1)?;
        }
        Ok(())
    }

    fn put(&mut self, batch: &RecordBatch) -> Result<(), XlsxError> {
        let columns: Vec<Cells> =
            batch.columns().iter().map(Cells::new).collect::<Result<_, _>>().map_err(|e| XlsxError::ParameterError(e.to_string()))?;
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            if self.row >= SHEET_ROWS {
                self.next_sheet()?;
            }
            let at = self.row;
            let mut tally = Tally::default();
            let sheet = self.book.worksheet_from_index(self.sheets as usize - 1)?;
            for (column, cells) in columns.iter().enumerate() {
                if cells.is_null(row) {
                    continue;
                }
                let place = (at, column as u16);
                let width = cell(sheet, place, cells, row, &self.looks, &self.decimals[column], &mut text, &mut tally)?;
                self.widths[column] = self.widths[column].max(width);
            }
            self.cut += tally.cut;
            self.as_text += tally.as_text;
            self.row += 1;
            self.rows += 1;
        }
        Ok(())
    }

    fn notes_sheet(&mut self) -> Result<(), XlsxError> {
        let mut lines = self.notes.clone();
        lines.push(("rows".to_owned(), self.rows.to_string()));
        if self.sheets > 1 {
            lines.push(("sheets".to_owned(), format!("{} of at most {} rows", self.sheets, SHEET_ROWS - 1)));
        }
        for remark in self.remarks() {
            lines.push(("remark".to_owned(), remark));
        }
        let sheet = self.book.add_worksheet();
        sheet.set_name(if self.title.eq_ignore_ascii_case("notes") { "Notes on the table" } else { "Notes" })?;
        for (at, (key, value)) in lines.iter().enumerate() {
            sheet.write_string_with_format(at as u32, 0, cut(key).0, &self.looks.header)?;
            sheet.write_string(at as u32, 1, cut(value).0)?;
        }
        sheet.set_column_width(0, 24)?;
        sheet.set_column_width(1, WIDEST as f64)?;
        Ok(())
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.sheets > 1 {
            remarks.push(format!("{} rows on {} sheets", self.rows, self.sheets));
        }
        if self.cut > 0 {
            remarks.push(format!("{} texts cut to {CELL_CHARACTERS} characters, the most a cell holds", self.cut));
        }
        if self.as_text > 0 {
            remarks.push(format!("{} numbers and dates written as text because Excel would change them", self.as_text));
        }
        remarks
    }
}

impl TableWriter for Workbook {
    fn start(&mut self, schema: &SchemaRef) -> Outcome<()> {
        if schema.fields().len() > SHEET_COLUMNS {
            return Err(error::too_wide(schema.fields().len(), &self.path));
        }
        self.widths = vec![0; schema.fields().len()];
        self.decimals = schema
            .fields()
            .iter()
            .map(|f| match f.data_type() {
                DataType::Decimal128(_, scale) => Looks::decimal(*scale),
                _ => Format::new(),
            })
            .collect();
        self.schema = Some(schema.clone());
        self.next_sheet().map_err(|e| error::of(&e, &self.path))
    }

    fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        self.put(batch).map_err(|e| error::of(&e, &self.path))
    }

    fn finish(mut self: Box<Self>) -> Outcome<Vec<String>> {
        let ended = self.end_sheet().and_then(|()| self.notes_sheet());
        ended.map_err(|e| error::of(&e, &self.path))?;
        let remarks = self.remarks();
        let Some(mut file) = self.file.take() else { return Err(Problem::new(Code::Internal, "the workbook was ended twice")) };
        self.book.use_zip_large_file(self.rows > 1_000_000).save_to_writer(&mut file).map_err(|e| error::of(&e, &self.path))?;
        file.commit()?;
        Ok(remarks)
    }
}

#[derive(Default)]
struct Tally {
    cut: u64,
    as_text: u64,
}

/// Writes one cell with the type it has; gives its width in characters.
#[expect(clippy::too_many_arguments, reason = "the innermost step of one loop")]
fn cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cells: &Cells,
    at: usize,
    looks: &Looks,
    decimal: &Format,
    text: &mut String,
    tally: &mut Tally,
) -> Result<usize, XlsxError> {
    text.clear();
    match cells {
        Cells::Integer(_, v) if v[at].unsigned_abs() < 10_u64.pow(DIGITS) => {
            sheet.write_number_with_format(row, column, v[at] as f64, &looks.integer)?;
            return Ok(digits(v[at]));
        }
        Cells::Float(_, v) if v[at].is_finite() => {
            sheet.write_number(row, column, v[at])?;
            return Ok(print_float(v[at]).len().min(20));
        }
        Cells::Decimal(v, scale) if v.value(at).unsigned_abs() < 10_u128.pow(DIGITS) => {
            let value = v.value(at) as f64 / 10_f64.powi(i32::from(*scale));
            sheet.write_number_with_format(row, column, value, decimal)?;
            return Ok(20);
        }
        Cells::Boolean(v) => {
            sheet.write_boolean(row, column, v.value(at))?;
            return Ok(5);
        }
        Cells::Date(_, v) if (FIRST_DAY..=LAST_DAY).contains(&v[at]) => {
            sheet.write_number_with_format(row, column, (v[at] + EPOCH) as f64, &looks.date)?;
            return Ok(10);
        }
        Cells::Time(_, v) => {
            sheet.write_number_with_format(row, column, v[at] as f64 / 86_400e6, &looks.time)?;
            return Ok(8);
        }
        Cells::Timestamp(_, v, _) if (FIRST_DAY..=LAST_DAY).contains(&v[at].div_euclid(86_400_000_000)) => {
            sheet.write_number_with_format(row, column, v[at] as f64 / 86_400e6 + EPOCH as f64, &looks.timestamp)?;
            return Ok(19);
        }
        Cells::Text(_) | Cells::LongText(_) | Cells::TextView(_) | Cells::Binary(_) | Cells::Other(_) => {}
        _ => tally.as_text += 1,
    }
    let whole = if let Some(whole) = cells.text(at) {
        whole
    } else {
        cells.print(at, text);
        text
    };
    let (kept, was_cut) = cut(whole);
    tally.cut += u64::from(was_cut);
    // Always as a string: what looks like a formula or a number stays what it is.
    sheet.write_string_with_format(row, column, kept, &looks.text)?;
    Ok(kept.split('\n').map(|line| line.chars().take(WIDEST + 1).count()).max().unwrap_or(0))
}

fn digits(value: i64) -> usize {
    value.checked_abs().and_then(i64::checked_ilog10).map_or(1, |d| d as usize + 1) + usize::from(value < 0)
}

/// At most as many characters as a cell holds (Excel counts UTF-16 units).
fn cut(text: &str) -> (&str, bool) {
    if text.len() <= CELL_CHARACTERS {
        return (text, false);
    }
    let mut units = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > CELL_CHARACTERS {
            return (&text[..at], true);
        }
    }
    (text, false)
}

/// A name Excel takes for a sheet: at most 31 characters, none of `[ ] : * ? / \`, no quote at its ends.
fn sheet_name(title: &str) -> String {
    let kept: String =
        title.chars().map(|c| if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') || c.is_control() { ' ' } else { c }).collect();
    let short: String = kept.trim().trim_matches('\'').chars().take(24).collect();
    if short.trim().is_empty() || short.eq_ignore_ascii_case("history") { "Table".to_owned() } else { short.trim().to_owned() }
}

fn numbered(title: &str, number: u32) -> String {
    format!("{title} {number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_ones_excel_takes() {
        for (title, name) in [("mart.revenue", "mart.revenue"), ("a/b:c", "a b c"), ("", "Table"), ("'x'", "x"), ("History", "Table")] {
            assert_eq!(sheet_name(title), name);
        }
        assert!(sheet_name(&"x".repeat(100)).len() <= 24);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "é".repeat(40_000);
        let (kept, was_cut) = cut(&long);
        assert!(was_cut);
        assert_eq!(kept.chars().count(), CELL_CHARACTERS);
        assert_eq!(cut("short"), ("short", false));
    }
}
