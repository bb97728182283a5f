//! `unit`: one quantity written in several ways in one column: `0.05` and `0.05%`, `12.0 oz` and `12.0 oz.`.

use rustc_hash::FxHashMap;

use super::{Board, Coded};

/// The share of values that must be numbers with or without a unit.
const NUMERIC: f64 = 0.9;
/// The share of values that the usual unit must have: street names behind house numbers are no units.
const USUAL: f64 = 0.4;

pub(super) fn find(table: &Coded, board: &mut Board) {
    for (at, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        let known = column.known_rows();
        if known < 20 {
            continue;
        }
        let mut units = FxHashMap::<&str, u64>::default();
        let mut numeric = 0;
        for (text, rows) in column.known() {
            if let Some(unit) = unit_of(text) {
                *units.entry(unit).or_default() += u64::from(rows);
                numeric += u64::from(rows);
            }
        }
        if (numeric as f64) < NUMERIC * known as f64 || units.len() < 2 {
            continue;
        }
        let Some((usual, rows)) = units.iter().max_by_key(|(unit, rows)| (**rows, std::cmp::Reverse(**unit))) else { continue };
        let share = *rows as f64 / known as f64;
        if share < USUAL {
            continue;
        }
        let written = if usual.is_empty() { "plain numbers".to_owned() } else { format!("written with \"{usual}\"") };
        let reason = format!("{:.0} % of the values are {written}", share * 100.0);
        for row in column.rows_where(|v| !v.missing && unit_of(&v.text).is_some_and(|unit| unit != *usual)) {
            let number = column.text(row).split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).next().unwrap_or_default();
            board.mark(row, at, "unit", share.max(0.45), &reason, usual.is_empty().then_some(number));
        }
    }
}

/// What stands behind the number at the head of a text.
fn unit_of(text: &str) -> Option<&str> {
    let text = text.trim();
    let body = text.strip_prefix('-').unwrap_or(text);
    let end = body.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(body.len());
    let (number, unit) = body.split_at(end);
    let unit = unit.trim();
    // A date or a code goes on with further digits.
    (number.starts_with(|c: char| c.is_ascii_digit()) && !unit.contains(|c: char| c.is_ascii_digit()) && unit.chars().count() <= 12)
        .then_some(unit)
}
