//! Step 5, cluster: rows joined by matching pairs, directly or through others, are one entity.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use trommel_model::Outcome;

use crate::arrays::{Text, gather};
use crate::records::Records;
use crate::watch::{STRETCH, Watch};

/// Connected components that grow from all threads at once.
///
/// A tree of rows in which every parent is smaller than its children, so that a root is the smallest row of its
/// component whatever the order of joins (Anderson and Woll 1991, "Wait-free parallel algorithms for the
/// union-find problem").
pub(crate) struct Forest(Vec<AtomicU32>);

impl Forest {
    pub fn new(rows: usize) -> Self {
        Self((0..rows as u32).map(AtomicU32::new).collect())
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.0.len()
    }

    /// The smallest row of the component, as far as it has grown.
    pub fn root(&self, mut row: u32) -> u32 {
        loop {
            let parent = self.0[row as usize].load(Ordering::Acquire);
            if parent == row {
                return row;
            }
            let grandparent = self.0[parent as usize].load(Ordering::Acquire);
            // Shortens the way for those who come later; it does not matter if another thread was faster.
            let _ = self.0[row as usize].compare_exchange_weak(parent, grandparent, Ordering::AcqRel, Ordering::Relaxed);
            row = grandparent;
        }
    }

    /// Makes two rows one component.
    pub fn join(&self, a: u32, b: u32) {
        let (mut a, mut b) = (self.root(a), self.root(b));
        while a != b {
            let (low, high) = (a.min(b), a.max(b));
            if self.0[high as usize].compare_exchange(high, low, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                return;
            }
            (a, b) = (self.root(low), self.root(high));
        }
    }
}

/// The entities, ordered by their first rows.
pub(crate) struct Entities {
    /// For each row its entity.
    pub of_row: Vec<u32>,
    /// Rows, entity after entity, each in canonical order.
    pub rows: Vec<u32>,
    /// Where each entity begins in `rows`, and the end of the last.
    starts: Vec<u32>,
}

impl Entities {
    pub fn new(forest: &Forest, watch: &Watch<'_>) -> Outcome<Self> {
        let rows = forest.0.len();
        let mut of_row = vec![0_u32; rows];
        of_row.par_chunks_mut(STRETCH).enumerate().try_for_each(|(stretch, slots)| {
            watch.check()?;
            for (at, slot) in slots.iter_mut().enumerate() {
                *slot = forest.root((stretch * STRETCH + at) as u32);
            }
            Ok(())
        })?;
        // A root stands before the rest of its entity, so it has its number when they ask for it.
        let mut sizes: Vec<u32> = Vec::new();
        for row in 0..rows {
            if row % STRETCH == 0 {
                watch.check()?;
            }
            let root = of_row[row] as usize;
            if root == row {
                of_row[row] = sizes.len() as u32;
                sizes.push(1);
            } else {
                of_row[row] = of_row[root];
                sizes[of_row[row] as usize] += 1;
            }
        }
        watch.check()?;
        let mut starts = Vec::with_capacity(sizes.len() + 1);
        let mut end = 0;
        starts.push(0);
        for size in sizes {
            end += size;
            starts.push(end);
        }
        let mut next = starts.clone();
        let mut by_entity = vec![0; rows];
        for (row, &entity) in of_row.iter().enumerate() {
            if row % STRETCH == 0 {
                watch.check()?;
            }
            let slot = &mut next[entity as usize];
            by_entity[*slot as usize] = row as u32;
            *slot += 1;
        }
        Ok(Self { of_row, rows: by_entity, starts })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows of an entity in canonical order.
    pub fn members(&self, entity: usize) -> &[u32] {
        &self.rows[self.starts[entity] as usize..self.starts[entity + 1] as usize]
    }
}

/// The name of each entity: the first 32 hexadecimal digits of the SHA-256 of `LENGTH:SOURCE` and `ID` of its first
/// row, LENGTH being the bytes of SOURCE, for instance of `3:crm4711`. It stays as long as the entity keeps that row.
/// `id` is the column of the ids.
pub(crate) fn names(entities: &Entities, records: &Records, id: usize, watch: &Watch<'_>) -> Outcome<Vec<String>> {
    Ok(digests(entities, records, id, watch)?.into_iter().map(|digest| format!("{digest:032x}")).collect())
}

/// The names of entities as numbers, of which they are the hexadecimal digits.
pub(crate) fn digests(entities: &Entities, records: &Records, id: usize, watch: &Watch<'_>) -> Outcome<Vec<u128>> {
    let firsts: Vec<u32> = (0..entities.len()).map(|entity| entities.members(entity)[0]).collect();
    let mut digests = vec![0; firsts.len()];
    digests.par_chunks_mut(STRETCH / 8).zip(firsts.par_chunks(STRETCH / 8)).try_for_each(|(digests, rows)| {
        watch.check()?;
        let ids = Text::of(&gather(&records.batches(), id, &records.places_of(rows))?)?;
        for (at, (slot, &row)) in digests.iter_mut().zip(rows).enumerate() {
            *slot = digest(records.source(row), ids.get(at).unwrap_or(""));
        }
        Ok(())
    })?;
    Ok(digests)
}

pub(crate) fn digest(source: &str, id: &str) -> u128 {
    let mut hash = Sha256::new();
    hash.update(source.len().to_string());
    hash.update(":");
    hash.update(source);
    hash.update(id);
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    u128::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;

    #[test]
    fn names_tell_source_and_id_apart() {
        // printf '3:crm4711' | sha256sum | cut -c1-32
        assert_eq!(format!("{:032x}", digest("crm", "4711")), "ef570703296150b773b95da9d6debb07");
        assert_ne!(digest("a", "bc"), digest("ab", "c"));
        assert_ne!(digest("", "1:a"), digest("1", "a"));
    }

    proptest! {
        #[test]
        fn components_are_those_of_a_plain_search(pairs in prop::collection::vec((0_u32..40, 0_u32..40), 0..60)) {
            let forest = Forest::new(40);
            pairs.par_iter().for_each(|&(a, b)| forest.join(a, b));
            let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
            let entities = Entities::new(&forest, &Watch::new(&cancel, &progress)).unwrap();

            let mut first: Vec<u32> = (0..40).collect();
            loop {
                let before = first.clone();
                for &(a, b) in &pairs {
                    let low = first[a as usize].min(first[b as usize]);
                    first[a as usize] = low;
                    first[b as usize] = low;
                }
                if before == first {
                    break;
                }
            }
            let found: Vec<u32> = entities.of_row.iter().map(|&e| entities.members(e as usize)[0]).collect();
            prop_assert_eq!(found, first);
            prop_assert_eq!((0..entities.len()).map(|e| entities.members(e).len()).sum::<usize>(), 40);
        }
    }
}
