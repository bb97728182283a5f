//! A stretch of waiting rows as the assembler wants it.

use std::borrow::Cow;

use super::store::{HEAD, Origin, take_cell, take_value};
use super::value::Value;
use crate::assemble::Block;
use crate::bytes::Text;
use crate::json::string;
use crate::values::Kind;

/// No cell.
const NONE: u32 = u32::MAX;

/// A block of rows: cells as places in the bytes of the spool.
pub struct SpoolBlock<'a> {
    /// The columns' names.
    pub names: &'a [String],
    /// What the columns become.
    pub kinds: &'a [Kind],
    /// Where a column of the spool stands in the table; `None` when it is left out.
    pub places: &'a [Option<u32>],
    /// The text the rows come from, where there is one.
    pub text: Option<&'a Text>,
    /// The bytes.
    pub bytes: &'a [u8],
    /// The rows.
    pub rows: Vec<Origin>,
    /// `names.len()` places for each row.
    pub cells: Vec<u32>,
}

impl SpoolBlock<'_> {
    /// Takes the row at a byte in; gives the byte after it, or `None` when there is no row.
    pub fn take(&mut self, at: usize) -> Option<usize> {
        let bytes = self.bytes;
        let head = bytes.get(at..at + HEAD)?;
        let number = |at: usize| head[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        let fields = head[25..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b));
        let mut origin = Origin { line: number(0), from: number(8), to: number(16), keep: head[24] & 1 != 0, odd: head[24] & 2 != 0 };
        let base = self.cells.len();
        self.cells.resize(base + self.names.len(), NONE);
        let mut rest = &bytes[at + HEAD..];
        for _ in 0..fields {
            let (column, value, after) = take_cell(rest)?;
            if let Some(place) = self.places.get(column as usize).copied().flatten() {
                let place = place as usize;
                self.cells[base + place] = (bytes.len() - rest.len() + 4) as u32;
                origin.keep |= matches!(value, Value::Fault(_)) && self.kinds[place] != Kind::Text;
            }
            rest = after;
        }
        self.rows.push(origin);
        Some(bytes.len() - rest.len())
    }

    /// The last row leaves again, when it is odd: its line and text.
    pub fn take_odd(&mut self) -> Option<(u64, String)> {
        let last = self.rows.len().checked_sub(1).filter(|at| self.rows[*at].odd)?;
        let odd = (self.rows[last].line, self.text(last).into_owned());
        self.rows.truncate(last);
        self.cells.truncate(last * self.names.len());
        Some(odd)
    }

    /// Forgets the rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.cells.clear();
    }

    fn value(&self, row: usize, field: usize) -> Option<Value<'_>> {
        let at = self.cells[row * self.names.len() + field];
        if at == NONE { None } else { take_value(&self.bytes[at as usize..]).map(|found| found.0) }
    }
}

impl Block for SpoolBlock<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    #[inline]
    fn field<'a>(&'a self, row: usize, field: usize, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        match self.value(row, field)? {
            Value::Text(text) | Value::Form(text) => Some(text),
            other => {
                scratch.clear();
                other.print(self.kinds[field], scratch).then_some(scratch.as_slice())
            }
        }
    }

    fn line(&self, row: usize) -> u64 {
        self.rows[row].line
    }

    fn text(&self, row: usize) -> Cow<'_, str> {
        let origin = self.rows[row];
        if let Some(text) = self.text
            && origin.to > origin.from
        {
            let mut raw = Vec::new();
            if text.read(origin.from, (origin.to - origin.from) as usize, &mut raw).is_ok() {
                return Cow::Owned(String::from_utf8_lossy(&raw).into_owned());
            }
        }
        Cow::Owned(self.json(row))
    }

    fn keeps_text(&self, row: usize) -> bool {
        self.rows[row].keep
    }
}

impl SpoolBlock<'_> {
    /// The row as a JSON object.
    fn json(&self, row: usize) -> String {
        let mut out = String::from("{");
        for (field, name) in self.names.iter().enumerate() {
            if field > 0 {
                out.push(',');
            }
            string(name, &mut out);
            out.push(':');
            let Some(value) = self.value(row, field) else {
                out.push_str("null");
                continue;
            };
            let mut bytes = Vec::new();
            let bare = match value {
                Value::Number(_) => value.print(Kind::Integer, &mut bytes),
                Value::Boolean(_) => value.print(Kind::Boolean, &mut bytes),
                _ => !value.print(Kind::Text, &mut bytes),
            };
            let text = String::from_utf8_lossy(&bytes);
            if bare { out.push_str(&text) } else { string(&text, &mut out) }
        }
        out.push('}');
        out
    }
}
