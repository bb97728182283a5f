//! What blocking rules part rows by: the hashes of their keys, made when a rule is blocked.
//!
//! What is held is the hash of each distinct value; the hashes of all rows under all rules would not fit for large tables.

use std::sync::Arc;

use arrow::buffer::ScalarBuffer;
use rayon::prelude::*;
use trommel_model::Outcome;

use crate::intern::combine;
use crate::watch::{STRETCH, Watch};

/// The keys of one rule.
pub(crate) struct RuleKeys(Vec<ValueKeys>);

/// One key of a rule.
#[derive(Clone)]
pub(crate) struct ValueKeys {
    /// For each row, in the order it came, the number of its value from 1; 0 for null.
    pub values: ScalarBuffer<u32>,
    /// For each value its hash; 0 is no key.
    pub hashes: Arc<Vec<u64>>,
}

impl RuleKeys {
    pub fn new(keys: Vec<ValueKeys>) -> Self {
        Self(keys)
    }

    /// For each of so many rows, in the order they came, the hash of all its keys.
    pub fn of_rows(&self, rows: usize, watch: &Watch<'_>) -> Outcome<Vec<u64>> {
        let mut keys = vec![0; rows];
        keys.par_chunks_mut(STRETCH).enumerate().try_for_each(|(stretch, keys)| {
            watch.check()?;
            keys.iter_mut().enumerate().for_each(|(at, key)| *key = self.of(stretch * STRETCH + at));
            Ok(())
        })?;
        Ok(keys)
    }

    /// The hash of all keys of a row; 0 where one is missing: it agrees with nothing.
    #[inline]
    fn of(&self, row: usize) -> u64 {
        let mut all = 0;
        for key in &self.0 {
            let hash = match key.values[row] {
                0 => 0,
                value => key.hashes[value as usize - 1],
            };
            if hash == 0 {
                return 0;
            }
            all = if all == 0 { hash } else { combine(all, hash) };
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_agree_when_they_agree_in_all_keys_and_have_them() {
        let key = |values: &[u32], hashes: &[u64]| ValueKeys { values: values.to_vec().into(), hashes: Arc::new(hashes.to_vec()) };
        let rule = RuleKeys::new(vec![key(&[1, 1, 2, 0, 1], &[7, 9]), key(&[1, 1, 1, 1, 2], &[5, 0])]);
        let of: Vec<u64> = (0..5).map(|row| rule.of(row)).collect();
        assert!(of[0] == of[1] && of[0] != of[2] && of[0] != 0 && of[2] != 0);
        assert_eq!(of[3..], [0, 0]);
        assert_eq!(RuleKeys::new(Vec::new()).of(0), 0);
    }
}
