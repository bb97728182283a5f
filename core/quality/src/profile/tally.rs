//! How often each value comes: exact while there are few values, frequent ones with a known error beyond.
//!
//! Beyond its capacity a tally takes the median of its counts from all of them and drops what is left with nothing, as
//! Misra and Gries (1982) do, in the mergeable form of Agarwal et al., "Mergeable Summaries" (PODS 2012): a count is too
//! low by at most what was deducted in all.

use super::key::Key;

/// Values that are told apart by 64 bits of hash: among 8,192 values the odds that two are taken for one are 2·10⁻¹².
#[derive(Debug, Clone)]
pub(super) struct Tally<K> {
    capacity: usize,
    /// High half of the hash, and the place of the entry plus one; zero is free.
    slots: Vec<u64>,
    entries: Vec<Entry<K>>,
    /// Rows by which any count may be too low.
    deducted: u64,
}

/// A value with its rows.
#[derive(Debug, Clone)]
pub(super) struct Entry<K> {
    pub hash: u64,
    pub count: u64,
    pub key: K,
}

impl<K: Key> Tally<K> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, slots: vec![0; 16], entries: Vec::new(), deducted: 0 }
    }

    /// True while every value was counted.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() > self.capacity
    }

    pub(super) fn entries(&self) -> &[Entry<K>] {
        &self.entries
    }

    pub(super) fn deducted(&self) -> u64 {
        self.deducted
    }

    /// Counts a value. The caller looks at [`Tally::is_full`] and decides between another stage and [`Tally::reduce`].
    #[inline]
    pub(super) fn add(&mut self, look: &K::Look, hash: u64, rows: u64) {
        self.add_with(hash, rows, || K::keep(look));
    }

    pub(super) fn add_with(&mut self, hash: u64, rows: u64, keep: impl FnOnce() -> K) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            if slot >> 32 == hash >> 32 {
                let entry = &mut self.entries[(slot as u32 - 1) as usize];
                if entry.hash == hash {
                    entry.count += rows;
                    return;
                }
            }
            at = (at + 1) & mask;
        }
        self.entries.push(Entry { hash, count: rows, key: keep() });
        self.slots[at] = (hash >> 32 << 32) | self.entries.len() as u64;
        if self.entries.len() * 2 > self.slots.len() {
            self.index(self.slots.len() * 2);
        }
    }

    /// Makes room by deducting the median count from all.
    pub(super) fn reduce(&mut self) {
        if !self.is_full() {
            return;
        }
        let mut counts: Vec<u64> = self.entries.iter().map(|e| e.count).collect();
        let middle = counts.len() / 2;
        let (_, median, _) = counts.select_nth_unstable(middle);
        let median = *median;
        self.deducted += median;
        self.entries.retain_mut(|e| {
            e.count = e.count.saturating_sub(median);
            e.count > 0
        });
        self.index(self.slots.len());
    }

    /// Adds what another tally has counted.
    pub(super) fn merge(&mut self, other: &Self) {
        for entry in &other.entries {
            self.add_with(entry.hash, entry.count, || entry.key.clone());
            self.reduce();
        }
        self.deducted += other.deducted;
    }

    fn index(&mut self, slots: usize) {
        self.slots.clear();
        self.slots.resize(slots, 0);
        let mask = slots - 1;
        for (place, entry) in self.entries.iter().enumerate() {
            let mut at = entry.hash as usize & mask;
            while self.slots[at] != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = (entry.hash >> 32 << 32) | (place as u64 + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(values: impl Iterator<Item = i64>, capacity: usize) -> Tally<i64> {
        let mut tally = Tally::new(capacity);
        for v in values {
            tally.add(&v, i64::hash(&v), 1);
            tally.reduce();
        }
        tally
    }

    fn count_of(tally: &Tally<i64>, value: i64) -> u64 {
        tally.entries().iter().find(|e| e.key == value).map_or(0, |e| e.count)
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let tally = counted((0..10_000).map(|i| i % 100), 100);
        assert_eq!((tally.entries().len(), tally.deducted(), count_of(&tally, 7)), (100, 0, 100));
    }

    #[test]
    fn frequent_values_survive_within_the_error() {
        let stream = |from: i64| (from..from + 50_000).map(|i| if i % 10 < 3 { i % 10 } else { 1_000 + i });
        let mut tally = counted(stream(0), 200);
        tally.merge(&counted(stream(50_000), 200));
        for value in 0..3 {
            let count = count_of(&tally, value);
            assert!(count <= 10_000 && count + tally.deducted() >= 10_000, "{count} {}", tally.deducted());
        }
        assert!(tally.deducted() < 2_000);
    }
}
