//! Rows that were read become part of the table: checks, then one snapshot.

use std::collections::BTreeMap;

use trommel_connectors::{can_correct, still_there};
use trommel_engine::lake::{DataFile, SeenFile};
use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{CheckSpec, Correction, Outcome, SourceSpec, StepRecord};

use super::read::Read;
use super::{Batch, kept};
use crate::corrections;
use crate::graph::{Node, quarantine_of};
use crate::run::checks::{Split, judge};
use crate::run::context::Context;
use crate::run::counts::rows_of;
use crate::run::held::{self, Held};
use crate::run::publish::discard;
use crate::run::schedule::Ended;
use crate::run::{checks, publish};

/// What is to be published of each source file.
pub(super) struct Landed {
    /// Rows of the files that were read, after the checks.
    pub rows: u64,
    /// Files of held rows by source file, those that checks held included.
    held: BTreeMap<String, Vec<DataFile>>,
    /// Rows that stay of source files that were read, and of kept ones from which rows were taken.
    pub files: BTreeMap<String, Vec<DataFile>>,
    /// Held rows that stay of files of earlier runs, from which some were taken because they came again.
    pub held_before: BTreeMap<String, Vec<DataFile>>,
}

impl Landed {
    /// What was read, as it was read.
    pub fn of(batch: &Batch) -> Self {
        let files = batch.reads.iter().map(|read| (read.piece.name.clone(), read.landed.files.clone())).collect();
        let held = batch.reads.iter().map(|read| (read.piece.name.clone(), read.landed.held_files.clone())).collect();
        let mut landed = Self { rows: 0, held, files, held_before: BTreeMap::new() };
        landed.count(batch);
        landed
    }

    /// The held rows of what was read.
    pub fn held(&self) -> Vec<DataFile> {
        self.held.values().flatten().cloned().collect()
    }

    /// Counts the rows that stay of what was read.
    pub fn count(&mut self, batch: &Batch) {
        self.rows = batch.reads.iter().filter_map(|read| self.files.get(&read.piece.name)).map(|files| rows_of(files)).sum();
    }
}

/// Holds what people discarded, then applies the checks of the source; rows that are replaced or deleted are out of the way.
pub(super) fn check(
    context: &Context<'_>,
    node: &Node<'_>,
    source: &SourceSpec,
    batch: &Batch,
    step: &mut StepRecord,
    landed: &mut Landed,
) -> Outcome<()> {
    let discarded = hold_discarded(context, node, source, batch, step, landed)?;
    if (!node.checks().is_empty() && applied(context, node, batch, step, landed)?) || discarded {
        landed.count(batch);
        step.counts.rows_out = landed.rows;
    }
    Ok(())
}

/// Checks that look at single rows look at what was read; those that compare rows look at the whole table. True when
/// rows were held.
fn applied(context: &Context<'_>, node: &Node<'_>, batch: &Batch, step: &mut StepRecord, landed: &mut Landed) -> Outcome<bool> {
    let new = new_rows(context, batch, landed);
    let all = kept_rows(context, node, batch, landed)?.into_iter().chain([new.clone()]).collect::<Vec<_>>().join("\nunion all\n");
    let (by_row, by_table): (Vec<CheckSpec>, Vec<CheckSpec>) = node.checks().iter().cloned().partition(|c| c.rule.is_by_row());
    let rows_split = judge(context, node, &new, &by_row, step)?;
    let table_split = judge(context, node, &all, &by_table, step)?;
    // A row may refer to one that is held for a reason of its own.
    let own = |c: &CheckSpec| c.action.holds_rows() && c.rule.other_table() == Some(node.name.to_string().as_str());
    let split = if table_split.is_some() || (rows_split.is_some() && by_table.iter().any(own)) {
        // A row is held once: rows that compare badly and rows that are bad by themselves are told apart together.
        let holding: Vec<CheckSpec> = by_row.into_iter().chain(by_table).filter(|c| c.action.holds_rows()).collect();
        Some(checks::split(context, node, &all, &holding)?)
    } else {
        rows_split
    };
    match split {
        Some(split) => hold(context, node, &split, batch, step, landed).map(|()| true),
        None => Ok(false),
    }
}

