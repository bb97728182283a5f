//! Applies checks to a relation: how many rows were looked at, how many break each, and a few of those.

use trommel_engine::Engine;
use trommel_engine::frame::cells_of;
use trommel_engine::sql::{body, ident};
use trommel_model::{Cancel, Cell, CheckResult, CheckSpec, Outcome, Schema, TableName};

use super::whole::{Measure, Whole};
use super::{Broken, CompiledCheck, compile, unique};

/// Rows shown of those that break a rule.
const EXAMPLES: usize = 5;
/// Columns shown of such a row: those the check names, its position, then the others in order.
const EXAMPLE_COLUMNS: usize = 20;
/// Checks counted in one scan.
const TOGETHER: usize = 100;

/// What a rule about the table as a whole measured in earlier runs, by the label of the check; oldest first.
pub type History<'a> = &'a dyn Fn(&str) -> Outcome<Vec<f64>>;

/// Applies checks to a relation (a SELECT) and gives one result a check, in their order. `table` is what it is called.
///
/// All rules about single rows, and all that measure an aggregate, are computed in one scan. Faults are found before any
/// row is read.
pub fn evaluate(
    engine: &Engine,
    table: &TableName,
    relation: &str,
    checks: &[CheckSpec],
    history: History<'_>,
    cancel: &Cancel,
) -> Outcome<Vec<CheckResult>> {
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    let relation = body(relation);
    let schema = engine.describe(relation)?;
    let compiled = checks.iter().map(|check| compile(check, table, relation, &schema)).collect::<Outcome<Vec<_>>>()?;
    sound(engine, relation, &compiled)?;
    let mut results = Vec::with_capacity(compiled.len());
    for (specs, group) in checks.chunks(TOGETHER).zip(compiled.chunks(TOGETHER)) {
        for ((spec, check), (rows, counted)) in specs.iter().zip(group).zip(counts(engine, relation, group, cancel)?) {
            let mut result = CheckResult {
                table: table.clone(),
                check: check.label.clone(),
                dimension: check.dimension,
                action: check.action,
                severity: spec.severity(),
                owner: spec.owner.clone(),
                rows,
                broken: 0,
                // A share of less than one row is no row.
                tolerated: (spec.tolerance * rows as f64) as u64,
                value: None,
                reason: None,
                examples: Vec::new(),
            };
            match &check.broken {
                Broken::Row { .. } | Broken::Among { .. } => result.broken = counted.map_or(0, |n| n as u64),
                Broken::Shared { keys, .. } => result.broken = shared(engine, relation, check, keys, cancel)?,
                Broken::Whole(whole) => {
                    let (value, told) = match &whole.measure {
                        Measure::Aggregate(_) => (counted, None),
                        Measure::Known(fault) => (None, fault.clone()),
                        Measure::Query(sql) => measured(engine, sql, cancel).map_err(|p| check.fault(p))?,
                    };
                    let earlier = if spec.rule.needs_history() { history(&check.label)? } else { Vec::new() };
                    result.value = value;
                    result.reason = whole.judge.fault(value, told, &earlier);
                    result.broken = u64::from(result.reason.is_some());
                }
            }
            if result.broken > 0 && !matches!(check.broken, Broken::Whole(_)) {
                result.examples = examples(engine, check, &schema, cancel)?;
            }
            results.push(result);
        }
    }
    Ok(results)
}

/// Finds faults in what the checks say before any row is read. Together first: that takes as long for a hundred as for one.
fn sound(engine: &Engine, relation: &str, checks: &[CompiledCheck]) -> Outcome<()> {
    for group in checks.chunks(TOGETHER) {
        let together = engine.describe(&counting(relation, group));
        // What is counted in a scan of its own is not among it.
        let apart = |check: &&CompiledCheck| {
            together.is_err() || matches!(&check.broken, Broken::Shared { .. } | Broken::Whole(Whole { measure: Measure::Query(_), .. }))
        };
        for check in group.iter().filter(apart) {
            engine.describe(&check.sql).map_err(|p| check.fault(p))?;
        }
        together?;
    }
    Ok(())
}

