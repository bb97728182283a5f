//! The rows that wait, in blocks: first in memory, then in a temporary file.

use std::fs::File;
use std::io::{self, Write};

use trommel_model::{Outcome, Problem};

use super::value::Value;
use crate::bytes::read_at;

/// Bytes of a block; each becomes a part.
const BLOCK: usize = 4 << 20;
/// Bytes kept in memory; what comes after goes to a temporary file.
const IN_MEMORY: usize = 192 << 20;

/// Rows that wait.
#[derive(Debug, Default)]
pub struct Spool {
    open: Vec<u8>,
    /// Where the row being written begins in the open block.
    row: usize,
    fields: u32,
    blocks: Vec<Stored>,
    in_memory: usize,
    file: Option<File>,
    file_bytes: u64,
    /// Rows written.
    pub rows: u64,
    /// Cells written.
    pub cells: u64,
}

#[derive(Debug)]
enum Stored {
    Memory(Vec<u8>),
    File { at: u64, length: usize },
}

/// Where a row comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin {
    /// Its line or row number, from 1.
    pub line: u64,
    /// First byte in the text it comes from, where there is one.
    pub from: u64,
    /// Byte after the last.
    pub to: u64,
    /// True when its cells do not give it back.
    pub keep: bool,
    /// True when it could not be taken apart as its kind: strictly it is held.
    pub odd: bool,
}

/// Bytes of a row before its cells: line, from, to, keep and odd, number of cells.
pub(super) const HEAD: usize = 8 + 8 + 8 + 1 + 4;

impl Spool {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a row.
    pub fn begin(&mut self) {
        self.row = self.open.len();
        self.fields = 0;
        self.open.extend_from_slice(&[0; HEAD]);
    }

    /// Adds a cell to the row.
    pub fn cell(&mut self, column: u32, value: &Value<'_>) {
        self.fields += 1;
        self.open.extend_from_slice(&column.to_le_bytes());
        let out = &mut self.open;
        let mut text = |tag: u8, text: &[u8]| {
            out.push(tag);
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        };
        match value {
            Value::Text(t) => text(0, t),
            Value::Form(t) => text(1, t),
            Value::Fault(t) => text(2, t),
            Value::Number(n) => self.fixed(3, n.to_bits()),
            Value::Boolean(b) => self.fixed(4, u64::from(*b)),
            Value::Date(v) => self.fixed(5, *v as u64),
            Value::Time(v) => self.fixed(6, *v as u64),
            Value::Timestamp(v) => self.fixed(7, *v as u64),
            Value::Span(v) => self.fixed(8, *v as u64),
        }
    }

    fn fixed(&mut self, tag: u8, bits: u64) {
        self.open.push(tag);
        self.open.extend_from_slice(&bits.to_le_bytes());
    }

    /// Ends the row.
    pub fn end(&mut self, origin: Origin) -> Outcome<()> {
        let head = &mut self.open[self.row..self.row + HEAD];
        head[..8].copy_from_slice(&origin.line.to_le_bytes());
        head[8..16].copy_from_slice(&origin.from.to_le_bytes());
        head[16..24].copy_from_slice(&origin.to.to_le_bytes());
        head[24] = u8::from(origin.keep) | (u8::from(origin.odd) << 1);
        head[25..].copy_from_slice(&self.fields.to_le_bytes());
        self.rows += 1;
        self.cells += u64::from(self.fields);
        if self.open.len() >= BLOCK { self.close() } else { Ok(()) }
    }

