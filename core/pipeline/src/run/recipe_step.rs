//! A recipe into its table.
//!
//! The tracked rendering is computed once, into a table of the engine (which spills when memory is short). From it come
//! the kept rows, the held rows and every count, so none of them can disagree with another.

use trommel_engine::frame::cells_of;
use trommel_engine::sql::{ident, qualified};
use trommel_model::{Cell, Code, HeldAt, Materialise, ModelSpec, Outcome, Problem, QuarantinedRow, Recipe, Schema, StepRecord, TableName};

use super::checks::judge;
use super::context::{Context, Scratch};
use super::counts::enforce;
use super::held::Held;
use super::schedule::Ended;
use super::{checks, publish};
use crate::graph::Node;
use crate::recipe::{CompiledRecipe, DeathKind, Tracked, compile_with};

/// Runs the recipe.
pub(super) fn recipe(context: &Context<'_>, node: &Node<'_>, model: &ModelSpec, recipe: &Recipe, step: &mut StepRecord) -> Outcome<Ended> {
    let in_file = |p: Problem| if p.place.file.is_none() { p.in_file(&model.path) } else { p };
    let engine = &context.engine;
    let from: TableName = recipe.from.parse().map_err(in_file)?;
    let input = engine.describe(&format!("select * from {}", qualified(&from)))?;
    let compiled = compile_with(engine, recipe, &input, false).map_err(in_file)?;

    let scratch = Scratch::new(engine, &node.name, "rows");
    let made = format!("create or replace table {} as\n{}", scratch.sql(), compiled.tracked.sql);
    let measured = engine.measured(&made, context.cancel).map_err(|p| in_file(compiled.explain_tracked(p, &made)))?;
    step.peak_bytes = measured.peak_bytes;
    for table in std::iter::once(&from).chain(compiled.tracked.unions.iter().map(|(_, other)| other)) {
        step.counts.rows_in += engine.count(&format!("select * from {}", qualified(table)), context.cancel)?;
    }
    count_fates(context, &compiled, &scratch, step)?;

    let mut held = Held::new(context.lake, &node.name, &context.id, None);
    if step.counts.quarantined > 0 {
        let origin = Origin { table: from.clone(), schema: input, after: 0 };
        hold(context, node, &compiled, &origin, &scratch, &mut held)?;
        for (at, other) in &compiled.tracked.unions {
            let schema = engine.describe(&format!("select * from {}", qualified(other)))?;
            let origin = Origin { table: other.clone(), schema, after: Tracked::offset(*at) };
            hold(context, node, &compiled, &origin, &scratch, &mut held)?;
        }
        if held.rows() != step.counts.quarantined {
            return Err(Problem::new(Code::LawBroken, format!("step {} does not account for all of its rows", node.name)).why(format!(
                "{} rows were counted as held, {} were found",
                step.counts.quarantined,
                held.rows()
            )));
        }
    }
    let mut publish = publish::begin(context);
    match model.materialise {
        Materialise::View => {
            judge(context, node, &kept(&compiled, &scratch), node.checks(), step)?;
            step.counts.enforce(&step.name)?;
            step.notes.push("a view: computed whenever it is read".to_owned());
            publish.view(&node.name, &compiled.sql);
        }
        Materialise::Table => {
            let mut rows = kept(&compiled, &scratch);
            if let Some(split) = judge(context, node, &rows, node.checks(), step)? {
                let before = held.rows();
                checks::collect(context, node, &split.told(context, node)?, &mut held)?;
                step.counts.quarantined += held.rows() - before;
                rows = split.kept_in_order();
            }
            let (file, schema, measured) = context.lake.copy(engine, &node.name, &rows, context.cancel)?;
            step.peak_bytes = step.peak_bytes.max(measured.peak_bytes);
            step.counts.rows_out = file.as_ref().map_or(0, |f| f.rows);
            enforce(step, step.counts.rows_out)?;
            publish::replace(&mut publish, &node.name, &schema, file.into_iter().collect());
        }
    }
    publish::replace_held(context, &mut publish, &node.name, held.finish()?)?;
    drop(scratch);
    publish::commit(context, publish, node).map(Ended::Published)
}

/// The rows that are still there at the end, in the order of the input.
fn kept(compiled: &CompiledRecipe, scratch: &Scratch<'_>) -> String {
    let columns: Vec<String> = compiled.columns.iter().map(|c| ident(&c.name)).collect();
    let order = if compiled.tracked.ordered { format!("\norder by {}", compiled.tracked.place) } else { String::new() };
    format!("select {}\nfrom {}\nwhere __fate is null{order}", columns.join(", "), scratch.sql())
}

