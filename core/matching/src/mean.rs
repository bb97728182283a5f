//! Pairs scored by the weighted mean of their similarities, for those who look at pairs together.

use std::sync::{Mutex, PoisonError};

use trommel_model::Outcome;

use crate::compare::ROUNDING;
use crate::given::Given;
use crate::learn::Edge;
use crate::plan::Plan;
use crate::records::Records;
use crate::score::Cut;
use crate::watch::Watch;
use crate::weighed::{Weighed, most_doubtful};
use crate::{explain, resolve};

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
    let found = Mutex::new(Vec::new());
    let mut resolved = resolve(plan, records, given, cut, watch, |left, right, score| {
        let edge = Edge { left, right, bits: score as f32 };
        found.lock().unwrap_or_else(PoisonError::into_inner).push(edge);
    })?;
    let edges: Vec<Edge> = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A score is kept in fewer digits than it is worked out in.
    let (mut matched, below): (Vec<Edge>, Vec<Edge>) = edges.into_iter().partition(|e| f64::from(e.bits) + 100.0 * ROUNDING >= threshold);
    matched.sort_unstable_by_key(|e| (e.left, e.right));
    resolved.tally.matched = matched.len() as u64;
    let doubtful = most_doubtful(below, given.doubtful, threshold as f32);
    let sources = plan.spec.one_to_one.then(|| records.source_numbers());
    then(Weighed {
        scoring: plan.spec.score,
        matched,
        doubtful,
        threshold,
        given,
        guard: None,
        one_each: sources.as_deref(),
        best_only: plan.spec.best_link,
        learned: None,
        resolved,
        explain: &|(left, right)| {
            let pair = records.take(&plan.schema, &[left, right])?;
            explain(plan.spec, &[pair], 0, 1)
        },
    })
}
