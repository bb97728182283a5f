//! Checks on a table that is computed and not yet published.
//!
//! `warn` counts, `fail` ends the step, `quarantine` takes the rows out of the table and keeps them with their reason, and
//! `wait` does so until the row they refer to has come.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;
use trommel_connectors::{FILE_COLUMN, LINE_COLUMN, TEXT_COLUMN, is_position};
use trommel_engine::frame::cells_of;
use trommel_engine::lake::DataFile;
use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{CheckAction, CheckResult, CheckSpec, Code, HeldAt, Outcome, Problem, QuarantinedRow, Rule, Schema, StepRecord};

use super::context::{Context, Scratch};
use super::counts::rows_of;
use super::held::Held;
use super::late;
use super::publish::discard;
use crate::graph::{Maker, Node};

/// Measurements of earlier runs that a check compares with, at most.
const REMEMBERED: usize = 400;

/// A relation in two: rows that stay, and rows that are held.
pub(super) struct Split {
    /// A SELECT of the rows that stay, with the columns of the relation.
    pub kept: String,
    /// A SELECT of the rows that are held, with the columns of the relation and what they broke.
    pub held: String,
    /// The columns of the relation.
    schema: Schema,
}

impl Split {
    /// The rows that stay in the order of their files, where they know it: telling duplicates apart has mixed them.
    pub fn kept_in_order(&self) -> String {
        let known = [FILE_COLUMN, LINE_COLUMN].iter().all(|name| self.schema.position(name).is_some());
        let order = if known { format!("\norder by {FILE_COLUMN}, {LINE_COLUMN}") } else { String::new() };
        format!("select * from (\n{}\n){order}", self.kept)
    }

    /// The same, to be asked for file by file: a split can be windows over the whole table, and is worked out once.
    pub fn by_file<'r>(&self, context: &'r Context<'_>, node: &Node<'_>) -> Outcome<ByFile<'r>> {
        let [held, kept] = ["held", "kept"].map(|what| Scratch::new(&context.engine, &node.name, what));
        let make = |table: &Scratch<'_>, select: &str| {
            context.engine.execute(&format!("create table {} as\n{select}", table.sql()), context.cancel)
        };
        make(&held, &format!("select * from (\n{}\n) order by \"file\", \"line\"", self.told(context, node)?))?;
        let files = context.engine.query(&format!("select distinct \"file\" from {} order by 1", held.sql()), context.cancel)?;
        let files: Vec<String> = files.iter().flat_map(cells_of).filter_map(|row| Some(row.first()?.text())).collect();
        let rest = if files.len() > 1 {
            let names: Vec<String> = files.iter().map(|file| literal(file)).collect();
            let of_these = format!("select * from (\n{}\n) where {FILE_COLUMN} in ({})", self.kept, names.join(", "));
            // In the order of the files, so that asking for one passes over the others.
            make(&kept, &format!("{of_these} order by {FILE_COLUMN}, {LINE_COLUMN}"))?;
            format!("select * from {}", kept.sql())
        } else {
            self.kept.clone()
        };
        Ok(ByFile { files, kept: rest, held: format!("select * from {}", held.sql()), _tables: [held, kept] })
    }

    /// A SELECT of the rows that are held as [`collect`] takes them: what they broke, where they are from, what they wait for.
    pub fn told(&self, context: &Context<'_>, node: &Node<'_>) -> Outcome<String> {
        let held = format!(
            "select h._field, h._rule, h._reason, {}, h._waits_for, h._patience_s\nfrom (\n{}\n) as h",
            origin_columns(&self.schema, "h"),
            self.held
        );
        late::with_their_time(context, &node.name, &held)
    }
}

/// A split whose rows are tables of the engine as long as this lives.
pub(super) struct ByFile<'r> {
    /// The files that rows are held of, in order.
    pub files: Vec<String>,
    /// A SELECT of their rows that stay.
    pub kept: String,
    /// A SELECT of those that are held, with the column `file`, as [`collect`] takes them.
    pub held: String,
    _tables: [Scratch<'r>; 2],
}

/// A table after its checks.
pub(super) struct Settled {
    /// Its rows.
    pub files: Vec<DataFile>,
    /// Its held rows.
    pub held: Vec<DataFile>,
}

