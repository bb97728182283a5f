//! `merged`: a value that ran into its neighbour: `San Francisco CA` where the state is missing.

use rustc_hash::FxHashSet;

use super::{Board, Coded};

/// The share of the rows without a value that must be explained.
const EXPLAINED: f64 = 0.3;
/// Columns on each side that count as neighbours.
const NEIGHBOURS: usize = 100;

pub(super) fn find(table: &Coded, board: &mut Board) {
    for (lost, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        let missing = column.rows_where(|v| v.missing);
        if missing.len() < 3 || missing.len() as f64 > 0.3 * table.rows as f64 {
            continue;
        }
        let words: FxHashSet<&str> = column.known().filter(|(text, rows)| *rows > 1 && !text.contains(' ')).map(|(text, _)| text).collect();
        if words.is_empty() || words.len() > 10_000 {
            continue;
        }
        for (at, holder) in table.columns.iter().enumerate().filter(|(at, _)| *at != lost && at.abs_diff(lost) <= NEIGHBOURS) {
            let tail: Vec<bool> = holder
                .values
                .iter()
                .map(|v| !v.missing && v.text.trim().rsplit_once([' ', ',']).is_some_and(|(_, tail)| words.contains(tail)))
                .collect();
            let holds = |row: usize| tail[holder.codes[row] as usize];
            let hit: Vec<usize> = missing.iter().copied().filter(|row| holds(*row)).collect();
            if hit.len() < 3 || (hit.len() as f64) < EXPLAINED * missing.len() as f64 {
                continue;
            }
            let others = (0..table.rows).filter(|row| !column.is_missing(*row) && holds(*row)).count();
            if others as f64 > 0.05 * table.rows as f64 {
                continue;
            }
            for row in hit {
                let text = holder.text(row).trim();
                let Some((head, word)) = text.rsplit_once([' ', ',']) else { continue };
                board.mark(
                    row,
                    at,
                    "merged",
                    0.9,
                    &format!("\"{word}\" belongs into the column {}", column.name),
                    Some(head.trim_end_matches(',')),
                );
                board.mark(row, lost, "merged", 0.9, &format!("\"{word}\" stands in the column {}", holder.name), Some(word));
            }
        }
    }
}
