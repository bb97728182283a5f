//! Finds the elements of a large list by its brackets and strings alone, reading the text window by window.

use trommel_model::Outcome;

use super::config::LONGEST_RECORD;
use super::discover::Broken;
use super::error;
use crate::bytes::Text;

/// Bytes read at once.
const WINDOW: usize = 1 << 20;

/// Goes through the elements of a list.
pub struct Splitter<'a> {
    text: &'a Text,
    buffer: Vec<u8>,
    /// Where the buffer is in the text.
    from: u64,
    /// The next byte, in the buffer.
    at: usize,
    /// Line ends before that byte.
    line: u64,
    first: bool,
}

/// What comes next in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// An element.
    Element {
        /// First byte.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// Line ends before it.
        line: u64,
    },
    /// The end of the list.
    End,
    /// Neither.
    Broken(Broken),
}

impl<'a> Splitter<'a> {
    /// Starts behind the bracket that opens the list.
    pub fn new(text: &'a Text, from: u64, line: u64) -> Self {
        Self { text, buffer: Vec::new(), from, at: 0, line, first: true }
    }

    /// The next element.
    pub fn next_element(&mut self) -> Outcome<Next> {
        let Some(byte) = self.peek()? else { return Ok(self.broken("a comma or ]")) };
        if byte == b']' {
            self.at += 1;
            return Ok(Next::End);
        }
        if !std::mem::replace(&mut self.first, false) {
            if byte != b',' {
                return Ok(self.broken("a comma or ]"));
            }
            self.at += 1;
            if self.peek()?.is_none() {
                return Ok(self.broken("a value"));
            }
        }
        let start = self.from + self.at as u64;
        let line = self.line;
        loop {
            if let Some(end) = end_of(&self.buffer, self.at, self.is_whole()) {
                if end == self.at {
                    return Ok(self.broken("a value"));
                }
                self.line += lines(&self.buffer[self.at..end]);
                self.at = end;
                return Ok(Next::Element { start, end: self.from + end as u64, line });
            }
            if self.is_whole() {
                let lost = Broken { from: start, line, place: self.place(self.buffer.len()), expected: "the end of the record".to_owned() };
                return Ok(Next::Broken(lost));
            }
            if self.buffer.len() - self.at > LONGEST_RECORD {
                return Err(error::record_too_large(line + 1));
            }
            self.more()?;
        }
    }

    /// A fault when anything but blanks follows.
    pub fn rest_is_blank(&mut self) -> Outcome<Option<Broken>> {
        match self.peek()? {
            None => Ok(None),
            Some(_) => Ok(Some(self.lost("the end of the document"))),
        }
    }

    fn broken(&self, expected: &str) -> Next {
        Next::Broken(self.lost(expected))
    }

    fn lost(&self, expected: &str) -> Broken {
        Broken { from: self.from + self.at as u64, line: self.line, place: self.place(self.at), expected: expected.to_owned() }
    }

    /// Line and character of a byte of the buffer, from 1. On a line longer than the buffer, characters count from there.
    fn place(&self, at: usize) -> (u64, u64) {
        let between = &self.buffer[self.at.min(at)..at];
        let start = self.buffer[..at].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
        (self.line + lines(between) + 1, String::from_utf8_lossy(&self.buffer[start..at]).chars().count() as u64 + 1)
    }

    fn is_whole(&self) -> bool {
        self.from + self.buffer.len() as u64 >= self.text.length
    }

    /// Passes blanks.
    fn peek(&mut self) -> Outcome<Option<u8>> {
        loop {
            while let Some(&byte) = self.buffer.get(self.at) {
                match byte {
                    b'\n' => self.line += 1,
                    b' ' | b'\r' | b'\t' => {}
                    other => return Ok(Some(other)),
                }
                self.at += 1;
            }
            if self.is_whole() {
                return Ok(None);
            }
            self.more()?;
        }
    }

    /// Reads on, forgetting what was passed except the line it is on.
    fn more(&mut self) -> Outcome<()> {
        let keep = self.buffer[..self.at].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
        let drop = if self.at - keep > WINDOW { self.at } else { keep };
        self.buffer.drain(..drop);
        self.from += drop as u64;
        self.at -= drop;
        let want = WINDOW.max(self.buffer.len());
        self.text.read(self.from + self.buffer.len() as u64, want, &mut self.buffer)
    }
}

/// Where the value at `start` ends, by brackets and strings alone; `None` when the text ends first.
/// The value's own soundness is not looked at.
pub fn end_of(text: &[u8], start: usize, whole: bool) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        let Some(&byte) = text.get(at) else {
            return (whole && depth == 0 && at > start).then_some(at);
        };
        match byte {
            b'"' => at = end_of_string(text, at)?,
            b'[' | b'{' => {
                depth += 1;
                at += 1;
            }
            b']' | b'}' | b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return Some(at),
            b']' | b'}' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

fn end_of_string(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', &text[at..])?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
        if at > text.len() {
            return None;
        }
    }
}

/// Line ends in a text.
pub fn lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