/// A query of one row: the rows of the relation; for each check with a condition the rows it looks at; for each check a
/// number: those that break it, for rules about single rows; the aggregate, for rules that measure one.
fn counting(relation: &str, checks: &[CompiledCheck]) -> String {
    // Rows are counted once for all checks that look at every one.
    let mut asked = vec!["count(*)".to_owned()];
    for check in checks.iter().filter(|check| !check.looks_at_all()) {
        asked.push(format!("count_if({})", check.looked_at));
    }
    for check in checks {
        // A condition as the argument costs half of one as a filter, which would pick the rows out for each check.
        asked.push(match &check.broken {
            Broken::Row { condition, .. } if check.looks_at_all() => format!("count_if({condition})"),
            Broken::Row { condition, .. } => format!("count_if({} AND {condition})", check.looked_at),
            Broken::Among { among, .. } => {
                let condition = among.condition(&format!("(\n{relation}\n)"), &check.looked_at);
                format!("count_if({} AND {condition})", check.looked_at)
            }
            Broken::Whole(Whole { measure: Measure::Aggregate(value), .. }) if check.looks_at_all() => value.clone(),
            Broken::Whole(Whole { measure: Measure::Aggregate(value), .. }) => format!("{value} FILTER (WHERE {})", check.looked_at),
            Broken::Shared { .. } | Broken::Whole(_) => "NULL".to_owned(),
        });
    }
    format!("SELECT {} FROM (\n{relation}\n)", asked.join(", "))
}

/// For each check the rows it looks at and its number.
fn counts(engine: &Engine, relation: &str, checks: &[CompiledCheck], cancel: &Cancel) -> Outcome<Vec<(u64, Option<f64>)>> {
    let answer = engine.query(&counting(relation, checks), cancel).map_err(|p| match checks {
        // With one check there is no doubt whose fault it is.
        [only] => only.fault(p),
        _ => p,
    })?;
    let row = answer.iter().flat_map(cells_of).next().unwrap_or_default();
    let (rows, numbers) = row.split_at(row.len().saturating_sub(checks.len()));
    let mut rows = rows.iter().map(count);
    let all = rows.next().unwrap_or_default();
    let looked_at = |check: &CompiledCheck| if check.looks_at_all() { all } else { rows.next().unwrap_or_default() };
    Ok(checks.iter().map(looked_at).zip(numbers.iter().map(Cell::number)).collect())
}

/// What a query of a rule about the table as a whole measures, and the fault it tells.
fn measured(engine: &Engine, sql: &str, cancel: &Cancel) -> Outcome<(Option<f64>, Option<String>)> {
    let answer = engine.query(sql, cancel)?;
    let row = answer.iter().flat_map(cells_of).next().unwrap_or_default();
    let text = |cell: &Cell| (!cell.is_null()).then(|| cell.text());
    Ok((row.first().and_then(Cell::number), row.get(1).and_then(text)))
}

/// Rows that agree with another one.
fn shared(engine: &Engine, relation: &str, check: &CompiledCheck, keys: &[String], cancel: &Cancel) -> Outcome<u64> {
    let sql = format!(
        "SELECT coalesce(sum(_rows), 0) FROM (SELECT count(*) AS _rows FROM (\n{relation}\n) WHERE {} AND {} GROUP BY {} HAVING count(*) > 1)",
        check.looked_at,
        unique::known(keys),
        keys.join(", ")
    );
    let answer = engine.query(&sql, cancel)?;
    Ok(answer.iter().flat_map(cells_of).next().and_then(|row| row.first().map(count)).unwrap_or_default())
}

fn examples(engine: &Engine, check: &CompiledCheck, schema: &Schema, cancel: &Cancel) -> Outcome<Vec<Vec<(String, Cell)>>> {
    let position: Vec<&str> = ["_file", "_line"].into_iter().filter(|p| schema.position(p).is_some()).collect();
    let mut shown: Vec<&str> = Vec::new();
    for name in check.columns.iter().map(String::as_str).chain(position.iter().copied()).chain(schema.names()) {
        if !shown.contains(&name) && name != "_text" && shown.len() < EXAMPLE_COLUMNS {
            shown.push(name);
        }
    }
    let columns: Vec<String> = shown.iter().map(|name| ident(name)).collect();
    let order = if position.is_empty() { String::new() } else { format!(" ORDER BY {}", position.join(", ")) };
    let sql = format!("SELECT {} FROM ({}){order} LIMIT {EXAMPLES}", columns.join(", "), check.sql);
    let answer = engine.query(&sql, cancel)?;
    let named = |row: Vec<Cell>| shown.iter().map(|name| (*name).to_owned()).zip(row).collect();
    Ok(answer.iter().flat_map(cells_of).map(named).collect())
}

fn count(cell: &Cell) -> u64 {
    cell.number().unwrap_or_default() as u64
}
