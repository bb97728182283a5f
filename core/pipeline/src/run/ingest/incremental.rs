//! Tables of a server that grow: only what came since the last run is read, and rows that came again replace the old ones.
//!
//! What each run reads counts as a file of its own, named after the run, so that rows keep saying where they came from.

use arrow::datatypes::SchemaRef;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use trommel_connectors::Piece;
use trommel_connectors::database::Since;
use trommel_engine::frame::{cells_of, sql_type_of};
use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{Cell, Code, Load, Outcome, Problem, ReadRange, SourceSpec, StepRecord};

use super::deleted::Keys;
use super::land::Landed;
use super::{Batch, kept};
use crate::graph::{Node, quarantine_of};
use crate::run::checks;
use crate::run::context::Context;
use crate::run::held;

/// From where the next read begins; everything when nothing was read before.
pub(super) fn since(source: &SourceSpec, largest: Option<&str>) -> Outcome<Option<Since>> {
    match (source.load, &source.cursor, largest) {
        (Load::Incremental, Some(cursor), Some(largest)) => {
            Since::new(cursor, largest, source.lookback.as_deref(), !source.key.is_empty()).map(Some)
        }
        _ => Ok(None),
    }
}

/// The pieces under the names that their rows of this run go by.
pub(super) fn named(context: &Context<'_>, pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.into_iter().map(|piece| Piece { name: format!("{}@{}", piece.name, context.id), ..piece }).collect()
}

/// A remark on a cursor that lies ahead of the clock: what is written until then has a smaller one and is not seen.
pub(super) fn ahead(source: &SourceSpec, largest: &str) -> Option<String> {
    let text = largest.trim_end_matches('Z').trim_end_matches("+00:00").trim_end_matches("+00").replacen(' ', "T", 1);
    let moment: DateTime = text.parse().ok()?;
    let tomorrow = Timestamp::now().to_zoned(TimeZone::UTC).datetime().checked_add(1.day()).ok()?;
    (source.load == Load::Incremental && moment > tomorrow).then(|| {
        format!("the largest value of the cursor, {largest}, lies ahead of the clock: rows that are written until then are not seen")
    })
}

/// Takes rows of earlier runs out of their files: those whose key came again, those of the part that is read again, and
/// those whose key is gone. How many these were.
#[expect(clippy::too_many_arguments, reason = "what is known of the rows; used here only")]
pub(super) fn replace(
    context: &Context<'_>,
    node: &Node<'_>,
    source: &SourceSpec,
    batch: &Batch,
    landed: &mut Landed,
    step: &mut StepRecord,
    range: Option<&ReadRange>,
    gone: Option<&Keys>,
) -> Outcome<u64> {
    let schema = kept::schema_of(context, &node.name)?;
    let new: Vec<_> = batch.reads.iter().filter_map(|r| landed.files.get(&r.piece.name)).flatten().cloned().collect();
    let mut replaced = Vec::new();
    if let Some(new) = checks::written(context, &new).filter(|_| !source.key.is_empty()) {
        let same: Vec<String> = source.key.iter().map(|key| format!("new.{0} is not distinct from old.{0}", ident(key))).collect();
        replaced.push(format!("exists (select 1 from {new} as new where {})", same.join(" and ")));
    }
    if let (Some(range), Some(cursor)) = (range, &source.cursor) {
        replaced.push(in_range(&schema, cursor, range)?);
    }
    let replaced = if replaced.is_empty() { "false".to_owned() } else { format!("({})", replaced.join(" or ")) };
    let vanished = gone.map_or_else(|| "false".to_owned(), |keys| format!("(not {replaced} and {})", keys.without(source, &schema)));
    let columns = kept::columns(&schema, &batch.unified.schema).join(", ");
    let (mut changed, mut deleted) = (0, 0);
    for (file, again, lost) in taken(context, node, &replaced, &vanished)? {
        if batch.kept.iter().all(|seen| seen.file != file) {
            continue;
        }
        let old = format!("{} as old where _file = {}", qualified(&node.name), literal(&file));
        let rest = format!("select {columns} from {old} and not {replaced} and not {vanished} order by _line");
        let rest = kept::copy(context, &node.name, &file, &rest)?;
        landed.files.insert(file, rest.into_iter().collect());
        step.counts.rows_in += again + lost;
        step.counts.merged += again;
        step.counts.filtered += lost;
        changed += again + lost;
        deleted += lost;
    }
    if deleted > 0 {
        step.notes.push(format!("{deleted} rows are gone from the database and were removed"));
    }
    Ok(changed)
}

