//! Writes CSV: RFC 4180 with `\n` as the line end, UTF-8 without a mark, a header.
//!
//! No value is an empty field; an empty text is `""`. Text that a spreadsheet would run as a formula gets a quote before
//! it unless asked otherwise (CWE-1236).

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, Outcome, Problem};

use crate::render::Cells;
use crate::values::{float, integer};
use crate::write::{TableWriter, Target};

/// Rows are handed on at this many bytes.
const BUFFER: usize = 256 << 10;

/// A CSV file being written.
pub struct CsvWriter {
    target: Target,
    raw: bool,
    line: String,
}

impl CsvWriter {
    /// Starts one. `raw` leaves text alone that looks like a formula.
    pub fn new(target: Target, raw: bool) -> Self {
        Self { target, raw, line: String::new() }
    }

    fn hand_on(&mut self, least: usize) -> Outcome<()> {
        if self.line.len() < least {
            return Ok(());
        }
        self.target.put(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl TableWriter for CsvWriter {
    fn start(&mut self, schema: &SchemaRef) -> Outcome<()> {
        for (at, field) in schema.fields().iter().enumerate() {
            if at > 0 {
                self.line.push(',');
            }
            text(field.name(), self.raw, &mut self.line);
        }
        self.line.push('\n');
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        let columns: Vec<Cells> = batch.columns().iter().map(Cells::new).collect::<Result<_, _>>().map_err(|e| unprintable(&e))?;
        let mut scratch = String::new();
        for row in 0..batch.num_rows() {
            for (at, column) in columns.iter().enumerate() {
                if at > 0 {
                    self.line.push(',');
                }
                if column.is_null(row) {
                    // A line with nothing on it would not be a record.
                    if columns.len() == 1 {
                        self.line.push_str("\"\"");
                    }
                    continue;
                }
                match (column, column.text(row)) {
                    (_, Some(value)) => text(value, self.raw, &mut self.line),
                    (Cells::Other(_), None) => {
                        scratch.clear();
                        column.print(row, &mut scratch);
                        text(&scratch, self.raw, &mut self.line);
                    }
                    _ => column.print(row, &mut self.line),
                }
            }
            self.line.push('\n');
            self.hand_on(BUFFER)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Outcome<Vec<String>> {
        self.hand_on(0)?;
        self.target.close()?;
        Ok(Vec::new())
    }
}

fn unprintable(error: &arrow::error::ArrowError) -> Problem {
    Problem::new(Code::Internal, "a column cannot be written as text").why(error.to_string())
}

/// Appends a text as a field.
fn text(value: &str, raw: bool, out: &mut String) {
    let disarm = !raw && is_formula(value);
    let quoted = value.is_empty() || value.starts_with(' ') || value.ends_with(' ') || value.contains([',', '"', '\n', '\r']);
    if quoted {
        out.push('"');
    }
    if disarm {
        out.push('\'');
    }
    if value.contains('"') {
        out.push_str(&value.replace('"', "\"\""));
    } else {
        out.push_str(value);
    }
    if quoted {
        out.push('"');
    }
}

/// True for text that a spreadsheet would run: it starts with = + - @, tab or carriage return and is no number.
pub fn is_formula(value: &str) -> bool {
    value.starts_with(['=', '+', '-', '@', '\t', '\r']) && integer(value.as_bytes()).is_none() && float(value.as_bytes(), b'.').is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for (value, raw, expected) in [
            ("plain", false, "plain"),
            ("", false, "\"\""),
            ("a,b", false, "\"a,b\""),
            ("a\"b", false, "\"a\"\"b\""),
            ("a\nb", false, "\"a\nb\""),
            (" a", false, "\" a\""),
            ("=1+1", false, "'=1+1"),
            ("=1+1", true, "=1+1"),
            ("=\"x\"", false, "\"'=\"\"x\"\"\""),
            ("@sum", false, "'@sum"),
            ("\tx", false, "'\tx"),
            ("-5", false, "-5"),
            ("-5,5", false, "\"'-5,5\""),
            ("+39123", false, "+39123"),
            ("-", false, "'-"),
        ] {
            let mut out = String::new();
            text(value, raw, &mut out);
            assert_eq!(out, expected, "{value:?}");
        }
    }
}
