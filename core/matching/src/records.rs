//! The rows of a match in their canonical order: by source, then id.
//!
//! Everything after this step counts rows in canonical order, so that nothing depends on the order in
//! which rows came. Rows that share source and id are one record that came more than once: they are one
//! entity without being compared, and stand next to each other in the order of their other values.

use std::cmp::Ordering;
use std::sync::{Arc, PoisonError, RwLock};

use arrow::array::{Array, ArrayRef, AsArray, NullArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type, Schema, SchemaRef};
use arrow::row::{RowConverter, Rows};
use trommel_model::{Code, Outcome, Pairs, Problem};

use crate::arrays::{Text, comparable, gather, internal, sortable, whole_numbers};
use crate::intern::Interner;
use crate::plan::{POSITION_COLUMNS, Plan};
use crate::sort::sort;
use crate::watch::Watch;

/// The rows in canonical order.
pub(crate) struct Records {
    batches: RwLock<Arc<[RecordBatch]>>,
    /// Canonical row → row in the order it came, over all batches.
    pub order: Vec<u32>,
    /// The first row of each batch.
    starts: Vec<u32>,
    /// Canonical rows whose (source, id) is that of the row before.
    pub repeats: Vec<u32>,
    sources: Option<Vec<Text>>,
}

impl Records {
    pub fn new(plan: &Plan<'_>, input: Arc<[RecordBatch]>, watch: &Watch<'_>) -> Outcome<Self> {
        let batches = &*input;
        let rows = count(batches)?;
        watch.start("ordering rows", u64::from(rows))?;
        no_missing_ids(plan, batches)?;
        let sources = plan.source.map(|s| texts(batches, s)).transpose()?;
        let (keys, ids) = keys(plan, batches, sources.as_deref(), watch)?;
        let compare = |a: &Key, b: &Key| match (a.source, a.id).cmp(&(b.source, b.id)) {
            Ordering::Equal => ids.as_ref().map_or(Ordering::Equal, |ids| ids.row(a.row as usize).cmp(&ids.row(b.row as usize))),
            other => other,
        };
        let keys = sort(keys, watch, |a, b| compare(a, b).then(a.row.cmp(&b.row)))?;
        let repeats: Vec<u32> =
            keys.windows(2).zip(1..).filter(|(pair, _)| compare(&pair[0], &pair[1]).is_eq()).map(|(_, row)| row).collect();
        let mut order: Vec<u32> = keys.into_iter().map(|key| key.row).collect();
        let starts = starts(batches);
        order_repeats(&mut order, &repeats, plan, batches, &starts)?;
        Ok(Self { batches: RwLock::new(input), order, starts, repeats, sources })
    }

