//! `format`: a value that is not what its column is: no e-mail address among e-mail addresses, a day in another order.

use super::{Board, Coded, CodedColumn};
use crate::meaning::{day_format, fits_format, recognisers};

/// The share of values that must be of the kind.
const OF_KIND: f64 = 0.9;

pub(super) fn find(table: &Coded, board: &mut Board) {
    for (at, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        let known = column.known_rows();
        if known < 20 {
            continue;
        }
        for (name, holds) in recognisers() {
            let share = share_of(column, known, holds);
            if (OF_KIND..1.0).contains(&share) {
                let reason = format!("{:.1} % of the values are {name}", share * 100.0);
                for row in column.rows_where(|v| !v.missing && !holds(v.text.trim())) {
                    board.mark(row, at, "format", 0.9 * share, &reason, None);
                }
                break;
            }
        }
        days(column, at, known, board);
    }
}

fn share_of(column: &CodedColumn, known: u64, holds: impl Fn(&str) -> bool) -> f64 {
    let rows: u64 = column.known().filter(|(text, _)| holds(text.trim())).map(|(_, rows)| u64::from(rows)).sum();
    rows as f64 / known as f64
}

fn days(column: &CodedColumn, at: usize, known: u64, board: &mut Board) {
    let texts: Vec<&str> = column.known().map(|(text, _)| text).take(500).collect();
    let Some(format) = day_format(&texts) else { return };
    let share = share_of(column, known, |text| fits_format(text, format));
    if (0.8..1.0).contains(&share) {
        let reason = format!("{:.1} % of the values are written {format}", share * 100.0);
        for row in column.rows_where(|v| !v.missing && !fits_format(&v.text, format)) {
            board.mark(row, at, "format", 0.9 * share, &reason, None);
        }
    }
}
