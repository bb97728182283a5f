//! A source into its raw table: new files, changed files, vanished files.
//!
//! Each source file's rows stand in Parquet files of their own, so a changed file replaces exactly its own rows. What
//! is published at the end is one snapshot: rows, held rows, and which files have been read.
//!
//! `peak_bytes` of the step counts the Arrow batches in memory at a time, over all files being read; reading buffers of
//! the connectors and row groups being encoded come on top.

mod deleted;
mod incremental;
mod kept;
mod land;
mod read;
mod sink;
mod unify;

use trommel_connectors::Piece;
use trommel_connectors::database::Since;
use trommel_engine::failpoint;
use trommel_engine::frame::data_type_of;
use trommel_engine::lake::SeenFile;
use trommel_model::{Code, Load, Outcome, Problem, SourceSpec, StepRecord};

pub(super) use self::kept::schema_of;
use self::land::Landed;
use self::read::{Read, read_all};
use self::unify::{Came, Unified, becomes, forced, unify};
use super::checks;
use super::context::Context;
use super::counts::enforce;
use super::late::{self, Late};
use super::publish::discard;
use super::schedule::Ended;
use crate::changes::{FileState, Found, changes};
use crate::graph::Node;

/// What is read and what stays, with the schema both have in common.
struct Batch {
    /// Files that were read.
    reads: Vec<Read>,
    /// Files whose rows stay as they are in the lake.
    kept: Vec<SeenFile>,
    /// The columns.
    unified: Unified,
    /// True when the whole table is replaced, `kept` rewritten.
    whole: bool,
    /// Files that would be read again for rows that wait, and are gone.
    out_of_reach: Vec<SeenFile>,
}

/// Reads what is new and publishes it.
pub(super) fn ingest(context: &Context<'_>, node: &Node<'_>, source: &SourceSpec, step: &mut StepRecord) -> Outcome<Ended> {
    let request = context.request;
    let changes = changes(context.workspace, context.lake, source, request.full_refresh, request.range.as_ref(), context.cancel)?;
    let news = changes.any(source.load);
    let late = if changes.anew.is_some() { Late::default() } else { late::look(context, node, news)? };
    if !news && late.files.is_empty() && late.orphans == 0 {
        if let Some(looked) = &late.looked {
            context.lake.remember(&node.name, &looked.to_text())?;
        }
        return Ok(Ended::Unchanged(changes.why(source.load)));
    }
    let out_of_reach: Vec<SeenFile> = changes.vanished.iter().filter(|seen| late.files.contains(&seen.file)).cloned().collect();
    step.notes.extend(remark_on(&out_of_reach));
    let anew = changes.anew.is_some() || source.load == Load::Full;
    let again = |name: &String| late.files.contains(name) || late.compared.contains(name);
    let to_be_read = |f: &Found| anew || f.state != FileState::Same || again(&f.piece.name);
    let (to_read, same): (Vec<_>, Vec<_>) = changes.present.into_iter().partition(to_be_read);
    let pieces: Vec<Piece> = to_read.into_iter().map(|f| f.piece).collect();
    let same: Vec<Piece> = same.into_iter().map(|f| f.piece).collect();
    let since = match (&changes.range, &source.cursor, source.load) {
        (Some(range), Some(cursor), Load::Incremental) => Some(Since::range(cursor, range.from.as_deref(), range.to.as_deref())),
        _ if anew => None,
        _ => incremental::since(source, changes.cursor.as_deref())?,
    };
    let pieces = if since.is_some() { incremental::named(context, pieces) } else { pieces };
    let (gone, forget) = match source.load {
        Load::NewFiles => (changes.vanished, Vec::new()),
        // What earlier runs read stays, each run's rows under their own name.
        Load::Incremental if since.is_some() && !anew => (context.lake.seen_files(&source.name)?, Vec::new()),
        Load::Full | Load::Incremental => (Vec::new(), changes.vanished),
    };

    let batch = gather(context, node, source, &pieces, &same, gone, anew, since.as_ref())?;
    let batch = Batch { out_of_reach, ..batch };
    failpoint::hit("ingest-read")?;
    let grows = source.load == Load::Incremental && since.is_some() && !anew;
    let gone = if grows { deleted::keys(context, node, source)? } else { None };
    account(step, &batch);
    let mut landed = Landed::of(&batch);
    let changed = if grows {
        let range = changes.range.as_ref();
        incremental::replace(context, node, source, &batch, &mut landed, step, range, gone.as_ref())?
    } else {
        0
    };
    if since.is_some() && changed == 0 && batch.reads.iter().all(|r| r.report.rows_in == 0) {
        return Ok(Ended::Unchanged("nothing new came".to_owned()));
    }
    deleted::marked(context, node, source, &batch, &mut landed, step)?;
    land::check(context, node, source, &batch, step, &mut landed)?;
    if grows {
        incremental::held_again(context, node, source, &batch, &mut landed)?;
    }
    enforce(step, landed.rows)?;
    let newest = batch.reads.iter().find_map(|r| r.cursor.clone());
    // A part that is read again says nothing about where the last run ended.
    let cursor = if changes.range.is_some() { changes.cursor.or(newest) } else { newest.or(changes.cursor) };
    step.notes.extend(cursor.as_deref().and_then(|largest| incremental::ahead(source, largest)));
    land::publish(context, node, source, &batch, landed, &forget, cursor)
}

