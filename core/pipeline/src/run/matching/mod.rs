//! Entity resolution into the golden table and the tables beside it: crosswalk, pairs in doubt, events, decisions and,
//! if asked for, provenance. All of them become visible in one snapshot.
//!
//! `peak_bytes` counts the Arrow batches of the input and of the results; the features and pairs that matching
//! holds on top are its own and bounded by its blocks.

mod before;
mod expressions;
mod notes;
mod told;

pub use expressions::Expressions;
pub(crate) use expressions::readable_expressions;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use trommel_engine::lake::{DataFile, Publish};
use trommel_matching::{Standing, StandingReport};
use trommel_model::{Beside, Code, MatchReport, MatchSpec, Outcome, Problem, RowCounts, StepRecord, TableName, decisions_in_force};

use self::notes::Notes;
use super::context::Context;
use super::counts::{enforce, rows_of};
use super::schedule::Ended;
use super::{checks, publish};
use crate::graph::Node;

/// Pairs in doubt that are kept for people to look at.
const REVIEWED: usize = 1_000;

/// Runs the match.
pub(super) fn matching(context: &Context<'_>, node: &Node<'_>, spec: &MatchSpec, step: &mut StepRecord) -> Outcome<Ended> {
    let in_file = |p: Problem| if p.place.file.is_none() { p.in_file(node.path()) } else { p };
    let from: TableName = spec.from.parse().map_err(in_file)?;
    let expressions = Expressions::new(&context.engine, &node.name, spec).map_err(in_file)?;
    let spec = &expressions.spec;
    let input = read(context, &expressions.select())?;
    let rows_in: usize = input.iter().map(RecordBatch::num_rows).sum();
    let previous = before::entities(context, node)?;
    let known = before::known(context, node, spec, &from, &input, &previous)?;
    let reviewed = if known.is_some() { before::reviewed(context, node)? } else { Vec::new() };
    let notes = Arc::new(Notes::new(context, node)?);
    let standing = Standing {
        decisions: decisions_in_force(&node.decisions),
        previous,
        known,
        provenance: spec.provenance,
        review: REVIEWED,
        reviewed,
        journal: Some(notes.clone()),
    };
    let threads = context.request.threads.max(1);
    let (mut found, stood) =
        trommel_matching::run_standing(spec, &input, &standing, threads, context.cancel, context.progress).map_err(in_file)?;
    found.golden = expressions.survive(found.golden, &found.crosswalk, context.cancel).map_err(in_file)?;
    let batches = [&input, &found.golden, &found.crosswalk, &found.provenance].into_iter().flatten();
    step.peak_bytes = batches.map(|b| b.get_array_memory_size() as u64).sum();
    drop(input);

    let (golden, golden_schema) = write(context, &node.name, &found.golden)?;
    step.counts = RowCounts { rows_in: rows_in as u64, rows_out: rows_of(&golden), merged: found.report.merged, ..RowCounts::default() };
    step.notes.extend(remarks(&found.report));
    step.notes.extend(told::remarks(&stood));
    if notes.failed() {
        step.notes.push("what was found could not be kept while it went on: had it been stopped, it would have begun anew".to_owned());
    }
    let done = checks::settle(context, node, golden, &golden_schema, step)?;
    enforce(step, rows_of(&done.files))?;

    let mut publish = publish::begin(context);
    publish::replace(&mut publish, &node.name, &golden_schema, done.files);
    beside(context, node, &found.crosswalk, Beside::Crosswalk, &mut publish)?;
    beside(context, node, &found.review, Beside::Review, &mut publish)?;
    beside(context, node, &found.provenance, Beside::Provenance, &mut publish)?;
    decided(context, node, &stood, &mut publish)?;
    happened(context, node, &stood, &mut publish)?;
    publish::replace_held(context, &mut publish, &node.name, done.held)?;
    let snapshot = publish::commit_learned(context, publish, node, stood.learned)?;
    notes.done();
    Ok(Ended::Published(snapshot))
}

/// A table of what was found, if there is anything to put into it.
fn beside(context: &Context<'_>, node: &Node<'_>, batches: &[RecordBatch], what: Beside, publish: &mut Publish) -> Outcome<()> {
    let Some(table) = node.table_beside(what).filter(|_| !batches.is_empty()) else { return Ok(()) };
    let (files, schema) = write(context, table, batches)?;
    publish::replace(publish, table, &schema, files);
    Ok(())
}

/// Every decision and what became of it.
fn decided(context: &Context<'_>, node: &Node<'_>, stood: &StandingReport, publish: &mut Publish) -> Outcome<()> {
    let Some(table) = node.table_beside(Beside::Decisions) else { return Ok(()) };
    let (files, schema) = write(context, table, &[told::decisions(&node.decisions, &stood.decisions)?])?;
    publish::replace(publish, table, &schema, files);
    Ok(())
}

/// What became of entities since the run before, behind what is told of runs before.
fn happened(context: &Context<'_>, node: &Node<'_>, stood: &StandingReport, publish: &mut Publish) -> Outcome<()> {
    let Some(table) = node.table_beside(Beside::Events) else { return Ok(()) };
    if !stood.events.is_empty() || !context.exists(table)? {
        let (files, schema) = write(context, table, &[told::events(&context.id, &super::now(), &stood.events)?])?;
        publish.append(table, &schema, files);
    }
    Ok(())
}

fn read(context: &Context<'_>, select: &str) -> Outcome<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    let mut add = |batch: RecordBatch| {
        batches.push(batch);
        Ok(())
    };
    let schema = context.engine.stream(select, context.cancel, &mut add)?;
    if batches.is_empty() {
        // An empty batch says which columns there would be.
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

fn write(context: &Context<'_>, table: &TableName, batches: &[RecordBatch]) -> Outcome<(Vec<DataFile>, SchemaRef)> {
    let Some(schema) = batches.first().map(RecordBatch::schema) else {
        return Err(Problem::new(Code::Internal, format!("{table} has no columns")));
    };
    let mut writer = context.lake.writer(table, &schema)?;
    for batch in batches {
        context.cancel.check()?;
        writer.write(batch)?;
    }
    Ok((writer.finish()?.into_iter().collect(), schema))
}

fn remarks(report: &MatchReport) -> Vec<String> {
    let mut notes = vec![format!(
        "{} pairs compared, {} matched; {} entities, the largest of {} rows",
        report.pairs_compared, report.pairs_matched, report.entities, report.largest_entity
    )];
    notes.extend(trommel_matching::remarks(report));
    notes
}
