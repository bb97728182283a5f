//! Entity resolution: normalise → block → compare → score → cluster → survive, one file a step.
//!
//! Arrow batches in, Arrow batches out; this crate reads no file, knows no engine and draws nothing. Its result
//! depends on the rows and the model alone, not on the order of the rows, how they are parted into batches, or the
//! number of threads.
//!
//! What counts as missing: null, text that is empty or blank after normalising, and text that is no number or no
//! date where one is compared. A missing key puts a row into no block; a missing value takes its comparison out of
//! the mean, unless the model says what it scores.

mod arrays;
mod auto;
mod block;
mod cells;
mod cluster;
mod coder;
mod compare;
mod cost;
mod decisions;
mod draw;
mod everything;
mod expand;
mod explain;
mod features;
mod files;
mod given;
mod intake;
mod intern;
mod key_expressions;
mod keys;
mod labels;
mod learn;
mod levels;
mod mean;
mod measure;
mod normalise;
mod normalised;
mod oversize;
mod pairs;
mod pieces;
mod plan;
mod preview;
mod previous;
mod records;
mod remarks;
mod resume;
mod review;
mod score;
mod sort;
mod spellings;
mod stable;
mod standing;
mod survive;
mod tables;
mod tested;
mod watch;
mod weighed;

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use trommel_model::{
    BlockingEstimate, Cancel, Code, LabelReport, LabelScores, MatchReport, MatchSpec, Outcome, PairExplanation, Problem, ProgressSlot,
    Scoring, Trained,
};

use crate::block::block;
use crate::cells::Cells;
use crate::cluster::{Entities, Forest, names};
use crate::compare::Comparer;
use crate::expand::Expanded;
use crate::features::{Features, Values, read};
use crate::given::Given;
use crate::learn::Edge;
use crate::pairs::Candidates;
use crate::plan::Plan;
use crate::records::Records;
use crate::resume::Comparing;
use crate::score::{Cut, Tally, score};
use crate::watch::Watch;
use crate::weighed::Weighed;

pub use auto::{Proposal, Role, auto_files, auto_labelled, propose_files};
pub use cost::{MatchCost, cost};
pub use decisions::{Settled, settle, unmerge};
pub use explain::explain;
pub use files::{Crosswalk, FilesOutput, cost_of_files, explain_files, looked_at, run_files, run_labelled};
pub use intake::{FileTable, Intake};
pub use key_expressions::{KeyExpression, is_key_column, key_expressions};
pub use labels::{Labels, are_pairs};
pub use preview::{Truth, preview, preview_files, truth};
pub use previous::Previous;
pub use remarks::{remarks, remarks_on_labels};
pub use resume::Journal;
pub use review::{ReviewPair, review_queue};
pub use spellings::spellings;
pub use stable::{Carried, carry_over};
pub use standing::{Known, Standing, StandingReport, changed, entities_of};

/// Pairs of each rule from which it is told which comparisons come first.
const SAMPLE: usize = 500;

/// What a match makes.
#[derive(Debug, Clone, Default)]
pub struct MatchOutput {
    /// One row an entity: `entity_id`, `entity_size`, then the table's columns with their types, without `_file`,
    /// `_line` and `_text`. The columns `id` and `source` come from the row that names the entity, its first by
    /// (source, id), unless the model gives them a rule.
    pub golden: Vec<RecordBatch>,
    /// `source`, `id`, `entity_id`: every distinct (source, id) once. A row without a source has the empty text.
    pub crosswalk: Vec<RecordBatch>,
    /// `entity_id`, `column`, `source`, `id`: the row each value of a golden record is from. Empty unless asked for.
    pub provenance: Vec<RecordBatch>,
    /// Pairs in doubt, those first of which an answer brings most. Empty unless asked for.
    pub review: Vec<RecordBatch>,
    /// Counts for people, and for the conservation law: rows = entities + merged.
    pub report: MatchReport,
}

