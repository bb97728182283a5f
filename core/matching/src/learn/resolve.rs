//! The steps of a match whose score is learned: read, block, learn, weigh.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use trommel_model::{Outcome, PairExplanation};

use super::group::Edge;
use super::scale::{Material, Scale};
use super::{bits_of, probability};
use crate::block::block;
use crate::decisions::Settled;
use crate::features::{Features, Values, read};
use crate::given::Given;
use crate::pairs::Candidates;
use crate::plan::Plan;
use crate::records::Records;
use crate::resume::{Comparing, Piece, compare_all};
use crate::score::Tally;
use crate::watch::Watch;
use crate::weighed::{Weighed, most_doubtful};
use crate::{Resolved, ScoredPair};

/// Pairs whose probability is at least this are counted in the histogram exactly.
const COUNTED_FROM: f64 = 0.05;

/// Weighs the pairs that blocking makes, and hands them on.
pub(crate) fn weighed<T>(
    plan: &Plan<'_>,
    records: &Records,
    given: &Given,
    watch: &Watch<'_>,
    then: impl FnOnce(Weighed<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let Features { mut compared, keys, ranks } = read(plan, records, true, watch)?;
    let (rules, rows_without_block) = block(plan, records, keys, &ranks, &compared, watch)?;
    drop(ranks);
    let estimates = rules.iter().enumerate().map(|(at, rule)| rule.estimate(plan, records, at)).collect();
    if given.ids_only {
        records.keep_only(plan.id)?;
    }
    let ids: Vec<Vec<u32>> = compared.iter_mut().map(|c| std::mem::take(&mut c.ids)).collect();
    let values: Vec<&Values> = compared.iter().map(|c| &c.values).collect();
    let sources = plan.spec.one_to_one.then(|| records.source_numbers());
    let apart = records.apart(plan.spec.pairs);
    let apart = apart.as_deref();
    let learned = given.carried.as_ref().and_then(|c| c.learned.as_deref());
    let material = Material { rules: &rules, ids, values: &values, apart, learned, settled: &given.settled, labels: &given.labels };
    let scale = Scale::new(plan, records, material, watch)?;
    let candidates = Candidates::new(scale.rules, &scale.cells, values.len(), apart).only(given.fresh());
    let (mut matched, doubtful, tally) =
        weigh_all(&Comparing { spec: plan.spec, candidates, given, learned: &scale.learned, watch }, &scale)?;
    if given.looks_at_pairs() {
        matched.par_sort_unstable_by_key(|e| (e.left, e.right));
    }
    then(Weighed {
        scoring: plan.spec.score,
        matched,
        doubtful,
        threshold: scale.trained.threshold,
        given,
        guard: plan.spec.guard.then_some((&scale.weigher, &scale.cells)),
        one_each: sources.as_deref(),
        repeats: &records.repeats,
        best_only: plan.spec.best_link,
        learned: Some(scale.learned.clone()),
        resolved: Resolved {
            tally,
            from: COUNTED_FROM,
            rules: plan.expanded.fold(estimates),
            rows_without_block,
            trained: Some(scale.trained.clone()),
            labels: scale.labels.clone(),
        },
        explain: &|rows| scale.explain(plan, records, rows),
    })
}

/// Weighs every pair once. Those that match come back in any order, then so many of those just below in the order of their rows.
fn weigh_all(comparing: &Comparing<'_>, scale: &Scale<'_>) -> Outcome<(Vec<Edge>, Vec<Edge>, Tally)> {
    let given = comparing.given;
    let from = bits_of(COUNTED_FROM.min(scale.trained.threshold)) as f32;
    let threshold = bits_of(scale.trained.threshold) as f32;
    let (matched, below) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let compare = |scratch: &mut _, pairs: &[(u32, u32)], found: &mut Vec<_>| {
        scale.weigher.weigh_all(&scale.cells, pairs, from, scratch, |at, bits| found.push((pairs[at].0, pairs[at].1, f64::from(bits))));
    };
    let each = |piece: Piece| {
        let mut tally = Tally::of(&piece);
        piece.found.iter().for_each(|(.., bits)| tally.count(probability(*bits)));
        let edge = |(left, right, bits)| Edge { left, right, bits: bits as f32 };
        let (mut mine, mut doubts): (Vec<Edge>, Vec<Edge>) = piece.found.into_iter().map(edge).partition(|e| e.bits >= threshold);
        tally.matched = mine.len() as u64;
        matched.lock().unwrap_or_else(PoisonError::into_inner).append(&mut mine);
        if given.doubtful > 0 && !doubts.is_empty() {
            let mut all = below.lock().unwrap_or_else(PoisonError::into_inner);
            all.append(&mut doubts);
            if all.len() > 2 * given.doubtful {
                *all = most_doubtful(std::mem::take(&mut *all), given.doubtful, 0.0);
            }
        }
        tally
    };
    let tally = compare_all(comparing, || scale.weigher.scratch_for_many(), compare, each)?;
    let matched: Vec<Edge> = matched.into_inner().unwrap_or_else(PoisonError::into_inner);
    let doubts = most_doubtful(below.into_inner().unwrap_or_else(PoisonError::into_inner), given.doubtful, 0.0);
    Ok((matched, doubts, tally))
}

/// Why two rows, given by their positions in the input, weigh what they weigh; the whole table is learned from.
pub(crate) fn explain(plan: &Plan<'_>, records: &Records, pair: (u32, u32), watch: &Watch<'_>) -> Outcome<PairExplanation> {
    let Features { mut compared, keys, ranks } = read(plan, records, true, watch)?;
    let (rules, _) = block(plan, records, keys, &ranks, &compared, watch)?;
    let ids: Vec<Vec<u32>> = compared.iter_mut().map(|c| std::mem::take(&mut c.ids)).collect();
    let values: Vec<&Values> = compared.iter().map(|c| &c.values).collect();
    let apart = records.apart(plan.spec.pairs);
    let settled = Settled::default();
    let material = Material { rules: &rules, ids, values: &values, apart: apart.as_deref(), learned: None, settled: &settled, labels: &[] };
    let scale = Scale::new(plan, records, material, watch)?;
    let canonical = records.canonical();
    scale.explain(plan, records, (canonical[pair.0 as usize], canonical[pair.1 as usize]))
}

/// The pairs whose probability reaches the threshold, sorted by their rows.
pub(crate) fn scored(plan: &Plan<'_>, records: &Records, watch: &Watch<'_>) -> Outcome<Vec<ScoredPair>> {
    weighed(plan, records, &Given::default(), watch, |found| {
        let of = |e: &Edge| ScoredPair {
            left: records.order[e.left as usize],
            right: records.order[e.right as usize],
            score: probability(f64::from(e.bits)),
        };
        let mut pairs: Vec<ScoredPair> = found.matched.iter().map(of).collect();
        pairs.sort_unstable_by_key(|p| (p.left, p.right));
        Ok(pairs)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};
    use serde_json::json;
    use trommel_model::{Cancel, MatchSpec, ProgressSlot};

    use super::*;
    use crate::on_threads;

    /// Names of few letters, so that all levels are met, and some that are missing.
    fn people(rows: usize) -> RecordBatch {
        let mut random = SmallRng::seed_from_u64(7);
        let mut texts = |longest: usize| -> ArrayRef {
            let text = |random: &mut SmallRng| -> Option<String> {
                let length = random.random_range(0..=longest);
                (length > 0).then(|| (0..length + 2).map(|_| char::from(b'a' + random.random_range(0..3))).collect())
            };
            Arc::new((0..rows).map(|_| text(&mut random)).collect::<StringArray>())
        };
        let ids: ArrayRef = Arc::new((0..rows as i64).map(Some).collect::<Int64Array>());
        RecordBatch::try_from_iter([("id", ids), ("name", texts(4)), ("town", texts(2)), ("phone", texts(6))]).unwrap()
    }

    #[test]
    fn pairs_weigh_the_same_together_and_alone() {
        let spec: MatchSpec = serde_json::from_value(json!({
            "from": "people", "id": "id", "score": "fellegi_sunter", "guard": true,
            "blocking": [{ "keys": [{ "column": "name", "prefix": 1 }] }, { "keys": [{ "column": "town" }] }],
            "comparisons": [
                { "column": "name", "method": "jaro_winkler", "levels": [0.9, 0.7] },
                { "column": "town", "method": "exact" },
                { "column": "phone", "method": "levenshtein", "levels": [0.8, 0.6] },
            ],
        }))
        .unwrap();
        let pairs: Vec<(u32, u32)> = (1..150).flat_map(|right| (0..right).map(move |left| (left, right))).collect();
        on_threads(&spec, vec![people(150)], 2, &Cancel::new(), &ProgressSlot::new(), |plan, records, watch| {
            weighed(plan, records, &Given::default(), watch, |found| {
                let (weigher, cells) = found.guard.unwrap();
                let (mut one, mut many) = (weigher.scratch(), weigher.scratch_for_many());
                let bits = |pair: (u32, u32), one: &mut Vec<_>| weigher.weigh(cells, pair, f32::MIN, one).unwrap();
                let mut all: Vec<f32> = pairs.iter().map(|pair| bits(*pair, &mut one)).collect();
                all.sort_by(f32::total_cmp);
                for at_least in [f32::MIN, all[all.len() / 2], all[all.len() * 99 / 100], f32::MAX] {
                    for some in pairs.chunks(64) {
                        let alone: Vec<(usize, f32)> = some
                            .iter()
                            .enumerate()
                            .filter_map(|(at, pair)| Some((at, weigher.weigh(cells, *pair, at_least, &mut one)?)))
                            .collect();
                        let mut together = Vec::new();
                        weigher.weigh_all(cells, some, at_least, &mut many, |at, bits| together.push((at, bits)));
                        assert_eq!(together, alone, "from {at_least} on");
                    }
                }
                Ok(())
            })
        })
        .unwrap();
    }
}