/// Applies checks to a relation (a SELECT). Their results go into the step's record whatever comes of them; `None`
/// when no row has to be held. Fails with `check-failed` when one with the action `fail` is broken.
pub(super) fn judge(
    context: &Context<'_>,
    node: &Node<'_>,
    relation: &str,
    checks: &[CheckSpec],
    step: &mut StepRecord,
) -> Outcome<Option<Split>> {
    if checks.is_empty() {
        return Ok(None);
    }
    let in_file = |p: Problem| if p.place.file.is_none() { p.in_file(node.path()) } else { p };
    let earlier = |check: &str| context.ledger.measured(&node.name, check, REMEMBERED);
    let results = trommel_quality::evaluate(&context.engine, &node.name, relation, checks, &earlier, context.cancel).map_err(in_file)?;
    let failed = results.iter().find(|r| r.action == CheckAction::Fail && r.is_broken()).cloned();
    let holding = results.iter().any(|r| r.action.holds_rows() && r.broken > 0);
    step.notes.extend(results.iter().filter(|r| r.is_broken()).map(remark));
    step.checks.extend(results);
    if let Some(failed) = failed {
        return Err(gate(node, &failed));
    }
    if !holding {
        return Ok(None);
    }
    let holding: Vec<CheckSpec> = checks.iter().filter(|c| c.action.holds_rows()).cloned().collect();
    split(context, node, relation, &holding).map(Some)
}

/// How old a table is that is not made anew: nothing new coming in is what such checks are about. Their results go into the
/// step's record; fails with `check-failed` when one with the action `fail` is broken.
pub(super) fn look_at_age(context: &Context<'_>, step: &mut StepRecord) -> Outcome<()> {
    let Some(node) = context.graph.nodes.iter().find(|n| n.name.to_string() == step.name) else { return Ok(()) };
    let ages: Vec<CheckSpec> = node.checks().iter().filter(|c| matches!(c.rule, Rule::Freshness { .. })).cloned().collect();
    if ages.is_empty() || !context.exists(&node.name)? {
        return Ok(());
    }
    context.attach()?;
    judge(context, node, &format!("select * from {}", qualified(&node.name)), &ages, step).map(drop)
}

/// Parts a relation by checks that hold rows. A row is held once, by the first rule it breaks.
pub(super) fn split(context: &Context<'_>, node: &Node<'_>, relation: &str, checks: &[CheckSpec]) -> Outcome<Split> {
    let schema = context.engine.describe(relation)?;
    let parts = trommel_quality::split(&node.name, relation, &schema, checks).map_err(|p| p.in_file(node.path()))?;
    Ok(Split { kept: parts.kept, held: parts.held, schema })
}

/// Parts a relation by a condition: the rows for which it holds are held by a rule, for a reason. All are SQL.
pub(super) fn apart(context: &Context<'_>, relation: &str, condition: &str, rule: &str, reason: &str) -> Outcome<Split> {
    let held = format!(
        "select *, cast(null as varchar) as _field, {rule} as _rule, {reason} as _reason, cast(null as varchar) as _waits_for, cast(null as bigint) as _patience_s \
         from (\n{relation}\n) where {condition}"
    );
    let kept = format!("select * from (\n{relation}\n) where not ({condition})");
    Ok(Split { kept, held, schema: context.engine.describe(relation)? })
}

