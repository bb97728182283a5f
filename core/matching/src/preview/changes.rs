//! Entities of two thresholds held against each other.

use rustc_hash::FxHashMap;
use trommel_model::{ClusterChange, Outcome};

use super::{Keys, said};
use crate::cluster::Entities;
use crate::plan::Plan;
use crate::records::Records;

/// Changes that are told of each step.
const TOLD: usize = 12;
/// Records of a change that are listed.
const LISTED: usize = 12;

/// What is different.
pub(super) struct Moved {
    /// Entities there that are several now.
    pub merges: u64,
    /// Entities now that are several there.
    pub splits: u64,
    /// The largest of both, of equally large ones those with the first rows.
    pub largest: Vec<Change>,
}

/// One entity and the parts it would be made of or fall into.
pub(super) struct Change {
    merge: bool,
    parts: Vec<Vec<u32>>,
}

/// What moves from the entities as they are now to those that would be there.
pub(super) fn between(now: &Entities, there: &Entities) -> Moved {
    let (merges, mut largest) = several(there, now, true);
    let (splits, parted) = several(now, there, false);
    largest.extend(parted);
    largest.sort_by_key(|change| (std::cmp::Reverse(change.rows()), change.parts[0][0]));
    largest.truncate(TOLD);
    Moved { merges, splits, largest }
}

/// Entities whose rows are in several of the others.
fn several(whole: &Entities, others: &Entities, merge: bool) -> (u64, Vec<Change>) {
    let (mut count, mut found) = (0, Vec::new());
    let mut smallest_kept = 0;
    for entity in 0..whole.len() {
        let rows = whole.members(entity);
        let other = |row: u32| others.of_row[row as usize];
        if rows.len() < 2 || rows.iter().all(|&row| other(row) == other(rows[0])) {
            continue;
        }
        count += 1;
        if rows.len() > smallest_kept || found.len() < TOLD {
            let mut parts: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
            for &row in rows {
                parts.entry(other(row)).or_default().push(row);
            }
            let mut parts: Vec<Vec<u32>> = parts.into_values().collect();
            parts.sort_by_key(|part| part[0]);
            found.push(Change { merge, parts });
        }
        if found.len() > 8 * TOLD {
            found.sort_by_key(|change| (std::cmp::Reverse(change.rows()), change.parts[0][0]));
            found.truncate(TOLD);
            smallest_kept = found.last().map_or(0, Change::rows);
        }
    }
    (count, found)
}

impl Change {
    fn rows(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }

    /// For people.
    pub fn told(&self, plan: &Plan<'_>, records: &Records, keys: &Keys<'_>) -> Outcome<ClusterChange> {
        let mut left = LISTED.max(self.parts.len().min(2 * LISTED));
        let mut parts = Vec::new();
        for part in &self.parts {
            // Each part shows a record before one of them shows a second.
            let most = (left / (self.parts.len() - parts.len()).max(1)).max(usize::from(left > 0));
            let listed = &part[..part.len().min(most)];
            left -= listed.len();
            parts.push(said(plan, records, listed, keys)?);
        }
        let listed: usize = parts.iter().map(Vec::len).sum();
        parts.retain(|part| !part.is_empty());
        Ok(ClusterChange { merge: self.merge, parts, unlisted: (self.rows() - listed) as u64 })
    }
}
