//! Takes delimited text apart into records and fields, as byte ranges of the text: nothing is copied.
//!
//! What is regular (RFC 4180, or a backslash as the escape) is done here at speed. A record whose quotes do not add up
//! goes to [`super::repair`], which decides what it most likely means; that decision depends on the text alone, so
//! every pass over a file cuts it at the same places.

use super::config::{Newline, Syntax};
use super::repair::{self, Repaired};
use super::scan::Scan;

/// Set on a field's end when its text has escapes to undo.
pub const ESCAPED: u32 = 1 << 31;
/// A quoted field that spans lines is taken for an unclosed quote beyond this.
pub const LONGEST_QUOTED: usize = 16 << 20;
/// Fields of one record that are kept beyond its width; more are only counted.
const SPARE_FIELDS: usize = 4096;

/// Records of a stretch of text.
#[derive(Debug, Default)]
pub struct Records {
    /// Fields of one record after the other, `width` for each.
    pub fields: Vec<Field>,
    /// Where each record is and what is odd about it.
    pub places: Vec<Record>,
    /// Fields beyond the width, of records that have more.
    pub spare: Vec<Field>,
    /// Blank lines passed.
    pub blank: u64,
    /// Comment lines passed.
    pub comments: u64,
}

/// A field as a byte range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// First byte.
    pub start: u32,
    /// Byte after the last, perhaps with [`ESCAPED`].
    pub end: u32,
}

/// One record as a byte range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// First byte.
    pub start: u32,
    /// Byte after the last, without the line end.
    pub end: u32,
    /// Lines before it, counted from where reading began.
    pub line: u64,
    /// How many fields it has.
    pub found: u32,
    /// Where its fields beyond the width are in `spare`.
    pub spare: u32,
    /// What is odd about it.
    pub state: State,
}

/// What is odd about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Regular,
    /// It has fewer or more fields than it should.
    Ragged,
    /// Its quotes do not add up; its fields are our best guess.
    Repaired,
    /// Its quotes do not add up and no reading gives the right number of fields.
    Broken,
}

/// Why taking apart stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// As many records as asked for.
    Enough,
    /// The text ended; everything was taken.
    End,
    /// The text ended within a record.
    Cut,
    /// The next record starts at or after the limit.
    Limit,
}

impl Field {
    /// A field without text.
    pub const EMPTY: Self = Self { start: 0, end: 0 };

    /// The bytes from `start` to `end`.
    pub fn new(start: usize, end: usize, escaped: bool) -> Self {
        Self { start: start as u32, end: end as u32 | if escaped { ESCAPED } else { 0 } }
    }

    /// The bytes, with escapes.
    #[inline]
    pub fn raw(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..(self.end & !ESCAPED) as usize]
    }

    /// True when there are escapes to undo.
    #[inline]
    pub fn escaped(self) -> bool {
        self.end & ESCAPED != 0
    }
}

impl Record {
    /// True for a record that is nothing but delimiters.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.found > 1 && self.end - self.start == self.found - 1 && self.state != State::Repaired
    }

    /// True for an empty record wide enough to be a blank row of a spreadsheet rather than a row without values.
    #[inline]
    pub fn is_blank_row(&self) -> bool {
        self.found > 2 && self.is_empty()
    }
}

impl Records {
    /// Forgets the records, keeps the memory.
    pub fn clear(&mut self) {
        self.fields.clear();
        self.places.clear();
        self.spare.clear();
        self.blank = 0;
        self.comments = 0;
    }
}

/// Walks through a text record by record.
#[derive(Debug)]
pub struct Parser<'a> {
    text: &'a [u8],
    syntax: Syntax,
    /// True when the text ends where the file ends.
    whole: bool,
    scan: Scan<'a>,
    /// Where the next record starts.
    pub at: usize,
    /// Line ends passed so far.
    pub line: u64,
}

/// How taking one record apart ended.
enum One {
    Done { end: usize, next: usize },
    Malformed,
    Cut,
}

impl<'a> Parser<'a> {
    /// Starts at a byte of `text`, which must be the first of a record. `line` counts the line ends before it.
    pub fn new(text: &'a [u8], syntax: Syntax, whole: bool, at: usize, line: u64) -> Self {
        Self { text, syntax, whole, scan: Scan::new(text, &syntax.stops(), at), at, line }
    }

