//! `missing`: nothing in a column that nearly always has something.

use super::{Board, Coded};

/// The largest share of rows without a value for which one is odd.
const MOST: f64 = 0.01;

pub(super) fn find(table: &Coded, board: &mut Board) {
    if table.rows < 100 {
        return;
    }
    for (at, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        let share = 1.0 - column.known_rows() as f64 / table.rows as f64;
        if share > 0.0 && share <= MOST {
            let reason = format!("{:.2} % of the rows have a value", (1.0 - share) * 100.0);
            for row in column.rows_where(|v| v.missing) {
                board.mark(row, at, "missing", 0.6 - 10.0 * share, &reason, None);
            }
        }
    }
}