/// Puts held rows into the quarantine: a SELECT of what they broke, where they are from and what they wait for.
pub(super) fn collect(context: &Context<'_>, node: &Node<'_>, told: &str, held: &mut Held<'_>) -> Outcome<()> {
    let source = match node.maker {
        Maker::Source(source) => source.name.clone(),
        Maker::Model(_) | Maker::Sink(_) => node.reads.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let now = Timestamp::now();
    let mut add = |batch: RecordBatch| -> Outcome<()> {
        let row = |cells: Vec<trommel_model::Cell>| QuarantinedRow {
            table: node.name.to_string(),
            stage: HeldAt::Check,
            source: source.clone(),
            file: if cells[3].is_null() { node.name.to_string() } else { cells[3].text() },
            line: cells[4].text().parse().unwrap_or(0),
            field: (!cells[0].is_null()).then(|| cells[0].text()),
            rule: cells[1].text(),
            reason: cells[2].text(),
            raw: cells[5].text(),
            waits: late::wait(&cells[6..], now),
        };
        held.add(cells_of(&batch).into_iter().map(row).collect())
    };
    context.engine.stream(told, context.cancel, &mut add)?;
    Ok(())
}

/// Checks a table that has been written, and writes it again without the rows that are held, if there are any.
pub(super) fn settle(
    context: &Context<'_>,
    node: &Node<'_>,
    files: Vec<DataFile>,
    schema: &SchemaRef,
    step: &mut StepRecord,
) -> Outcome<Settled> {
    let without_rows = || {
        let columns: Vec<String> = schema.fields().iter().map(|f| format!("null as {}", ident(f.name()))).collect();
        format!("select {} where false", columns.join(", "))
    };
    let relation = written(context, &files).map_or_else(without_rows, |from| format!("select * from {from}"));
    let Some(split) = judge(context, node, &relation, node.checks(), step)? else {
        return Ok(Settled { files, held: Vec::new() });
    };
    let mut held = Held::new(context.lake, &node.name, &context.id, None);
    collect(context, node, &split.told(context, node)?, &mut held)?;
    let (kept, _, measured) = context.lake.copy(&context.engine, &node.name, &split.kept_in_order(), context.cancel)?;
    step.peak_bytes = step.peak_bytes.max(measured.peak_bytes);
    let kept: Vec<DataFile> = kept.into_iter().collect();
    step.counts.quarantined += held.rows();
    step.counts.rows_out = rows_of(&kept);
    discard(context, files);
    Ok(Settled { files: kept, held: held.finish()? })
}

/// The rows of files that no snapshot names yet, as something to select from; none when there are no files.
pub(super) fn written(context: &Context<'_>, files: &[DataFile]) -> Option<String> {
    let paths: Vec<String> = files.iter().map(|f| literal(&context.lake.data_dir().join(&f.path).to_string_lossy())).collect();
    (!paths.is_empty()).then(|| format!("read_parquet([{}], hive_partitioning = false)", paths.join(", ")))
}

/// Where a row came from, as three columns: file, line, and the row as it came (its text, or JSON of its cells).
pub(super) fn origin_columns(schema: &Schema, alias: &str) -> String {
    let column = |name: &str| schema.position(name).map(|_| format!("{alias}.{name}"));
    let cells: Vec<String> = schema.names().filter(|n| !is_position(n)).map(|n| format!("{} := {alias}.{}", ident(n), ident(n))).collect();
    let json = if cells.is_empty() { "'{}'".to_owned() } else { format!("cast(to_json(struct_pack({})) as varchar)", cells.join(", ")) };
    let raw = column(TEXT_COLUMN).map_or_else(|| json.clone(), |text| format!("coalesce({text}, {json})"));
    let or_null = |name: &str, kind: &str| column(name).unwrap_or_else(|| format!("cast(null as {kind})"));
    format!("{} as \"file\", {} as \"line\", {raw} as \"raw\"", or_null(FILE_COLUMN, "varchar"), or_null(LINE_COLUMN, "bigint"))
}

fn remark(result: &CheckResult) -> String {
    let what = match result.action {
        CheckAction::Warn => "warning",
        CheckAction::Quarantine => "held",
        CheckAction::Wait => "waiting",
        CheckAction::Fail => "failed",
    };
    format!("check {}: {} ({what})", result.check, result.finding())
}

fn gate(node: &Node<'_>, result: &CheckResult) -> Problem {
    let example = result.examples.first().map(|cells| {
        let cells: Vec<String> = cells.iter().map(|(name, cell)| format!("{name} = {cell}")).collect();
        format!("; for instance {}", cells.join(", "))
    });
    Problem::new(Code::CheckFailed, format!("{} fails the check {}", node.name, result.check))
        .in_file(node.path())
        .why(format!("{}{}", result.finding(), example.unwrap_or_default()))
        .next("nothing of the table was published; correct the data, or set the check's action to quarantine or warn")
}