/// Takes rows out of the quarantine that earlier runs held and that came again: they are in the table now, or held once more.
///
/// A held row is known by its key, as the text of its cells has it.
pub(super) fn held_again(context: &Context<'_>, node: &Node<'_>, source: &SourceSpec, batch: &Batch, landed: &mut Landed) -> Outcome<()> {
    let quarantine = quarantine_of(&node.name);
    if source.key.is_empty() || batch.kept.is_empty() || !context.exists(&quarantine)? {
        return Ok(());
    }
    let cell =
        |key: &String| format!("case when json_valid(raw) then json_extract_string(raw, {}) end", literal(&format!("$.{}", ident(key))));
    let of_cells: Vec<String> = source.key.iter().map(cell).collect();
    let of_rows: Vec<String> = source.key.iter().map(|key| format!("cast({} as varchar)", ident(key))).collect();
    let rows: Vec<_> = batch.reads.iter().filter_map(|r| landed.files.get(&r.piece.name)).flatten().cloned().collect();
    let rows = checks::written(context, &rows).map(|from| format!("select {} from {from}", of_rows.join(", ")));
    let held = checks::written(context, &landed.held()).map(|from| format!("select {} from {from}", of_cells.join(", ")));
    let came: Vec<String> = rows.into_iter().chain(held).collect();
    if came.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = batch.kept.iter().map(|seen| literal(&seen.file)).collect();
    let again = format!(
        "\"file\" in ({}) and coalesce(({}) in (select ({}) from ({}) as came({})), false)",
        names.join(", "),
        of_cells.join(", "),
        numbered(source).join(", "),
        came.join("\nunion all\n"),
        numbered(source).join(", ")
    );
    let files = format!("select distinct \"file\" from {} where {again} order by 1", qualified(&quarantine));
    let files = context.engine.query(&files, context.cancel)?;
    let columns = kept::columns(&kept::schema_of(context, &quarantine)?, &held::schema()).join(", ");
    for file in files.iter().flat_map(cells_of).filter_map(|row| Some(row.first()?.text())) {
        let rest = format!("select {columns} from {} where \"file\" = {} and not ({again})", qualified(&quarantine), literal(&file));
        let rest = kept::copy(context, &quarantine, &file, &rest)?;
        landed.held_before.insert(file, rest.into_iter().collect());
    }
    Ok(())
}

/// Names for the columns of a key, whatever they are called.
fn numbered(source: &SourceSpec) -> Vec<String> {
    (1..=source.key.len()).map(|nth| format!("k{nth}")).collect()
}

/// The files that rows leave, with how many come again and how many are gone; one look for all that earlier runs have read.
fn taken(context: &Context<'_>, node: &Node<'_>, replaced: &str, vanished: &str) -> Outcome<Vec<(String, u64, u64)>> {
    let sql = format!(
        "select _file, count_if(_again), count_if(_lost) from (select old._file, {replaced} as _again, {vanished} as _lost from {} as old)\n\
         where _again or _lost group by 1 order by 1",
        qualified(&node.name)
    );
    let found = context.engine.query(&sql, context.cancel)?;
    let number = |cell: &Cell| cell.number().unwrap_or_default() as u64;
    Ok(found.iter().flat_map(cells_of).map(|row| (row[0].text(), number(&row[1]), number(&row[2]))).collect())
}

/// The rows of the lake that lie in a range of the cursor.
fn in_range(schema: &SchemaRef, cursor: &str, range: &ReadRange) -> Outcome<String> {
    let field = schema.field_with_name(cursor).map_err(|_| {
        Problem::new(Code::BadConfig, format!("the table has no column \"{cursor}\", its cursor")).next("read it anew with --full-refresh")
    })?;
    let side = |operator: &str, bound: &Option<String>| {
        bound.as_ref().map(|bound| format!("old.{} {operator} cast({} as {})", ident(cursor), literal(bound), sql_type_of(field)))
    };
    let parts: Vec<String> = [side(">=", &range.from), side("<", &range.to)].into_iter().flatten().collect();
    Ok(format!("coalesce({}, false)", parts.join(" and ")))
}
