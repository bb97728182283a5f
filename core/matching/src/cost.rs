//! What a match would cost: pairs by rule, time and memory, told before it is run.
//!
//! Pairs are counted. The time is that of some of them, compared here; memory is what is held while pairs are compared.

use std::time::Instant;

use arrow::array::{Array, RecordBatch};
use rayon::prelude::*;
use trommel_model::{BlockingEstimate, Cancel, MatchSpec, Outcome, ProgressSlot};

use crate::block::{Rule, block};
use crate::cells::Cells;
use crate::compare::Comparer;
use crate::decisions::Settled;
use crate::features::{Compared, Features, Values, read};
use crate::learn::{Edge, Scaled};
use crate::on_threads;
use crate::plan::Plan;
use crate::records::Records;
use crate::score::Cut;
use crate::watch::Watch;

/// Pairs compared to tell how fast it goes.
const TRIED: f64 = 60_000.0;
/// Pairs compared together.
const TOGETHER: usize = 64;
/// Numbers of 32 bits that are held for each row besides its values and blocks: its order, group, entity and the like.
const NUMBERS_A_ROW: u64 = 7;

/// What a match would cost.
#[derive(Debug, Clone, Default)]
pub struct MatchCost {
    /// Pairs of each blocking rule.
    pub rules: Vec<BlockingEstimate>,
    /// Pairs of all rules; what several rules make is counted once for each, so there are no more than that.
    pub pairs: u64,
    /// Pairs compared here.
    pub tried: u64,
    /// Those of them that match.
    pub matched: u64,
    /// Pairs compared in a second on all threads; 0 where there were none to try.
    pub pairs_a_second: f64,
    /// Bytes held at most.
    pub bytes: u64,
}

impl MatchCost {
    /// Seconds that comparing takes.
    pub fn seconds(&self) -> f64 {
        if self.pairs_a_second > 0.0 { self.pairs as f64 / self.pairs_a_second } else { 0.0 }
    }
}

