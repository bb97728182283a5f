//! `variant`: a value that is a more frequent one in other letters; `space`: white space around a value or doubled in it;
//! `encoding`: signs that come from reading one encoding as another.

use rustc_hash::FxHashMap;

use super::{Board, Coded};
use crate::profile::text::damaged;

pub(super) fn find(table: &Coded, board: &mut Board) {
    for (at, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        let known = column.known_rows() as f64;
        let spaced = |text: &str| text.trim().len() < text.len() || text.contains("  ");
        let padded: u64 = column.known().filter(|(text, _)| spaced(text)).map(|(_, rows)| u64::from(rows)).sum();
        if padded > 0 && padded as f64 <= 0.2 * known {
            for row in column.rows_where(|v| !v.missing && spaced(&v.text)) {
                let tidy = column.text(row).split_whitespace().collect::<Vec<_>>().join(" ");
                board.mark(row, at, "space", 0.75, "white space that other values do not have", Some(&tidy));
            }
        }
        let broken: u64 = column.known().filter(|(text, _)| damaged(text)).map(|(_, rows)| u64::from(rows)).sum();
        if broken > 0 && broken as f64 <= 0.3 * known {
            for row in column.rows_where(|v| !v.missing && damaged(&v.text)) {
                board.mark(row, at, "encoding", 0.8, "signs that come from reading one encoding as another", None);
            }
        }
        let mut by_letters = FxHashMap::<String, (&str, u32)>::default();
        for (text, rows) in column.known() {
            let usual = by_letters.entry(text.to_lowercase()).or_insert((text, rows));
            if rows > usual.1 {
                *usual = (text, rows);
            }
        }
        let usual = |text: &str, rows: u32| {
            by_letters.get(&text.to_lowercase()).filter(|u| u.0 != text && u64::from(u.1) >= 4 * u64::from(rows) && u.1 >= 5).copied()
        };
        for row in column.rows_where(|v| !v.missing && usual(&v.text, v.rows).is_some()) {
            let value = &column.values[column.codes[row] as usize];
            if let Some((text, rows)) = usual(&value.text, value.rows) {
                board.mark(row, at, "variant", 0.7, &format!("{rows} rows write it \"{text}\""), Some(text));
            }
        }
    }
}
