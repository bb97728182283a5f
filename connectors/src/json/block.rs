//! Records of JSON as the assembler wants them.

use std::borrow::Cow;

use super::scan::{Token, TokenKind, unescape};
use crate::assemble::Block;

/// A block of records: tokens as ranges of the text.
pub struct JsonBlock<'a> {
    /// The text.
    pub text: &'a [u8],
    /// Columns of the table.
    pub width: usize,
    /// `width` places for each record.
    pub fields: Vec<Option<Token>>,
    /// The records.
    pub records: Vec<Record>,
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Its line, from 1.
    pub line: u64,
    /// True when the columns do not give it back.
    pub keep: bool,
}

impl Block for JsonBlock<'_> {
    fn rows(&self) -> usize {
        self.records.len()
    }

    #[inline]
    fn field<'a>(&'a self, row: usize, field: usize, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        let token = self.fields[row * self.width + field]?;
        let raw = &self.text[token.start..token.end];
        match token.kind {
            TokenKind::Null => None,
            TokenKind::Escaped => {
                unescape(raw, scratch);
                Some(scratch)
            }
            _ => Some(raw),
        }
    }

    fn line(&self, row: usize) -> u64 {
        self.records[row].line
    }

    fn text(&self, row: usize) -> Cow<'_, str> {
        let record = self.records[row];
        String::from_utf8_lossy(&self.text[record.start..record.end])
    }

    fn keeps_text(&self, row: usize) -> bool {
        self.records[row].keep
    }
}
