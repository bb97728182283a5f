//! A match looked at before it is applied: pairs are weighed once, then rows are grouped for a ladder of thresholds.

mod changes;
mod golden;
mod quality;
mod truth;

use arrow::array::RecordBatch;
use trommel_model::{
    Cancel, MatchPreview, MatchReport, MatchSpec, Outcome, PreviewPair, PreviewRecord, PreviewStep, ProgressSlot, Quality, RecordKey,
    Scoring,
};

use crate::arrays::Text;
use crate::cluster::Entities;
use crate::decisions::Settled;
use crate::files::{Union, for_files};
use crate::given::Given;
use crate::intake::FileTable;
use crate::learn::Edge;
use crate::plan::{Keep, Plan};
use crate::records::Records;
use crate::remarks::{remark_on_decisions, remarks};
use crate::review::ReviewPair;
use crate::standing::{self, Standing, in_doubt};
use crate::tested::Tested;
use crate::watch::Watch;
use crate::weighed::{Weighed, score};
use crate::{on_threads, weighed};

use truth::{Known, truth_of_files};
pub use truth::{Truth, truth};

/// Pairs in doubt that are kept, nearest to an even chance first.
const DOUBTFUL: usize = 2_000_000;
/// Pairs that are told with all they say.
const PAIRS_TOLD: usize = 60;
/// Rows of two entities of which a golden record is shown; nobody looks at what more would make.
const GOLDEN_ROWS: usize = 1_000;
/// Probabilities tried as thresholds besides the one that is chosen.
const LADDER: [f64; 18] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999];
/// Steps of a score that is no probability.
const STEP: f64 = 0.02;

