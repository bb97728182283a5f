//! Where the table begins in a text, and what its columns are called.

use super::shape::{Look, look};
use super::table::{Cell, Table};
use crate::values::integer;

/// At most this many records make a header.
const MOST_HEADER_ROWS: usize = 4;
/// Rows that the types of columns are taken from.
const TYPED_ROWS: usize = 200;
/// In tables whose rows usually fill this many cells, a row with one or two at its start is a label and its value.
const LABELS_BELOW: usize = 5;
/// Numbers that step by one across a row, at least so many, name columns: years, days, weeks.
const STEPS: usize = 3;

/// What was made out about the top of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// Row (of the sample's table) with which the header, or without one the data, begins.
    pub first: usize,
    /// Rows of the header.
    pub header_rows: usize,
}

/// Makes out the top of a table of `width` columns. `told` is whether there is a header, when that was said.
pub fn find(text: &[u8], table: &Table, width: usize, told: Option<bool>) -> Top {
    let first = first_row(text, table, width);
    let header_rows = match told {
        Some(false) => 0,
        // Whoever says that there is one means one row of names: with few records below, values look like more of it.
        Some(true) => 1,
        None => rows_of_header(text, table, width, first),
    };
    Top { first, header_rows }
}

/// Passes rows that are no part of the table: titles, notes, empty rows, a label and its value.
fn first_row(text: &[u8], table: &Table, width: usize) -> usize {
    let rows = table.rows.len();
    let has_text = |c: &Cell| !text[c.start..c.end].trim_ascii().is_empty();
    let filled = |at: usize| table.row(at).iter().filter(|c| has_text(c)).count();
    let usual = usual_fill(rows, |at| (table.rows[at].width == width).then(|| filled(at)));
    let a_label = |at: usize| usual >= LABELS_BELOW && !table.row(at).iter().skip(2).any(has_text);
    let fits = |at: &usize| table.rows[*at].width == width && filled(*at) >= width.min(2) && !a_label(*at);
    let Some(first) = (0..rows).find(fits) else { return 0 };
    if first == 0 || first > rows / 2 {
        return if first > rows / 2 { 0 } else { first };
    }
    // A header may itself have lost or gained a delimiter. It is the row above, when the first full row is data.
    let above = first - 1;
    let near = table.rows[above].width.abs_diff(width) <= (width / 4).max(1) && table.rows[above].width > 1;
    if near
        && filled(above) * 2 > table.rows[above].width
        && evidence(text, table, width, first) <= 0
        && evidence(text, table, width, above) >= 0
    {
        return above;
    }
    first
}

/// How many cells are filled in the middle one of the rows that fit.
fn usual_fill(rows: usize, filled: impl Fn(usize) -> Option<usize>) -> usize {
    let mut counts: Vec<usize> = (0..rows.min(TYPED_ROWS)).filter_map(filled).collect();
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or(0)
}

/// How many rows from `first` on name columns rather than hold values.
fn rows_of_header(text: &[u8], table: &Table, width: usize, first: usize) -> usize {
    if table.rows.is_empty() {
        return 0;
    }
    let says = if counts_up(text, table, first) && !counts_up(text, table, first + 1) { 1 } else { evidence(text, table, width, first) };
    if says < 0 || (says == 0 && !names_by_themselves(text, table, width, first)) {
        return 0;
    }
    let mut rows = 1;
    while rows < MOST_HEADER_ROWS && first + rows + 2 < table.rows.len() && continues(text, table, width, first + rows) {
        rows += 1;
    }
    rows
}

/// True for a row below the first that can only name columns: it has text in every cell, and every column that is typed below
/// it is one of them.
pub fn heads(text: &[u8], table: &Table, width: usize, at: usize) -> bool {
    let (texts, typed, columns) = against_types(text, table, width, at);
    let named = |c: &Cell| matches!(look(&text[c.start..c.end], c.quoted), Look::Code | Look::Prose);
    typed == 0 && columns > 0 && texts == columns && table.row(at).iter().all(named)
}

/// How many columns bear out what was made out of the top: text above typed values, or a typed value above its like.
pub fn borne_out(text: &[u8], table: &Table, width: usize, first: usize, header: bool) -> usize {
    if first >= table.rows.len() {
        return 0;
    }
    let (texts, typed, _) = against_types(text, table, width, first);
    if header { texts.saturating_sub(typed) } else { typed.saturating_sub(texts) }
}

/// Columns of typed values below a row in which it has text (for), less those in which it has a typed value (against).
fn evidence(text: &[u8], table: &Table, width: usize, at: usize) -> i64 {
    let (texts, typed, _) = against_types(text, table, width, at);
    texts as i64 - typed as i64
}

