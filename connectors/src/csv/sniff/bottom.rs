//! What stands below the table: sources, notes and remarks that are no records.

use super::further::{is_after_blank_line, lines_from};
use super::shape::{Look, look};
use super::table::{Candidate, Table, split};

/// At most this many rows are taken for notes.
const MOST_NOTES: usize = 30;
/// The end of the text that is looked at.
const TAIL: usize = 24 << 10;

/// Lines of notes at the end of a text, below a table of `width` columns.
///
/// A row is a note when nothing but its first cell has text. Notes are told from records that lost their delimiters:
/// they stand apart from the table (a blank line, an empty record), or they are prose where the table has none.
pub fn footer_lines(text: &[u8], candidate: Candidate, width: usize) -> u64 {
    let tail = tail(text, candidate);
    let table = split(tail, candidate, usize::MAX);
    let rows = table.rows.len();
    let body = table.rows.iter().filter(|r| r.width == width).count();
    if width < 2 || body < 2 || body * 2 < rows {
        return 0;
    }
    let notes = (0..rows).rev().take(MOST_NOTES).take_while(|at| filled_behind_first(tail, &table, *at) == 0).count();
    let prose = prose_begins_records(tail, &table, width);
    let has_text = |at: usize| !first_cell(tail, &table, at).is_empty();
    let top = (rows - notes..rows).find(|top| {
        let mut below = (*top..rows).filter(|at| has_text(*at)).peekable();
        let apart = *top > 0 && (!has_text(*top) || is_after_blank_line(tail, table.rows[*top]));
        below.peek().is_some() && (apart || (!prose && below.all(|at| is_prose_alone(tail, &table, at))))
    });
    top.map_or(0, |top| lines_from(tail, table.rows[top].start, candidate))
}

/// The last part of a text, from the start of a line on.
fn tail(text: &[u8], candidate: Candidate) -> &[u8] {
    let from = text.len().saturating_sub(TAIL);
    if from == 0 {
        return text;
    }
    let line = (from..text.len()).find(|at| candidate.ends.at(text, *at) > 0).unwrap_or(from);
    &text[line + candidate.ends.at(text, line)..]
}

fn first_cell<'a>(text: &'a [u8], table: &Table, at: usize) -> &'a [u8] {
    table.row(at).first().map_or(&[], |c| text[c.start..c.end].trim_ascii())
}

fn filled_behind_first(text: &[u8], table: &Table, at: usize) -> usize {
    table.row(at).iter().skip(1).filter(|c| !text[c.start..c.end].trim_ascii().is_empty()).count()
}

/// A row of one cell that is several words.
fn is_prose_alone(text: &[u8], table: &Table, at: usize) -> bool {
    let body = first_cell(text, table, at);
    table.rows[at].width == 1 && body.contains(&b' ') && matches!(look(body, true), Look::Prose)
}

/// True when records of the table may well begin with prose.
fn prose_begins_records(text: &[u8], table: &Table, width: usize) -> bool {
    let records = (0..table.rows.len()).filter(|at| table.rows[*at].width == width && filled_behind_first(text, table, *at) > 0);
    let (mut all, mut prose) = (0, 0);
    for at in records {
        all += 1;
        prose += usize::from(matches!(look(first_cell(text, table, at), true), Look::Prose));
    }
    prose * 5 > all
}

#[cfg(test)]
mod tests {
    use super::super::table::LineEnds;
    use super::*;

    fn check(text: &str, width: usize, lines: u64) {
        let candidate = Candidate { delimiter: b',', quote: Some(b'"'), escape: None, ends: LineEnds::Feed };
        assert_eq!(footer_lines(text.as_bytes(), candidate, width), lines, "{text}");
    }

    #[test]
    fn notes_below_a_table() {
        check("a,b,c\n1,2,3\n4,5,6\n", 3, 0);
        check("a,b,c\n1,2,3\n4,5,6\nSource: the office of numbers\n", 3, 1);
        check("a,b,c\n1,2,3\n4,5,6\n\nProvisional\n(r) revised\n", 3, 2);
        check("a,b,c\n1,2,3\n4,5,6\n,,\nProvisional,,\n", 3, 2);
        check("a,b,c\r\n1,2,3\r\n4,5,6\r\n\r\nProvisional\r\n\r\n", 3, 2);
    }

    #[test]
    fn a_record_that_lost_its_end_is_no_note() {
        check("a,b,c\n1,2,3\n4,5,6\n7", 3, 0);
        check("name,b,c\nAnn Lee,2,3\nBo Ray,5,6\nCy Dale\n", 3, 0);
        check("name,b,c\nx,2,3\ny,,\nz,,\n", 3, 0);
        check("only one column\nof several words\n", 1, 0);
    }
}
