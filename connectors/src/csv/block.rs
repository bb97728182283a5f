//! Records of delimited text as the assembler wants them, after those were sorted out that cannot be rows.

use std::borrow::Cow;

use super::config::Syntax;
use super::record::{Record, Records, State, unescape};
use crate::assemble::Block;
use crate::sink::Mode;

/// A block of records that become rows.
pub struct CsvBlock<'a> {
    text: &'a [u8],
    records: &'a Records,
    syntax: &'a Syntax,
    /// The records that become rows; `None` for all of them.
    rows: Option<Vec<u32>>,
    /// Records with bytes that are no text, in order.
    lossy: Vec<u32>,
}

/// A record that cannot be a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which record.
    pub record: u32,
    /// The rule it breaks.
    pub rule: &'static str,
    /// Why, in words.
    pub reason: String,
}

/// What is known of the bytes of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bytes {
    /// Nothing; they are looked at.
    Unknown,
    /// They are text: the survey found no record whose bytes are not.
    Text,
}

/// What sorting a block out found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Rows with fewer or more fields than they should have, taken in all the same.
    pub padded: u64,
    /// Records with bytes that are no text.
    pub lossy: u64,
    /// True when there are characters beyond ASCII, properly encoded.
    pub multibyte: bool,
}

impl<'a> CsvBlock<'a> {
    /// Sorts the records of a block out.
    pub fn new(text: &'a [u8], records: &'a Records, syntax: &'a Syntax, mode: Mode, bytes: Bytes) -> (Self, Vec<Rejected>, Oddities) {
        let mut block = Self { text, records, syntax, rows: None, lossy: Vec::new() };
        let mut oddities = Oddities::default();
        let (Some(first), Some(last)) = (records.places.first(), records.places.last()) else { return (block, Vec::new(), oddities) };
        if bytes == Bytes::Unknown {
            let all = &text[first.start as usize..last.end as usize];
            let plain = all.is_ascii();
            oddities.multibyte = !plain && std::str::from_utf8(all).is_ok();
            if !(plain || oddities.multibyte) || has_nul(all, syntax) {
                block.find_lossy();
                oddities.lossy = block.lossy.len() as u64;
            }
        }
        if mode == Mode::Lenient && records.places.iter().any(Record::is_blank_row) {
            block.rows = Some((0..records.places.len() as u32).filter(|at| !records.places[*at as usize].is_blank_row()).collect());
        }
        let odd = |record: &Record| record.state != State::Regular;
        if block.lossy.is_empty() && !records.places.iter().any(odd) {
            return (block, Vec::new(), oddities);
        }
        if mode == Mode::Lenient {
            oddities.padded = records.places.iter().filter(|r| r.found as usize != syntax.width && !r.is_blank_row()).count() as u64;
            return (block, Vec::new(), oddities);
        }
        let mut rejected = Vec::new();
        let mut rows = Vec::with_capacity(records.places.len());
        for (at, record) in records.places.iter().enumerate() {
            match block.fault(at as u32, record) {
                Some((rule, reason)) => rejected.push(Rejected { record: at as u32, rule, reason }),
                None => rows.push(at as u32),
            }
        }
        block.rows = Some(rows);
        (block, rejected, oddities)
    }

    fn find_lossy(&mut self) {
        for (at, record) in self.records.places.iter().enumerate() {
            let raw = &self.text[record.start as usize..record.end as usize];
            if has_nul(raw, self.syntax) || std::str::from_utf8(raw).is_err() {
                self.lossy.push(at as u32);
            }
        }
    }

    fn fault(&self, at: u32, record: &Record) -> Option<(&'static str, String)> {
        let width = self.syntax.width;
        if self.lossy.binary_search(&at).is_ok() {
            return Some(("encoding", self.encoding_fault(record)));
        }
        match record.state {
            State::Regular => None,
            State::Ragged => Some(("columns", format!("expected {}, found {}", counted(width), record.found))),
            State::Repaired => Some(("quote", "a quote is not closed properly".to_owned())),
            State::Broken if record.found as usize == width => Some(("quote", "a quote is not closed properly".to_owned())),
            State::Broken => {
                Some(("quote", format!("a quote is not closed properly; without it, expected {}, found {}", counted(width), record.found)))
            }
        }
    }

