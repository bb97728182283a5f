//! Where the table begins on a sheet, and which rows name its columns.

use super::gather::HeadRow;
use crate::infer::Shape;

/// At most this many rows make a header.
const MOST_HEADER_ROWS: usize = 3;
/// Longest name that a row of nothing but text is believed to hold.
const LONGEST_NAME: usize = 128;

/// The top of a table among the first rows of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Top {
    /// The first row of the table.
    pub first: usize,
    /// Rows of the header; 0 without one.
    pub header_rows: usize,
}

/// Makes out the top. `told` is whether there is a header, `row` the number (from 1) of the row that has it.
pub fn find(rows: &[HeadRow], told: Option<bool>, row: Option<u64>) -> Top {
    if let Some(row) = row {
        let at = rows.iter().position(|r| u64::from(r.row) + 1 >= row).unwrap_or(rows.len());
        let there = rows.get(at).is_some_and(|r| u64::from(r.row) + 1 == row);
        return Top { first: at, header_rows: usize::from(there) };
    }
    let first = first_row(rows);
    let header_rows = match told {
        Some(false) => 0,
        Some(true) => header(rows, first).max(1),
        None => header(rows, first),
    };
    // Without a header nothing tells a title from a row of data.
    if header_rows == 0 {
        return Top { first: 0, header_rows };
    }
    let groups = groups_above(rows, first, MOST_HEADER_ROWS.saturating_sub(header_rows));
    Top { first: first - groups, header_rows: header_rows + groups }
}

/// Rows right above the names that label groups of columns: several texts with gaps between them, unlike a title.
fn groups_above(rows: &[HeadRow], first: usize, most: usize) -> usize {
    (1..=most.min(first))
        .take_while(|up| {
            let (row, below) = (&rows[first - up], &rows[first - up + 1]);
            row.row + 1 == below.row && row.cells.len() > 1 && names(row)
        })
        .count()
}

/// Passes titles and notes: rows with less than half the cells that most rows have.
fn first_row(rows: &[HeadRow]) -> usize {
    let mut filled: Vec<usize> = rows.iter().map(|r| r.cells.len()).collect();
    filled.sort_unstable();
    let usual = filled.get(filled.len() * 3 / 4).copied().unwrap_or(0);
    rows.iter().position(|r| r.cells.len() * 2 > usual).unwrap_or(0)
}

/// How many rows from `first` on name columns rather than hold values.
fn header(rows: &[HeadRow], first: usize) -> usize {
    let Some(row) = rows.get(first) else { return 0 };
    if !names(row) {
        return 0;
    }
    // Labels of groups stand above the names, with gaps between them.
    let mut count = 1;
    while count < MOST_HEADER_ROWS
        && rows.get(first + count).is_some_and(|next| next.cells.len() > rows[first + count - 1].cells.len() && names(next))
        && typed_below(rows, first + count + 1, &rows[first + count]) > 0
    {
        count += 1;
    }
    let below = first + count;
    if below >= rows.len() {
        // One row of text alone names the columns of a table without rows, when it could not be anything else.
        return usize::from(count == 1 && row.cells.len() > 1);
    }
    if typed_below(rows, below, &rows[below - 1]) > 0 || unlike(rows, below, &rows[below - 1]) { count } else { 0 }
}

/// True when a row could be names: text that is short and not repeated, or years and dates among text.
fn names(row: &HeadRow) -> bool {
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut texts = 0;
    for (_, cell) in &row.cells {
        match cell.shape() {
            Shape::Text | Shape::NullWord => {
                let Some(text) = cell.text() else { return false };
                if text.len() > LONGEST_NAME || (row.cells.len() < 3 && seen.contains(&text)) {
                    return false;
                }
                seen.push(text);
                texts += 1;
            }
            Shape::Integer if cell.is_year() => {}
            Shape::Date => {}
            _ => return false,
        }
    }
    texts > 0
}

/// Columns of a header row whose values below are mostly not text.
fn typed_below(rows: &[HeadRow], from: usize, row: &HeadRow) -> usize {
    row.cells
        .iter()
        .filter(|(column, name)| {
            let (mut typed, mut texts) = (0, 0);
            for value in rows[from.min(rows.len())..].iter().filter_map(|r| r.cell(*column)) {
                match value.shape() {
                    Shape::Text => texts += 1,
                    Shape::NullWord => {}
                    _ if value.is_year() && name.is_year() => {}
                    _ => typed += 1,
                }
            }
            typed > texts
        })
        .count()
}

/// True when no name of a row is a value of its column, and the row has a name for nearly every column.
fn unlike(rows: &[HeadRow], from: usize, row: &HeadRow) -> bool {
    let below = &rows[from.min(rows.len())..];
    let widest = below.iter().map(|r| r.cells.len()).max().unwrap_or(0);
    let apart = row.cells.iter().all(|(column, name)| below.iter().filter_map(|r| r.cell(*column)).all(|v| v.text() != name.text()));
    apart && row.cells.len() * 4 >= widest * 3
}
