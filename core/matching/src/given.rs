//! What a match is given besides its rows: what people decided, what is known from before, and how much to tell.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use trommel_model::RecordKey;

use crate::decisions::Settled;
use crate::learn::Edge;

/// The weight of what is known from before: below what people decided, above everything that is compared.
pub(crate) const KEPT: f32 = 1e6;

/// What goes before comparing.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// What people decided.
    pub settled: Settled,
    /// Rows whose entities are known, when only the others are matched.
    pub carried: Option<Carried>,
    /// So many pairs in doubt are told, those nearest to an even chance.
    pub doubtful: usize,
}

/// Entities that are known, and the rows that are matched against them.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// For each row whether it is matched; pairs of rows that are not are never compared.
    pub fresh: Vec<bool>,
    /// Pairs of rows that are one entity as before.
    pub kept: Vec<(u32, u32)>,
    /// What was learned before, as text.
    pub learned: Option<String>,
}

impl Given {
    /// For each row whether it is matched, when not all are.
    pub fn fresh(&self) -> Option<&[bool]> {
        self.carried.as_ref().map(|c| c.fresh.as_slice())
    }

    /// Pairs that are known from before.
    pub fn kept(&self) -> impl Iterator<Item = Edge> {
        self.carried.iter().flat_map(|c| &c.kept).map(|&(left, right)| Edge { left, right, bits: KEPT })
    }

    /// True when pairs have to be looked at together before they join rows.
    pub fn looks_at_groups(&self) -> bool {
        !self.settled.apart.is_empty() || self.carried.is_some() || self.doubtful > 0
    }
}

impl Carried {
    /// Rows as they are named by `keys`, entities as they were named in `previous`. Matched are the rows that are new or
    /// `changed`, and all rows of an entity that lost a row, has a changed one, or is asked to be parted: what held such
    /// an entity together may be gone.
    pub fn new(
        keys: &[RecordKey],
        previous: &BTreeMap<RecordKey, String>,
        changed: &BTreeSet<RecordKey>,
        settled: &Settled,
        learned: Option<String>,
    ) -> Self {
        let present: FxHashSet<&RecordKey> = keys.iter().collect();
        let lost = previous.keys().filter(|key| !present.contains(key) || changed.contains(*key));
        let mut touched: FxHashSet<&str> = lost.filter_map(|key| previous.get(key)).map(String::as_str).collect();
        let parted = settled.apart.iter().flat_map(|&(l, r)| [l, r]);
        touched.extend(parted.filter_map(|row| previous.get(&keys[row as usize])).map(String::as_str));
        let known = |key: &RecordKey| previous.get(key).filter(|entity| !touched.contains(entity.as_str()));
        let mut first: FxHashMap<&str, u32> = FxHashMap::default();
        let (mut fresh, mut kept) = (vec![true; keys.len()], Vec::new());
        for (row, key) in (0..).zip(keys) {
            if let Some(entity) = known(key) {
                fresh[row as usize] = false;
                let first = *first.entry(entity).or_insert(row);
                if first != row {
                    kept.push((first, row));
                }
            }
        }
        Self { fresh, kept, learned }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> RecordKey {
        RecordKey { source: String::new(), id: id.into() }
    }

    /// Entities as words of one-letter records.
    fn carried(before: &[&str], now: &str, changed: &str, settled: &Settled) -> (String, Vec<(u32, u32)>) {
        let letters = |text: &str| text.chars().map(|c| key(&c.to_string())).collect::<Vec<_>>();
        let previous = before.iter().flat_map(|word| letters(word).into_iter().map(|k| (k, (*word).to_owned()))).collect();
        let found = Carried::new(&letters(now), &previous, &letters(changed).into_iter().collect(), settled, None);
        let fresh = now.chars().zip(&found.fresh).filter(|(_, fresh)| **fresh).map(|(c, _)| c).collect();
        (fresh, found.kept)
    }

    #[test]
    fn untouched_entities_are_kept_and_touched_ones_are_matched_whole() {
        let none = Settled::default();
        assert_eq!(carried(&["abc", "de"], "abcdex", "", &none), ("x".into(), vec![(0, 1), (0, 2), (3, 4)]));
        assert_eq!(carried(&["abc", "de"], "abcde", "b", &none), ("abc".into(), vec![(3, 4)]));
        assert_eq!(carried(&["abc", "de"], "acde", "", &none), ("ac".into(), vec![(2, 3)]));
        let parted = Settled { together: Vec::new(), apart: vec![(3, 4)] };
        assert_eq!(carried(&["abc", "de"], "abcde", "", &parted), ("de".into(), vec![(0, 1), (0, 2)]));
    }
}
