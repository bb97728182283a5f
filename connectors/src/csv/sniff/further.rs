//! Another table below the table: a row apart from it, with another number of cells or with names of columns, and more of its
//! kind behind.

use super::header::heads;
use super::table::{Candidate, Row, Table};
use crate::csv::config::Further;

/// Where another table begins behind the row `first` of a table of `width` columns, in a text that ends with the file.
pub fn find(text: &[u8], table: &Table, candidate: Candidate, first: usize, width: usize) -> Option<Further> {
    let rows = &table.rows;
    let blank = |at: usize| table.row(at).iter().all(|c| text[c.start..c.end].trim_ascii().is_empty());
    let begins = |at: usize| {
        let apart = blank(at - 1) || is_after_blank_line(text, rows[at]);
        let next = (at + 1..rows.len()).find(|at| !blank(*at));
        let goes_on = next.is_some_and(|next| rows[next].width == rows[at].width);
        // A table as wide as the one above it begins with names.
        let other = rows[at].width != width || heads(text, table, width, at);
        apart && rows[at].width > 1 && other && !blank(at) && goes_on
    };
    let seen = (first..rows.len()).filter(|at| rows[*at].width == width).nth(1)?;
    let at = (seen + 1..rows.len()).find(|at| begins(*at))?;
    Some(Further { line: rows[at].line + 1, lines: lines_from(text, rows[at].start, candidate) })
}

/// True when the line above a row has nothing on it.
pub fn is_after_blank_line(text: &[u8], row: Row) -> bool {
    let before = &text[..row.start];
    let before = before.strip_suffix(b"\n").unwrap_or(before);
    let before = before.strip_suffix(b"\r").unwrap_or(before);
    before.last().is_some_and(|b| matches!(b, b'\n' | b'\r'))
}

/// Lines from a place to the end of a text.
pub fn lines_from(text: &[u8], start: usize, candidate: Candidate) -> u64 {
    let (mut at, mut lines) = (start, 1);
    while at < text.len() {
        let end = candidate.ends.at(text, at);
        at += end.max(1);
        lines += u64::from(end > 0 && at < text.len());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::table::{LineEnds, split};
    use super::*;

    fn check(text: &str, width: usize, expected: Option<(u64, u64)>) {
        let candidate = Candidate { delimiter: b',', quote: Some(b'"'), escape: None, ends: LineEnds::Feed };
        let table = split(text.as_bytes(), candidate, 100);
        let found = find(text.as_bytes(), &table, candidate, 0, width);
        assert_eq!(found.map(|f| (f.line, f.lines)), expected, "{text}");
    }

    #[test]
    fn tables_one_below_the_other() {
        check("a,b,c\n1,2,3\n4,5,6\n\nx,y\n7,8\n9,10\n", 3, Some((5, 3)));
        check("a,b,c\n1,2,3\n,,\nx,y,z,w\n7,8,9,10\n", 3, Some((4, 2)));
        check("a,b,c\n1,2,3\n4,5,6\n", 3, None);
        check("a,b\n1,2\n4,5\n\nx,y\n7,8\n9,10\n", 2, Some((5, 3)));
        check("a,b\nu,2\nv,5\n\nc,d\nw,8\nx,10\n", 2, Some((5, 3)));
    }

    #[test]
    fn ragged_rows_and_blank_lines_alone_are_no_table() {
        check("a,b,c\n1,2,3\n4,5\n6,7\n8,9,10\n", 3, None);
        check("a,b,c\n1,2,3\n\n4,5,6\n", 3, None);
        check("a,b,c\n1,2,3\n\n4,5\n6,7,8\n", 3, None);
        check("a,b\n1,2\n4,5\n\nx,6\n7,8\n", 2, None);
        check("a,b\nu,v\n\nw,x\ny,z\n", 2, None);
        check("a,b\n1,2\n\nn/a,\n7,8\n", 2, None);
        check("a,b,c\n1,2,3\n\nSource: the office\nas of May\n", 3, None);
    }
}
