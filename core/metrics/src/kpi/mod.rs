//! The values of a KPI: in all, by period, by dimension, and how it stands.
//!
//! Definitions, in one place:
//! - *total* is the formula over all rows that meet the condition, rows without a time included.
//! - *series* has one value a period from the oldest to the newest period in the data. A period without rows has what the
//!   formula gives for no rows: 0 for a count, no value for a sum or a mean. Rows without a time, or at an infinite one, are in none.
//! - *current* is the newest period in the data, *previous* the period before it on the calendar, if it is in the series.
//!   Nothing here knows today's date, so the newest period may not be over yet.
//! - A *breakdown* has the 50 largest values of a dimension and says how many more there are.
//! - A value that is not finite is no value.

mod board;
mod question;
mod series;
mod standing;

pub use board::board;

use trommel_engine::Engine;
use trommel_engine::frame::cells_of;
use trommel_model::{Cancel, Cell, KpiBreakdown, KpiSpec, KpiValues, Outcome};

use question::Question;

/// Computes a KPI from the table it names, as the engine has it attached.
///
/// Fails with `bad-kpi` when the table, a column or the condition is not as the KPI says, and when the formula is no SQL
/// aggregate that gives a number; the snippet is then the formula (or condition) with the part at fault.
pub fn values(engine: &Engine, spec: &KpiSpec, cancel: &Cancel) -> Outcome<KpiValues> {
    let question = Question::new(engine, spec)?;
    let rows = |sql: &str| -> Outcome<Vec<Vec<Cell>>> {
        let batches = engine.query(sql, cancel).map_err(|p| question.at_fault(p))?;
        Ok(batches.iter().flat_map(cells_of).collect())
    };
    let total = rows(&question.total())?.first().and_then(|row| number(row, 0));
    let mut series = Vec::new();
    if let Some(sql) = question.series() {
        let for_no_rows = rows(&question.for_no_rows())?.first().and_then(|row| number(row, 0));
        let points = rows(&sql)?.into_iter().map(|row| (row.first().map(Cell::text).unwrap_or_default(), number(&row, 1)));
        series = series::filled(points.collect(), spec.grain, for_no_rows);
    }
    let mut by_dimension = Vec::new();
    for dimension in &spec.dimensions {
        let mut rest = 0;
        let mut values = Vec::new();
        for mut row in rows(&question.by(dimension))? {
            let all = number(&row, 2).unwrap_or_default() as u64;
            let value = number(&row, 1);
            values.push((row.swap_remove(0), value));
            rest = all.saturating_sub(values.len() as u64);
        }
        by_dimension.push(KpiBreakdown { dimension: dimension.clone(), values, rest });
    }
    let current = series.last().cloned();
    let previous = current.as_ref().and_then(|newest| series::before(&series, newest, spec.grain));
    Ok(KpiValues {
        name: spec.name.clone(),
        title: spec.title.clone(),
        total,
        standing: standing::of(spec, if spec.time.is_some() { current.as_ref().and_then(|p| p.value) } else { total }),
        current,
        previous,
        grain: spec.time.is_some().then_some(spec.grain),
        series,
        by_dimension,
        format: spec.format,
        unit: spec.unit.clone(),
        better: spec.better,
        target: spec.target,
    })
}

fn number(row: &[Cell], at: usize) -> Option<f64> {
    row.get(at).and_then(Cell::number).filter(|v| v.is_finite())
}

#[cfg(test)]
mod tests;