/// A remark on rows whose parent has come and whose file has gone.
fn remark_on(out_of_reach: &[SeenFile]) -> Option<String> {
    let gone: Vec<&str> = out_of_reach.iter().map(|seen| seen.file.as_str()).collect();
    (!gone.is_empty()).then(|| {
        format!(
            "what rows of {} wait for may have come; they join when their files are back, which are read again for them",
            gone.join(", ")
        )
    })
}

/// Reads the files and brings all to one schema; reads again what was read with other types.
#[expect(clippy::too_many_arguments, reason = "what has changed, taken apart; used here only")]
fn gather(
    context: &Context<'_>,
    node: &Node<'_>,
    source: &SourceSpec,
    pieces: &[Piece],
    same: &[Piece],
    gone: Vec<SeenFile>,
    anew: bool,
    since: Option<&Since>,
) -> Outcome<Batch> {
    let mut kept = if anew { Vec::new() } else { kept::of_pieces(context, source, same)? };
    kept.extend(gone);
    let table = &node.name;
    let expected = if kept.is_empty() || !context.exists(table)? { None } else { Some(schema_of(context, table)?) };
    let mut reads = read_all(context, table, source, expected.as_ref(), pieces, since)?;
    let existing = expected.as_ref().map(|schema| kept::came(context, table, schema, &reads)).transpose()?;
    let all: Vec<Came> = existing.iter().cloned().chain(reads.iter().map(Read::came)).collect();
    let unified = unify(&all)?;
    // Rows in the lake that would need other types are read again from their files, which know more than a cast:
    // read as text, 1.50 is 1.50 and not 1.5.
    let retype = existing.as_ref().is_some_and(|came| !came.fits(&unified.schema));
    // Other columns or wider types: what stays is written once more, so that a table does not tell in which order its
    // files came.
    let reshaped = expected.as_ref().is_some_and(|schema| !unified.same_columns(schema));
    let forced = forced(source, &unified.schema);
    if retype && !anew {
        reads.extend(read_all(context, table, &forced, Some(&unified.schema), same, since)?);
        kept.retain(|seen| same.iter().all(|piece| piece.name != seen.file));
    }
    reads.sort_by(|a, b| a.piece.name.cmp(&b.piece.name));
    for read in &mut reads {
        bring_to(context, node, &forced, &unified, read, since)?;
    }
    // Of a table of which nothing stays the columns are those of what was read, whatever they were.
    let whole = anew || reshaped || kept.is_empty();
    Ok(Batch { reads, kept, unified, whole, out_of_reach: Vec::new() })
}

/// Gives a file's rows the common columns: written once more where columns are missing, read once more where types differ.
fn bring_to(
    context: &Context<'_>,
    node: &Node<'_>,
    forced: &SourceSpec,
    unified: &Unified,
    read: &mut Read,
    since: Option<&Since>,
) -> Outcome<()> {
    if unified.same_columns(&read.landed.written) {
        return Ok(());
    }
    if read.came().fits(&unified.schema) {
        let columns = kept::columns(&read.landed.written, &unified.schema).join(", ");
        let file = match checks::written(context, &read.landed.files) {
            Some(from) => kept::copy(context, &node.name, &read.piece.name, &format!("select {columns} from {from}"))?,
            None => None,
        };
        discard(context, std::mem::replace(&mut read.landed.files, file.into_iter().collect()));
        read.landed.written = unified.schema.clone();
        return Ok(());
    }
    discard(context, std::mem::take(&mut read.landed.files));
    discard(context, std::mem::take(&mut read.landed.held_files));
    let again = read_all(context, &node.name, forced, Some(&unified.schema), std::slice::from_ref(&read.piece), since)?;
    if let Some(again) = again.into_iter().next() {
        *read = again;
    }
    if unified.same_columns(&read.landed.written) {
        return Ok(());
    }
    // Lists and structures have no name a contract could say.
    let odd = read.landed.schema.fields().iter().find(|f| unified.schema.field_with_name(f.name()).is_ok_and(|u| !becomes(f, u)));
    Err(Problem::new(Code::Drift, format!("{} does not fit the other files of source {}", read.piece.name, forced.name))
        .why(odd.map_or_else(String::new, |f| format!("column \"{}\" is {} there", f.name(), data_type_of(f))))
        .next("give the column a type in the source's contract"))
}

/// What the readers counted, and what they have to say.
fn account(step: &mut StepRecord, batch: &Batch) {
    const MOST_NOTES: usize = 40;
    let several = batch.reads.len() > 1;
    let (mut notes, mut nulled) = (batch.unified.notes.clone(), 0);
    for read in &batch.reads {
        step.counts.rows_in += read.report.rows_in;
        step.counts.rows_out += read.report.rows_out;
        step.counts.quarantined += read.landed.held;
        step.peak_bytes = step.peak_bytes.max(read.landed.peak_bytes);
        nulled += read.report.nulled;
        let name = |note: &String| if several { format!("{}: {note}", read.piece.name) } else { note.clone() };
        notes.extend(read.report.notes.iter().map(name));
    }
    if nulled > 0 {
        notes.push(format!("{nulled} values did not fit and became null, as the contract asks"));
    }
    if notes.len() > MOST_NOTES {
        let more = notes.split_off(MOST_NOTES).len();
        notes.push(format!("and {more} more remarks"));
    }
    step.notes.extend(notes);
}
