//! What pairs are weighed by: learned from the rows, or taken over from before.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use trommel_model::{Code, LabelScores, Outcome, PairExplanation, Problem, Scoring, Trained};

use super::estimate::{Model, level_text};
use super::judge::Taught;
use super::labels::{Label, corrections};
use super::weigh::{Scratch, Weigher, rows_with};
use super::{bits_of, counts, probability};
use crate::block::Rule;
use crate::cells::Cells;
use crate::decisions::Settled;
use crate::explain;
use crate::features::Values;
use crate::levels::Ladder;
use crate::pairs::Candidates;
use crate::plan::Plan;
use crate::records::Records;
use crate::watch::Watch;

/// The lowest and the highest probability that is chosen as a threshold.
const LOWEST: f64 = 0.3;
const HIGHEST: f64 = 0.95;
/// Columns noted with the rows at once: each is a number a row, and each round passes over all rows.
const AT_ONCE: usize = 4;

/// Everything that pairs are weighed by.
pub(super) struct Scale<'r> {
    pub rules: &'r [Rule],
    pub cells: Cells,
    pub weigher: Weigher<'r>,
    pub trained: Trained,
    /// What was learned, as text, to be taken over by a later run.
    pub learned: String,
    /// How scores stand against labels.
    pub labels: Option<LabelScores>,
}

/// What is taken over from one run to the next.
#[derive(Serialize, Deserialize)]
struct Kept {
    model: Model,
    threshold: f64,
}

/// What a scale is made of: what was read, each thing once.
pub(super) struct Material<'r, 'm> {
    pub rules: &'r [Rule],
    /// For each comparison the number of each row's value, and the values.
    pub ids: Vec<Vec<u32>>,
    pub values: &'m [&'r Values],
    /// For each row its source, when only rows of different sources are paired.
    pub apart: Option<&'m [u32]>,
    /// What a run before has learned.
    pub learned: Option<&'m str>,
    /// What people decided.
    pub settled: &'m Settled,
    /// Pairs of which people say whether they are one.
    pub labels: &'m [(u32, u32, bool)],
}

impl<'r> Scale<'r> {
    pub fn new(plan: &Plan<'_>, records: &Records, of: Material<'r, '_>, watch: &Watch<'_>) -> Outcome<Self> {
        let comparisons = &plan.spec.comparisons;
        let ladder = Ladder::new(comparisons, of.values);
        let levels: Vec<usize> = (0..ladder.len()).map(|at| ladder.levels(at)).collect();
        let rows_with = rows_with(comparisons, &of.ids);
        let mut cells = Cells::empty(of.ids.len() + of.rules.len(), records.len());
        let mut ids = of.ids.into_iter();
        for from in (0..of.values.len()).step_by(AT_ONCE) {
            let some: Vec<Vec<u32>> = ids.by_ref().take(AT_ONCE).collect();
            cells.fill(from, &some.iter().map(Vec::as_slice).collect::<Vec<_>>(), watch)?;
        }
        for (at, rules) in of.rules.chunks(AT_ONCE).enumerate() {
            let blocks: Vec<Vec<u32>> = rules.par_iter().with_max_len(1).map(|rule| rule.blocks.of_rows(records.len())).collect();
            let blocks: Vec<&[u32]> = blocks.iter().map(Vec::as_slice).collect();
            cells.fill(of.values.len() + at * AT_ONCE, &blocks, watch)?;
        }
        let before = of.learned.and_then(|text| serde_json::from_str::<Kept>(text).ok()).filter(|kept| kept.model.fits(&levels));
        let mut ladder = ladder;
        // What pairs weigh before people's answers correct it, to tell what is learned without some of them.
        let mut uncorrected = None;
        let kept = if let Some(kept) = before {
            kept
        } else {
            let candidates = Candidates::new(of.rules, &cells, of.values.len(), of.apart);
            let random = counts::random(&ladder, &cells, records.len(), of.apart, watch)?;
            let blocked = counts::blocked(&ladder, &cells, &candidates, watch)?;
            let all = counts::all_pairs(records.len(), of.apart);
            let mut model = Model::learn(comparisons, &levels, &random, &blocked, &told(plan), all, records.len());
            if plan.spec.score == Scoring::Logistic {
                let weigher = Weigher::new(comparisons, ladder, &model, &rows_with);
                let (decided, labelled) = (labels(&weigher, &cells, decided(of.settled)), labels(&weigher, &cells, of.labels.to_vec()));
                model.correct(corrections(comparisons.len(), &[decided.as_slice(), &labelled].concat()));
                uncorrected = Some((decided, labelled));
                ladder = weigher.into_ladder();
            }
            let threshold = model.best_threshold(&blocked.counts).clamp(LOWEST, HIGHEST);
            Kept { model, threshold }
        };
        let mut threshold = if plan.spec.threshold > 0.0 { plan.spec.threshold } else { kept.threshold };
        let weigher = Weigher::new(comparisons, ladder, &kept.model, &rows_with);
        let judged = (!of.labels.is_empty()).then(|| {
            let now = labels(&weigher, &cells, of.labels.to_vec());
            let (decided, before) = uncorrected.unwrap_or_else(|| (Vec::new(), now.clone()));
            let correct = plan.spec.score == Scoring::Logistic;
            let taught = Taught { comparisons: comparisons.len(), correct, decided, before, now };
            taught.judge(threshold, plan.spec.threshold > 0.0)
        });
        if let Some(chosen) = judged.as_ref().filter(|scores| scores.chosen) {
            threshold = chosen.best;
        }
        let trained = kept.model.told(comparisons, threshold);
        let learned = serde_json::to_string(&kept);
        let learned = learned.map_err(|e| Problem::new(Code::Internal, "cannot keep what was learned").why(e.to_string()))?;
        Ok(Self { rules: of.rules, cells, weigher, trained, learned, labels: judged })
    }

