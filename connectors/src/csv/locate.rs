//! Where the first record of data is: behind what is skipped and behind the header.

use trommel_model::{Cancel, Outcome};

use super::config::{Dialect, Newline, Syntax};
use super::error;
use super::record::{Parser, Records, Stop};
use super::window::LONGEST_RECORD;
use crate::bytes::Text;

/// Where data begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// First byte of the first record.
    pub start: u64,
    /// Line ends before it.
    pub line: u64,
}

/// Passes the lines to skip and the header.
pub fn table(text: &Text, syntax: &Syntax, dialect: &Dialect, cancel: &Cancel) -> Outcome<Located> {
    let mut buffer = Vec::new();
    let mut want = 1 << 20;
    loop {
        cancel.check()?;
        buffer.clear();
        text.read(text.start, want, &mut buffer)?;
        let whole = text.start + buffer.len() as u64 >= text.length;
        if let Some((at, line)) = within(&buffer, whole, syntax, dialect) {
            return Ok(Located { start: text.start + at as u64, line });
        }
        if want > LONGEST_RECORD {
            return Err(error::endless_header());
        }
        want *= 8;
    }
}

/// Shortens a text by so many lines at its end.
pub fn leave_out_end(text: &mut Text, syntax: &Syntax, lines: u64, cancel: &Cancel) -> Outcome<()> {
    let lines = usize::try_from(lines).unwrap_or(usize::MAX);
    if lines == 0 {
        return Ok(());
    }
    let mut want = 64 << 10;
    loop {
        cancel.check()?;
        let from = text.length.saturating_sub(want).max(text.start);
        let mut buffer = Vec::new();
        text.read(from, (text.length - from) as usize, &mut buffer)?;
        let starts = line_starts(&buffer, syntax, from == text.start);
        if let Some(at) = starts.len().checked_sub(lines) {
            text.length = from + starts[at] as u64;
            return Ok(());
        }
        if from == text.start {
            return Ok(());
        }
        want *= 8;
    }
}

/// Where lines start in the end of a text.
fn line_starts(text: &[u8], syntax: &Syntax, from_start: bool) -> Vec<usize> {
    let mut starts = Vec::from_iter(from_start.then_some(0));
    for at in 0..text.len() {
        let pair = syntax.newline == Newline::Mixed && text[at] == b'\r' && text.get(at + 1) == Some(&b'\n');
        if syntax.ends_line(text[at]) && !pair && at + 1 < text.len() {
            starts.push(at + 1);
        }
    }
    starts
}

fn within(text: &[u8], whole: bool, syntax: &Syntax, dialect: &Dialect) -> Option<(usize, u64)> {
    let mut at = 0;
    let mut line = 0;
    while line < dialect.skip_lines {
        let Some(length) = text[at..].iter().position(|b| syntax.ends_line(*b)) else {
            return whole.then_some((text.len(), line));
        };
        at += length + 1;
        if syntax.newline == Newline::Mixed && text[at - 1] == b'\r' {
            match text.get(at) {
                Some(b'\n') => at += 1,
                None if !whole => return None,
                _ => {}
            }
        }
        line += 1;
    }
    let mut parser = Parser::new(text, *syntax, whole, at, line);
    let mut records = Records::default();
    match parser.take(&mut records, dialect.header_rows as usize, usize::MAX) {
        Stop::Cut => None,
        _ => Some((parser.at, parser.line)),
    }
}
