//! Pairs scored by the weighted mean of their similarities, for those who look at pairs together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use trommel_model::{Outcome, PairExplanation};

use crate::cells::Cells;
use crate::compare::{Comparer, ROUNDING};
use crate::explain::{said, scored};
use crate::features::{Values, read};
use crate::given::Given;
use crate::learn::Edge;
use crate::plan::Plan;
use crate::records::Records;
use crate::resolve;
use crate::score::Cut;
use crate::watch::Watch;
use crate::weighed::{Weighed, most_doubtful};

/// Scores the pairs that blocking makes, and hands them on. The weight of a pair is its score.
pub(crate) fn weighed<T>(
    plan: &Plan<'_>,
    records: &Records,
    given: &Given,
    watch: &Watch<'_>,
    then: impl FnOnce(Weighed<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let threshold = plan.spec.threshold;
    let asked = Cut::at(threshold);
    // Pairs in doubt are heard of when the cut is where scores begin to be worked out.
    let cut = if given.doubtful > 0 { Cut { threshold: asked.from, ..asked } } else { asked };
    let (matched, below) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let keep = |left: u32, right: u32, score: f64| {
        let edge = Edge { left, right, bits: score as f32 };
        // A score is kept in fewer digits than it is worked out in.
        if f64::from(edge.bits) + 100.0 * ROUNDING >= threshold {
            locked(&matched).push(edge);
            return;
        }
        let mut doubts = locked(&below);
        doubts.push(edge);
        if doubts.len() > 2 * given.doubtful {
            *doubts = most_doubtful(std::mem::take(&mut *doubts), given.doubtful, threshold as f32);
        }
    };
    resolve(plan, records, given, cut, watch, keep, |mut resolved, explain| {
        let mut matched = std::mem::take(&mut *locked(&matched));
        matched.sort_unstable_by_key(|e| (e.left, e.right));
        resolved.tally.matched = matched.len() as u64;
        let doubtful = most_doubtful(std::mem::take(&mut *locked(&below)), given.doubtful, threshold as f32);
        let sources = plan.spec.one_to_one.then(|| records.source_numbers());
        then(Weighed {
            scoring: plan.spec.score,
            matched,
            doubtful,
            threshold,
            given,
            guard: None,
            one_each: sources.as_deref(),
            repeats: &records.repeats,
            best_only: plan.spec.best_link,
            learned: None,
            resolved,
            explain,
        })
    })
}

/// Why two rows, given by their positions in the input, score what they score; how rare words are is told by the whole table.
pub(crate) fn explain(plan: &Plan<'_>, records: &Records, pair: (u32, u32), watch: &Watch<'_>) -> Outcome<PairExplanation> {
    let compared = read(plan, records, true, watch)?.compared;
    let values: Vec<&Values> = compared.iter().map(|c| &c.values).collect();
    let ids: Vec<&[u32]> = compared.iter().map(|c| c.ids.as_slice()).collect();
    let comparer = Comparer::new(&plan.spec.comparisons, &values, &ids, &[]);
    let columns: Vec<&[u32]> = comparer.order().into_iter().map(|c| ids[c]).collect();
    let cells = Cells::new(&columns, records.len(), watch)?;
    let canonical = records.canonical();
    let pair = (canonical[pair.0 as usize], canonical[pair.1 as usize]);
    Ok(scored(&comparer, &cells, pair, said(plan, records, pair)?))
}

fn locked(edges: &Mutex<Vec<Edge>>) -> MutexGuard<'_, Vec<Edge>> {
    edges.lock().unwrap_or_else(PoisonError::into_inner)
}
