//! What the columns of a table have to do with each other: duplicates, keys, dependencies, correlations, missing together.
//!
//! Duplicates, missing values, and the rows against a dependency are counted on the whole table. Keys are looked for in a
//! sample and verified on the whole. Correlations are those of the sample, whose size is told.

mod correlate;
mod keys;

use rustc_hash::{FxHashMap, FxHashSet};
use trommel_model::{Cancel, FoundDependency, MissingTogether, Outcome, Relations};

use crate::detect::{Coded, discover};

/// Rows that are sampled.
const SAMPLE: usize = 20_000;
/// Things told of each kind.
const TOLD: usize = 50;
/// Rows told for a dependency.
const EXAMPLES: usize = 10;

/// What the columns have to do with each other.
pub fn relations(table: &Coded, cancel: &Cancel) -> Outcome<Relations> {
    let step = table.rows.div_ceil(SAMPLE).max(1);
    let sample: Vec<usize> = (0..table.rows).step_by(step).collect();
    cancel.check()?;
    let duplicates = duplicates(table);
    cancel.check()?;
    let keys = keys::find(table, &sample, cancel)?;
    cancel.check()?;
    let dependencies = dependencies(table, cancel);
    cancel.check()?;
    let correlations = correlate::find(table, &sample, cancel)?;
    cancel.check()?;
    Ok(Relations {
        rows: table.rows as u64 + table.left_out,
        sampled: sample.len() as u64,
        duplicates,
        keys,
        dependencies,
        correlations,
        missing: missing(table),
    })
}

/// A hash of all cells of a row; 128 bits, so that different rows are not taken for one.
fn row_hash(table: &Coded, row: usize, columns: &[usize]) -> u128 {
    let (mut a, mut b) = (0x9e37_79b9_7f4a_7c15_u64, 0xc2b2_ae3d_27d4_eb4f_u64);
    for column in columns {
        let code = u64::from(table.columns[*column].codes[row]);
        a = (a ^ code).wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(29);
        b = (b.rotate_left(17) ^ code.wrapping_add(0x51)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    }
    u128::from(a) << 64 | u128::from(b)
}

fn duplicates(table: &Coded) -> u64 {
    let all: Vec<usize> = (0..table.columns.len()).collect();
    let mut seen = FxHashSet::default();
    (0..table.rows).filter(|row| !seen.insert(row_hash(table, *row, &all))).count() as u64
}

fn dependencies(table: &Coded, cancel: &Cancel) -> Vec<FoundDependency> {
    let mut found = discover(table, cancel);
    found.sort_by(|a, b| a.broken.total_cmp(&b.broken).then((a.from, a.to).cmp(&(b.from, b.to))));
    let told = found.iter().take(TOLD).map(|dependency| {
        let to = &table.columns[dependency.to];
        let rows: Vec<usize> = crate::detect::contradicted(table, dependency).filter(|row| !to.is_missing(*row)).collect();
        FoundDependency {
            from: table.columns[dependency.from].name.clone(),
            to: to.name.clone(),
            broken: rows.len() as u64,
            examples: rows.iter().take(EXAMPLES).map(|row| table.row_number(*row)).collect(),
        }
    });
    told.collect()
}

fn missing(table: &Coded) -> Vec<MissingTogether> {
    let mut counts = FxHashMap::<Vec<u32>, u64>::default();
    let lacking: Vec<usize> = (0..table.columns.len()).filter(|c| table.columns[*c].values.iter().any(|v| v.missing)).collect();
    for row in 0..table.rows {
        let set: Vec<u32> = lacking.iter().filter(|c| table.columns[**c].is_missing(row)).map(|c| *c as u32).collect();
        if !set.is_empty() {
            *counts.entry(set).or_default() += 1;
        }
    }
    let mut sorted: Vec<(Vec<u32>, u64)> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let named = |set: Vec<u32>| set.into_iter().map(|c| table.columns[c as usize].name.clone()).collect();
    sorted.into_iter().take(TOLD).map(|(set, rows)| MissingTogether { columns: named(set), rows }).collect()
}

#[cfg(test)]
mod tests;
