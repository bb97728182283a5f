//! What a recipe would do, on the first rows and on all of them, before it does it.
//!
//! Fates are true: a row is shown as merged when the run would merge it, though its survivor may lie
//! outside of the sample, and fills and fences are those of the whole table. Only recipes in which
//! no row depends on others are computed on the sample alone.
//!
//! A cell counts as changed when its column is new, or when it differs from the cell it comes from
//! (through renames). Between two types the texts are compared: `12` read as a number is no change.

use trommel_engine::Engine;
use trommel_engine::frame::cells_of;
use trommel_engine::sql::{ident, qualified};
use trommel_model::{Cancel, Cell, Field, Outcome, PreviewCounts, Recipe, RecipePreview, RowFate, Schema, TableName, Window};

use super::compile::{CompiledRecipe, OutputColumn, compile_sample, compile_with};
use super::tracked::{DeathKind, Tracked};

/// Previews a recipe on the first `sample_rows` rows; with `whole` also counts over the whole table.
pub fn preview(engine: &Engine, recipe: &Recipe, sample_rows: usize, whole: bool, cancel: &Cancel) -> Outcome<RecipePreview> {
    let table: TableName = recipe.from.parse()?;
    let input = engine.describe(&format!("select * from {}", qualified(&table)))?;
    let compiled = compile_with(engine, recipe, &input, true)?;
    let mut shown = sample(engine, recipe, &input, &compiled, sample_rows, cancel)?;
    if whole {
        shown.whole = Some(count(engine, &table, &input, &compiled, cancel)?);
    }
    Ok(shown)
}

fn sample(
    engine: &Engine,
    recipe: &Recipe,
    input: &Schema,
    compiled: &CompiledRecipe,
    rows: usize,
    cancel: &Cancel,
) -> Outcome<RecipePreview> {
    let limited = (!compiled.tracked.looks_around).then(|| compile_sample(recipe, input, &compiled.learned, rows)).transpose()?;
    let source = limited.as_ref().unwrap_or(compiled);
    let before: Vec<String> = input.names().map(|n| format!("__before.{}", ident(n))).collect();
    let after: Vec<String> = compiled.columns.iter().map(|c| ident(&c.name)).collect();
    let changed: Vec<String> = compiled.columns.iter().map(|c| changed(c, input)).collect();
    // Of each table that is read, the first rows.
    let first = std::iter::once(format!("__row <= {rows}"))
        .chain(compiled.tracked.unions.iter().map(|(step, _)| {
            let from = Tracked::offset(*step);
            format!("__row between {from} and {}", from + rows as u64)
        }))
        .collect::<Vec<_>>()
        .join(" or ");
    let lists = [before.clone(), after.clone(), changed].concat();
    // Positions are what counts below; names only have to differ.
    let named: Vec<String> = lists.iter().enumerate().map(|(i, e)| format!("{e} as c{i}")).collect();
    let sql = format!(
        "select __fate, __value, {} as __expanded, {}\nfrom (\n{}\n)\nwhere {first}\norder by {}",
        source.tracked.expanded(),
        named.join(", "),
        source.tracked.sql,
        source.tracked.place
    );
    let types = engine.describe(&format!("select * exclude (__fate, __value, __expanded) from (\n{sql}\n)"))?;
    let batches = engine.query(&sql, cancel).map_err(|p| source.explain_tracked(p, &sql))?;

    let schema = |names: Vec<String>, from: usize| {
        let fields = names.into_iter().enumerate().map(|(i, n)| Field::new(n, types.fields[from + i].data_type.clone()));
        Schema::new(fields.collect())
    };
    let mut preview = RecipePreview {
        before: Window { schema: input.clone(), offset: 0, rows: Vec::new() },
        after: Window {
            schema: schema(compiled.columns.iter().map(|c| c.name.clone()).collect(), before.len()),
            offset: 0,
            rows: Vec::new(),
        },
        fates: Vec::new(),
        sample: PreviewCounts::default(),
        whole: None,
        sql: compiled.sql.clone(),
    };
    for row in batches.iter().flat_map(cells_of) {
        place(&mut preview, compiled, row, before.len(), after.len());
    }
    Ok(preview)
}