/// Looks at a match of a table, with the decisions that stand.
pub fn preview(
    spec: &MatchSpec,
    input: &[RecordBatch],
    standing: &Standing,
    truth: Option<&Truth>,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<MatchPreview> {
    on_threads(spec, input, threads, cancel, progress, |plan, records, watch| {
        let (mut given, decisions) = standing::given(plan, records, standing)?;
        given.doubtful = DOUBTFUL;
        let keys = |rows: &[u32]| keys(plan, records, rows);
        let mut preview = look(plan, records, &given, truth, &keys, watch)?;
        if !standing.decisions.is_empty() {
            preview.notes.push(format!("{} decisions are applied", decisions.applied));
        }
        if !decisions.contradictions.is_empty() {
            preview.notes.push(format!("{} contradictions among decisions are set aside", decisions.contradictions.len()));
        }
        if !decisions.vanished.is_empty() {
            preview.notes.push(format!("{} decisions are about records that are no more", decisions.vanished.len()));
        }
        Ok(preview)
    })
}

/// The same of files; a record is its file and the number of its row from 1. `labels` are records or pairs, see [`truth`].
pub fn preview_files(
    tables: Vec<FileTable>,
    spec: &MatchSpec,
    labels: Option<&[RecordBatch]>,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<MatchPreview> {
    let union = Union::new(tables, cancel, progress)?;
    let truth = labels.map(|labels| truth_of_files(spec, &union, labels)).transpose()?;
    let truth = truth.as_ref();
    on_threads(&for_files(spec), union.batches, threads, cancel, progress, |plan, records, watch| {
        let given = Given { doubtful: DOUBTFUL, ..Given::default() };
        let keys = |rows: &[u32]| -> Outcome<Vec<RecordKey>> {
            let key = |&row: &u32| {
                let mut at = records.order[row as usize] as usize;
                for (name, rows) in &union.files {
                    if at < *rows {
                        return RecordKey { source: name.clone(), id: (at + 1).to_string() };
                    }
                    at -= rows;
                }
                RecordKey::default()
            };
            Ok(rows.iter().map(key).collect())
        };
        look(plan, records, &given, truth, &keys, watch)
    })
}

/// Gives canonical rows their names.
type Keys<'k> = dyn Fn(&[u32]) -> Outcome<Vec<RecordKey>> + 'k;

fn look(
    plan: &Plan<'_>,
    records: &Records,
    given: &Given,
    truth: Option<&Truth>,
    keys: &Keys<'_>,
    watch: &Watch<'_>,
) -> Outcome<MatchPreview> {
    let truth = truth.map(|truth| truth.canonical(records));
    let decided = decided(&given.settled).filter(|_| truth.is_none());
    weighed(plan, records, given, watch, |found| {
        let (ladder, chosen) = ladder(&found);
        watch.start("trying thresholds", ladder.len() as u64)?;
        let entities = |threshold: f64| -> Outcome<(u64, Entities)> {
            let pairs = found.from(threshold);
            let count = pairs.len() as u64;
            Ok((count, grouped(&found, &given.settled, records, pairs, watch)?))
        };
        let none = Settled::default();
        let measured = |threshold: f64, there: &Entities| -> Outcome<Option<Quality>> {
            let tested = |pairs: &[(u32, u32, bool)], of: &Entities| {
                Tested::of(pairs, |left, right| of.of_row[left as usize] == of.of_row[right as usize]).quality()
            };
            Ok(match (&truth, &decided) {
                (Some(Known::Entities(truth)), _) => Some(quality::measured(there, truth)),
                (Some(Known::Pairs(pairs)), _) => Some(tested(pairs, there)),
                // With the decisions in force each of them would be right.
                (None, Some(pairs)) => Some(tested(pairs, &grouped(&found, &none, records, found.from(threshold), watch)?)),
                (None, None) => None,
            })
        };
        let (_, now) = entities(ladder[chosen])?;
        let mut steps = Vec::with_capacity(ladder.len());
        for &threshold in &ladder {
            let (pairs, there) = entities(threshold)?;
            let moved = changes::between(&now, &there);
            let changes = moved.largest.iter().map(|change| change.told(plan, records, keys)).collect::<Outcome<_>>()?;
            steps.push(PreviewStep {
                threshold,
                pairs,
                entities: there.len() as u64,
                largest: (0..there.len()).map(|e| there.members(e).len()).max().unwrap_or(0) as u64,
                expected: found.scoring.learned().then(|| quality::expected(&found, threshold)),
                measured: measured(threshold, &there)?,
                merges: moved.merges,
                splits: moved.splits,
                changes,
            });
            watch.advance(1);
        }
        watch.start("looking at pairs in doubt", PAIRS_TOLD as u64)?;
        let queue = in_doubt(plan, records, &now, &given.settled, &found.matched, &found.doubtful);
        let told = |pair: &ReviewPair| {
            watch.advance(1);
            told(pair, &found, &now, plan, records, keys, watch)
        };
        let pairs = queue.iter().take(PAIRS_TOLD).map(told).collect::<Outcome<_>>()?;
        let resolved = &found.resolved;
        let mut notes = remarks(&MatchReport {
            rows: records.len() as u64,
            oversize_blocks: resolved.rules.iter().flat_map(|rule| rule.oversize_blocks.clone()).collect(),
            rows_without_block: resolved.rows_without_block,
            trained: resolved.trained.clone(),
            ..MatchReport::default()
        });
        if found.doubtful.len() == given.doubtful {
            let least = found.doubtful.iter().map(|e| e.bits).fold(f32::INFINITY, f32::min);
            notes.push(format!(
                "figures of thresholds below {:.2} leave pairs out: only the {} below the threshold that are nearest to an even chance are kept",
                score(found.scoring, least),
                given.doubtful
            ));
        }
        if let Some(Known::Pairs(pairs)) = &truth
            && pairs.iter().all(|(.., same)| *same)
        {
            notes.push("all labels are of pairs that are one: they tell recall, and nothing of precision".to_owned());
        }
        notes.extend(decided.as_ref().map(|pairs| remark_on_decisions(pairs.len(), found.scoring)));
        let (labelled, labelled_pairs) = match &truth {
            Some(Known::Entities(truth)) => (Some(truth.iter().flatten().count() as u64), None),
            Some(Known::Pairs(pairs)) => (None, Some(pairs.len() as u64)),
            None => (None, None),
        };
        Ok(MatchPreview {
            subject: plan.spec.from.clone(),
            rows: records.len() as u64,
            pairs_compared: found.resolved.tally.compared,
            histogram: found.resolved.tally.histogram.clone(),
            pairs_below: found.resolved.tally.below,
            threshold: ladder[chosen],
            chosen,
            steps,
            pairs,
            kpis: Vec::new(),
            labelled,
            labelled_pairs,
            decided_pairs: decided.map(|pairs| pairs.len() as u64),
            notes,
        })
    })
}

/// Rows grouped by pairs under decisions; rows of one source and id are one in any case.
fn grouped(found: &Weighed<'_>, settled: &Settled, records: &Records, pairs: Vec<Edge>, watch: &Watch<'_>) -> Outcome<Entities> {
    let (forest, _) = found.group_under(settled, records.len(), pairs, watch)?;
    Entities::new(&forest, watch)
}

/// What people decided, as pairs; nothing when they decided nothing.
fn decided(settled: &Settled) -> Option<Vec<(u32, u32, bool)>> {
    let together = settled.together.iter().map(|&(l, r)| (l, r, true));
    let pairs: Vec<_> = together.chain(settled.apart.iter().map(|&(l, r)| (l, r, false))).collect();
    (!pairs.is_empty()).then_some(pairs)
}

/// Thresholds in rising order, and the place of the one that is chosen.
fn ladder(found: &Weighed<'_>) -> (Vec<f64>, usize) {
    let mut ladder: Vec<f64> = match found.scoring {
        Scoring::FellegiSunter | Scoring::Logistic => LADDER.to_vec(),
        Scoring::WeightedMean => {
            let from = (found.resolved.from / STEP).round() as u32;
            (from..=(1.0 / STEP) as u32).map(|step| f64::from(step) * STEP).collect()
        }
    };
    let near = |a: f64, b: f64| (a - b).abs() < 1e-4;
    ladder.retain(|t| !near(*t, found.threshold) && *t > 0.0);
    ladder.push(found.threshold);
    ladder.sort_by(f64::total_cmp);
    let chosen = ladder.iter().position(|t| near(*t, found.threshold)).unwrap_or(0);
    (ladder, chosen)
}

fn told(
    pair: &ReviewPair,
    found: &Weighed<'_>,
    now: &Entities,
    plan: &Plan<'_>,
    records: &Records,
    keys: &Keys<'_>,
    watch: &Watch<'_>,
) -> Outcome<PreviewPair> {
    watch.check()?;
    let why = (found.explain)((pair.left, pair.right))?;
    let mut sides = said(plan, records, &[pair.left, pair.right], keys)?.into_iter();
    let (left, right) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
    let mut rows: Vec<u32> =
        [pair.left, pair.right].iter().flat_map(|&row| now.members(now.of_row[row as usize] as usize)).copied().collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.len() > GOLDEN_ROWS {
        rows.clear();
    }
    let computed = plan.kept.iter().any(|(_, keep)| *keep == Keep::Computed);
    Ok(PreviewPair {
        left,
        right,
        probability: pair.probability,
        score: why.score,
        rows: (u64::from(pair.rows.0), u64::from(pair.rows.1)),
        worth: pair.worth,
        why,
        golden: if rows.is_empty() { Vec::new() } else { golden::of(plan, records, &rows, keys, watch.cancel())? },
        records: if computed { keys(&rows)? } else { Vec::new() },
    })
}

/// Rows as people know them.
fn said(plan: &Plan<'_>, records: &Records, rows: &[u32], keys: &Keys<'_>) -> Outcome<Vec<PreviewRecord>> {
    let table = records.take(&plan.schema, rows)?;
    let columns = plan.comparisons.iter().map(|&at| Text::of(table.column(at))).collect::<Outcome<Vec<_>>>()?;
    let record =
        |(at, key): (usize, RecordKey)| PreviewRecord { key, said: columns.iter().map(|c| c.get(at).map(str::to_owned)).collect() };
    Ok(keys(rows)?.into_iter().enumerate().map(record).collect())
}

/// Source and id of some rows.
fn keys(plan: &Plan<'_>, records: &Records, rows: &[u32]) -> Outcome<Vec<RecordKey>> {
    let ids = Text::of(&crate::arrays::gather(&records.batches(), plan.id, &records.places_of(rows))?)?;
    let key = |(at, &row): (usize, &u32)| RecordKey { source: records.source(row).to_owned(), id: ids.get(at).unwrap_or("").to_owned() };
    Ok(rows.iter().enumerate().map(key).collect())
}