/// True when the header lacks exactly one name and the first column holds names of rows, none twice: so R writes tables.
pub fn names_rows(text: &[u8], table: &Table, width: usize, top: &Top) -> bool {
    let body = top.first + top.header_rows..table.rows.len();
    if top.header_rows != 1 || table.rows[top.first].width + 1 != width || body.len() < 2 {
        return false;
    }
    let cell = |at: usize, column: usize| table.row(at).get(column).map_or(&[][..], |c| text[c.start..c.end].trim_ascii());
    let mut names: Vec<&[u8]> = body.clone().map(|at| cell(at, 0)).collect();
    names.sort_unstable();
    let unique = names.windows(2).all(|w| w[0] != w[1]) && names.iter().all(|n| !n.is_empty());
    // A last column without any value comes from a delimiter too many at the end of each row.
    unique && body.clone().any(|at| !cell(at, width - 1).is_empty())
}

/// True for a row whose numbers are each one more than the one before.
fn counts_up(text: &[u8], table: &Table, at: usize) -> bool {
    if at >= table.rows.len() {
        return false;
    }
    let numbers: Vec<i64> = table.row(at).iter().filter_map(|c| integer(text[c.start..c.end].trim_ascii())).map(|p| p.value).collect();
    numbers.len() >= STEPS && numbers.len() + 3 >= table.rows[at].width && numbers.windows(2).all(|w| w[0].checked_add(1) == Some(w[1]))
}

/// A further row belongs to the header when no typed column has a value of its type in it and most have text.
fn continues(text: &[u8], table: &Table, width: usize, at: usize) -> bool {
    let (texts, typed, columns) = against_types(text, table, width, at);
    typed == 0 && columns > 0 && texts * 2 > columns && table.rows[at].width == width
}

/// Of the columns that are typed below a row: in how many it has text, in how many a typed value, and how many there are.
fn against_types(text: &[u8], table: &Table, width: usize, at: usize) -> (usize, usize, usize) {
    let below = at + 1..table.rows.len().min(at + 1 + TYPED_ROWS);
    let (mut texts, mut typed, mut columns) = (0, 0, 0);
    for column in 0..width {
        let (mut values, mut of_type, mut moments) = (0_usize, 0_usize, 0_usize);
        for row in below.clone().filter(|r| table.rows[*r].width == width) {
            let cell = table.row(row)[column];
            match look(&text[cell.start..cell.end], cell.quoted) {
                Look::Empty | Look::Word => {}
                other => {
                    values += 1;
                    of_type += usize::from(other.is_typed());
                    moments += usize::from(other == Look::Moment);
                }
            }
        }
        if values == 0 || of_type * 4 < values * 3 {
            continue;
        }
        columns += 1;
        let Some(cell) = table.row(at).get(column) else { continue };
        match look(&text[cell.start..cell.end], cell.quoted) {
            Look::Empty => {}
            // A day above numbers, or a number above days, is a name.
            other if other.is_typed() && (other == Look::Moment) == (moments * 2 > values) => typed += 1,
            _ => texts += 1,
        }
    }
    (texts, typed, columns)
}

/// For tables of text alone: a header has short, different, non-empty cells that hardly come again below.
fn names_by_themselves(text: &[u8], table: &Table, width: usize, at: usize) -> bool {
    let cells = table.row(at);
    let of = |c: &Cell| text[c.start..c.end].trim_ascii();
    if cells.iter().any(|c| look(of(c), c.quoted).is_typed() || of(c).len() > 80) {
        return false;
    }
    // Columns that are empty nearly throughout need no name.
    let rows_below = (at + 1..table.rows.len().min(at + 1 + TYPED_ROWS)).filter(|r| table.rows[*r].width == width);
    let mut used = vec![0_usize; width];
    let mut seen = 0;
    for row in rows_below {
        seen += 1;
        for (used, cell) in used.iter_mut().zip(table.row(row)) {
            *used += usize::from(!of(cell).is_empty());
        }
    }
    let filled = cells.iter().filter(|c| !of(c).is_empty()).count();
    let wanted = used.iter().filter(|u| **u * 10 > seen).count();
    if filled == 0 || filled * 2 < wanted {
        return false;
    }
    let below = (at + 1..table.rows.len().min(at + 1 + TYPED_ROWS)).filter(|r| table.rows[*r].width == width);
    let (mut rows, mut repeats) = (0_usize, 0_usize);
    for row in below {
        rows += 1;
        repeats += usize::from(table.row(row).iter().zip(cells).any(|(below, above)| !of(above).is_empty() && of(below) == of(above)));
    }
    repeats * 10 <= rows
}