/// Holds rows of what was read that were discarded when they were held before. True when there are any.
fn hold_discarded(
    context: &Context<'_>,
    node: &Node<'_>,
    source: &SourceSpec,
    batch: &Batch,
    step: &mut StepRecord,
    landed: &mut Landed,
) -> Outcome<bool> {
    let mut discarded: Vec<Correction> = Vec::new();
    for read in &batch.reads {
        let decided = corrections::discarded(context.workspace, source, &read.piece.name);
        if !decided.is_empty() && can_correct(read.piece.format) {
            let there = still_there(&read.piece, source, &decided, context.cancel, context.progress)?;
            // What is corrected above a record may have moved it.
            discarded.extend(there.into_iter().map(|c| Correction { line: read.moved.read_at(c.line), ..c }));
        }
    }
    if discarded.is_empty() {
        return Ok(false);
    }
    let new = new_rows(context, batch, landed);
    let same = |c: &Correction| format!("(_file = {} and _line = {})", literal(&c.file), c.line);
    let by_row = |text: fn(&Correction) -> String| {
        let cases: Vec<String> = discarded.iter().map(|c| format!("when {} then {}", same(c), literal(&text(c)))).collect();
        format!("case {} end", cases.join(" "))
    };
    let condition = format!("coalesce({}, false)", discarded.iter().map(same).collect::<Vec<_>>().join(" or "));
    let rule = by_row(|c| if c.rule.is_empty() { "discarded".to_owned() } else { c.rule.clone() });
    let reason = by_row(|c| {
        let why = if c.why.is_empty() { String::new() } else { format!(": {}", c.why) };
        format!("discarded by {}{why}", c.who)
    });
    let split = checks::apart(context, &new, &condition, &rule, &reason)?;
    let before = step.counts.quarantined;
    hold(context, node, &split, batch, step, landed)?;
    Ok(step.counts.quarantined > before)
}

/// Takes the rows that broke a rule out of their files and into the quarantine.
fn hold(context: &Context<'_>, node: &Node<'_>, split: &Split, batch: &Batch, step: &mut StepRecord, landed: &mut Landed) -> Outcome<()> {
    let parted = split.by_file(context, node)?;
    let mut replaced = Vec::new();
    for file in &parted.files {
        let mut held = Held::new(context.lake, &node.name, &context.id, Some(file.clone()));
        checks::collect(context, node, &format!("{} where \"file\" = {}", parted.held, literal(file)), &mut held)?;
        let rows = held.rows();
        landed.held.entry(file.clone()).or_default().extend(held.finish()?);
        let names: Vec<String> = batch.unified.schema.fields().iter().map(|f| ident(f.name())).collect();
        let sql = format!("select {}\nfrom (\n{}\n)\nwhere _file = {}\norder by _line", names.join(", "), parted.kept, literal(file));
        let rest = kept::copy(context, &node.name, file, &sql)?;
        step.counts.quarantined += rows;
        if batch.reads.iter().all(|r| r.piece.name != *file) {
            // Rows of earlier runs, looked at again: what they are compared with has changed.
            step.counts.rows_in += rows;
            step.notes.push(format!("{rows} rows of {file}, read by an earlier run, no longer keep the checks and are held"));
        }
        replaced.extend(landed.files.insert(file.clone(), rest.into_iter().collect()).unwrap_or_default());
    }
    // The split reads the files as they were, until the last of them has been taken apart.
    discard(context, replaced);
    Ok(())
}