    /// Why two canonical rows weigh what they weigh.
    pub fn explain(&self, plan: &Plan<'_>, records: &Records, rows: (u32, u32)) -> Outcome<PairExplanation> {
        let mut scratch = self.weigher.scratch();
        let said = self.weigher.explain(&self.cells, rows, &mut scratch);
        let mut parts = explain::said(plan, records, rows)?;
        for ((part, comparison), (level, bits, similarity)) in parts.iter_mut().zip(&plan.spec.comparisons).zip(&said) {
            part.level = level_text(comparison, *level);
            part.similarity = part.level.is_some().then_some(*similarity);
            part.bits = Some(*bits);
        }
        let prior = f64::from(self.weigher.prior_bits);
        let score = probability(prior + said.iter().map(|(_, bits, _)| bits).sum::<f64>());
        Ok(PairExplanation { score, prior_bits: Some(prior), parts })
    }
}

/// Rows with a scale of their own, to try some of their pairs.
pub(crate) struct Scaled<'r>(Scale<'r>);

impl<'r> Scaled<'r> {
    pub fn new(
        plan: &Plan<'_>,
        records: &Records,
        rules: &'r [Rule],
        ids: Vec<Vec<u32>>,
        values: &[&'r Values],
        settled: &Settled,
        watch: &Watch<'_>,
    ) -> Outcome<Self> {
        Scale::new(plan, records, Material { rules, ids, values, apart: None, learned: None, settled, labels: &[] }, watch).map(Self)
    }

    pub fn scratch(&self) -> Scratch {
        self.0.weigher.scratch_for_many()
    }

    /// How many of the pairs match.
    pub fn matched(&self, pairs: &[(u32, u32)], scratch: &mut Scratch) -> u64 {
        let mut matched = 0;
        let threshold = bits_of(self.0.trained.threshold) as f32;
        self.0.weigher.weigh_all(&self.0.cells, pairs, threshold, scratch, |_, _| matched += 1);
        matched
    }
}

/// The pairs that people decided.
fn decided(settled: &Settled) -> Vec<(u32, u32, bool)> {
    let together = settled.together.iter().map(|&(l, r)| (l, r, true));
    together.chain(settled.apart.iter().map(|&(l, r)| (l, r, false))).collect()
}

/// Pairs with what they weigh, in the order of their rows.
fn labels(weigher: &Weigher<'_>, cells: &Cells, mut pairs: Vec<(u32, u32, bool)>) -> Vec<Label> {
    let mut scratch = weigher.scratch();
    pairs.sort_unstable();
    let mut label = |(left, right, same)| {
        let pair = (left, right);
        let bits = weigher.weigh(cells, pair, f32::MIN, &mut scratch)?;
        Some(Label { pattern: weigher.pattern(cells, pair, &mut scratch), bits: f64::from(bits), same })
    };
    pairs.into_iter().filter_map(&mut label).collect()
}

/// For comparisons `a` and `b`: whether blocked pairs that are equal in `a` tell how often `b` agrees. They do when a rule
/// over `a` alone makes every such pair, or when some rule has `a` in it and none has `b`.
fn told(plan: &Plan<'_>) -> Vec<Vec<bool>> {
    let whole = |key: &trommel_model::BlockingKey| key.words.is_none() && key.neighbours.is_none();
    let rules = &plan.spec.blocking;
    let asks = |column: &str| rules.iter().any(|rule| rule.keys.iter().any(|key| key.column == column && whole(key)));
    let alone = |column: &str| rules.iter().any(|rule| matches!(&rule.keys[..], [key] if key.column == column && whole(key)));
    // An expression may be made of any column that it names.
    let in_sql = |sql: &str, column: &str| sql.to_lowercase().contains(&column.to_lowercase());
    let of_column = |key: &trommel_model::BlockingKey, column: &str| match &key.sql {
        Some(sql) => in_sql(sql, column),
        None => key.column == column,
    };
    let named = |column: &str| rules.iter().any(|rule| rule.keys.iter().any(|key| of_column(key, column)));
    let comparisons = &plan.spec.comparisons;
    let tells = |a: &str, b: &str| a != b && (alone(a) || (asks(a) && !named(b)));
    comparisons.iter().map(|a| comparisons.iter().map(|b| tells(&a.column, &b.column)).collect()).collect()
}
