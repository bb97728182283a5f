//! What a match takes over from the run before: the names of entities, what was learned, and which records have changed.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use trommel_engine::sql::{ident, qualified};
use trommel_engine::{Access, Engine, Limits};
use trommel_matching::{Known, Previous, changed, entities_of, is_key_column};
use trommel_model::{Beside, MatchSpec, Outcome, RecordKey, Scoring, TableName};

use super::super::context::Context;
use super::super::temp_dir;
use crate::fingerprint::{self, Fingerprint};
use crate::graph::{Maker, Node};

/// From one changed or new record in so many on, everything is matched again.
const ONE_IN: usize = 5;
/// Columns that say where a row is from, not what it says.
const POSITION: [&str; 3] = ["_file", "_line", "_text"];

/// The entity of each record in the run before; empty when there was none.
pub(super) fn entities(context: &Context<'_>, node: &Node<'_>) -> Outcome<Previous> {
    let Some(table) = node.table_beside(Beside::Crosswalk) else { return Ok(Previous::default()) };
    if !context.exists(table)? {
        return Ok(Previous::default());
    }
    Previous::of(&context.engine.query(&format!("select source, id, entity_id from {}", qualified(table)), context.cancel)?)
}

/// Pairs in doubt of the run before, as the match made them.
pub(super) fn reviewed(context: &Context<'_>, node: &Node<'_>) -> Outcome<Vec<RecordBatch>> {
    let Some(table) = node.table_beside(Beside::Review) else { return Ok(Vec::new()) };
    if !context.exists(table)? {
        return Ok(Vec::new());
    }
    let sql = format!("select source, id, other_source, other_id, probability from {}", qualified(table));
    context.engine.query(&sql, context.cancel)
}

/// What is needed to match only what is new, when it can be: the model is as it was, its input is known as it was, and
/// most of it still is.
pub(super) fn known(
    context: &Context<'_>,
    node: &Node<'_>,
    spec: &MatchSpec,
    from: &TableName,
    input: &[RecordBatch],
    previous: &Previous,
) -> Outcome<Option<Known>> {
    let Maker::Model(model) = node.maker else { return Ok(None) };
    if previous.is_empty() || !spec.incremental || context.request.full_refresh {
        return Ok(None);
    }
    // A better match that comes later takes the place of the one a row has: that is seen when all are looked at.
    if spec.one_to_one || spec.best_link {
        return Ok(None);
    }
    let facts = context.lake.table_facts(&node.name)?;
    let Some(kept) = facts.and_then(|facts| Fingerprint::from_text(&facts.fingerprint)) else { return Ok(None) };
    let learned = spec.score == Scoring::WeightedMean || kept.learned.is_some();
    let Some(&snapshot) = kept.inputs.get(from).filter(|at| **at > 0) else { return Ok(None) };
    if kept.text != fingerprint::of_model(model) || !learned {
        return Ok(None);
    }
    let columns: Vec<String> = input
        .first()
        .map(|b| b.schema().fields().iter().map(|f| f.name().clone()).filter(|name| !is_key_column(name)).collect())
        .unwrap_or_default();
    let Some(then) = records_then(context, from, spec, &columns, snapshot)? else { return Ok(None) };
    let redecided = kept.decisions != fingerprint::of_decisions(&node.decisions);
    if redecided && spec.score == Scoring::Logistic {
        // What people decided is what it learns from.
        return Ok(None);
    }
    let now = context.engine.query(&records(from, spec, &columns), context.cancel)?;
    let (mut changed, new): (BTreeSet<RecordKey>, usize) = changed(&then, &now)?;
    if redecided {
        changed.extend(decided(context, node)?);
    }
    let rows: usize = input.iter().map(RecordBatch::num_rows).sum();
    if (changed.len() + new) * ONE_IN > rows {
        return Ok(None);
    }
    Ok(Some(Known { changed, learned: kept.learned }))
}

/// Records that somebody decides or decided about: what a decision did must go when the decision goes.
fn decided(context: &Context<'_>, node: &Node<'_>) -> Outcome<BTreeSet<RecordKey>> {
    let mut records: BTreeSet<RecordKey> = node.decisions.iter().flat_map(|row| [row.left.clone(), row.right.clone()]).collect();
    if let Some(table) = node.table_beside(Beside::Decisions)
        && context.exists(table)?
    {
        let table = qualified(table);
        let sql = format!("select source, id, '' from {table} union all select other_source, other_id, '' from {table}");
        records.extend(entities_of(&context.engine.query(&sql, context.cancel)?)?.into_keys());
    }
    Ok(records)
}

/// The records as they were at a snapshot; nothing when the table had other columns then.
fn records_then(
    context: &Context<'_>,
    from: &TableName,
    spec: &MatchSpec,
    columns: &[String],
    snapshot: u64,
) -> Outcome<Option<Vec<RecordBatch>>> {
    let had = context.lake.tables(snapshot)?.into_iter().find(|t| t.name == *from);
    let same = had.is_some_and(|table| table.schema.names().eq(columns.iter().map(String::as_str)));
    if !same {
        return Ok(None);
    }
    let temp_dir = temp_dir(&trommel_workspace::state(context.workspace), &context.id).join("before");
    let limits = Limits { memory_bytes: context.request.memory_bytes / 4, threads: context.request.threads.max(1), temp_dir };
    let engine = Engine::open(&limits, &Access::Locked(vec![context.lake.data_dir().to_owned(), limits.temp_dir.clone()]))?;
    context.lake.attach(&engine, snapshot)?;
    engine.query(&records(from, spec, columns), context.cancel).map(Some)
}

/// Source, id and a hash of all that a record says.
fn records(from: &TableName, spec: &MatchSpec, columns: &[String]) -> String {
    let said: Vec<String> = columns.iter().filter(|c| !POSITION.contains(&c.as_str())).map(|c| ident(c)).collect();
    let source = spec.source.as_ref().map_or_else(|| "''".to_owned(), |source| ident(source));
    format!("select {source}, {}, hash({}) from {}", ident(&spec.id), said.join(", "), qualified(from))
}