    /// The rows as they came.
    pub fn batches(&self) -> Arc<[RecordBatch]> {
        self.batches.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives up all columns but one, once what is compared and blocked by is read.
    pub fn keep_only(&self, column: usize) -> Outcome<()> {
        let kept = |batch: &RecordBatch| {
            let mut fields: Vec<Field> = batch.schema().fields().iter().map(|f| Field::new(f.name(), DataType::Null, true)).collect();
            let mut columns: Vec<ArrayRef> = fields.iter().map(|_| Arc::new(NullArray::new(batch.num_rows())) as ArrayRef).collect();
            fields[column] = batch.schema().field(column).clone();
            columns[column] = batch.column(column).clone();
            RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(internal)
        };
        let kept: Arc<[RecordBatch]> = self.batches().iter().map(kept).collect::<Outcome<_>>()?;
        *self.batches.write().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// For each row, in the order it came, its canonical row.
    pub fn canonical(&self) -> Vec<u32> {
        let mut canonical = vec![0; self.len()];
        for (row, &came) in (0..).zip(&self.order) {
            canonical[came as usize] = row;
        }
        canonical
    }

    /// The row's source as text; empty when the model has none or the row has none.
    pub fn source(&self, row: u32) -> &str {
        let (batch, at) = self.place(row);
        self.sources.as_ref().and_then(|s| s[batch as usize].get(at as usize)).unwrap_or("")
    }

    /// For each canonical row a number of its source.
    pub fn source_numbers(&self) -> Vec<u32> {
        let mut numbers = Interner::default();
        (0..self.len() as u32).map(|row| numbers.id(self.source(row))).collect()
    }

    /// For each canonical row a number, such that only rows of different numbers are paired: its source, or its record where
    /// records came more than once. `None` when all rows are paired.
    pub fn apart(&self, pairs: Pairs) -> Option<Vec<u32>> {
        if pairs == Pairs::Across {
            return Some(self.source_numbers());
        }
        let (mut repeats, mut record) = (self.repeats.iter().copied().peekable(), 0);
        let mut number = |row: u32| {
            record += u32::from(repeats.next_if_eq(&row).is_none());
            record
        };
        (!self.repeats.is_empty()).then(|| (0..self.len() as u32).map(&mut number).collect())
    }

    /// Some rows as a table of their own, coded columns as texts.
    pub fn take(&self, schema: &SchemaRef, rows: &[u32]) -> Outcome<RecordBatch> {
        let places = self.places_of(rows);
        let columns = (0..schema.fields().len()).map(|at| gather(&self.batches(), at, &places)).collect::<Outcome<Vec<_>>>()?;
        let field = |(field, column): (&FieldRef, &ArrayRef)| field.as_ref().clone().with_data_type(column.data_type().clone());
        let schema = Schema::new(schema.fields().iter().zip(&columns).map(field).collect::<Vec<_>>());
        RecordBatch::try_new(Arc::new(schema), columns).map_err(internal)
    }

    /// Canonical rows as Arrow's `interleave` wants them.
    pub fn places_of(&self, rows: &[u32]) -> Vec<(usize, usize)> {
        rows.iter().map(|&row| self.place(row)).map(|(batch, at)| (batch as usize, at as usize)).collect()
    }

    /// The batch of a canonical row, and the row in it.
    pub fn place(&self, row: u32) -> (u32, u32) {
        place(&self.starts, self.order[row as usize])
    }
}

fn count(batches: &[RecordBatch]) -> Outcome<u32> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    u32::try_from(rows).ok().filter(|&n| n < u32::MAX).ok_or_else(|| {
        Problem::new(Code::TooLarge, format!("{rows} rows are too many for one match"))
            .why("a match counts rows in 32 bits")
            .next("part the table by a column that never differs within an entity, and match each part")
    })
}

fn no_missing_ids(plan: &Plan<'_>, batches: &[RecordBatch]) -> Outcome<()> {
    let mut before = 0;
    for batch in batches {
        if let Some(nulls) = batch.column(plan.id).logical_nulls()
            && let Some(at) = (0..nulls.len()).find(|&i| nulls.is_null(i))
        {
            let what = format!("a row of {} has no id", plan.spec.from);
            return Err(Problem::new(Code::BadMatch, what).at_row((before + at + 1) as u64).at_field(&plan.spec.id).next(format!(
                "hold such rows back with a check (not_null on \"{}\", action quarantine), or choose another id column",
                plan.spec.id
            )));
        }
        before += batch.num_rows();
    }
    Ok(())
}

fn texts(batches: &[RecordBatch], column: usize) -> Outcome<Vec<Text>> {
    batches.iter().map(|b| Text::of(b.column(column))).collect()
}

/// What a row is ordered by.
#[derive(Clone, Copy)]
struct Key {
    /// Rank of its source's text; a missing source is the empty text.
    source: u32,
    row: u32,
    /// The beginning of its id, or all of it; orders as the id does.
    id: u64,
}

/// The key of every row, and the whole ids if keys hold only their beginnings.
fn keys(plan: &Plan<'_>, batches: &[RecordBatch], sources: Option<&[Text]>, watch: &Watch<'_>) -> Outcome<(Vec<Key>, Option<Rows>)> {
    let Some(first) = batches.first() else {
        return Ok((Vec::new(), None));
    };
    let ranks = sources.map(|texts| source_ranks(texts, watch)).transpose()?;
    let source = |row: usize| ranks.as_ref().map_or(0, |ranks| ranks[row]);
    let mut keys: Vec<Key> = Vec::new();
    if whole_numbers(first.column(plan.id).data_type()) {
        for batch in batches {
            watch.check()?;
            let ids = cast(batch.column(plan.id), &DataType::Int64).map_err(internal)?;
            for &id in ids.as_primitive::<Int64Type>().values() {
                keys.push(Key { source: source(keys.len()), row: keys.len() as u32, id: (id as u64) ^ (1 << 63) });
            }
        }
        return Ok((keys, None));
    }
    let converter = RowConverter::new(vec![sortable(first.column(plan.id))?.0]).map_err(internal)?;
    let mut ids = converter.empty_rows(0, 0);
    for batch in batches {
        watch.check()?;
        converter.append(&mut ids, &[sortable(batch.column(plan.id))?.1]).map_err(internal)?;
    }
    for (row, id) in ids.iter().enumerate() {
        let mut beginning = [0; 8];
        let bytes = &id.data()[..id.data().len().min(8)];
        beginning[..bytes.len()].copy_from_slice(bytes);
        keys.push(Key { source: source(row), row: row as u32, id: u64::from_be_bytes(beginning) });
    }
    Ok((keys, Some(ids)))
}

/// Each row's place among the distinct sources.
fn source_ranks(texts: &[Text], watch: &Watch<'_>) -> Outcome<Vec<u32>> {
    let mut interner = Interner::default();
    let mut ids = Vec::new();
    for text in texts {
        watch.check()?;
        ids.extend((0..text.len()).map(|row| interner.id(text.get(row).unwrap_or(""))));
    }
    let distinct = interner.into_texts();
    let mut sorted: Vec<usize> = (0..distinct.len()).collect();
    sorted.sort_unstable_by_key(|&at| distinct[at]);
    let mut ranks = vec![0; distinct.len()];
    for (rank, at) in sorted.into_iter().enumerate() {
        ranks[at] = rank as u32;
    }
    Ok(ids.into_iter().map(|id| ranks[id as usize - 1]).collect())
}

/// Puts rows of equal (source, id) in the order of their values, so that it does not matter which came first.
fn order_repeats(order: &mut [u32], repeats: &[u32], plan: &Plan<'_>, batches: &[RecordBatch], starts: &[u32]) -> Outcome<()> {
    if repeats.is_empty() {
        return Ok(());
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &at in repeats {
        let at = at as usize;
        match runs.last_mut() {
            Some((_, end)) if *end == at => *end = at + 1,
            _ => runs.push((at - 1, at + 1)),
        }
    }
    let places: Vec<(usize, usize)> = runs
        .iter()
        .flat_map(|&(from, to)| order[from..to].iter())
        .map(|&row| place(starts, row))
        .map(|(batch, at)| (batch as usize, at as usize))
        .collect();
    let said = (0..plan.schema.fields().len()).filter(|&c| !POSITION_COLUMNS.contains(&plan.schema.field(c).name().as_str()));
    let columns = said.map(|c| gather(batches, c, &places)).collect::<Outcome<Vec<_>>>()?;
    let values = comparable(&columns)?;
    let mut taken = 0;
    for (from, to) in runs {
        let mut run: Vec<(usize, u32)> = order[from..to].iter().enumerate().map(|(i, &row)| (taken + i, row)).collect();
        run.sort_by(|a, b| match values.row(a.0).cmp(&values.row(b.0)) {
            Ordering::Equal => a.1.cmp(&b.1),
            other => other,
        });
        for (slot, (_, row)) in order[from..to].iter_mut().zip(run) {
            *slot = row;
        }
        taken += to - from;
    }
    Ok(())
}

fn starts(batches: &[RecordBatch]) -> Vec<u32> {
    let mut at = 0;
    let mut starts = Vec::with_capacity(batches.len());
    for batch in batches {
        starts.push(at);
        at += batch.num_rows() as u32;
    }
    starts
}

fn place(starts: &[u32], row: u32) -> (u32, u32) {
    let batch = starts.partition_point(|&start| start <= row) - 1;
    (batch as u32, row - starts[batch])
}
