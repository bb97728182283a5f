//! The steps of a match whose score is learned: read, block, learn, weigh.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use trommel_model::{Outcome, PairExplanation, Pairs};

use super::group::Edge;
use super::scale::{Material, Scale};
use super::{bits_of, probability};
use crate::block::{Rule, block};
use crate::decisions::Settled;
use crate::features::{Features, Values, read};
use crate::given::Given;
use crate::pairs::Candidates;
use crate::plan::Plan;
use crate::records::Records;
use crate::score::Tally;
use crate::watch::Watch;
use crate::weighed::{Weighed, most_doubtful};
use crate::{Resolved, ScoredPair};

/// Pairs whose probability is at least this are counted in the histogram exactly.
const COUNTED_FROM: f64 = 0.05;

/// Weighs the pairs that blocking makes, and hands them on.
pub(crate) fn weighed<T>(
    plan: &Plan<'_>,
    records: &Records<'_>,
    given: &Given,
    watch: &Watch<'_>,
    then: impl FnOnce(Weighed<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let Features { mut compared, keys, ranks } = read(plan, records, true, watch)?;
    let rows_without_block = (0..records.len()).filter(|&row| keys.iter().all(|k| k[row] == 0)).count() as u64;
    let rules: Vec<Rule> = block(plan, keys, &ranks, &compared, watch)?;
    drop(ranks);
    let ids: Vec<Vec<u32>> = compared.iter_mut().map(|c| std::mem::take(&mut c.ids)).collect();
    let values: Vec<&Values> = compared.iter().map(|c| &c.values).collect();
    let sources = (plan.spec.pairs == Pairs::Across || plan.spec.one_to_one).then(|| records.source_numbers());
    let apart = sources.as_deref().filter(|_| plan.spec.pairs == Pairs::Across);
    let learned = given.carried.as_ref().and_then(|c| c.learned.as_deref());
    let material = Material { rules: &rules, ids, values: &values, apart, learned, settled: &given.settled };
    let scale = Scale::new(plan, records, material, watch)?;
    let candidates = Candidates::new(scale.rules, &scale.cells, values.len(), apart).only(given.fresh());
    let (matched, doubtful, tally) = weigh_all(&candidates, &scale, given.doubtful, watch)?;
    let estimates = rules.iter().enumerate().map(|(at, rule)| rule.estimate(plan, records, at)).collect();
    then(Weighed {
        scoring: plan.spec.score,
        matched,
        doubtful,
        threshold: scale.trained.threshold,
        given,
        guard: plan.spec.guard.then_some((&scale.weigher, &scale.cells)),
        one_each: sources.as_deref().filter(|_| plan.spec.one_to_one),
        best_only: plan.spec.best_link,
        learned: Some(scale.learned.clone()),
        resolved: Resolved {
            tally,
            from: COUNTED_FROM,
            rules: plan.expanded.fold(estimates),
            rows_without_block,
            trained: Some(scale.trained.clone()),
        },
        explain: &|rows| scale.explain(plan, records, rows),
    })
}

/// Weighs every pair once. Those that match come back in the order of their rows, then so many of those just below.
fn weigh_all(candidates: &Candidates<'_>, scale: &Scale<'_>, doubtful: usize, watch: &Watch<'_>) -> Outcome<(Vec<Edge>, Vec<Edge>, Tally)> {
    let (tasks, total) = candidates.tasks(watch)?;
    watch.start("comparing pairs", total)?;
    let from = bits_of(COUNTED_FROM.min(scale.trained.threshold)) as f32;
    let threshold = bits_of(scale.trained.threshold) as f32;
    let (found, below) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let tally = tasks
        .par_iter()
        .map_init(
            || scale.weigher.scratch(),
            |scratch, task| {
                let (mut tally, mut mine, mut doubts) = (Tally::none(), Vec::new(), Vec::new());
                candidates.visit(task, watch, |pairs| {
                    tally.compared += pairs.len() as u64;
                    for &pair in pairs {
                        let Some(bits) = scale.weigher.weigh(&scale.cells, pair, from, scratch) else {
                            tally.below += 1;
                            continue;
                        };
                        tally.count(probability(f64::from(bits)));
                        let edge = Edge { left: pair.0, right: pair.1, bits };
                        if bits >= threshold {
                            mine.push(edge);
                        } else if doubtful > 0 {
                            doubts.push(edge);
                        }
                    }
                })?;
                tally.matched = mine.len() as u64;
                found.lock().unwrap_or_else(PoisonError::into_inner).append(&mut mine);
                if !doubts.is_empty() {
                    let mut all = below.lock().unwrap_or_else(PoisonError::into_inner);
                    all.append(&mut doubts);
                    if all.len() > 2 * doubtful {
                        *all = most_doubtful(std::mem::take(&mut *all), doubtful, 0.0);
                    }
                }
                Ok(tally)
            },
        )
        .try_reduce(Tally::none, |a, b| Ok(a.plus(b)))?;
    let mut edges: Vec<Edge> = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    edges.par_sort_unstable_by_key(|e| (e.left, e.right));
    let doubts = most_doubtful(below.into_inner().unwrap_or_else(PoisonError::into_inner), doubtful, 0.0);
    Ok((edges, doubts, tally))
}

/// Why two rows, given by their positions in the input, weigh what they weigh; the whole table is learned from.
pub(crate) fn explain(plan: &Plan<'_>, records: &Records<'_>, pair: (u32, u32), watch: &Watch<'_>) -> Outcome<PairExplanation> {
    let Features { mut compared, keys, ranks } = read(plan, records, true, watch)?;
    let rules: Vec<Rule> = block(plan, keys, &ranks, &compared, watch)?;
    let ids: Vec<Vec<u32>> = compared.iter_mut().map(|c| std::mem::take(&mut c.ids)).collect();
    let values: Vec<&Values> = compared.iter().map(|c| &c.values).collect();
    let sources = (plan.spec.pairs == Pairs::Across).then(|| records.source_numbers());
    let settled = Settled::default();
    let material = Material { rules: &rules, ids, values: &values, apart: sources.as_deref(), learned: None, settled: &settled };
    let scale = Scale::new(plan, records, material, watch)?;
    let mut canonical = vec![0_u32; records.len()];
    for (row, &came) in records.order.iter().enumerate() {
        canonical[came as usize] = row as u32;
    }
    scale.explain(plan, records, (canonical[pair.0 as usize], canonical[pair.1 as usize]))
}

/// The pairs whose probability reaches the threshold, sorted by their rows.
pub(crate) fn scored(plan: &Plan<'_>, records: &Records<'_>, watch: &Watch<'_>) -> Outcome<Vec<ScoredPair>> {
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
