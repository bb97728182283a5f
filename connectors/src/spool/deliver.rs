//! The second pass: waiting rows become batches, block by block, in parallel.

use std::sync::{Mutex, PoisonError};

use trommel_model::Outcome;

use super::block::SpoolBlock;
use super::store::Spool;
use crate::assemble::{Assembler, Counts};
use crate::bytes::Text;
use crate::parallel;
use crate::plan::Plan;
use crate::read::Job;
use crate::sink::{Mode, Sink};
use crate::values::Kind;

/// Places of one block handed to the assembler.
const PLACES: usize = 1 << 18;
/// Rows of one block handed to the assembler.
const ROWS: usize = 4096;

/// Where the columns of a spool stand in the table.
pub struct Layout<'a> {
    /// The table's columns, in order of the fields of the plan.
    pub names: &'a [String],
    /// For each column of the spool, its field.
    pub places: &'a [Option<u32>],
    /// The text the rows come from, where there is one.
    pub text: Option<&'a Text>,
    /// Why odd rows are held.
    pub odd: &'a str,
}

/// Hands the rows of a spool to a sink.
pub fn deliver(job: &Job<'_>, spool: &Spool, layout: &Layout<'_>, plan: &Plan, sink: &dyn Sink) -> Outcome<Counts> {
    let mut kinds = vec![Kind::Text; layout.names.len()];
    for column in &plan.columns {
        if let Some(field) = column.field {
            kinds[field] = column.kind;
        }
    }
    job.progress.update(|p| {
        p.doing = format!("reading {}", job.piece.name);
        p.rows = 0;
        p.rows_total = spool.rows;
    });
    let total: Mutex<Counts> = Mutex::default();
    let most = (PLACES / layout.names.len().max(1)).clamp(1, ROWS);
    parallel::each(spool.blocks(), job.threads, |part, buffer: &mut Vec<u8>| {
        let bytes = spool.block(part, buffer)?;
        let mut assembler = Assembler::new(plan, sink, part);
        let mut block = SpoolBlock {
            names: layout.names,
            kinds: &kinds,
            places: layout.places,
            text: layout.text,
            bytes,
            rows: Vec::new(),
            cells: Vec::new(),
        };
        let mut at = 0;
        while let Some(next) = block.take(at) {
            at = next;
            if job.mode == Mode::Strict
                && let Some((line, raw)) = block.take_odd()
            {
                assembler.hold_record(line, "columns", layout.odd.to_owned(), raw)?;
                continue;
            }
            if block.rows.len() >= most {
                job.cancel.check()?;
                assembler.take(&block)?;
                block.clear();
            }
        }
        assembler.take(&block)?;
        let counts = assembler.finish()?;
        let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
        total.rows_out += counts.rows_out;
        total.held += counts.held;
        total.nulled += counts.nulled;
        let rows = total.rows_out + total.held;
        job.progress.update(|p| p.rows = rows);
        Ok(())
    })?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}
