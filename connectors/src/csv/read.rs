//! Reads delimited text in two passes: a survey of the whole file (records, types), then the rows in parallel.

use std::sync::{Mutex, PoisonError};

use trommel_model::Outcome;

use super::block::{Bytes, CsvBlock};
use super::config::{Dialect, Syntax};
use super::error;
use super::survey::Survey;
use super::understand::{self, Understood};
use super::window::{LONGEST_RECORD, Seen, each_block};
use crate::assemble::{Assembler, Counts};
use crate::bytes::Text;
use crate::plan::{self, Plan};
use crate::read::Job;
use crate::sink::{Mode, Sink};
use crate::{ReadReport, parallel};

/// Bytes of a chunk; each becomes a part. Not dependent on the number of threads, so that parts are always the same.
pub const CHUNK: u64 = 8 << 20;

/// Reads a file in chunks of so many bytes.
pub fn read(job: &Job<'_>, chunk: u64, sink: &dyn Sink) -> Outcome<ReadReport> {
    rows(job, understand::file(job, chunk)?, sink)
}

/// The first rows of a file, from its head alone.
pub fn preview(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    rows(job, understand::head(job, CHUNK)?, sink)
}

fn rows(job: &Job<'_>, known: Understood, sink: &dyn Sink) -> Outcome<ReadReport> {
    let mut plan = plan::plan(job.piece, job.spec, job.mode, &known.columns(job.spec.csv.as_text))?;
    let Understood { text, dialect, syntax, found, mut notes } = known;
    plan.mark = if dialect.decimal_mark == ',' { b',' } else { b'.' };
    sink.open(&plan.schema)?;
    let (counts, padded) = deliver(job, &text, &syntax, &plan, &found, sink)?;
    if found.records != counts.rows_out + counts.held {
        return Err(error::unaccounted(found.records, counts).in_file(&job.piece.path));
    }
    notes.splice(0..0, remarks(&text, &dialect, &found, &plan, padded, job.mode));
    Ok(ReadReport {
        rows_in: found.records,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded,
        notes,
        found: dialect.found.clone(),
        dialect: Some(dialect),
    })
}

/// The second pass: each chunk becomes a part.
fn deliver(job: &Job<'_>, text: &Text, syntax: &Syntax, plan: &Plan, found: &Survey, sink: &dyn Sink) -> Outcome<(Counts, u64)> {
    let total: Mutex<(Counts, u64, u64)> = Mutex::default();
    job.progress.update(|p| {
        p.doing = format!("reading {}", job.piece.name);
        p.bytes = 0;
        p.rows_total = found.records;
    });
    let bytes = if found.lossy == 0 { Bytes::Text } else { Bytes::Unknown };
    parallel::each(found.stretches.len(), job.threads, |part, buffer: &mut Vec<u8>| {
        let stretch = found.stretches[part];
        let mut assembler = Assembler::new(plan, sink, part);
        let mut padded = 0;
        each_block(text, syntax, stretch, job.cancel, buffer, &mut |seen| match seen {
            Seen::Block { text, records, .. } => {
                let (block, rejected, oddities) = CsvBlock::new(text, records, syntax, job.mode, bytes);
                padded += oddities.padded;
                for fault in rejected {
                    assembler.hold_record(block.record_line(fault.record), fault.rule, fault.reason, block.raw(fault.record))?;
                }
                assembler.take(&block)
            }
            Seen::TooLong { line, head, length } => {
                let reason = format!("the record has {length} bytes, more than the {LONGEST_RECORD} that are read");
                assembler.hold_record(line + 1, "length", reason, format!("{}…", String::from_utf8_lossy(head)))
            }
        })?;
        let counts = assembler.finish()?;
        let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
        total.0.rows_out += counts.rows_out;
        total.0.held += counts.held;
        total.0.nulled += counts.nulled;
        total.1 += padded;
        total.2 += stretch.limit.saturating_sub(stretch.start);
        let (rows, bytes) = (total.0.rows_out + total.0.held, total.2);
        job.progress.update(|p| {
            p.rows = rows;
            p.bytes = bytes;
        });
        Ok(())
    })?;
    let (counts, padded, _) = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((counts, padded))
}

fn remarks(text: &Text, dialect: &Dialect, found: &Survey, plan: &Plan, padded: u64, mode: Mode) -> Vec<String> {
    let mut notes = vec![dialect.in_words()];
    let mut count = |n: u64, one: &str, many: &str| {
        if n > 0 {
            notes.push(if n == 1 { format!("1 {one}") } else { format!("{n} {many}") });
        }
    };
    count(dialect.skip_lines, "line above the table left out", "lines above the table left out");
    count(found.comments, "comment line left out", "comment lines left out");
    count(found.empty_tail, "empty record at the end left out", "empty records at the end left out");
    count(found.empty, "empty record within the table left out", "empty records within the table left out");
    count(dialect.footer_lines, "line below the table left out", "lines below the table left out");
    count(text.replaced, "place where characters could not be read", "places where characters could not be read");
    count(padded, "record with too few or too many fields; see _text", "records with too few or too many fields; see _text");
    if mode == Mode::Lenient {
        count(found.lossy, "record with bytes that are no text", "records with bytes that are no text");
    }
    for column in plan.columns.iter().filter(|c| !c.contracted) {
        let Some(seen) = column.field.and_then(|f| found.columns.get(f)) else { continue };
        if seen.text > 0 && seen.typed > 0 && seen.text < 64 && seen.text * 100 <= seen.typed {
            notes.push(format!(
                "column \"{}\" is text because of {} of {} values, the first on line {}",
                column.name,
                seen.text,
                seen.text + seen.typed,
                seen.first_text_line
            ));
        } else if seen.null_words > 0 && seen.typed > 0 && seen.text == 0 {
            notes.push(format!("column \"{}\": {} words such as NA or NULL read as no value", column.name, seen.null_words));
        }
    }
    notes
}
