//! Where the lines of a text start.

use trommel_model::{Cancel, Outcome};

use crate::bytes::Text;

/// Bytes looked at at a time.
const CHUNK: usize = 1 << 20;

/// Where a line starts, by two ways of counting: a line ends with `\n`; or with `\r`, `\n` or `\r\n`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Start {
    /// Counted by `\n` alone.
    pub by_lf: Option<u64>,
    /// Counted by both.
    pub by_any: Option<u64>,
}

/// The first bytes of lines (from 1, ascending).
pub fn starts(text: &Text, lines: &[u64], cancel: &Cancel) -> Outcome<Vec<Start>> {
    let mut found = vec![Start::default(); lines.len()];
    let (mut lf, mut any) = (Counting::new(lines), Counting::new(lines));
    lf.line_at(text.start, &mut |at, place| found[at].by_lf = Some(place));
    any.line_at(text.start, &mut |at, place| found[at].by_any = Some(place));
    let (mut at, mut buffer, mut after_cr) = (text.start, Vec::new(), false);
    while at < text.length && !(lf.done() && any.done()) {
        cancel.check()?;
        buffer.clear();
        text.read(at, CHUNK, &mut buffer)?;
        for end in memchr::memchr2_iter(b'\n', b'\r', &buffer) {
            let next = at + end as u64 + 1;
            if buffer[end] == b'\n' {
                lf.line_at(next, &mut |at, place| found[at].by_lf = Some(place));
                let pair = if end == 0 { after_cr } else { buffer[end - 1] == b'\r' };
                if pair {
                    // The line began one byte too early.
                    any.move_to(next, &mut |at, place| found[at].by_any = Some(place));
                    continue;
                }
            }
            any.line_at(next, &mut |at, place| found[at].by_any = Some(place));
        }
        after_cr = buffer.last() == Some(&b'\r');
        at += buffer.len() as u64;
    }
    // Behind the last line end there is no line.
    for start in &mut found {
        start.by_lf = start.by_lf.filter(|at| *at < text.length);
        start.by_any = start.by_any.filter(|at| *at < text.length);
    }
    Ok(found)
}

/// Goes through the wanted lines as line ends are passed.
struct Counting<'a> {
    lines: &'a [u64],
    next: usize,
    line: u64,
}

impl<'a> Counting<'a> {
    fn new(lines: &'a [u64]) -> Self {
        Self { lines, next: 0, line: 0 }
    }

    fn done(&self) -> bool {
        // One line further, so that a `\n` behind a `\r` can still move the last one.
        self.lines.last().is_none_or(|last| self.line > *last)
    }

    /// Another line starts here.
    fn line_at(&mut self, place: u64, found: &mut dyn FnMut(usize, u64)) {
        self.line += 1;
        while self.lines.get(self.next).is_some_and(|line| *line == self.line) {
            found(self.next, place);
            self.next += 1;
        }
    }

    /// The line that was just begun starts here.
    fn move_to(&mut self, place: u64, found: &mut dyn FnMut(usize, u64)) {
        for at in (0..self.next).rev().take_while(|at| self.lines[*at] == self.line) {
            found(at, place);
        }
    }
}
