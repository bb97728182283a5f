//! Takes the batches of a table in, part by part, and tells what its columns hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use rayon::prelude::*;
use trommel_model::{Code, Outcome, Problem, Profile, ProfileLevel};

use super::column::Column;
use super::report;
use super::state::Seed;
use crate::meaning;

/// The first rows of a table: so many of its first part …
const FIRST_ROWS: u64 = 64 * 1_024;
/// … or so many batches of it, since those that are put off wait in memory.
const FIRST_BATCHES: usize = 4;

/// A profile in the making. Parts may come from several threads; the batches of one part come in order.
///
/// A part that is finished waits for those before it and is then joined to the whole, so that the result is that of the
/// rows in order.
///
/// The first rows of the table say which columns have many values. In other parts these begin with sketches: counting
/// the first thousands of values exactly, to tell them to sketches soon after, takes more time than all the rest. So that
/// the result does not depend on which thread comes first, other parts are put off until these rows are in.
pub struct Profiler {
    level: ProfileLevel,
    schema: Mutex<Option<Schema>>,
    start: Mutex<Start>,
    open: Mutex<BTreeMap<usize, Part>>,
    whole: Mutex<Whole>,
}

/// How parts begin.
#[derive(Default)]
struct Start {
    /// A seed for each column, once the first rows are in; none for those with few values.
    seeds: Option<Arc<Vec<Option<Seed>>>>,
    /// Parts that came before.
    put_off: BTreeMap<usize, PutOff>,
}

#[derive(Default)]
struct PutOff {
    batches: Vec<RecordBatch>,
    ended: bool,
}

#[derive(Default)]
struct Part {
    rows: u64,
    batches: usize,
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
        Self { level, schema: Mutex::default(), start: Mutex::default(), open: Mutex::default(), whole: Mutex::default() }
    }

    /// Says which columns will come; for tables that may have no rows.
    pub fn open(&self, schema: &Schema) {
        locked(&self.schema).get_or_insert_with(|| schema.clone());
    }

    /// Takes in rows of a part.
    pub fn batch(&self, part: usize, batch: &RecordBatch) -> Outcome<()> {
        {
            let mut start = locked(&self.start);
            if part > 0 && start.seeds.is_none() {
                start.put_off.entry(part).or_default().batches.push(batch.clone());
                return Ok(());
            }
        }
        self.catch_up(part)?;
        self.take(part, batch)?;
        let enough =
            part == 0 && locked(&self.open).get(&0).is_some_and(|first| first.rows >= FIRST_ROWS || first.batches >= FIRST_BATCHES);
        if enough { self.begin() } else { Ok(()) }
    }

    /// No more rows of this part will come. Parts are numbered from 0 without gaps.
    pub fn end_part(&self, part: usize) -> Outcome<()> {
        {
            let mut start = locked(&self.start);
            if part > 0 && start.seeds.is_none() {
                start.put_off.entry(part).or_default().ended = true;
                return Ok(());
            }
        }
        self.catch_up(part)?;
        if part == 0 {
            self.begin()?;
        }
        self.end(part);
        Ok(())
    }

    /// Lets other parts begin, with what the first rows say.
    fn begin(&self) -> Outcome<()> {
        let ended: Vec<usize> = {
            let mut start = locked(&self.start);
            if start.seeds.is_some() {
                return Ok(());
            }
            let open = locked(&self.open);
            start.seeds = Some(Arc::new(open.get(&0).map_or_else(Vec::new, |first| first.columns.iter().map(Column::seed).collect())));
            start.put_off.iter().filter(|(_, put_off)| put_off.ended).map(|(part, _)| *part).collect()
        };
        // Nobody comes back for these; others catch up with their next batch.
        for part in ended {
            self.catch_up(part)?;
            self.end(part);
        }
        Ok(())
    }

    /// Takes in what was put off of a part.
    fn catch_up(&self, part: usize) -> Outcome<()> {
        let put_off = locked(&self.start).put_off.remove(&part).unwrap_or_default();
        put_off.batches.iter().try_for_each(|batch| self.take(part, batch))
    }

    fn take(&self, part: usize, batch: &RecordBatch) -> Outcome<()> {
        let known = locked(&self.open).remove(&part);
        let mut state = known.unwrap_or_else(|| {
            let seeds = locked(&self.start).seeds.clone();
            Part::new(&batch.schema(), self.level, seeds.as_deref().map_or(&[], Vec::as_slice))
        });
        state.rows += batch.num_rows() as u64;
        state.batches += 1;
        state.columns.par_iter_mut().zip(batch.columns()).try_for_each(|(column, array)| column.absorb(array))?;
        locked(&self.open).insert(part, state);
        Ok(())
    }

    /// What the columns hold in the rows that have been joined, or else in those of a part, in short; none before there are any.
    /// To be called by the thread that brings the part.
    pub fn so_far(&self, subject: &str, part: usize) -> Option<Profile> {
        let told = |part: &Part| Profile {
            subject: subject.to_owned(),
            rows: part.rows,
            level: ProfileLevel::Summary,
            columns: part.columns.par_iter().map(|column| report::profile(column, ProfileLevel::Summary).0).collect(),
            relations: None,
            notes: Vec::new(),
        };
        if let Some(joined) = &locked(&self.whole).joined {
            return Some(told(joined));
        }
        // Taken out while it is looked at, as for every batch, so that other parts do not wait.
        let own = locked(&self.open).remove(&part)?;
        let profile = told(&own);
        locked(&self.open).insert(part, own);
        Some(profile)
    }

    fn end(&self, part: usize) {
        let done = locked(&self.open).remove(&part).unwrap_or_default();
        let mut whole = locked(&self.whole);
        whole.waiting.insert(part, done);
        loop {
            let next = whole.next;
            let Some(part) = whole.waiting.remove(&next) else { return };
            whole.next += 1;
            whole.join(part);
        }
    }

    /// The profile of all that came.
    pub fn finish(self, subject: &str) -> Outcome<Profile> {
        self.begin()?;
        let mut whole = self.whole.into_inner().unwrap_or_else(PoisonError::into_inner);
        for part in std::mem::take(&mut whole.waiting).into_values() {
            whole.join(part);
        }
        let schema = self.schema.into_inner().unwrap_or_else(PoisonError::into_inner);
        let joined = match (whole.joined, schema) {
            (Some(joined), _) => joined,
            (None, Some(schema)) => Part::new(&schema, self.level, &[]),
            (None, None) => return Err(Problem::new(Code::Internal, "there is no table to profile")),
        };
        let told = joined.columns.par_iter().map(|column| report::profile(column, self.level));
        let (mut columns, places): (Vec<_>, Vec<_>) = told.unzip();
        meaning::settle(&mut columns, joined.rows, &places);
        let notes = columns.iter().filter(|c| c.not_finite > 0).map(|c| {
            format!("{}: {} values are not finite; least, greatest, mean, deviation and histogram leave them out", c.name, c.not_finite)
        });
        let notes = notes.collect();
        Ok(Profile { subject: subject.to_owned(), rows: joined.rows, level: self.level, columns, relations: None, notes })
    }
}

impl Part {
    fn new(schema: &Schema, level: ProfileLevel, seeds: &[Option<Seed>]) -> Self {
        let seed = |at: usize| seeds.get(at).and_then(Option::as_ref);
        Self {
            rows: 0,
            batches: 0,
            columns: schema.fields().iter().enumerate().map(|(at, field)| Column::new(field, level, seed(at))).collect(),
        }
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