    /// Takes up to `most` records apart whose first byte lies before `limit`, appending them to `out`.
    pub fn take(&mut self, out: &mut Records, most: usize, limit: usize) -> Stop {
        let width = self.syntax.width;
        for _ in 0..most {
            loop {
                if self.at >= limit {
                    return Stop::Limit;
                }
                let Some(&first) = self.text.get(self.at) else { return if self.whole { Stop::End } else { Stop::Cut } };
                let blank = first == b'\r' || first == b'\n';
                if !blank && Some(first) != self.syntax.comment {
                    break;
                }
                match self.pass_line(blank) {
                    Some(true) => *if blank { &mut out.blank } else { &mut out.comments } += 1,
                    Some(false) => break,
                    None => return Stop::Cut,
                }
            }
            let start = self.at;
            let line = self.line;
            let base = out.fields.len();
            match self.one(out, base) {
                One::Done { end, next } => {
                    let found = out.fields.len() - base;
                    // A quote that was never closed may have swallowed lines.
                    if found != width && self.line > line + 1 {
                        let fields = out.fields.split_off(base);
                        let regular = Repaired { end, next, lines: self.line - line, fields, state: State::Ragged };
                        if !self.repair(out, start, line, Some(regular)) {
                            return Stop::Cut;
                        }
                        continue;
                    }
                    self.at = next;
                    self.push(
                        out,
                        base,
                        Record { start: start as u32, end: end as u32, line, found: found as u32, spare: 0, state: State::Regular },
                    );
                }
                One::Malformed => {
                    out.fields.truncate(base);
                    if !self.repair(out, start, line, None) {
                        return Stop::Cut;
                    }
                }
                One::Cut => {
                    out.fields.truncate(base);
                    self.line = line;
                    self.at = start;
                    return Stop::Cut;
                }
            }
        }
        Stop::Enough
    }

    /// Passes a blank line or a comment; `false` when a `\r` turns out to begin a record, `None` when the text ends.
    fn pass_line(&mut self, blank: bool) -> Option<bool> {
        let rest = &self.text[self.at..];
        let ends = |b: &u8| self.syntax.ends_line(*b);
        if blank && rest[0] == b'\r' && !ends(&b'\r') {
            // `\r\n` ends a line whose text is empty; any other `\r` is data.
            match rest.get(1) {
                Some(b'\n') => {}
                None if !self.whole => return None,
                _ => return Some(false),
            }
        } else if blank && !ends(&rest[0]) {
            return Some(false);
        }
        let length = match rest.iter().position(ends) {
            Some(length) => length,
            None if self.whole => {
                self.at = self.text.len();
                self.scan.seek(self.at);
                return Some(true);
            }
            None => return None,
        };
        let next = self.after_line_end(self.at + length)?;
        self.at = next;
        self.line += 1;
        self.scan.seek(next);
        Some(true)
    }

    /// The byte after a line end at `at`; `None` when a `\n` may follow that is not in the text yet.
    fn after_line_end(&self, at: usize) -> Option<usize> {
        if self.syntax.newline == Newline::Mixed && self.text[at] == b'\r' {
            return match self.text.get(at + 1) {
                Some(b'\n') => Some(at + 2),
                None if !self.whole => None,
                _ => Some(at + 1),
            };
        }
        Some(at + 1)
    }

    /// Takes the record at `self.at` apart, leaving the scan behind its line end.
    #[inline]
    fn one(&mut self, out: &mut Records, base: usize) -> One {
        let text = self.text;
        let syntax = self.syntax;
        let most = base + syntax.width + SPARE_FIELDS;
        let mut start = self.at;
        loop {
            if syntax.trim {
                while text.get(start) == Some(&b' ') {
                    start += 1;
                }
            }
            let field;
            let mut stop;
            if syntax.quote.is_some() && text.get(start).copied() == syntax.quote {
                match self.quoted(start) {
                    Quoted::Closed { end, escaped, stop: at } => {
                        field = Field::new(start + 1, end, escaped);
                        stop = at;
                    }
                    Quoted::Malformed => return One::Malformed,
                    Quoted::Cut => return One::Cut,
                }
            } else {
                loop {
                    stop = self.scan.advance();
                    match text.get(stop) {
                        Some(&byte) if byte == syntax.delimiter || syntax.ends_line(byte) => break,
                        Some(_) => {}
                        None => break,
                    }
                }
                field = Field::new(start.min(stop), stop, false);
            }
            let Some(&byte) = text.get(stop) else {
                if !self.whole {
                    return One::Cut;
                }
                out.fields.push(field);
                return One::Done { end: stop, next: stop };
            };
            if byte == syntax.delimiter {
                if out.fields.len() < most {
                    out.fields.push(field);
                }
                start = stop + 1;
                continue;
            }
            // A line end. A `\r` before `\n` belongs to it, not to the field.
            let mut end = stop;
            let mut field = field;
            if byte == b'\n' && stop > self.at && text[stop - 1] == b'\r' {
                end -= 1;
                if (field.end & !ESCAPED) as usize == stop {
                    field.end -= 1;
                    field.start = field.start.min(field.end & !ESCAPED);
                }
            }
            if out.fields.len() < most {
                out.fields.push(field);
            }
            let Some(next) = self.after_line_end(stop) else { return One::Cut };
            if next > stop + 1 {
                self.scan.seek(next);
            }
            self.line += 1;
            return One::Done { end, next };
        }
    }

