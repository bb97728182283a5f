//! The two tables a match makes: golden records and the crosswalk.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use rayon::prelude::*;
use trommel_model::Outcome;

use crate::arrays::{Text, gather, internal};
use crate::cluster::Entities;
use crate::plan::{ENTITY_ID, ENTITY_SIZE, Keep, Plan};
use crate::records::Records;
use crate::watch::Watch;

/// What stands in place of a source where a value is from no record but was worked out from all of them.
pub(crate) const COMPUTED: &str = "computed";

/// Rows of one batch.
const BATCH: usize = 65_536;

/// `entity_id`, `entity_size`, then the table's columns without its position columns; ordered by the (source, id)
/// that names each entity. At least one batch when the input has one, so that the schema is known.
pub(crate) fn golden(
    plan: &Plan<'_>,
    records: &Records,
    entities: &Entities,
    names: &[String],
    chosen: &[(usize, Vec<u32>)],
    watch: &Watch<'_>,
) -> Outcome<Vec<RecordBatch>> {
    watch.start("writing golden records", entities.len() as u64)?;
    let fields = [Field::new(ENTITY_ID, DataType::Utf8, false), Field::new(ENTITY_SIZE, DataType::Int64, false)];
    let mut fields: Vec<Arc<Field>> = fields.into_iter().map(Arc::new).collect();
    fields.extend(chosen.iter().map(|(at, _)| plan.schema.fields()[*at].clone()));
    let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, plan.schema.metadata().clone()));
    batches(entities.len(), watch, |from, to| {
        let sizes = (from..to).map(|e| entities.members(e).len() as i64);
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(StringArray::from_iter_values(&names[from..to])), Arc::new(Int64Array::from_iter_values(sizes))];
        for (at, rows) in chosen {
            columns.push(gather(&records.batches(), *at, &records.places_of(&rows[from..to]))?);
        }
        RecordBatch::try_new(schema.clone(), columns).map_err(internal)
    })
}

/// `source` (text, empty when there is none), `id` (the type it has in the table) and `entity_id` of every distinct
/// (source, id), ordered by the two.
pub(crate) fn crosswalk(
    plan: &Plan<'_>,
    records: &Records,
    entities: &Entities,
    names: &[String],
    watch: &Watch<'_>,
) -> Outcome<Vec<RecordBatch>> {
    let mut repeats = records.repeats.iter().copied().peekable();
    let rows: Vec<u32> = (0..records.len() as u32).filter(|row| repeats.next_if_eq(row).is_none()).collect();
    watch.start("writing the crosswalk", rows.len() as u64)?;
    let id = plan.schema.field(plan.id);
    let id = Field::new("id", id.data_type().clone(), id.is_nullable());
    let schema: SchemaRef =
        Arc::new(Schema::new(vec![Field::new("source", DataType::Utf8, false), id, Field::new(ENTITY_ID, DataType::Utf8, false)]));
    batches(rows.len(), watch, |from, to| {
        let rows = &rows[from..to];
        let sources = rows.iter().map(|&row| records.source(row));
        let entity_ids = rows.iter().map(|&row| &names[entities.of_row[row as usize] as usize]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(sources)),
            gather(&records.batches(), plan.id, &records.places_of(rows))?,
            Arc::new(StringArray::from_iter_values(entity_ids)),
        ];
        RecordBatch::try_new(schema.clone(), columns).map_err(internal)
    })
}

/// `entity_id`, `column`, `source` and `id` of the row that each value of each golden record is from; the id is text. A
/// value that was worked out is from the source `computed`, without an id.
pub(crate) fn provenance(
    plan: &Plan<'_>,
    records: &Records,
    entities: &Entities,
    names: &[String],
    chosen: &[(usize, Vec<u32>)],
    watch: &Watch<'_>,
) -> Outcome<Vec<RecordBatch>> {
    watch.start("telling where values are from", (entities.len() * chosen.len()) as u64)?;
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let schema: SchemaRef = Arc::new(Schema::new(vec![text(ENTITY_ID), text("column"), text("source"), text("id")]));
    let mut all = Vec::new();
    for ((at, rows), (_, keep)) in chosen.iter().zip(&plan.kept) {
        let column = plan.schema.field(*at).name();
        let computed = *keep == Keep::Computed;
        all.extend(batches(entities.len(), watch, |from, to| {
            let rows = &rows[from..to];
            let ids = Text::of(&gather(&records.batches(), plan.id, &records.places_of(rows))?)?;
            let columns: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from_iter_values(&names[from..to])),
                Arc::new(StringArray::from_iter_values(std::iter::repeat_n(column, rows.len()))),
                Arc::new(StringArray::from_iter_values(rows.iter().map(|&row| if computed { COMPUTED } else { records.source(row) }))),
                Arc::new(StringArray::from_iter_values((0..rows.len()).map(|at| ids.get(at).filter(|_| !computed).unwrap_or("")))),
            ];
            RecordBatch::try_new(schema.clone(), columns).map_err(internal)
        })?);
    }
    Ok(all)
}

fn batches(rows: usize, watch: &Watch<'_>, make: impl Fn(usize, usize) -> Outcome<RecordBatch> + Sync) -> Outcome<Vec<RecordBatch>> {
    let starts: Vec<usize> = if rows == 0 { vec![0] } else { (0..rows).step_by(BATCH).collect() };
    starts
        .into_par_iter()
        .map(|from| {
            watch.check()?;
            let to = (from + BATCH).min(rows);
            let batch = make(from, to)?;
            watch.advance((to - from) as u64);
            Ok(batch)
        })
        .collect()
}