/// Everything in one snapshot.
pub(super) fn publish(
    context: &Context<'_>,
    node: &Node<'_>,
    source: &SourceSpec,
    batch: &Batch,
    mut landed: Landed,
    forget: &[SeenFile],
    cursor: Option<String>,
) -> Outcome<Ended> {
    let (table, quarantine) = (&node.name, quarantine_of(&node.name));
    let schema = &batch.unified.schema;
    let has_quarantine = context.exists(&quarantine)?;
    let seen_before = context.lake.seen_files(&source.name)?;
    let mut publish = publish::begin(context);
    for read in &batch.reads {
        publish.seen(seen(context, source, read, &landed));
    }
    for file in &batch.out_of_reach {
        // Whatever it holds when it is back, it is another file than the one that was read.
        publish.seen(SeenFile { bytes: 0, modified_ms: 0, sha256: String::new(), ..file.clone() });
    }
    if batch.whole {
        for file in &batch.kept {
            if !landed.files.contains_key(&file.file) {
                let rows = kept::rewrite(context, table, &file.file, schema)?;
                landed.files.insert(file.file.clone(), rows.into_iter().collect());
            }
            if has_quarantine {
                let held = kept::rewrite_held(context, &quarantine, &file.file)?;
                landed.held.entry(file.file.clone()).or_default().extend(held);
            }
        }
        for file in forget {
            publish.forget(&source.name, &file.file);
        }
        publish::replace(&mut publish, table, schema, landed.files.into_values().flatten().collect());
        publish::replace_held(context, &mut publish, table, landed.held.into_values().flatten().collect())?;
    } else {
        let known = |file: &String| seen_before.iter().any(|s| s.file == *file);
        let (changed, new): (Vec<_>, Vec<_>) = landed.files.into_iter().partition(|(file, _)| known(file));
        // Also without a row: new columns come with it.
        publish.append(table, schema, new.into_iter().flat_map(|(_, files)| files).collect());
        for (file, files) in changed {
            publish.replace_files(table, schema, &file, files);
        }
        for (file, files) in landed.held_before {
            publish.replace_files(&quarantine, &held::schema(), &file, files);
        }
        for (file, files) in landed.held {
            let was_read = batch.reads.iter().any(|r| r.piece.name == file);
            if known(&file) && was_read && has_quarantine {
                publish.replace_files(&quarantine, &held::schema(), &file, files);
            } else if !files.is_empty() {
                publish.append(&quarantine, &held::schema(), files);
            }
        }
    }
    publish::commit_with(context, publish, node, cursor).map(Ended::Published)
}

fn seen(context: &Context<'_>, source: &SourceSpec, read: &Read, landed: &Landed) -> SeenFile {
    let rows = |of: &BTreeMap<String, Vec<DataFile>>| of.get(&read.piece.name).map_or(0, |files| rows_of(files));
    SeenFile {
        source: source.name.clone(),
        file: read.piece.name.clone(),
        bytes: read.piece.bytes,
        modified_ms: read.piece.modified_ms,
        sha256: read.sha256.clone(),
        rows: rows(&landed.files),
        held: rows(&landed.held),
        run: context.id.0.clone(),
    }
}

/// The rows that were just written, with the columns of the common schema.
fn new_rows(context: &Context<'_>, batch: &Batch, landed: &Landed) -> String {
    let of_read = |read: &Read| {
        let columns = kept::columns(&read.landed.written, &batch.unified.schema).join(", ");
        checks::written(context, landed.files.get(&read.piece.name)?).map(|from| format!("select {columns} from {from}"))
    };
    let parts: Vec<String> = batch.reads.iter().filter_map(of_read).collect();
    if parts.is_empty() {
        let none = arrow::datatypes::Schema::empty();
        return format!("select {} where false", kept::columns(&std::sync::Arc::new(none), &batch.unified.schema).join(", "));
    }
    parts.join("\nunion all\n")
}

/// The rows of earlier runs that stay: those of the table, and what is left of files from which rows were taken.
fn kept_rows(context: &Context<'_>, node: &Node<'_>, batch: &Batch, landed: &Landed) -> Outcome<Vec<String>> {
    if batch.kept.is_empty() {
        return Ok(Vec::new());
    }
    let (left, whole): (Vec<&SeenFile>, Vec<&SeenFile>) = batch.kept.iter().partition(|seen| landed.files.contains_key(&seen.file));
    let mut relations = Vec::new();
    if !whole.is_empty() {
        let names: Vec<String> = whole.iter().map(|seen| literal(&seen.file)).collect();
        let schema = kept::schema_of(context, &node.name)?;
        let columns = kept::columns(&schema, &batch.unified.schema).join(", ");
        relations.push(format!("select {columns} from {} where _file in ({})", qualified(&node.name), names.join(", ")));
    }
    let left: Vec<DataFile> = left.iter().filter_map(|seen| landed.files.get(&seen.file)).flatten().cloned().collect();
    relations.extend(checks::written(context, &left).map(|from| format!("select * from {from}")));
    Ok(relations)
}
