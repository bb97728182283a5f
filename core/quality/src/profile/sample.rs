//! Some of the different values of a column, each as likely as any other: those with the smallest hashes.

use super::key::Key;

/// Values in a sample.
pub(super) const SIZE: usize = 512;

#[derive(Debug, Clone)]
pub(super) struct Sample<K> {
    /// By hash, at most twice the size; cut back when full.
    values: Vec<(u64, K)>,
    /// Hashes from here on do not get in.
    bound: u64,
}

impl<K: Key> Sample<K> {
    pub(super) fn new() -> Self {
        Self { values: Vec::new(), bound: u64::MAX }
    }

    #[inline]
    pub(super) fn add(&mut self, look: &K::Look, hash: u64) {
        if hash < self.bound {
            self.values.push((hash, K::keep(look)));
            if self.values.len() >= 2 * SIZE {
                self.cut();
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.values.extend(other.values.iter().cloned());
        self.bound = self.bound.min(other.bound);
        self.cut();
    }

    /// The values, in the order of their hashes.
    pub(super) fn values(&self) -> Vec<K> {
        let mut whole = self.clone();
        whole.cut();
        whole.values.into_iter().map(|(_, key)| key).collect()
    }

    fn cut(&mut self) {
        self.values.sort_by_key(|(hash, _)| *hash);
        self.values.dedup_by_key(|(hash, _)| *hash);
        if self.values.len() >= SIZE {
            self.values.truncate(SIZE);
            self.bound = self.values.last().map_or(u64::MAX, |(hash, _)| *hash);
        }
    }
}
