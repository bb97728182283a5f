//! A sample taken apart under one candidate dialect. Forgiving: every text gives a table, and how odd it is is counted.

/// A candidate: delimiter, quote and escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields.
    pub quote: Option<u8>,
    /// Before a quote inside a field; `None` when it is doubled.
    pub escape: Option<u8>,
    /// What ends lines.
    pub ends: LineEnds,
}

/// Which bytes end a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnds {
    /// `\n`, or `\r\n`.
    Feed,
    /// `\r` alone.
    Return,
    /// Either.
    Both,
}

/// A table of cells as byte ranges of the sample.
#[derive(Debug, Default)]
pub struct Table {
    /// Cells of all rows, one row after the other.
    pub cells: Vec<Cell>,
    /// Where each row starts in `cells`.
    pub rows: Vec<Row>,
    /// Fields that are quoted properly.
    pub quoted: usize,
    /// Of these, with a delimiter, quote or line end inside: where the quotes did something.
    pub needed: usize,
    /// Of these, with quotes inside that are not escaped.
    pub stray: usize,
    /// Fields that open with a quote but are not quoted properly.
    pub malformed: usize,
    /// Quotes that were escaped as the candidate says.
    pub escapes: usize,
}

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// True when it was in quotes.
    pub quoted: bool,
    /// True when blanks stand between the delimiter and it.
    pub led: bool,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its first cell.
    pub first: usize,
    /// How many cells it has.
    pub width: usize,
    /// Its first byte.
    pub start: usize,
    /// Lines before it.
    pub line: u64,
}

impl Table {
    /// The cells of a row.
    pub fn row(&self, at: usize) -> &[Cell] {
        let row = self.rows[at];
        &self.cells[row.first..row.first + row.width]
    }
}

impl LineEnds {
    /// Length of the line end at a place, 0 when there is none.
    #[inline]
    pub fn at(self, text: &[u8], place: usize) -> usize {
        match (text[place], self) {
            (b'\r', Self::Feed | Self::Both) if text.get(place + 1) == Some(&b'\n') => 2,
            (b'\n', Self::Feed | Self::Both) | (b'\r', Self::Return | Self::Both) => 1,
            _ => 0,
        }
    }
}

/// Takes a text apart, up to `most` rows. Blank lines are left out.
pub fn split(text: &[u8], candidate: Candidate, most: usize) -> Table {
    let mut table = Table::default();
    let mut at = 0;
    let mut line = 0;
    while at < text.len() && table.rows.len() < most {
        let blank = candidate.ends.at(text, at);
        if blank > 0 {
            at += blank;
            line += 1;
            continue;
        }
        let first = table.cells.len();
        let (start, started) = (at, line);
        loop {
            let (cell, stop, lines) = cell(text, at, candidate, &mut table);
            line += lines;
            table.cells.push(cell);
            at = stop;
            if at >= text.len() {
                break;
            }
            if text[at] == candidate.delimiter {
                at += 1;
                continue;
            }
            at += candidate.ends.at(text, at).max(1);
            line += 1;
            break;
        }
        table.rows.push(Row { first, width: table.cells.len() - first, start, line: started });
    }
    table
}

fn cell(text: &[u8], start: usize, candidate: Candidate, table: &mut Table) -> (Cell, usize, u64) {
    let mut open = start;
    if candidate.delimiter != b' ' {
        while text.get(open) == Some(&b' ') {
            open += 1;
        }
    }
    if candidate.quote.is_some() && text.get(open).copied() == candidate.quote {
        if let Some(found) = quoted(text, open, candidate) {
            // `''` among plain fields is no sign of single quotes.
            table.quoted += usize::from(found.end > open + 1 || candidate.quote == Some(b'"'));
            table.needed += usize::from(found.needed);
            table.escapes += found.escapes;
            table.stray += usize::from(found.stray);
            return (Cell { start: open + 1, end: found.end, quoted: true, led: open > start }, found.stop, found.lines);
        }
        table.malformed += 1;
    }
    let mut stop = start;
    while stop < text.len() && text[stop] != candidate.delimiter && candidate.ends.at(text, stop) == 0 {
        stop += 1;
    }
    (Cell { start, end: stop, quoted: false, led: open > start && open < stop }, stop, 0)
}

struct Quoted {
    /// The closing quote.
    end: usize,
    /// The byte that ends the field.
    stop: usize,
    lines: u64,
    needed: bool,
    escapes: usize,
    /// True when there are quotes inside that are not escaped.
    stray: bool,
}

fn quoted(text: &[u8], open: usize, candidate: Candidate) -> Option<Quoted> {
    let quote = candidate.quote?;
    let mut at = open + 1;
    let (mut lines, mut needed, mut escapes) = (0, false, 0);
    let mut stray = false;
    while at < text.len() {
        let byte = text[at];
        if Some(byte) == candidate.escape {
            if text.get(at + 1) == Some(&quote) {
                escapes += 1;
            }
            at += 2;
            continue;
        }
        if byte == quote {
            if candidate.escape.is_none() && text.get(at + 1) == Some(&quote) {
                escapes += 1;
                at += 2;
                continue;
            }
            let mut stop = at + 1;
            while candidate.delimiter != b' ' && text.get(stop) == Some(&b' ') {
                stop += 1;
            }
            let proper = stop >= text.len() || text[stop] == candidate.delimiter || candidate.ends.at(text, stop) > 0;
            if proper {
                return Some(Quoted { end: at, stop, lines, needed, escapes, stray });
            }
            // A quote that should have been escaped. Within a line such a field is still made out.
            if lines > 0 {
                return None;
            }
            stray = true;
            at += 1;
            continue;
        }
        let end = candidate.ends.at(text, at);
        if stray && end > 0 {
            return None;
        }
        needed |= byte == candidate.delimiter || end > 0;
        lines += u64::from(end > 0);
        at += end.max(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_gives_a_table() {
        let candidate = Candidate { delimiter: b',', quote: Some(b'"'), escape: None, ends: LineEnds::Feed };
        let table = split(b"a,\"b,\"\"c\n\"\r\n\n\"x\"y,\"open\n", candidate, 100);
        let shape: Vec<(usize, u64)> = table.rows.iter().map(|r| (r.width, r.line)).collect();
        assert_eq!(shape, [(2, 0), (2, 3)]);
        assert_eq!((table.quoted, table.needed, table.malformed, table.escapes), (1, 1, 2, 1));
    }
}
