//! `outlier`: a number far from all others, by median and median deviation, which outliers themselves do not move.

use super::{Board, Coded};

/// Median deviations from the median, on the scale of a normal deviation.
const FAR: f64 = 15.0;

pub(super) fn find(table: &Coded, board: &mut Board) {
    for (at, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        let mut values: Vec<(f64, u32)> = column.known().filter_map(|(text, rows)| Some((number(text)?, rows))).collect();
        let counted: u64 = values.iter().map(|v| u64::from(v.1)).sum();
        // Codes and numbers of few values have no middle to be far from.
        if counted < 50 || (counted as f64) < 0.9 * column.known_rows() as f64 || values.len() < 20 {
            continue;
        }
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let middle = median(&values);
        let mut distances: Vec<(f64, u32)> = values.iter().map(|(v, rows)| ((v - middle).abs(), *rows)).collect();
        distances.sort_by(|a, b| a.0.total_cmp(&b.0));
        let deviation = 1.4826 * median(&distances);
        if deviation <= 0.0 {
            continue;
        }
        // Where many are far, the column has a long tail, and nothing in it is odd.
        let far = |v: f64| ((v - middle) / deviation).abs() > FAR;
        let odd: u64 = values.iter().filter(|(v, _)| far(*v)).map(|v| u64::from(v.1)).sum();
        if odd == 0 || odd as f64 > 0.005 * counted as f64 {
            continue;
        }
        let least = distances.iter().map(|d| d.0 / deviation).filter(|z| *z <= FAR).fold(0.0, f64::max);
        let reason = format!("half of the values lie within {:.4} of {:.4}", deviation / 1.4826, middle);
        for row in column.rows_where(|v| !v.missing && number(&v.text).is_some_and(far)) {
            let z = number(column.text(row)).map_or(0.0, |v| ((v - middle) / deviation).abs());
            // A gap between the far ones and the rest makes it sure.
            let confidence = 0.4 + 0.4 * (1.0 - (least.max(3.0) / z)).max(0.0);
            board.mark(row, at, "outlier", confidence, &reason, None);
        }
    }
}

fn median(sorted: &[(f64, u32)]) -> f64 {
    let total: u64 = sorted.iter().map(|v| u64::from(v.1)).sum();
    let mut seen = 0;
    for (value, rows) in sorted {
        seen += u64::from(*rows);
        if seen * 2 >= total {
            return *value;
        }
    }
    0.0
}
