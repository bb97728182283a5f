//! Rows of a table, and how many of them are shown.

use trommel_model::{Cell, DataType, RowCount, Window};

use super::table::Laid;
use super::{Head, TextTable};
use crate::paint::{Line, Room, count};

/// The rows of a window under their names and types.
pub(crate) fn rows(window: &Window, room: Room) -> Laid {
    let heads = window.schema.fields.iter().map(|f| {
        let head = if f.data_type.is_number() { Head::right(&f.name) } else { Head::left(&f.name) };
        // A time that is cut is another time.
        let head = if f.data_type.is_temporal() || f.data_type == DataType::Boolean { head.whole() } else { head };
        head.over(f.data_type.to_string())
    });
    let mut table = TextTable::new(heads.collect());
    for row in &window.rows {
        table.row(row.iter().map(cell).collect());
    }
    table.lines(room)
}

/// A value on one line; no value is told apart from the text "null" by its tone and from "" by being there.
pub(crate) fn cell(cell: &Cell) -> Line {
    match cell {
        Cell::Null => Line::new().muted("null"),
        other => Line::new().plain(other.text()),
    }
}

/// `showing 500 of 1,203,554`, when rows are left out.
pub(crate) fn cut(shown: u64, rows: RowCount) -> Option<String> {
    match rows {
        RowCount::Known(n) if n > shown => Some(format!("showing {} of {} rows", count(shown), count(n))),
        RowCount::AtLeast(n) if n >= shown => Some(format!("showing the first {} rows of at least {}", count(shown), count(n))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_never_silent() {
        for (shown, rows, expected) in [
            (500, RowCount::Known(1_203_554), Some("showing 500 of 1,203,554 rows")),
            (3, RowCount::Known(3), None),
            (0, RowCount::Known(0), None),
            (500, RowCount::AtLeast(10_000), Some("showing the first 500 rows of at least 10,000")),
        ] {
            assert_eq!(cut(shown, rows).as_deref(), expected);
        }
    }
}
