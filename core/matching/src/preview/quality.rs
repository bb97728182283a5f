//! Precision and recall: what probabilities let expect, and what labels say.

use rustc_hash::FxHashMap;
use trommel_model::Quality;

use crate::cluster::Entities;
use crate::tested::share;
use crate::weighed::Weighed;

/// Of pairs at or above a threshold: the matches among them that their probabilities add up to, by their number and by
/// the matches among all pairs that were kept.
pub(super) fn expected(found: &Weighed<'_>, threshold: f64) -> Quality {
    let (mut taken, mut right, mut all) = (0.0, 0.0, 0.0);
    for edge in found.matched.iter().chain(&found.doubtful) {
        let p = found.score(edge);
        all += p;
        if p >= threshold - 1e-9 {
            taken += 1.0;
            right += p;
        }
    }
    Quality { precision: share(right, taken), recall: share(right, all) }
}

/// Of pairs of rows whose truth is known: those in one entity, held against those that are one in truth.
pub(super) fn measured(entities: &Entities, truth: &[Option<u32>]) -> Quality {
    let mut both: FxHashMap<(u32, u32), u64> = FxHashMap::default();
    let (mut found, mut real): (FxHashMap<u32, u64>, FxHashMap<u32, u64>) = (FxHashMap::default(), FxHashMap::default());
    for (&entity, truth) in entities.of_row.iter().zip(truth) {
        if let Some(truth) = truth {
            *both.entry((entity, *truth)).or_default() += 1;
            *found.entry(entity).or_default() += 1;
            *real.entry(*truth).or_default() += 1;
        }
    }
    let pairs = |sizes: &mut dyn Iterator<Item = &u64>| sizes.map(|n| (n * n.saturating_sub(1) / 2) as f64).sum::<f64>();
    let right = pairs(&mut both.values());
    Quality { precision: share(right, pairs(&mut found.values())), recall: share(right, pairs(&mut real.values())) }
}
