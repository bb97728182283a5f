//! Takes the batches of a table in, part by part, and tells what its columns hold.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use rayon::prelude::*;
use trommel_model::{Code, Outcome, Problem, Profile, ProfileLevel};

use super::column::Column;
use super::report;

/// A profile in the making. Parts may come from several threads; the batches of one part come in order.
///
/// A part that is finished waits for those before it and is then joined to the whole, so that the result is that of the
/// rows in order.
pub struct Profiler {
    level: ProfileLevel,
    schema: Mutex<Option<Schema>>,
    open: Mutex<BTreeMap<usize, Part>>,
    whole: Mutex<Whole>,
}

#[derive(Default)]
struct Part {
    rows: u64,
    columns: Vec<Column>,
}

#[derive(Default)]
struct Whole {
    /// The part that comes next.
    next: usize,
    waiting: BTreeMap<usize, Part>,
    joined: Option<Part>,
}

impl Profiler {
    /// A profile of nothing yet.
    pub fn new(level: ProfileLevel) -> Self {
        Self { level, schema: Mutex::default(), open: Mutex::default(), whole: Mutex::default() }
    }

    /// Says which columns will come; for tables that may have no rows.
    pub fn open(&self, schema: &Schema) {
        locked(&self.schema).get_or_insert_with(|| schema.clone());
    }

    /// Takes in rows of a part.
    pub fn batch(&self, part: usize, batch: &RecordBatch) -> Outcome<()> {
        let mut state = locked(&self.open).remove(&part).unwrap_or_else(|| Part::new(&batch.schema(), self.level));
        state.rows += batch.num_rows() as u64;
        state.columns.par_iter_mut().zip(batch.columns()).try_for_each(|(column, array)| column.absorb(array))?;
        locked(&self.open).insert(part, state);
        Ok(())
    }

    /// No more rows of this part will come. Parts are numbered from 0 without gaps.
    pub fn end_part(&self, part: usize) -> Outcome<()> {
        let done = locked(&self.open).remove(&part).unwrap_or_default();
        let mut whole = locked(&self.whole);
        whole.waiting.insert(part, done);
        loop {
            let next = whole.next;
            let Some(part) = whole.waiting.remove(&next) else { return Ok(()) };
            whole.next += 1;
            whole.join(part);
        }
    }

    /// The profile of all that came.
    pub fn finish(self, subject: &str) -> Outcome<Profile> {
        let mut whole = self.whole.into_inner().unwrap_or_else(PoisonError::into_inner);
        for part in std::mem::take(&mut whole.waiting).into_values() {
            whole.join(part);
        }
        let schema = self.schema.into_inner().unwrap_or_else(PoisonError::into_inner);
        let joined = match (whole.joined, schema) {
            (Some(joined), _) => joined,
            (None, Some(schema)) => Part::new(&schema, self.level),
            (None, None) => return Err(Problem::new(Code::Internal, "there is no table to profile")),
        };
        let columns: Vec<_> = joined.columns.par_iter().map(|column| report::profile(column, self.level)).collect();
        let notes = columns.iter().filter(|c| c.not_finite > 0).map(|c| {
            format!("{}: {} values are not finite; least, greatest, mean, deviation and histogram leave them out", c.name, c.not_finite)
        });
        let notes = notes.collect();
        Ok(Profile { subject: subject.to_owned(), rows: joined.rows, level: self.level, columns, relations: None, notes })
    }
}

impl Part {
    fn new(schema: &Schema, level: ProfileLevel) -> Self {
        Self { rows: 0, columns: schema.fields().iter().map(|field| Column::new(field, level)).collect() }
    }
}

impl Whole {
    fn join(&mut self, part: Part) {
        match &mut self.joined {
            _ if part.columns.is_empty() && part.rows == 0 => {}
            Some(joined) => {
                joined.rows += part.rows;
                joined.columns.par_iter_mut().zip(&part.columns).for_each(|(mine, theirs)| mine.merge(theirs));
            }
            None => self.joined = Some(part),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