/// Puts one row of the sample where it belongs and counts it.
fn place(preview: &mut RecipePreview, compiled: &CompiledRecipe, mut row: Vec<Cell>, before: usize, after: usize) {
    let mut cells = row.split_off(3);
    let mut rest = cells.split_off(before);
    let flags = rest.split_off(after);
    preview.before.rows.push(cells);
    let counts = &mut preview.sample;
    if row[2] == Cell::Boolean(true) {
        counts.expanded += 1;
    } else {
        counts.rows_in += 1;
    }
    let death = match &row[0] {
        Cell::Integer(code) => compiled.tracked.death(*code),
        _ => None,
    };
    preview.fates.push(match death.map(|d| &d.kind) {
        None => {
            let changed: Vec<usize> = (0..flags.len()).filter(|i| flags[*i] == Cell::Boolean(true)).collect();
            counts.rows_out += 1;
            counts.changed_rows += u64::from(!changed.is_empty());
            counts.changed_cells += changed.len() as u64;
            preview.after.rows.push(rest);
            RowFate::Kept { row: preview.after.rows.len() - 1, changed }
        }
        Some(DeathKind::Filtered) => {
            counts.filtered += 1;
            RowFate::Filtered
        }
        Some(DeathKind::Merged) => {
            counts.merged += 1;
            RowFate::Merged
        }
        Some(held @ DeathKind::Held { .. }) => {
            counts.quarantined += 1;
            RowFate::Quarantined(held.reason(&row[1].text()))
        }
    });
}

fn count(engine: &Engine, table: &TableName, input: &Schema, compiled: &CompiledRecipe, cancel: &Cancel) -> Outcome<PreviewCounts> {
    let cells: Vec<String> = compiled.columns.iter().map(|c| format!("cast({} as integer)", changed(c, input))).collect();
    let sql = format!(
        "select __fate, count(*) as rows, cast(count(*) filter (cells > 0) as bigint) as changed_rows, cast(coalesce(sum(cells), 0) as bigint) as changed_cells,\n\
         count(*) filter (made) as expanded\n\
         from (select __fate, {} as cells, {} as made from (\n{}\n))\ngroup by __fate",
        if cells.is_empty() { "0".to_owned() } else { cells.join(" + ") },
        compiled.tracked.expanded(),
        compiled.tracked.sql
    );
    let batches = engine.query(&sql, cancel).map_err(|p| compiled.explain_tracked(p, &sql))?;
    let mut counts =
        PreviewCounts { rows_in: engine.count(&format!("select * from {}", qualified(table)), cancel)?, ..PreviewCounts::default() };
    for (_, other) in &compiled.tracked.unions {
        counts.rows_in += engine.count(&format!("select * from {}", qualified(other)), cancel)?;
    }
    for row in batches.iter().flat_map(cells_of) {
        counts.expanded += number(&row[4]);
        let rows = number(&row[1]);
        let death = match &row[0] {
            Cell::Integer(code) => compiled.tracked.death(*code),
            _ => None,
        };
        match death.map(|d| &d.kind) {
            None => {
                counts.rows_out += rows;
                counts.changed_rows += number(&row[2]);
                counts.changed_cells += number(&row[3]);
            }
            Some(DeathKind::Filtered) => counts.filtered += rows,
            Some(DeathKind::Merged) => counts.merged += rows,
            Some(DeathKind::Held { .. }) => counts.quarantined += rows,
        }
    }
    Ok(counts)
}

/// A condition, never null: the cell differs from the one it comes from.
fn changed(column: &OutputColumn, input: &Schema) -> String {
    let Some(origin) = &column.origin else { return "true".to_owned() };
    let (now, then) = (ident(&column.name), format!("__before.{}", ident(origin)));
    let same_type = input.position(origin).is_some_and(|at| Some(&input.fields[at].data_type) == column.data_type.as_ref());
    if same_type {
        format!("({now} is distinct from {then})")
    } else {
        format!("(cast({now} as varchar) is distinct from cast({then} as varchar))")
    }
}

fn number(cell: &Cell) -> u64 {
    match cell {
        Cell::Integer(n) => u64::try_from(*n).unwrap_or(0),
        other => other.text().parse().unwrap_or(0),
    }
}
