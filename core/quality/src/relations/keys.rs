//! Candidate keys: smallest sets of columns that tell all rows apart, level by level; a set that holds a key is passed over.

use rustc_hash::FxHashSet;
use trommel_model::{Cancel, Outcome};

use super::row_hash;
use crate::detect::Coded;

/// Columns of a key, at most.
const WIDEST: usize = 3;
/// Columns that are put together; those with the most values come first.
const MOST_COLUMNS: usize = 24;
/// Keys told.
const TOLD: usize = 20;

pub(super) fn find(table: &Coded, sample: &[usize], cancel: &Cancel) -> Outcome<Vec<Vec<String>>> {
    if table.rows == 0 {
        return Ok(Vec::new());
    }
    let mut columns: Vec<usize> = (0..table.columns.len()).filter(|c| table.columns[*c].values.iter().all(|v| !v.missing)).collect();
    columns.sort_by_key(|c| (std::cmp::Reverse(table.columns[*c].values.len()), *c));
    let mut keys: Vec<Vec<usize>> = columns.iter().filter(|c| table.columns[**c].values.len() == table.rows).map(|c| vec![*c]).collect();
    columns.retain(|c| table.columns[*c].values.len() < table.rows && table.columns[*c].values.len() > 1);
    columns.truncate(MOST_COLUMNS);
    let all: Vec<usize> = (0..table.rows).collect();
    let mut open: Vec<Vec<usize>> = columns.iter().map(|c| vec![*c]).collect();
    for _ in 1..WIDEST {
        let mut next = Vec::new();
        for set in &open {
            let last = columns.iter().position(|c| set.last() == Some(c)).unwrap_or(0);
            for column in &columns[last + 1..] {
                cancel.check()?;
                let wider: Vec<usize> = set.iter().copied().chain([*column]).collect();
                if keys.len() >= TOLD || keys.iter().any(|key| key.iter().all(|c| wider.contains(c))) {
                    continue;
                }
                // Too few combinations cannot tell all rows apart.
                let most: f64 = wider.iter().map(|c| table.columns[*c].values.len() as f64).product();
                if most >= table.rows as f64 && unique(table, &wider, sample) && unique(table, &wider, &all) {
                    keys.push(wider);
                } else {
                    next.push(wider);
                }
            }
        }
        open = next;
    }
    keys.truncate(TOLD);
    let named = |mut key: Vec<usize>| {
        key.sort_unstable();
        key.into_iter().map(|c| table.columns[c].name.clone()).collect()
    };
    Ok(keys.into_iter().map(named).collect())
}

fn unique(table: &Coded, columns: &[usize], rows: &[usize]) -> bool {
    let mut seen = FxHashSet::default();
    rows.iter().all(|row| seen.insert(row_hash(table, *row, columns)))
}