    /// Puts the open block away.
    pub fn close(&mut self) -> Outcome<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        let block = std::mem::take(&mut self.open);
        if self.in_memory + block.len() <= IN_MEMORY {
            self.in_memory += block.len();
            self.blocks.push(Stored::Memory(block));
            return Ok(());
        }
        let fail = |e: &io::Error| Problem::from_io(e, "keep rows on the side", &std::env::temp_dir());
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile().map_err(|e| fail(&e))?),
        };
        file.write_all(&block).map_err(|e| fail(&e))?;
        self.blocks.push(Stored::File { at: self.file_bytes, length: block.len() });
        self.file_bytes += block.len() as u64;
        self.open = block;
        self.open.clear();
        Ok(())
    }

    /// How many blocks were put away.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The bytes of a block; `buffer` may hold them.
    pub fn block<'a>(&'a self, at: usize, buffer: &'a mut Vec<u8>) -> Outcome<&'a [u8]> {
        match (&self.blocks[at], &self.file) {
            (Stored::Memory(bytes), _) => Ok(bytes),
            (Stored::File { at, length }, Some(file)) => {
                buffer.resize(*length, 0);
                read_at(file, *at, buffer).map_err(|e| Problem::from_io(&e, "read rows kept on the side", &std::env::temp_dir()))?;
                Ok(buffer)
            }
            (Stored::File { .. }, None) => Ok(&[]),
        }
    }
}

/// Takes one cell apart: its column, its value, and the bytes after it. `None` at the end.
pub(super) fn take_cell(bytes: &[u8]) -> Option<(u32, Value<'_>, &[u8])> {
    let column = u32::from_le_bytes(*bytes.first_chunk()?);
    let (value, rest) = take_value(&bytes[4..])?;
    Some((column, value, rest))
}

/// Takes a value apart.
pub(super) fn take_value(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let (&tag, body) = bytes.split_first()?;
    if tag < 3 {
        let length = u32::from_le_bytes(*body.first_chunk()?) as usize;
        let text = body.get(4..4 + length)?;
        let value = match tag {
            0 => Value::Text(text),
            1 => Value::Form(text),
            _ => Value::Fault(text),
        };
        return Some((value, &body[4 + length..]));
    }
    let bits = u64::from_le_bytes(*body.first_chunk()?);
    let value = match tag {
        3 => Value::Number(f64::from_bits(bits)),
        4 => Value::Boolean(bits != 0),
        5 => Value::Date(bits as i64),
        6 => Value::Time(bits as i64),
        7 => Value::Timestamp(bits as i64),
        _ => Value::Span(bits as i64),
    };
    Some((value, &body[8..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_comes_back() {
        let values = [
            Value::Text(b"007"),
            Value::Form(b"7"),
            Value::Fault(b"#N/A"),
            Value::Number(-0.5),
            Value::Boolean(true),
            Value::Date(-1),
            Value::Time(5),
            Value::Timestamp(-7),
            Value::Span(9),
        ];
        let mut spool = Spool::new();
        spool.begin();
        for (at, value) in values.iter().enumerate() {
            spool.cell(at as u32, value);
        }
        spool.end(Origin { line: 3, from: 4, to: 5, keep: true, odd: false }).unwrap();
        spool.close().unwrap();
        let mut buffer = Vec::new();
        let mut rest = &spool.block(0, &mut buffer).unwrap()[HEAD..];
        let mut back = Vec::new();
        while let Some((column, value, after)) = take_cell(rest) {
            assert_eq!(column as usize, back.len());
            back.push(value);
            rest = after;
        }
        assert_eq!((back, spool.rows, spool.cells), (values.to_vec(), 1, 9));
    }

    #[test]
    fn many_rows_go_to_disk() {
        let mut spool = Spool::new();
        let text = vec![b'x'; 1 << 20];
        for line in 0..220 {
            spool.begin();
            spool.cell(0, &Value::Text(&text));
            spool.end(Origin { line, ..Origin::default() }).unwrap();
        }
        spool.close().unwrap();
        assert!(spool.file.is_some());
        let mut buffer = Vec::new();
        let last = spool.block(spool.blocks() - 1, &mut buffer).unwrap();
        assert!(matches!(take_cell(&last[HEAD..]), Some((0, Value::Text(t), _)) if t == text));
    }
}