    fn encoding_fault(&self, record: &Record) -> String {
        let raw = &self.text[record.start as usize..record.end as usize];
        let valid = match std::str::from_utf8(raw) {
            Ok(text) => text,
            Err(e) => std::str::from_utf8(&raw[..e.valid_up_to()]).unwrap_or_default(),
        };
        if let Some(at) = valid.find('\0') {
            format!("a NUL byte at character {}", valid[..at].chars().count() + 1)
        } else {
            let byte = raw.get(valid.len()).copied().unwrap_or_default();
            format!(
                "byte 0x{byte:02X} at character {} is not UTF-8; if the file has another encoding, set csv.encoding",
                valid.chars().count() + 1
            )
        }
    }

    /// A record that was rejected, as text.
    pub fn raw(&self, record: u32) -> String {
        self.record_text(&self.records.places[record as usize]).into_owned()
    }

    /// A record as it is in the file.
    fn record_text(&self, record: &Record) -> Cow<'_, str> {
        let raw = &self.text[record.start as usize..record.end as usize];
        let Some(long) = self.syntax.long else { return String::from_utf8_lossy(raw) };
        let mut whole = Vec::with_capacity(raw.len() * 2);
        long.put_back(raw, &mut whole);
        Cow::Owned(String::from_utf8_lossy(&whole).into_owned())
    }

    /// The line of a record, counted from 1.
    pub fn record_line(&self, record: u32) -> u64 {
        self.records.places[record as usize].line + 1
    }

    #[inline]
    fn index(&self, row: usize) -> usize {
        match &self.rows {
            None => row,
            Some(rows) => rows[row] as usize,
        }
    }

    /// The record's bytes of a row.
    pub fn record(&self, row: usize) -> &Record {
        &self.records.places[self.index(row)]
    }
}

/// NUL bytes are no text, unless they are the escape.
fn has_nul(text: &[u8], syntax: &Syntax) -> bool {
    syntax.escape != Some(0) && memchr::memchr(0, text).is_some()
}

fn counted(width: usize) -> String {
    if width == 1 { "1 field".to_owned() } else { format!("{width} fields") }
}

impl Block for CsvBlock<'_> {
    fn rows(&self) -> usize {
        self.rows.as_ref().map_or(self.records.places.len(), Vec::len)
    }

    #[inline]
    fn field<'a>(&'a self, row: usize, field: usize, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        let at = self.index(row);
        let place = self.records.fields[at * self.syntax.width + field];
        let raw = place.raw(self.text);
        if raw.is_empty() {
            return None;
        }
        if let Some(long) = self.syntax.long
            && memchr::memchr(long.stand_in, raw).is_some()
        {
            let mut text = raw.to_vec();
            if place.escaped() {
                unescape(raw, self.syntax, &mut text);
            }
            long.put_back(&text, scratch);
            return Some(scratch);
        }
        if !place.escaped() && self.lossy.is_empty() {
            return Some(raw);
        }
        if place.escaped() {
            unescape(raw, self.syntax, scratch);
        } else {
            scratch.clear();
            scratch.extend_from_slice(raw);
        }
        if self.lossy.binary_search(&(at as u32)).is_ok() {
            let sound = String::from_utf8_lossy(scratch).replace('\0', "\u{FFFD}");
            *scratch = sound.into_bytes();
        }
        Some(scratch)
    }

    fn line(&self, row: usize) -> u64 {
        self.record(row).line + 1
    }

    fn text(&self, row: usize) -> Cow<'_, str> {
        let text = self.record_text(self.record(row));
        if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{FFFD}")) } else { text }
    }

    fn keeps_text(&self, row: usize) -> bool {
        self.record(row).state != State::Regular || (!self.lossy.is_empty() && self.lossy.binary_search(&(self.index(row) as u32)).is_ok())
    }
}
