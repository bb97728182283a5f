//! Why two rows score what they score.

use arrow::array::RecordBatch;
use trommel_model::{Cancel, Code, Comparison, MatchSpec, Measure, Outcome, PairExplanation, PairPart, Problem, ProgressSlot, Scoring};

use crate::arrays::Text;
use crate::cells::Cells;
use crate::compare::Comparer;
use crate::expand::Expanded;
use crate::features::Values;
use crate::measure::Place;
use crate::normalise::{days, normalise, number};
use crate::plan::Plan;
use crate::records::Records;
use crate::watch::Watch;
use crate::{learn, mean, on_threads};

/// Compares two rows of a table, given by their positions from 0 over all batches, as the model says, whether or
/// not blocking would bring them together.
pub fn explain(
    spec: &MatchSpec,
    input: &[RecordBatch],
    (left, right): (u64, u64),
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<PairExplanation> {
    let Some(first) = input.first() else {
        return Err(no_row(left));
    };
    let rows: u64 = input.iter().map(|b| b.num_rows() as u64).sum();
    if let Some(absent) = [left, right].into_iter().find(|&row| row >= rows) {
        return Err(no_row(absent));
    }
    if spec.score.learned() || spec.comparisons.iter().any(|c| c.method.weighs_words()) {
        let pair = (left as u32, right as u32);
        return on_threads(spec, input, threads, cancel, progress, |plan, records, watch| match spec.score {
            Scoring::WeightedMean => mean::explain(plan, records, pair, watch),
            Scoring::FellegiSunter | Scoring::Logistic => learn::explain(plan, records, pair, watch),
        });
    }
    let expanded = Expanded::new(spec);
    let plan = Plan::new(&expanded, &first.schema())?;
    let watch = Watch::new(cancel, progress);
    let mut compared = Vec::with_capacity(spec.comparisons.len());
    let mut parts = Vec::with_capacity(spec.comparisons.len());
    for (comparison, &column) in spec.comparisons.iter().zip(&plan.comparisons) {
        let value = |row: u64| -> Outcome<Option<String>> {
            let text = text_of(input, column, row)?;
            let text = text.as_deref().and_then(|t| normalise(t, &comparison.normalise)).map(std::borrow::Cow::into_owned);
            Ok(text.filter(|t| match comparison.method {
                Measure::Number | Measure::Ratio => number(t).is_some(),
                Measure::Date => days(t).is_some(),
                Measure::Geo => Place::read(t).is_some(),
                _ => true,
            }))
        };
        let (left, right) = (value(left)?, value(right)?);
        let mut texts: Vec<&str> = left.iter().chain(&right).map(String::as_str).collect();
        texts.dedup();
        let id = |value: &Option<String>| value.as_deref().and_then(|v| texts.iter().position(|t| *t == v)).map_or(0, |at| at as u32 + 1);
        compared.push(([id(&left), id(&right)], Values::new(comparison.method, &texts, &watch)?));
        parts.push(part(comparison, left, right));
    }
    let values: Vec<&Values> = compared.iter().map(|(_, values)| values).collect();
    let ids: Vec<&[u32]> = compared.iter().map(|(ids, _)| ids.as_slice()).collect();
    let scorer = Comparer::new(&spec.comparisons, &values, &ids, &[(0, 1)]);
    let columns: Vec<&[u32]> = scorer.order().into_iter().map(|c| ids[c]).collect();
    let cells = Cells::new(&columns, 2, &watch)?;
    Ok(scored(&scorer, &cells, (0, 1), parts))
}

/// A comparison of two texts that is not made yet.
pub(crate) fn part(comparison: &Comparison, left: Option<String>, right: Option<String>) -> PairPart {
    PairPart { column: comparison.column.clone(), left, right, similarity: None, weight: comparison.weight, level: None, bits: None }
}

/// What two canonical rows say where they are compared.
pub(crate) fn said(plan: &Plan<'_>, records: &Records, rows: (u32, u32)) -> Outcome<Vec<PairPart>> {
    let text = |row: u32, column: usize, comparison: &Comparison| -> Outcome<Option<String>> {
        let (batch, at) = records.place(row);
        let cell = Text::of(&records.batches()[batch as usize].column(column).slice(at as usize, 1))?;
        Ok(cell.get(0).and_then(|t| normalise(t, &comparison.normalise)).map(std::borrow::Cow::into_owned))
    };
    let compared = plan.spec.comparisons.iter().zip(&plan.comparisons);
    compared.map(|(comparison, &at)| Ok(part(comparison, text(rows.0, at, comparison)?, text(rows.1, at, comparison)?))).collect()
}

/// The score of a pair by the mean of what it is compared by.
pub(crate) fn scored(comparer: &Comparer<'_>, cells: &Cells, pair: (u32, u32), mut parts: Vec<PairPart>) -> PairExplanation {
    let mut scratch = comparer.scratch();
    for (part, similarity) in parts.iter_mut().zip(comparer.explain(cells, pair, &mut scratch)) {
        part.similarity = similarity;
    }
    let mut score = 0.0;
    comparer.score(cells, &[pair], 0.0, &mut scratch, |_, found| score = found);
    PairExplanation { score, prior_bits: None, parts }
}

fn text_of(input: &[RecordBatch], column: usize, row: u64) -> Outcome<Option<String>> {
    let mut at = row;
    for batch in input {
        let rows = batch.num_rows() as u64;
        if at < rows {
            let text = Text::of(&batch.column(column).slice(at as usize, 1))?;
            return Ok(text.get(0).map(str::to_owned));
        }
        at -= rows;
    }
    Err(no_row(row))
}

fn no_row(row: u64) -> Problem {
    Problem::new(Code::Usage, format!("the table has no row {}", row + 1))
}