/// Two rows that match, by their positions in the input, counted from 0 over all batches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredPair {
    /// The row that comes first by (source, id).
    pub left: u32,
    /// The other row.
    pub right: u32,
    /// From 0 to 1.
    pub score: f64,
}

/// Resolves the rows of a table, given as batches of one schema. Hand over one empty batch rather than none for an
/// empty table, so that its columns are known.
///
/// Rows that share source and id are one record sent more than once: always one entity, counted in the report.
///
/// Fails with `bad-match` when the model does not fit the table or a row has no id, with `interrupted` within
/// 100 ms of a cancel.
pub fn run(spec: &MatchSpec, input: &[RecordBatch], threads: usize, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<MatchOutput> {
    run_standing(spec, input, &Standing::default(), threads, cancel, progress).map(|(output, _)| output)
}

/// As `run`, with what stands from before: decisions are always applied, and entities keep their names.
pub fn run_standing(
    spec: &MatchSpec,
    input: &[RecordBatch],
    standing: &Standing,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<(MatchOutput, StandingReport)> {
    on_threads(spec, input, threads, cancel, progress, |plan, records, watch| {
        let (given, decisions) = standing::given(plan, records, standing)?;
        let found = joined(plan, records, &given, watch, |_, _, _| {})?;
        watch.start("grouping rows", records.len() as u64)?;
        let entities = Entities::new(&found.forest, watch)?;
        drop(found.forest);
        let before = standing::still_in_doubt(plan, records, standing, &given)?;
        let one = |e: &Edge| entities.of_row[e.left as usize] == entities.of_row[e.right as usize];
        let (joined, apart): (Vec<Edge>, Vec<Edge>) = before.into_iter().partition(one);
        let (matched, doubtful) = ([found.matched, joined].concat(), [found.doubtful, apart].concat());
        let review = standing::review(plan, records, &entities, &given, &matched, &doubtful)?;
        drop((matched, doubtful));
        let names = names(&entities, records, plan.id, watch)?;
        let (names, events) = standing::named(plan, records, &entities, names, &standing.previous, &given.before)?;
        let chosen = survive::survive(plan, records, &entities, watch)?;
        let noted_pairs = found.resolved.tally.noted;
        let output = MatchOutput {
            golden: tables::golden(plan, records, &entities, &names, &chosen, watch)?,
            crosswalk: tables::crosswalk(plan, records, &entities, &names, watch)?,
            provenance: if standing.provenance {
                tables::provenance(plan, records, &entities, &names, &chosen, watch)?
            } else {
                Vec::new()
            },
            review,
            report: report(records, &entities, found.resolved),
        };
        let matched_rows = given.fresh().map(|fresh| fresh.iter().filter(|f| **f).count() as u64);
        Ok((output, StandingReport { decisions, events, learned: found.learned, matched_rows, noted_pairs }))
    })
}

/// Rows joined into entities, and what the pairs came to.
pub(crate) struct Joined {
    pub forest: Forest,
    pub resolved: Resolved,
    /// Pairs that match and pairs in doubt; empty when nothing had to look at them again.
    pub matched: Vec<Edge>,
    pub doubtful: Vec<Edge>,
    pub learned: Option<String>,
}

/// Joins rows into entities; `linked` hears of the pairs that join them, with their score.
pub(crate) fn joined(
    plan: &Plan<'_>,
    records: &Records,
    given: &Given,
    watch: &Watch<'_>,
    linked: impl Fn(u32, u32, f64) + Sync,
) -> Outcome<Joined> {
    if plan.spec.score == Scoring::WeightedMean && !plan.spec.one_to_one && !plan.spec.best_link && !given.looks_at_groups() {
        // Each pair joins its rows as soon as it is found: pairs are never all in memory.
        let forest = Forest::new(records.len());
        let join = |a: u32, b: u32, score: f64| {
            forest.join(a, b);
            linked(a, b, score);
        };
        let resolved = resolve(plan, records, given, Cut::at(plan.spec.threshold), watch, join, |resolved, _| Ok(resolved))?;
        given.settled.together.iter().for_each(|&(a, b)| forest.join(a, b));
        for &row in &records.repeats {
            forest.join(row - 1, row);
            linked(row - 1, row, 1.0);
        }
        return Ok(Joined { forest, resolved, matched: Vec::new(), doubtful: Vec::new(), learned: None });
    }
    weighed(plan, records, given, watch, |mut found| {
        let matched = std::mem::take(&mut found.matched);
        // What is certain is looked at again by those who want all pairs only.
        let wanted = |e: &&Edge| given.matched || given.doubtful > 0 && found.doubts(e);
        let kept = matched.iter().filter(wanted).copied().collect();
        let (forest, pairs) = found.group(records.len(), matched, watch)?;
        for e in &pairs {
            linked(e.left, e.right, found.score(e));
        }
        let Weighed { resolved, doubtful, learned, .. } = found;
        Ok(Joined { forest, resolved, matched: kept, doubtful, learned })
    })
}

/// Scores all pairs that blocking makes, and hands on those that match and those in doubt.
pub(crate) fn weighed<T>(
    plan: &Plan<'_>,
    records: &Records,
    given: &Given,
    watch: &Watch<'_>,
    then: impl FnOnce(Weighed<'_>) -> Outcome<T>,
) -> Outcome<T> {
    match plan.spec.score {
        Scoring::FellegiSunter | Scoring::Logistic => learn::weighed(plan, records, given, watch, then),
        Scoring::WeightedMean => mean::weighed(plan, records, given, watch, then),
    }
}

/// What each blocking rule would cost, in order of the rules, without comparing anything.
pub fn estimate(
    spec: &MatchSpec,
    input: &[RecordBatch],
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Vec<BlockingEstimate>> {
    on_threads(spec, input, threads, cancel, progress, |plan, records, watch| {
        let features = read(plan, records, false, watch)?;
        let (rules, _) = block(plan, records, features.keys, &features.ranks, &[], watch)?;
        Ok(plan.expanded.fold(rules.iter().enumerate().map(|(at, rule)| rule.estimate(plan, records, at)).collect()))
    })
}

/// The pairs that blocking makes and that score `at_least` so much, sorted by their rows; the whole list is held in
/// memory.
pub fn score_pairs(
    spec: &MatchSpec,
    input: &[RecordBatch],
    at_least: f64,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Vec<ScoredPair>> {
    if spec.score.learned() {
        let spec = MatchSpec { threshold: at_least.clamp(1e-12, 1.0), ..spec.clone() };
        return on_threads(&spec, input, threads, cancel, progress, learn::scored);
    }
    on_threads(spec, input, threads, cancel, progress, |plan, records, watch| {
        let found = Mutex::new(Vec::new());
        let cut = Cut { threshold: at_least, from: at_least };
        let keep = |a: u32, b: u32, score: f64| {
            let pair = ScoredPair { left: records.order[a as usize], right: records.order[b as usize], score };
            found.lock().unwrap_or_else(PoisonError::into_inner).push(pair);
        };
        resolve(plan, records, &Given::default(), cut, watch, keep, |_, _| Ok(()))?;
        let mut pairs = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        pairs.sort_unstable_by_key(|p| (p.left, p.right));
        Ok(pairs)
    })
}

/// Checks the model, orders the rows and does the work on so many threads.
fn on_threads<T: Send + Default>(
    spec: &MatchSpec,
    input: impl Into<Arc<[RecordBatch]>>,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
    work: impl FnOnce(&Plan<'_>, &Records, &Watch<'_>) -> Outcome<T> + Send,
) -> Outcome<T> {
    let input = input.into();
    let Some(first) = input.first() else {
        return Ok(T::default());
    };
    let expanded = Expanded::new(spec);
    let plan = Plan::new(&expanded, &first.schema())?;
    if input.iter().any(|b| b.schema().fields() != plan.schema.fields()) {
        return Err(Problem::new(Code::Internal, "the batches of a match differ in their columns"));
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
    let pool = pool.map_err(|e| Problem::new(Code::Internal, "cannot start threads for the match").why(e.to_string()))?;
    let watch = Watch::new(cancel, progress);
    pool.install(|| {
        let records = Records::new(&plan, input.clone(), &watch)?;
        work(&plan, &records, &watch)
    })
}

/// What the steps up to the score found.
pub(crate) struct Resolved {
    tally: Tally,
    from: f64,
    rules: Vec<BlockingEstimate>,
    rows_without_block: u64,
    trained: Option<Trained>,
    labels: Option<LabelScores>,
}

/// Why two canonical rows score what they score.
type Explain<'e> = dyn Fn((u32, u32)) -> Outcome<PairExplanation> + 'e;

/// The steps up to the score, for a weighted mean; `matched` hears of the pairs that match, `then` goes on with what they came to.
fn resolve<T>(
    plan: &Plan<'_>,
    records: &Records,
    given: &Given,
    cut: Cut,
    watch: &Watch<'_>,
    matched: impl Fn(u32, u32, f64) + Sync,
    then: impl FnOnce(Resolved, &Explain<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let Features { mut compared, keys, ranks } = read(plan, records, true, watch)?;
    let (rules, rows_without_block) = block(plan, records, keys, &ranks, &compared, watch)?;
    let estimates = rules.iter().enumerate().map(|(at, rule)| rule.estimate(plan, records, at)).collect();
    if given.ids_only {
        records.keep_only(plan.id)?;
    }
    let apart = records.apart(plan.spec.pairs);
    let ids: Vec<Vec<u32>> = compared.iter_mut().map(|c| std::mem::take(&mut c.ids)).collect();
    let values: Vec<&Values> = compared.iter().map(|c| &c.values).collect();
    let compared_ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
    let sample: Vec<(u32, u32)> = rules.iter().flat_map(|rule| rule.blocks.sample(SAMPLE)).collect();
    let comparer = Comparer::new(&plan.spec.comparisons, &values, &compared_ids, &sample);
    let blocks: Vec<Vec<u32>> = rules.par_iter().map(|rule| rule.blocks.of_rows(records.len())).collect();
    let columns: Vec<&[u32]> = comparer.order().into_iter().map(|c| &ids[c]).chain(&blocks).map(Vec::as_slice).collect();
    let cells = Cells::new(&columns, records.len(), watch)?;
    drop((ids, blocks));
    let candidates = Candidates::new(&rules, &cells, values.len(), apart.as_deref()).only(given.fresh());
    let comparing = Comparing { spec: plan.spec, candidates, given, learned: "", watch };
    let tally = score(&comparing, &cells, &comparer, cut, matched)?;
    let resolved =
        Resolved { tally, from: cut.from, rules: plan.expanded.fold(estimates), rows_without_block, trained: None, labels: None };
    then(resolved, &|pair| Ok(explain::scored(&comparer, &cells, pair, explain::said(plan, records, pair)?)))
}

fn report(records: &Records, entities: &Entities, found: Resolved) -> MatchReport {
    let sizes = (0..entities.len()).map(|e| entities.members(e).len() as u64);
    MatchReport {
        rows: records.len() as u64,
        pairs_per_rule: found.rules.iter().map(|r| r.pairs).collect(),
        pairs_compared: found.tally.compared,
        pairs_matched: found.tally.matched,
        entities: entities.len() as u64,
        merged: sizes.clone().map(|n| n - 1).sum(),
        largest_entity: sizes.max().unwrap_or(0),
        oversize_blocks: found.rules.into_iter().flat_map(|r| r.oversize_blocks).collect(),
        score_histogram: found.tally.histogram,
        histogram_from: found.from,
        pairs_below: found.tally.below,
        repeated_ids: records.repeats.len() as u64,
        rows_without_block: found.rows_without_block,
        trained: found.trained,
        labels: found.labels.map(|scores| LabelReport { scores: Some(scores), ..LabelReport::default() }),
    }
}
