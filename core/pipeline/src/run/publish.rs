//! What a step publishes: everything it changes, in one snapshot.

use arrow::datatypes::SchemaRef;
use trommel_engine::failpoint;
use trommel_engine::lake::{DataFile, Publish};
use trommel_model::{Outcome, TableName};

use super::context::Context;
use super::held;
use crate::fingerprint::Fingerprint;
use crate::graph::{Node, quarantine_of};

/// A publish that carries the run and its fence.
pub(super) fn begin(context: &Context<'_>) -> Publish {
    let mut publish = context.lake.publish();
    publish.run(&context.id, context.fence);
    publish
}

/// The whole table anew.
pub(super) fn replace(publish: &mut Publish, table: &TableName, schema: &SchemaRef, files: Vec<DataFile>) {
    publish.replace(table, schema, files);
}

/// All rows held from a table anew. A table of which nothing was ever held gets no quarantine.
pub(super) fn replace_held(context: &Context<'_>, publish: &mut Publish, table: &TableName, files: Vec<DataFile>) -> Outcome<()> {
    let quarantine = quarantine_of(table);
    if !files.is_empty() || context.exists(&quarantine)? {
        publish.replace(&quarantine, &held::schema(), files);
    }
    Ok(())
}

/// Adds what the table was made from, and makes everything visible.
pub(super) fn commit(context: &Context<'_>, publish: Publish, node: &Node<'_>) -> Outcome<u64> {
    commit_with(context, publish, node, None)
}

/// As [`commit`], with what a match has learned.
pub(super) fn commit_learned(context: &Context<'_>, publish: Publish, node: &Node<'_>, learned: Option<String>) -> Outcome<u64> {
    let fingerprint = Fingerprint { learned, ..context.fingerprint(node)? };
    commit_as(context, publish, node, &fingerprint)
}

/// As [`commit`], with the cursor from which the next run reads on: it and the rows become visible together.
pub(super) fn commit_with(context: &Context<'_>, publish: Publish, node: &Node<'_>, cursor: Option<String>) -> Outcome<u64> {
    let fingerprint = Fingerprint { cursor, ..context.fingerprint(node)? };
    commit_as(context, publish, node, &fingerprint)
}

fn commit_as(context: &Context<'_>, mut publish: Publish, node: &Node<'_>, fingerprint: &Fingerprint) -> Outcome<u64> {
    publish.fingerprint(&node.name, &fingerprint.to_text());
    context.cancel.check()?;
    failpoint::hit("step-before-publish")?;
    let snapshot = publish.commit()?;
    failpoint::hit("step-after-publish")?;
    Ok(snapshot)
}

/// Removes files that were written and will not be published. What cannot be removed is found as an orphan later.
pub(super) fn discard(context: &Context<'_>, files: Vec<DataFile>) {
    for file in files {
        let _ = std::fs::remove_file(context.lake.data_dir().join(&file.path));
    }
}
