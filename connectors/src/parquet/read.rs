//! Reads Parquet: row groups in parallel, each a part, with its position columns; casts what the contract asks for.

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;
use trommel_model::{Outcome, Problem};

use super::config::{BATCH, BATCH_BYTES, LARGE_CHUNK, LARGEST_VALUE, MOST_RATIO};
use super::error;
use super::partition::{self, Partition};
use crate::assemble::Counts;
use crate::read::Job;
use crate::sink::Sink;
use crate::{ReadReport, parallel, typed};

/// Reads a file. A breakdown of the library on a hostile file is a fault of the file.
pub fn read(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    parallel::guarded(|| groups(job, sink)).map_err(error::of_file)
}

fn groups(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    let open = || File::open(&job.piece.path).map_err(|e| Problem::from_io(&e, "read the file", &job.piece.path));
    let file = open()?;
    if job.piece.bytes == 0 && file.metadata().is_ok_and(|m| m.len() == 0) {
        return Err(error::empty());
    }
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| error::unreadable(&e))?;
    let partitions = partition::of(&job.piece.name, metadata.schema());
    let own: SchemaRef = partition::extend_schema(metadata.schema(), &partitions);
    let plan = typed::plan(job, &own)?;
    let groups: Vec<i64> = metadata.metadata().row_groups().iter().map(|g| g.num_rows().max(0)).collect();
    let firsts: Vec<i64> = groups
        .iter()
        .scan(1_i64, |next, rows| {
            let first = *next;
            *next = next.saturating_add(*rows);
            Some(first)
        })
        .collect();
    let batches = batch_rows(metadata.metadata().row_groups())?;
    job.progress.update(|p| p.rows_total = groups.iter().sum::<i64>() as u64);
    sink.open(&plan.schema)?;
    let total: Mutex<(Counts, u64)> = Mutex::default();
    parallel::each(groups.len(), job.threads, |part, (): &mut ()| {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(open()?, metadata.clone())
            .with_row_groups(vec![part])
            .with_batch_size(batches[part])
            .build()
            .map_err(|e| error::unreadable(&e))?;
        let mut first = firsts[part];
        for batch in reader {
            job.cancel.check()?;
            let batch = batch.map_err(|e| error::unreadable(&e.into()))?;
            let batch = with_partitions(batch, &own, &partitions)?;
            let rows = batch.num_rows();
            let counts = typed::deliver(job, &plan, &batch, first, (part, sink), &|e| error::unreadable(&e.into()))?;
            first += rows as i64;
            let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
            total.0.rows_out += counts.rows_out;
            total.0.held += counts.held;
            total.0.nulled += counts.nulled;
            total.1 += rows as u64;
            let rows = total.1;
            job.progress.update(|p| p.rows = rows);
        }
        sink.end_part(part)
    })?;
    let (counts, rows) = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    let announced = groups.iter().sum::<i64>() as u64;
    if rows != announced {
        return Err(error::rows_missing(announced, rows));
    }
    Ok(ReadReport {
        rows_in: rows,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded: 0,
        notes: plan.notes,
        dialect: None,
        found: Vec::new(),
    })
}

/// Rows of the batches of each row group, by what the file says of its sizes; what cannot be held is refused before it is unpacked.
fn batch_rows(groups: &[RowGroupMetaData]) -> Outcome<Vec<usize>> {
    groups
        .iter()
        .map(|group| {
            let rows = group.num_rows().max(1) as u64;
            let mut all = 0_u64;
            for column in group.columns() {
                let (packed, bytes) = (column.compressed_size().max(0) as u64, column.uncompressed_size().max(0) as u64);
                if bytes / rows > LARGEST_VALUE || (bytes > LARGE_CHUNK && bytes / packed.max(1) > MOST_RATIO) {
                    return Err(error::too_large(&column.column_path().string(), packed, bytes, rows));
                }
                all = all.saturating_add(bytes);
            }
            Ok((BATCH_BYTES / (all / rows).max(1)).clamp(1, BATCH as u64) as usize)
        })
        .collect()
}

/// A batch with the columns that the names of its folders tell.
fn with_partitions(batch: RecordBatch, schema: &SchemaRef, partitions: &[Partition]) -> Outcome<RecordBatch> {
    if partitions.is_empty() {
        return Ok(batch);
    }
    let rows = batch.num_rows();
    let mut arrays = batch.columns().to_vec();
    for partition in partitions {
        arrays.push(partition.array(rows)?);
    }
    RecordBatch::try_new(schema.clone(), arrays).map_err(|e| error::unreadable(&e.into()))
}