/// Counts each fate and each value that became null.
fn count_fates(context: &Context<'_>, compiled: &CompiledRecipe, scratch: &Scratch<'_>, step: &mut StepRecord) -> Outcome<()> {
    let sql = format!("select __fate, count(*), count(*) filter ({}) from {} group by __fate", compiled.tracked.expanded(), scratch.sql());
    for row in context.engine.query(&sql, context.cancel)?.iter().flat_map(cells_of) {
        let rows = whole(&row[1]);
        step.counts.expanded += whole(&row[2]);
        let death = match &row[0] {
            Cell::Null => None,
            code => compiled.tracked.death(whole(code) as i64),
        };
        match death.map(|d| &d.kind) {
            None => step.counts.rows_out += rows,
            Some(DeathKind::Filtered) => step.counts.filtered += rows,
            Some(DeathKind::Merged) => step.counts.merged += rows,
            Some(DeathKind::Held { .. }) => step.counts.quarantined += rows,
        }
    }
    for filled in &compiled.tracked.filled {
        let sql = format!("select count({0}), count(distinct {0}), min({0}) from {1}", filled.flag, scratch.sql());
        for row in context.engine.query(&sql, context.cancel)?.iter().flat_map(cells_of).filter(|row| whole(&row[0]) > 0) {
            let value =
                if whole(&row[1]) == 1 { format!(", \"{}\"", row[2].text()) } else { format!(", {} different ones", whole(&row[1])) };
            let (count, field, how) = (whole(&row[0]), &filled.field, &filled.how);
            step.notes.push(format!("step {}: {count} empty values of \"{field}\" were filled with {how}{value}", filled.step));
        }
    }
    let nulled = &compiled.tracked.nulled;
    if nulled.is_empty() {
        return Ok(());
    }
    let counts: Vec<String> = nulled.iter().map(|n| format!("count(*) filter (where {})", n.flag)).collect();
    let sql = format!("select {} from {}", counts.join(", "), scratch.sql());
    for row in context.engine.query(&sql, context.cancel)?.iter().flat_map(cells_of) {
        for (cell, n) in row.iter().zip(nulled).filter(|(cell, _)| whole(cell) > 0) {
            step.notes.push(format!("step {}: {} values of \"{}\" became null by {}", n.step, whole(cell), n.field, n.rule));
        }
    }
    Ok(())
}

/// A table that rows of a recipe come from.
struct Origin {
    table: TableName,
    schema: Schema,
    /// What the numbers of its rows begin after.
    after: u64,
}

/// Finds the held rows of a table again in it, as they were before any step.
fn hold(
    context: &Context<'_>,
    node: &Node<'_>,
    compiled: &CompiledRecipe,
    origin: &Origin,
    scratch: &Scratch<'_>,
    held: &mut Held<'_>,
) -> Outcome<()> {
    let codes: Vec<String> = compiled
        .tracked
        .deaths
        .iter()
        .enumerate()
        .filter(|(_, d)| matches!(d.kind, DeathKind::Held { .. }))
        .map(|(i, _)| (i + 1).to_string())
        .collect();
    let sql = format!(
        "select s.__fate, s.__value, s.__row - {after}, {}\nfrom {} as s\njoin (select *, {after} + row_number() over () as __row from {}) as i on i.__row = s.__row\n\
         where s.__fate in ({})\norder by s.{}",
        checks::origin_columns(&origin.schema, "i"),
        scratch.sql(),
        qualified(&origin.table),
        codes.join(", "),
        compiled.tracked.place.replace(", ", ", s."),
        after = origin.after,
    );
    let from = &origin.table;
    let mut add = |batch: arrow::array::RecordBatch| -> Outcome<()> {
        let rows = cells_of(&batch).into_iter().filter_map(|row| {
            let DeathKind::Held { field, rule, .. } = &compiled.tracked.death(whole(&row[0]) as i64)?.kind else { return None };
            let reason = compiled.tracked.death(whole(&row[0]) as i64)?.kind.reason(&row[1].text());
            let file = if row[3].is_null() { from.to_string() } else { row[3].text() };
            let line = if row[4].is_null() { whole(&row[2]) } else { whole(&row[4]) };
            Some(QuarantinedRow {
                table: node.name.to_string(),
                stage: HeldAt::Cast,
                source: from.to_string(),
                file,
                line,
                field: Some(field.clone()),
                rule: rule.clone(),
                reason,
                raw: row[5].text(),
                waits: None,
            })
        });
        held.add(rows.collect())
    };
    context.engine.stream(&sql, context.cancel, &mut add)?;
    Ok(())
}

fn whole(cell: &Cell) -> u64 {
    match cell {
        Cell::Integer(n) => u64::try_from(*n).unwrap_or(0),
        other => other.text().parse().unwrap_or(0),
    }
}
