//! The entities of the run before, in a few bytes a record: tens of millions of them must not need the memory that a map
//! of their texts would.

use arrow::array::RecordBatch;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::{Outcome, RecordKey};

use crate::arrays::{Text, gather};
use crate::intern::{combine, hash, hash_from};
use crate::plan::Plan;
use crate::records::Records;
use crate::watch::STRETCH;

/// Where the second half of a text's mark begins.
const OTHER: u64 = 0x1f83_d9ab_fb41_bd6b;

/// What a text, or a record, is known by: 128 bits, so that two of a hundred million do not share one by chance.
type Mark = (u64, u64);

/// What a record is known by.
pub(crate) type RecordMark = Mark;

/// The entity of each record in a run before.
#[derive(Debug, Clone, Default)]
pub struct Previous {
    records: FxHashMap<Mark, u32>,
    numbers: FxHashMap<Mark, u32>,
    /// Names of the entities, one behind the other, and where each ends.
    names: String,
    ends: Vec<usize>,
    /// Records of each entity.
    sizes: Vec<u32>,
}

impl Previous {
    /// From the crosswalk of a run: `source`, `id`, `entity_id`.
    pub fn of(crosswalk: &[RecordBatch]) -> Outcome<Self> {
        let rows = crosswalk.iter().map(RecordBatch::num_rows).sum();
        let mut previous = Self { records: FxHashMap::with_capacity_and_hasher(rows, rustc_hash::FxBuildHasher), ..Self::default() };
        for batch in crosswalk {
            let (sources, ids, entities) = (Text::of(batch.column(0))?, Text::of(batch.column(1))?, Text::of(batch.column(2))?);
            for row in 0..batch.num_rows() {
                previous.add(sources.get(row).unwrap_or(""), ids.get(row).unwrap_or(""), entities.get(row).unwrap_or(""));
            }
        }
        Ok(previous)
    }

    fn add(&mut self, source: &str, id: &str, name: &str) {
        let next = self.ends.len() as u32;
        let entity = *self.numbers.entry(mark(name)).or_insert(next);
        if entity == next {
            self.names.push_str(name);
            self.ends.push(self.names.len());
            self.sizes.push(0);
        }
        match self.records.insert(record(source, id), entity) {
            None => self.sizes[entity as usize] += 1,
            // Said twice: the last word holds.
            Some(before) => {
                self.sizes[before as usize] -= 1;
                self.sizes[entity as usize] += 1;
            }
        }
    }

    /// How many records it knows.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True when there was no run before.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// How many entities there were.
    pub(crate) fn entities(&self) -> usize {
        self.ends.len()
    }

    /// The number of a record's entity.
    pub(crate) fn entity(&self, source: &str, id: &str) -> Option<u32> {
        self.records.get(&record(source, id)).copied()
    }

    /// True when an entity had that name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.numbers.get(&mark(name)).is_some_and(|&entity| self.sizes[entity as usize] > 0)
    }

    /// An entity's name, and how many records it had.
    pub(crate) fn name(&self, entity: u32) -> (&str, u32) {
        let at = entity as usize;
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        (&self.names[from..self.ends[at]], self.sizes[at])
    }
}

impl FromIterator<(RecordKey, String)> for Previous {
    fn from_iter<I: IntoIterator<Item = (RecordKey, String)>>(records: I) -> Self {
        let mut previous = Self::default();
        for (key, name) in records {
            previous.add(&key.source, &key.id, &name);
        }
        previous
    }
}

/// What a text is known by.
pub(crate) fn mark(text: &str) -> Mark {
    (hash(text), hash_from(OTHER, text))
}

/// What a record is known by.
pub(crate) fn record(source: &str, id: &str) -> Mark {
    let (source, id) = (mark(source), mark(id));
    (combine(source.0, id.0), combine(source.1, id.1))
}

/// Something of each canonical row, of its number, source and id; rows of which there is nothing are left out.
pub(crate) fn of_records<T: Send>(plan: &Plan<'_>, records: &Records, of: impl Fn(u32, &str, &str) -> Option<T> + Sync) -> Outcome<Vec<T>> {
    let rows: Vec<u32> = (0..records.len() as u32).collect();
    let parts: Vec<Vec<T>> = rows
        .par_chunks(STRETCH / 8)
        .map(|rows| {
            let ids = Text::of(&gather(&records.batches(), plan.id, &records.places_of(rows))?)?;
            let one = |(at, &row): (usize, &u32)| of(row, records.source(row), ids.get(at).unwrap_or(""));
            Ok(rows.iter().enumerate().filter_map(one).collect())
        })
        .collect::<Outcome<_>>()?;
    Ok(parts.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(source: &str, id: &str) -> RecordKey {
        RecordKey { source: source.into(), id: id.into() }
    }

    #[test]
    fn records_and_names_are_found_again() {
        let known = [("a", "bc", "one"), ("ab", "c", "two"), ("", "1", "one"), ("", "1", "two"), ("x", "y", "")];
        let previous: Previous = known.iter().map(|(source, id, name)| (key(source, id), (*name).to_owned())).collect();
        let name = |source: &str, id: &str| previous.entity(source, id).map(|entity| previous.name(entity));
        assert_eq!((name("a", "bc"), name("ab", "c"), name("", "1")), (Some(("one", 1)), Some(("two", 2)), Some(("two", 2))));
        assert_eq!((name("x", "y"), name("bc", "a"), previous.len()), (Some(("", 1)), None, 4));
        assert!(previous.knows("one") && !previous.knows("three") && Previous::default().is_empty());
    }
}
