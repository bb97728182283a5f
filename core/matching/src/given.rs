//! What a match is given besides its rows: what people decided, what is known from before, and how much to tell.

use std::sync::Arc;

use crate::decisions::Settled;
use crate::learn::Edge;
use crate::previous::Previous;
use crate::resume::Journal;

/// The weight of what is known from before: below what people decided, above everything that is compared.
pub(crate) const KEPT: f32 = 1e6;

/// What goes before comparing.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// What people decided.
    pub settled: Settled,
    /// Pairs of which people say whether they are one; learned from and measured by, never applied.
    pub labels: Vec<(u32, u32, bool)>,
    /// For each row the entity it was in before, from 1; 0 for none, and nothing when there was no run before.
    pub before: Vec<u32>,
    /// Rows whose entities are known, when only the others are matched.
    pub carried: Option<Carried>,
    /// So many pairs in doubt are told, those nearest to an even chance.
    pub doubtful: usize,
    /// Pairs that match are told.
    pub matched: bool,
    /// Nobody asks what rows say once it is read; only their ids.
    pub ids_only: bool,
    /// Where what is found is noted, to go on from there.
    pub journal: Option<Arc<dyn Journal>>,
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

    /// True when somebody looks at pairs after rows are grouped.
    pub fn looks_at_pairs(&self) -> bool {
        self.matched || self.doubtful > 0
    }

    /// True when pairs have to be looked at together before they join rows.
    pub fn looks_at_groups(&self) -> bool {
        !self.settled.apart.is_empty() || self.carried.is_some() || self.doubtful > 0
    }
}

impl Carried {
    /// `before` says for each row the entity it was in, from 1, or 0; `repeats` are rows that share source and id with the row
    /// before them. Matched are the rows that are new, and all rows of an entity that lost a row, has a changed one, or is asked
    /// to be parted: what held such an entity together may be gone.
    pub fn new(
        before: &[u32],
        repeats: &[u32],
        previous: &Previous,
        changed: impl Iterator<Item = u32>,
        settled: &Settled,
        learned: Option<String>,
    ) -> Self {
        let mut present = vec![0_u32; previous.entities()];
        let mut repeats = repeats.iter().copied().peekable();
        for (row, &entity) in (0..).zip(before) {
            let repeated = repeats.next_if_eq(&row).is_some();
            if entity > 0 && !repeated {
                present[entity as usize - 1] += 1;
            }
        }
        let mut touched: Vec<bool> = (0..).zip(&present).map(|(entity, there)| *there < previous.name(entity).1).collect();
        changed.for_each(|entity| touched[entity as usize] = true);
        for row in settled.apart.iter().flat_map(|&(l, r)| [l, r]) {
            if let Some(entity) = before[row as usize].checked_sub(1) {
                touched[entity as usize] = true;
            }
        }
        let mut first: Vec<Option<u32>> = vec![None; previous.entities()];
        let (mut fresh, mut kept) = (vec![true; before.len()], Vec::new());
        for (row, entity) in (0..).zip(before) {
            if let Some(entity) = entity.checked_sub(1).map(|entity| entity as usize).filter(|&entity| !touched[entity]) {
                fresh[row as usize] = false;
                let first = *first[entity].get_or_insert(row);
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
    use trommel_model::RecordKey;

    use super::*;

    fn key(id: char) -> RecordKey {
        RecordKey { source: String::new(), id: id.to_string() }
    }

    /// Entities as words of one-letter records.
    fn carried(before: &[&str], now: &str, changed: &str, settled: &Settled) -> (String, Vec<(u32, u32)>) {
        let previous: Previous = before.iter().flat_map(|word| word.chars().map(|c| (key(c), (*word).to_owned()))).collect();
        let entity = |c: char| previous.entity("", &c.to_string());
        let rows: Vec<u32> = now.chars().map(|c| entity(c).map_or(0, |entity| entity + 1)).collect();
        let found = Carried::new(&rows, &[], &previous, changed.chars().filter_map(entity), settled, None);
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