/// What the match of a table would cost.
pub fn cost(spec: &MatchSpec, input: &[RecordBatch], threads: usize, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<MatchCost> {
    on_threads(spec, input, threads, cancel, progress, |plan, records, watch| {
        let features = read(plan, records, false, watch)?;
        let (rules, _) = block(plan, records, features.keys, &features.ranks, &[], watch)?;
        let estimates: Vec<BlockingEstimate> = rules.iter().enumerate().map(|(at, rule)| rule.estimate(plan, records, at)).collect();
        let pairs: u64 = estimates.iter().map(|rule| rule.pairs_made).sum();
        let share = |rule: &BlockingEstimate| (TRIED * rule.pairs_made as f64 / pairs.max(1) as f64).ceil() as usize;
        let sample: Vec<(u32, u32)> = rules.iter().zip(&estimates).flat_map(|(rule, told)| rule.blocks.sample(share(told))).collect();
        let mut cost = tried(plan, records, &sample, watch)?;
        cost.bytes = held(plan, records, &rules)
            + (pairs as f64 * cost.matched as f64 / cost.tried.max(1) as f64) as u64 * 2 * size_of::<Edge>() as u64;
        cost.pairs = pairs;
        cost.rules = plan.expanded.fold(estimates);
        Ok(cost)
    })
}

/// What is held while pairs are compared, but for those that match.
fn held(plan: &Plan<'_>, records: &Records, rules: &[Rule]) -> u64 {
    let of = |column: usize| records.batches().iter().map(|b| b.column(column).get_array_memory_size() as u64).sum::<u64>();
    let table: u64 = (0..plan.schema.fields().len()).map(of).sum();
    let compared: u64 = plan.comparisons.iter().map(|&column| of(column)).sum();
    let blocks: u64 = rules.iter().map(|rule| 4 * (rule.blocks.rows.len() + rule.blocks.len()) as u64).sum();
    let rows = records.len() as u64;
    table + compared + blocks + Cells::bytes(plan.comparisons.len() + rules.len(), rows) + 4 * NUMBERS_A_ROW * rows
}

/// Compares some pairs, on a table of their rows alone.
fn tried(plan: &Plan<'_>, records: &Records, sample: &[(u32, u32)], watch: &Watch<'_>) -> Outcome<MatchCost> {
    if sample.is_empty() {
        return Ok(MatchCost::default());
    }
    let mut rows: Vec<u32> = sample.iter().flat_map(|&(left, right)| [left, right]).collect();
    rows.sort_unstable();
    rows.dedup();
    // Rows are taken in their canonical order, which stays.
    let pairs: Vec<(u32, u32)> =
        sample.iter().map(|(l, r)| (rows.partition_point(|row| row < l) as u32, rows.partition_point(|row| row < r) as u32)).collect();
    let table = records.take(&plan.schema, &rows)?;
    let plan = Plan::new(plan.expanded, &table.schema())?;
    let records = Records::new(&plan, [table].into(), watch)?;
    let Features { mut compared, keys, ranks } = read(&plan, &records, true, watch)?;
    let ids: Vec<Vec<u32>> = compared.iter_mut().map(|c: &mut Compared| std::mem::take(&mut c.ids)).collect();
    let values: Vec<&Values> = compared.iter().map(|c| &c.values).collect();
    if plan.spec.score.learned() {
        let (rules, _) = block(&plan, &records, keys, &ranks, &[], watch)?;
        let settled = Settled::default();
        let scaled = Scaled::new(&plan, &records, &rules, ids, &values, &settled, watch)?;
        return timed(&pairs, || scaled.scratch(), |pairs, scratch| scaled.matched(pairs, scratch), watch);
    }
    let columns: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
    let comparer = Comparer::new(&plan.spec.comparisons, &values, &columns, &pairs[..pairs.len().min(crate::SAMPLE)]);
    let columns: Vec<&[u32]> = comparer.order().into_iter().map(|c| columns[c]).collect();
    let cells = Cells::new(&columns, records.len(), watch)?;
    let cut = Cut::at(plan.spec.threshold);
    let matched = |pairs: &[(u32, u32)], scratch: &mut _| {
        let mut matched = 0;
        comparer.score(&cells, pairs, cut.from, scratch, |_, score| matched += u64::from(score >= cut.threshold));
        matched
    };
    timed(&pairs, || comparer.scratch(), matched, watch)
}

fn timed<S>(
    pairs: &[(u32, u32)],
    scratch: impl Fn() -> S + Sync + Send,
    matched: impl Fn(&[(u32, u32)], &mut S) -> u64 + Sync,
    watch: &Watch<'_>,
) -> Outcome<MatchCost> {
    watch.start("comparing some pairs", pairs.len() as u64)?;
    let start = Instant::now();
    let matched: u64 = pairs.par_chunks(TOGETHER).map_init(scratch, |scratch, pairs| matched(pairs, scratch)).sum();
    let pairs_a_second = pairs.len() as f64 / start.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
    Ok(MatchCost { tried: pairs.len() as u64, matched, pairs_a_second, ..MatchCost::default() })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use serde_json::json;

    use super::*;
    use crate::run;

    #[test]
    fn what_is_told_before_is_what_is_then_done() {
        let texts = |of: fn(i64) -> Option<String>| -> ArrayRef { Arc::new((0..3_000).map(of).collect::<StringArray>()) };
        let names = texts(|i| Some(format!("name {}", i % 1_000)));
        let phones = texts(|i| (i % 5 > 0).then(|| format!("0731 {}", i % 1_000 * 7_919)));
        let towns = texts(|i| (i % 7 > 0).then(|| format!("town {}", i * 7_919 % 77)));
        let ids: ArrayRef = Arc::new((0..3_000).map(Some).collect::<Int64Array>());
        let table = RecordBatch::try_from_iter([("id", ids), ("name", names), ("phone", phones), ("town", towns)]).unwrap();
        for score in ["weighted_mean", "fellegi_sunter"] {
            let spec: MatchSpec = serde_json::from_value(json!({
                "from": "people", "id": "id", "score": score, "threshold": 0.6,
                "blocking": [{ "keys": [{ "column": "name" }] }, { "keys": [{ "column": "town" }] }],
                "comparisons": [
                    { "column": "name", "method": "jaro_winkler", "levels": [0.9] },
                    { "column": "phone", "method": "exact" },
                    { "column": "town", "method": "exact" },
                ],
            }))
            .unwrap();
            let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
            let told = cost(&spec, std::slice::from_ref(&table), 2, &cancel, &progress).unwrap();
            let done = run(&spec, std::slice::from_ref(&table), 2, &cancel, &progress).unwrap().report;
            assert_eq!(told.rules.iter().map(|r| r.pairs).collect::<Vec<_>>(), done.pairs_per_rule, "{score}");
            assert!(told.pairs >= done.pairs_compared && told.tried > 0 && told.seconds() > 0.0, "{score}: {told:?}");
            assert!(told.matched > 0 && told.matched < told.tried && told.bytes > 100_000, "{score}: {told:?}");
        }
        let none = MatchCost::default();
        assert!(none.seconds().abs() < f64::EPSILON);
    }
}
