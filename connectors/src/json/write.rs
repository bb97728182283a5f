//! Writes JSON (one list) and NDJSON (one record a line): numbers as numbers, lists and structures nested, times in ISO 8601.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, Outcome, Problem};

use crate::render::Cells;
use crate::write::{TableWriter, Target};

/// Records are handed on at this many bytes.
const BUFFER: usize = 256 << 10;

/// How records follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// In one list.
    List,
    /// One a line.
    Lines,
}

/// JSON being written.
pub struct JsonWriter {
    target: Target,
    layout: Layout,
    names: Vec<String>,
    any: bool,
    out: String,
}

impl JsonWriter {
    /// Starts one.
    pub fn new(target: Target, layout: Layout) -> Self {
        Self { target, layout, names: Vec::new(), any: false, out: String::new() }
    }

    fn hand_on(&mut self, least: usize) -> Outcome<()> {
        if self.out.len() < least {
            return Ok(());
        }
        self.target.put(self.out.as_bytes())?;
        self.out.clear();
        Ok(())
    }
}

impl TableWriter for JsonWriter {
    fn start(&mut self, schema: &SchemaRef) -> Outcome<()> {
        self.names = schema
            .fields()
            .iter()
            .map(|field| {
                let mut key = String::new();
                string(field.name(), &mut key);
                key
            })
            .collect();
        if self.layout == Layout::List {
            self.out.push('[');
        }
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        let fail = |e: &ArrowError| Problem::new(Code::Internal, "a column cannot be written as JSON").why(e.to_string());
        let columns = batch.columns().iter().map(Values::new).collect::<Result<Vec<_>, _>>().map_err(|e| fail(&e))?;
        for row in 0..batch.num_rows() {
            if self.layout == Layout::List {
                self.out.push_str(if self.any { ",\n" } else { "\n" });
            }
            self.any = true;
            self.out.push('{');
            for (at, (name, column)) in self.names.iter().zip(&columns).enumerate() {
                if at > 0 {
                    self.out.push(',');
                }
                self.out.push_str(name);
                self.out.push(':');
                column.print(row, &mut self.out).map_err(|e| fail(&e))?;
            }
            self.out.push('}');
            if self.layout == Layout::Lines {
                self.out.push('\n');
            }
            self.hand_on(BUFFER)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Outcome<Vec<String>> {
        if self.layout == Layout::List {
            self.out.push_str(if self.any { "\n]\n" } else { "]\n" });
        }
        self.hand_on(0)?;
        self.target.close()?;
        Ok(Vec::new())
    }
}

/// One row as a JSON object, for rows that have no text of their own.
pub fn row_text(batch: &RecordBatch, row: usize) -> String {
    let mut out = String::from("{");
    for (at, (field, array)) in batch.schema().fields().iter().zip(batch.columns()).enumerate() {
        if at > 0 {
            out.push(',');
        }
        string(field.name(), &mut out);
        out.push(':');
        let cell = array.slice(row, 1);
        if Values::new(&cell).and_then(|values| values.print(0, &mut out)).is_err() {
            out.push_str("null");
        }
    }
    out.push('}');
    out
}

/// A column whose cells are JSON values.
enum Values {
    Plain(Cells),
    /// Each cell is a list in an array of its own.
    List(ArrayRef),
    Struct(ArrayRef, Vec<(String, Values)>),
    Map(ArrayRef),
}

impl Values {
    fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        Ok(match array.data_type() {
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => Self::List(array.clone()),
            DataType::Map(..) => Self::Map(array.clone()),
            DataType::Struct(fields) => {
                let children = array.as_struct().columns();
                let named = fields.iter().zip(children).map(|(f, c)| Ok((f.name().clone(), Self::new(c)?)));
                Self::Struct(array.clone(), named.collect::<Result<_, ArrowError>>()?)
            }
            _ => Self::Plain(Cells::new(array)?),
        })
    }

    fn print(&self, row: usize, out: &mut String) -> Result<(), ArrowError> {
        match self {
            Self::Plain(cells) => plain(cells, row, out),
            Self::List(array) | Self::Struct(array, _) | Self::Map(array) if array.is_null(row) => out.push_str("null"),
            Self::List(array) => {
                let inner = match array.data_type() {
                    DataType::List(_) => array.as_list::<i32>().value(row),
                    DataType::LargeList(_) => array.as_list::<i64>().value(row),
                    _ => array.as_fixed_size_list().value(row),
                };
                let values = Self::new(&inner)?;
                out.push('[');
                for at in 0..inner.len() {
                    if at > 0 {
                        out.push(',');
                    }
                    values.print(at, out)?;
                }
                out.push(']');
            }
            Self::Struct(_, fields) => {
                out.push('{');
                for (at, (name, values)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    string(name, out);
                    out.push(':');
                    values.print(row, out)?;
                }
                out.push('}');
            }
            Self::Map(array) => {
                let entries = array.as_map().value(row);
                let (keys, values) = (Cells::new(entries.column(0))?, Self::new(entries.column(1))?);
                out.push('{');
                let mut key = String::new();
                for at in 0..entries.len() {
                    if at > 0 {
                        out.push(',');
                    }
                    key.clear();
                    keys.print(at, &mut key);
                    string(&key, out);
                    out.push(':');
                    values.print(at, out)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }
}

fn plain(cells: &Cells, row: usize, out: &mut String) {
    if cells.is_null(row) {
        out.push_str("null");
        return;
    }
    match cells {
        Cells::Integer(..) | Cells::Unsigned(..) | Cells::Decimal(..) | Cells::Boolean(_) => cells.print(row, out),
        Cells::Float(_, values) if values[row].is_finite() => cells.print(row, out),
        Cells::Float(..) => out.push_str("null"),
        _ => {
            if let Some(text) = cells.text(row) {
                string(text, out);
            } else {
                let mut text = String::new();
                cells.print(row, &mut text);
                string(&text, out);
            }
        }
    }
}

/// Appends a text as a JSON string.
pub fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1F => {
                out.push_str(&text[done..at]);
                out.push_str(&format!("\\u{byte:04x}"));
                done = at + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(&text[done..at]);
        out.push_str(escape);
        done = at + 1;
    }
    out.push_str(&text[done..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_back() {
        for text in ["", "plain é", "a\"b\\c\nd\te\r", "\u{1}\u{1f}", "😀"] {
            let mut out = String::new();
            string(text, &mut out);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