    /// A quoted field that opens at `open`; the scan stands before the opening quote.
    #[inline]
    fn quoted(&mut self, open: usize) -> Quoted {
        let text = self.text;
        let syntax = self.syntax;
        let mut escaped = false;
        let mut lines = 0;
        if self.scan.advance() != open {
            self.scan.seek(open + 1);
        }
        let end = loop {
            let at = self.scan.advance();
            let Some(&byte) = text.get(at) else {
                return if self.whole { Quoted::Malformed } else { Quoted::Cut };
            };
            if Some(byte) == syntax.quote {
                if syntax.escape.is_none() {
                    match text.get(at + 1) {
                        Some(after) if *after == byte => {
                            self.scan.advance();
                            escaped = true;
                            continue;
                        }
                        None if !self.whole => return Quoted::Cut,
                        _ => {}
                    }
                }
                break at;
            }
            if Some(byte) == syntax.escape {
                escaped = true;
                match text.get(at + 1) {
                    Some(after) if Some(*after) == syntax.quote || Some(*after) == syntax.escape => {
                        self.scan.advance();
                    }
                    None if !self.whole => return Quoted::Cut,
                    _ => {}
                }
            } else if syntax.ends_line(byte) {
                if !(byte == b'\r' && text.get(at + 1) == Some(&b'\n')) {
                    lines += 1;
                }
                if at - open > LONGEST_QUOTED {
                    return Quoted::Malformed;
                }
            }
        };
        self.line += lines;
        // Only blanks may stand between the closing quote and what ends the field.
        let mut stop = end + 1;
        while text.get(stop) == Some(&b' ') && syntax.delimiter != b' ' {
            stop += 1;
        }
        let proper = match text.get(stop) {
            Some(&byte) if byte == syntax.delimiter || syntax.ends_line(byte) => true,
            Some(b'\r') => match text.get(stop + 1) {
                None if !self.whole => return Quoted::Cut,
                Some(b'\n') | None => {
                    stop += 1;
                    true
                }
                _ => false,
            },
            Some(_) => false,
            None if !self.whole => return Quoted::Cut,
            None => true,
        };
        if !proper {
            return Quoted::Malformed;
        }
        if stop < text.len() {
            self.scan.advance();
        }
        Quoted::Closed { end, escaped, stop }
    }

    /// Lets the slow path decide about the record at `start`; `false` when more text is needed.
    #[cold]
    fn repair(&mut self, out: &mut Records, start: usize, line: u64, regular: Option<Repaired>) -> bool {
        self.line = line;
        self.at = start;
        let base = out.fields.len();
        let Some(Repaired { end, next, lines, fields, state }) = repair::repair(self.text, &self.syntax, start, self.whole, regular) else {
            self.scan.seek(start);
            return false;
        };
        let found = fields.len() as u32;
        out.fields.extend(fields.into_iter().take(self.syntax.width + SPARE_FIELDS));
        self.at = next;
        self.line = line + lines;
        self.scan.seek(next);
        self.push(out, base, Record { start: start as u32, end: end as u32, line, found, spare: 0, state });
        true
    }

    /// Brings the fields after `base` to the width and keeps the record.
    #[inline]
    fn push(&self, out: &mut Records, base: usize, mut record: Record) {
        let width = self.syntax.width;
        let kept = out.fields.len() - base;
        if kept != width {
            if record.state == State::Regular {
                record.state = State::Ragged;
            }
            record.spare = out.spare.len() as u32;
            if kept > width {
                out.spare.extend_from_slice(&out.fields[base + width..]);
            }
            out.fields.resize(base + width, Field::EMPTY);
        }
        out.places.push(record);
    }
}

enum Quoted {
    Closed { end: usize, escaped: bool, stop: usize },
    Malformed,
    Cut,
}

/// Undoes the escapes of a quoted field into `out`.
pub fn unescape(raw: &[u8], syntax: &Syntax, out: &mut Vec<u8>) {
    out.clear();
    let Some(quote) = syntax.quote else {
        out.extend_from_slice(raw);
        return;
    };
    let escape = syntax.escape.unwrap_or(quote);
    let mut rest = raw;
    while let Some(at) = memchr::memchr(escape, rest) {
        out.extend_from_slice(&rest[..at]);
        match rest.get(at + 1) {
            Some(&after) if after == quote || after == escape => {
                out.push(after);
                rest = &rest[at + 2..];
            }
            _ => {
                out.push(escape);
                rest = &rest[at + 1..];
            }
        }
    }
    out.extend_from_slice(rest);
}
