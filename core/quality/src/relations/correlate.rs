//! How columns go together: Pearson and Spearman for numbers, Cramér's V for columns of few values.

use rustc_hash::FxHashMap;
use trommel_model::{Cancel, Correlation, CorrelationMeasure, Outcome};

use crate::detect::{Coded, CodedColumn};

/// Columns that are compared.
const MOST_COLUMNS: usize = 100;
/// Values of a category, at most.
const CATEGORIES: usize = 100;
/// Weaker ones are not told.
const LEAST: f64 = 0.1;
/// Rows that both columns must have.
const ROWS: usize = 10;
/// Correlations told.
const TOLD: usize = 100;

pub(super) fn find(table: &Coded, sample: &[usize], cancel: &Cancel) -> Outcome<Vec<Correlation>> {
    let columns = &table.columns[..table.columns.len().min(MOST_COLUMNS)];
    let numbers: Vec<(usize, Vec<f64>)> =
        columns.iter().enumerate().filter_map(|(at, column)| Some((at, numbers_of(column, sample)?))).collect();
    // Ranks of columns without gaps are the same whatever they are compared with.
    let whole: Vec<Option<Vec<f64>>> = numbers.iter().map(|(_, n)| n.iter().all(|x| !x.is_nan()).then(|| ranks(n))).collect();
    let mut found = Vec::new();
    for (i, (a, left)) in numbers.iter().enumerate() {
        for (j, (b, right)) in numbers.iter().enumerate().skip(i + 1) {
            cancel.check()?;
            let both: Vec<(f64, f64)> = left.iter().zip(right).filter(|(x, y)| !x.is_nan() && !y.is_nan()).map(|(x, y)| (*x, *y)).collect();
            if both.len() < ROWS {
                continue;
            }
            let (xs, ys): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
            let ranked = match (&whole[i], &whole[j]) {
                (Some(left), Some(right)) => pearson(left, right),
                _ => pearson(&ranks(&xs), &ranks(&ys)),
            };
            for (measure, value) in [(CorrelationMeasure::Pearson, pearson(&xs, &ys)), (CorrelationMeasure::Spearman, ranked)] {
                found.extend(value.map(|value| told(table, *a, *b, measure, value, both.len())));
            }
        }
    }
    let few: Vec<usize> = (0..columns.len())
        .filter(|c| (2..=CATEGORIES).contains(&columns[*c].distinct()) && columns[*c].distinct() * 2 <= sample.len())
        .collect();
    for (i, a) in few.iter().enumerate() {
        for b in &few[i + 1..] {
            cancel.check()?;
            if let Some((value, rows)) = cramers_v(&columns[*a], &columns[*b], sample) {
                found.push(told(table, *a, *b, CorrelationMeasure::CramersV, value, rows));
            }
        }
    }
    found.retain(|c| c.value.abs() >= LEAST);
    found.sort_by(|x, y| y.value.abs().total_cmp(&x.value.abs()).then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b))));
    found.truncate(TOLD);
    Ok(found)
}

fn told(table: &Coded, a: usize, b: usize, measure: CorrelationMeasure, value: f64, rows: usize) -> Correlation {
    let name = |c: usize| table.columns[c].name.clone();
    Correlation { a: name(a), b: name(b), measure, value, rows: rows as u64 }
}

/// The numbers of a column, NaN for none; nothing when it is no column of numbers.
fn numbers_of(column: &CodedColumn, sample: &[usize]) -> Option<Vec<f64>> {
    let values: Vec<f64> =
        column.values.iter().map(|v| v.text.trim().parse().ok().filter(|x: &f64| x.is_finite()).unwrap_or(f64::NAN)).collect();
    let known = column.values.iter().filter(|v| !v.missing).count();
    let numeric = values.iter().filter(|v| !v.is_nan()).count();
    (known > 1 && numeric as f64 >= 0.95 * known as f64).then(|| sample.iter().map(|row| values[column.codes[*row] as usize]).collect())
}

fn pearson(xs: &[f64], ys: &[f64]) -> Option<f64> {
    let n = xs.len() as f64;
    let mean = |v: &[f64]| v.iter().map(|x| x / n).sum::<f64>();
    let (mx, my) = (mean(xs), mean(ys));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in xs.iter().zip(ys) {
        xy += (x - mx) * (y - my);
        xx += (x - mx).powi(2);
        yy += (y - my).powi(2);
    }
    Some(xy / (xx * yy).sqrt()).filter(|r| r.is_finite()).map(|r| r.clamp(-1.0, 1.0))
}

/// Places in order; equal values share the mean of theirs.
#[expect(clippy::float_cmp, reason = "equal values share a rank; near ones do not")]
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < order.len() {
        let end = (at..order.len()).find(|i| values[order[*i]] != values[order[at]]).unwrap_or(order.len());
        for i in at..end {
            ranks[order[i]] = (at + end - 1) as f64 / 2.0;
        }
        at = end;
    }
    ranks
}

/// Cramér's V with the correction of Bergsma (2013), and the rows it is over.
#[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
fn cramers_v(a: &CodedColumn, b: &CodedColumn, sample: &[usize]) -> Option<(f64, usize)> {
    let mut cells = FxHashMap::<(u32, u32), f64>::default();
    let (mut left, mut right) = (FxHashMap::<u32, f64>::default(), FxHashMap::<u32, f64>::default());
    let mut rows = 0;
    for row in sample.iter().filter(|row| !a.is_missing(**row) && !b.is_missing(**row)) {
        let (x, y) = (a.codes[*row], b.codes[*row]);
        *cells.entry((x, y)).or_default() += 1.0;
        *left.entry(x).or_default() += 1.0;
        *right.entry(y).or_default() += 1.0;
        rows += 1;
    }
    if rows < ROWS || left.len() < 2 || right.len() < 2 {
        return None;
    }
    let n = rows as f64;
    // The sum over all cells of (observed − expected)² / expected, without visiting the empty ones.
    let chi: f64 = cells.iter().map(|((x, y), seen)| seen * seen / (left[x] * right[y])).sum::<f64>() * n - n;
    let (r, k) = (left.len() as f64, right.len() as f64);
    let phi = (chi / n - (r - 1.0) * (k - 1.0) / (n - 1.0)).max(0.0);
    let (r, k) = (r - (r - 1.0).powi(2) / (n - 1.0), k - (k - 1.0).powi(2) / (n - 1.0));
    Some((phi / (r.min(k) - 1.0)).sqrt()).filter(|v| v.is_finite()).map(|v| (v.min(1.0), rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_those_of_the_books() {
        let xs = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(pearson(&xs, &[2.0, 4.0, 6.0, 8.0, 10.0]), Some(1.0));
        assert_eq!(pearson(&xs, &[5.0; 5]), None);
        assert_eq!(ranks(&[10.0, 30.0, 10.0, 20.0]), [0.5, 3.0, 0.5, 2.0]);
        let r = pearson(&xs, &[1.0, 4.0, 9.0, 16.0, 25.0]).unwrap();
        assert!((r - 0.981_104_9).abs() < 1e-6, "{r}");
    }
}
