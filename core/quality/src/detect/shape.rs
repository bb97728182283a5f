//! `pattern`: a value of a shape that is rare in a column of few shapes; `null_word`: a word for nothing among numbers.

use rustc_hash::FxHashMap;

use super::{Board, Coded};
use crate::meaning::is_number;

/// Shapes from this share of the rows on are those of the column.
const USUAL: f64 = 0.05;
/// Shapes below this share are odd.
const ODD: f64 = 0.02;

pub(super) fn find(table: &Coded, board: &mut Board) {
    for (at, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        let known = column.known_rows() as f64;
        if known < 20.0 {
            continue;
        }
        let numbers: u64 = column.known().filter(|(text, _)| is_number(text)).map(|(_, rows)| u64::from(rows)).sum();
        if numbers as f64 >= 0.95 * known {
            for row in column.rows_where(|v| v.missing && !v.text.trim().is_empty()) {
                board.mark(row, at, "null_word", 0.8, "a word for nothing in a column of numbers", Some(""));
            }
        }
        let mut shapes = FxHashMap::<String, (u64, usize)>::default();
        for (text, rows) in column.known() {
            let entry = shapes.entry(skeleton(text)).or_default();
            entry.0 += u64::from(rows);
            entry.1 += 1;
        }
        let share = |shape: &str| shapes.get(shape).map_or(0.0, |s| s.0 as f64 / known);
        let usual: Vec<(&String, &(u64, usize))> = shapes.iter().filter(|(_, s)| s.0 as f64 >= USUAL * known).collect();
        let covered: f64 = usual.iter().map(|(_, s)| s.0 as f64 / known).sum();
        // Words tell nothing by their shape; few words beside numbers (`empty`) are no matter.
        let counted: f64 = usual.iter().filter(|(shape, _)| shape.contains('9')).map(|(_, s)| s.0 as f64 / known).sum();
        let wordy = usual.iter().any(|(shape, s)| !shape.contains('9') && s.1 > 5);
        if covered < 0.9 || counted < 0.4 || wordy {
            continue;
        }
        let mut told: Vec<&str> = usual.iter().map(|(shape, _)| shape.as_str()).collect();
        told.sort_unstable();
        let reason = format!("other values have the shape {}", told.join(" or "));
        for row in column.rows_where(|v| !v.missing && share(&skeleton(&v.text)) < ODD) {
            board.mark(row, at, "pattern", 0.5 + 0.4 * covered * (1.0 - share(&skeleton(column.text(row))) / ODD).max(0.2), &reason, None);
        }
    }
}

/// The shape of a text: `9` for a number, `a` for words and what stands between them.
pub(super) fn skeleton(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            while chars.peek().is_some_and(char::is_ascii_digit) {
                chars.next();
            }
            out.push('9');
        } else if c.is_alphabetic() {
            // A word goes on over signs that join words, as long as a letter follows.
            loop {
                while chars.peek().is_some_and(|c| c.is_alphabetic()) {
                    chars.next();
                }
                let mut ahead = chars.clone();
                let mut joints = 0;
                while ahead.peek().is_some_and(|c| matches!(c, ' ' | '-' | '\'' | '.' | ',' | '&' | '/')) {
                    ahead.next();
                    joints += 1;
                }
                if joints == 0 || !ahead.peek().is_some_and(|c| c.is_alphabetic()) {
                    break;
                }
                chars = ahead;
            }
            out.push('a');
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skeletons() {
        for (text, expected) in [
            ("95%", "9%"),
            ("x5%", "a9%"),
            ("12.0 oz.", "9.9 a."),
            ("St. Mary's Hospital", "a"),
            ("1720 university blvd", "9 a"),
            ("al_pn-3b", "a_a-9a"),
            ("", ""),
        ] {
            assert_eq!(skeleton(text), expected, "{text}");
        }
    }
}
