//! `duplicate`: a key that comes twice in a column of codes that are otherwise unique.

use super::{Board, Coded};

/// The share of rows with a key of their own from which on another is odd.
const UNIQUE: f64 = 0.99;

pub(super) fn find(table: &Coded, board: &mut Board) {
    for (at, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        let known = column.known_rows();
        if known < 100 {
            continue;
        }
        let twice: u64 = column.known().filter(|(_, rows)| *rows > 1).map(|(_, rows)| u64::from(rows)).sum();
        let coded = column
            .known()
            .filter(|(text, _)| !text.contains(' ') && text.contains(|c: char| c.is_ascii_digit()) && !text.contains('.'))
            .count();
        if twice == 0 || twice as f64 > (1.0 - UNIQUE) * known as f64 || (coded as f64) < 0.99 * column.distinct() as f64 {
            continue;
        }
        for row in column.rows_where(|v| !v.missing && v.rows > 1) {
            board.mark(row, at, "duplicate", 0.6, "another row has this key; other keys come once", None);
        }
    }
}
