//! Rows of a database as the assembler wants them: each value as it is stored, its text made when it is asked for.

use std::borrow::Cow;

use super::pages::Value;
use crate::assemble::Block;
use crate::json::string;
use crate::values::{Kind, Parsed, print_float};

/// A block of rows. Values stay where they lie in the pages of the database (`'a`) where they can.
pub struct SqliteBlock<'a> {
    /// The columns.
    names: &'a [String],
    /// What the columns hold.
    kinds: &'a [Kind],
    /// Texts and bytes that lie nowhere else.
    kept: Vec<u8>,
    /// The values, row by row.
    cells: Vec<Cell<'a>>,
    /// The number of the first row, from 1.
    first: u64,
}

/// A value.
#[derive(Debug, Clone, Copy)]
enum Cell<'a> {
    /// As it is stored.
    Stored(Value<'a>),
    /// Text or bytes as a range of `kept`.
    Kept { start: usize, end: usize, text: bool },
}

impl<'a> SqliteBlock<'a> {
    /// Without rows; the next one is number 1.
    pub fn new(names: &'a [String], kinds: &'a [Kind]) -> Self {
        Self { names, kinds, kept: Vec::new(), cells: Vec::new(), first: 1 }
    }

    /// Appends a value. False when its text has to be mended: SQLite does not insist on UTF-8 without NUL, tables do.
    #[inline]
    pub fn push(&mut self, value: Value<'a>) -> bool {
        match value {
            Value::Text(text) if !is_sound(text) => self.mend(text),
            other => {
                self.cells.push(Cell::Stored(other));
                true
            }
        }
    }

    /// As [`Self::push`], for a value that does not last.
    #[inline]
    pub fn push_copy(&mut self, value: Value<'_>) -> bool {
        let (bytes, text) = match value {
            Value::Text(text) if !is_sound(text) => return self.mend(text),
            Value::Text(text) => (text, true),
            Value::Blob(bytes) => (bytes, false),
            Value::Null => return self.push(Value::Null),
            Value::Integer(number) => return self.push(Value::Integer(number)),
            Value::Real(number) => return self.push(Value::Real(number)),
        };
        let start = self.kept.len();
        self.kept.extend_from_slice(bytes);
        self.cells.push(Cell::Kept { start, end: self.kept.len(), text });
        true
    }

    fn mend(&mut self, text: &[u8]) -> bool {
        let start = self.kept.len();
        self.kept.extend_from_slice(String::from_utf8_lossy(text).replace('\0', "\u{FFFD}").as_bytes());
        self.cells.push(Cell::Kept { start, end: self.kept.len(), text: true });
        false
    }

    /// The last row leaves again; its text.
    pub fn pop(&mut self) -> String {
        let Some(last) = self.rows().checked_sub(1) else { return String::new() };
        let text = self.text(last).into_owned();
        self.cells.truncate(last * self.names.len());
        text
    }

    /// Forgets the rows; the next one is number `first`.
    pub fn clear(&mut self, first: u64) {
        self.kept.clear();
        self.cells.clear();
        self.first = first;
    }

    #[inline]
    fn value(&self, row: usize, field: usize) -> Value<'_> {
        match self.cells[row * self.names.len() + field] {
            Cell::Stored(value) => value,
            Cell::Kept { start, end, text: true } => Value::Text(&self.kept[start..end]),
            Cell::Kept { start, end, text: false } => Value::Blob(&self.kept[start..end]),
        }
    }
}

#[inline]
fn is_sound(text: &[u8]) -> bool {
    memchr::memchr(0, text).is_none() && std::str::from_utf8(text).is_ok()
}

/// The text of a number in a column of this kind; empty for other values.
fn print_number(value: Value<'_>, kind: Kind, out: &mut Vec<u8>) {
    match value {
        Value::Integer(number) if kind == Kind::Boolean => out.extend_from_slice(if number == 0 { b"false" } else { b"true" }),
        Value::Integer(number) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
        Value::Real(number) => out.extend_from_slice(print_float(number).as_bytes()),
        _ => {}
    }
}

impl Block for SqliteBlock<'_> {
    fn rows(&self) -> usize {
        self.cells.len() / self.names.len().max(1)
    }

    #[inline]
    fn field<'a>(&'a self, row: usize, field: usize, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        match self.value(row, field) {
            Value::Null => None,
            Value::Text(text) => Some(text),
            Value::Blob(bytes) => {
                scratch.clear();
                scratch.extend_from_slice(hex::encode(bytes).as_bytes());
                Some(scratch)
            }
            number => {
                scratch.clear();
                print_number(number, self.kinds[field], scratch);
                Some(scratch)
            }
        }
    }

    #[inline]
    fn integer(&self, row: usize, field: usize) -> Option<Parsed<i64>> {
        match self.value(row, field) {
            Value::Integer(value) => Some(Parsed { value, exact: true }),
            _ => None,
        }
    }

    #[inline]
    fn float(&self, row: usize, field: usize) -> Option<Parsed<f64>> {
        match self.value(row, field) {
            Value::Real(value) if value.is_finite() => Some(Parsed { value, exact: true }),
            // 7 comes back as 7.0.
            Value::Integer(whole) => Some(Parsed { value: whole as f64, exact: false }),
            _ => None,
        }
    }

    fn line(&self, row: usize) -> u64 {
        self.first + row as u64
    }

    fn text(&self, row: usize) -> Cow<'_, str> {
        let mut out = String::from("{");
        let mut scratch = Vec::new();
        for (at, name) in self.names.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            string(name, &mut out);
            out.push(':');
            match self.value(row, at) {
                Value::Null => out.push_str("null"),
                Value::Text(text) => string(&String::from_utf8_lossy(text), &mut out),
                Value::Blob(bytes) => string(&hex::encode(bytes), &mut out),
                number => {
                    scratch.clear();
                    print_number(number, self.kinds[at], &mut scratch);
                    out.push_str(&String::from_utf8_lossy(&scratch));
                }
            }
        }
        out.push('}');
        Cow::Owned(out)
    }

    fn keeps_text(&self, _row: usize) -> bool {
        false
    }
}
