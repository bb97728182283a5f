//! Step 6, survive: one golden record an entity, each column by its rule.
//!
//! Every rule chooses a row, and the column is copied from the rows chosen, so a golden record keeps the types of
//! its table exactly.

use arrow::array::{Array, RecordBatch};
use arrow::buffer::NullBuffer;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::{Outcome, SurvivorRule};

use crate::arrays::{Text, column, comparable, gather};
use crate::cluster::Entities;
use crate::plan::{Keep, Plan};
use crate::records::Records;
use crate::watch::{STRETCH, Watch};

/// Rows gathered at once when a rule has to look at values; bounds the memory of a column.
const LOOK: usize = 262_144;

/// Entities of several rows, for which there is something to choose.
struct Choices<'a> {
    plan: &'a Plan<'a>,
    records: &'a Records,
    entities: &'a Entities,
    /// Entities of two rows or more.
    several: Vec<u32>,
    /// Their rows, entity after entity, newest first; empty when no rule asks.
    newest: Vec<u32>,
    /// Their rows, entity after entity, most trusted source first; empty when no rule asks.
    trusted: Vec<u32>,
    /// Where each entity of `several` begins in those.
    starts: Vec<usize>,
}

/// For each column of the golden record the row of each entity that its value comes from, as (column, rows).
pub(crate) fn survive(plan: &Plan<'_>, records: &Records, entities: &Entities, watch: &Watch<'_>) -> Outcome<Vec<(usize, Vec<u32>)>> {
    watch.start("choosing values", plan.kept.len() as u64)?;
    let choices = Choices::new(plan, records, entities, watch)?;
    plan.kept
        .par_iter()
        .map(|&(at, keep)| {
            let rows = choices.choose(at, keep, watch)?;
            watch.advance(1);
            Ok((at, rows))
        })
        .collect()
}

impl<'a> Choices<'a> {
    fn new(plan: &'a Plan<'a>, records: &'a Records, entities: &'a Entities, watch: &Watch<'_>) -> Outcome<Self> {
        let several: Vec<u32> = (0..entities.len() as u32).filter(|&e| entities.members(e as usize).len() > 1).collect();
        let mut starts = vec![0];
        let mut end = 0;
        for &entity in &several {
            end += entities.members(entity as usize).len();
            starts.push(end);
        }
        let mut choices = Self { plan, records, entities, several, newest: Vec::new(), trusted: Vec::new(), starts };
        let asks = |rule| plan.kept.iter().any(|(_, keep)| *keep == Keep::Rule(rule));
        if asks(SurvivorRule::Newest)
            && let Some(recency) = plan.recency
        {
            choices.newest = choices.by_recency(recency, watch)?;
        }
        if asks(SurvivorRule::SourceOrder) {
            choices.trusted = choices.by_source();
        }
        Ok(choices)
    }

    fn choose(&self, at: usize, keep: Keep, watch: &Watch<'_>) -> Outcome<Vec<u32>> {
        watch.check()?;
        let mut chosen: Vec<u32> = (0..self.entities.len()).map(|e| self.entities.members(e)[0]).collect();
        let nulls = Nulls::new(&self.records.batches(), at);
        let first_value = |rows: &[u32]| rows.iter().copied().find(|&row| nulls.has_value(self.records, row));
        let in_order = |order: &[u32], chosen: &mut Vec<u32>| -> Outcome<()> {
            for (at, &entity) in self.several.iter().enumerate() {
                if at % STRETCH == 0 {
                    watch.check()?;
                }
                if let Some(row) = first_value(&order[self.starts[at]..self.starts[at + 1]]) {
                    chosen[entity as usize] = row;
                }
            }
            Ok(())
        };
        match keep {
            Keep::First | Keep::Computed => {}
            Keep::Rule(SurvivorRule::NonNull) => self.first_values(&nulls, &mut chosen, watch)?,
            Keep::Rule(SurvivorRule::Newest) => in_order(&self.newest, &mut chosen)?,
            Keep::Rule(SurvivorRule::SourceOrder) => in_order(&self.trusted, &mut chosen)?,
            Keep::Rule(SurvivorRule::Longest) => self.look(at, &nulls, 2, &mut chosen, watch, |rows, array| {
                let text = Text::of(array)?;
                Ok(Box::new(move |from, to| {
                    let length = |at: usize| text.get(at).map_or(0, |t| t.chars().count());
                    (from..to).rev().max_by_key(|&at| length(at)).map(|at| rows[at])
                }))
            })?,
            Keep::Rule(SurvivorRule::MostFrequent) => self.look(at, &nulls, 3, &mut chosen, watch, |rows, array| {
                let values = comparable(std::slice::from_ref(array))?;
                Ok(Box::new(move |from, to| {
                    let mut counts: FxHashMap<&[u8], usize> = FxHashMap::default();
                    for at in from..to {
                        *counts.entry(values.row(at).data()).or_default() += 1;
                    }
                    (from..to).rev().max_by_key(|&at| counts[values.row(at).data()]).map(|at| rows[at])
                }))
            })?,
        }
        Ok(chosen)
    }

    /// The first row of each entity that has a value.
    fn first_values(&self, nulls: &Nulls, chosen: &mut [u32], watch: &Watch<'_>) -> Outcome<()> {
        for (at, &entity) in self.several.iter().enumerate() {
            if at % STRETCH == 0 {
                watch.check()?;
            }
            if let Some(&row) = self.entities.members(entity as usize).iter().find(|&&row| nulls.has_value(self.records, row)) {
                chosen[entity as usize] = row;
            }
        }
        Ok(())
    }

    /// Lets a rule look at the values of every entity that has at least `enough` of them; with fewer, the first
    /// value is the rule's choice. `ready` is given rows with a value and those values, and gives back the
    /// choice among a range of them; of equally good ones the first.
    fn look(
        &self,
        at: usize,
        nulls: &Nulls,
        enough: usize,
        chosen: &mut [u32],
        watch: &Watch<'_>,
        ready: impl Fn(Vec<u32>, &arrow::array::ArrayRef) -> Outcome<Box<dyn Fn(usize, usize) -> Option<u32>>>,
    ) -> Outcome<()> {
        let (mut rows, mut ranges): (Vec<u32>, Vec<(u32, usize, usize)>) = (Vec::new(), Vec::new());
        for (i, &entity) in self.several.iter().enumerate() {
            if i % STRETCH == 0 {
                watch.check()?;
            }
            let from = rows.len();
            rows.extend(self.entities.members(entity as usize).iter().filter(|&&row| nulls.has_value(self.records, row)));
            if let Some(&first) = rows.get(from) {
                chosen[entity as usize] = first;
            }
            if rows.len() - from < enough {
                rows.truncate(from);
            } else {
                ranges.push((entity, from, rows.len()));
            }
            if rows.len() >= LOOK || i + 1 == self.several.len() {
                let array = gather(&self.records.batches(), at, &self.records.places_of(&rows))?;
                let choice = ready(std::mem::take(&mut rows), &array)?;
                for (entity, from, to) in ranges.drain(..) {
                    if let Some(row) = choice(from, to) {
                        chosen[entity as usize] = row;
                    }
                }
            }
        }
        Ok(())
    }

    /// Rows of entities of several, newest first; rows that do not say how new they are come last.
    fn by_recency(&self, recency: usize, watch: &Watch<'_>) -> Outcome<Vec<u32>> {
        let mut order = Vec::with_capacity(self.starts[self.several.len()]);
        for part in self.several.chunks(STRETCH) {
            watch.check()?;
            let rows: Vec<u32> = part.iter().flat_map(|&e| self.entities.members(e as usize)).copied().collect();
            let times = comparable(&[gather(&self.records.batches(), recency, &self.records.places_of(&rows))?])?;
            let mut at = 0;
            for &entity in part {
                let size = self.entities.members(entity as usize).len();
                let mut places: Vec<usize> = (at..at + size).collect();
                places.sort_by(|&a, &b| times.row(b).cmp(&times.row(a)).then(a.cmp(&b)));
                order.extend(places.into_iter().map(|place| rows[place]));
                at += size;
            }
        }
        Ok(order)
    }

    /// Rows of entities of several by the model's order of sources; sources it does not name come last.
    fn by_source(&self) -> Vec<u32> {
        let ranks: FxHashMap<&str, usize> =
            self.plan.spec.source_order.iter().enumerate().rev().map(|(rank, source)| (source.as_str(), rank)).collect();
        let mut order = Vec::with_capacity(self.starts[self.several.len()]);
        for &entity in &self.several {
            let mut rows = self.entities.members(entity as usize).to_vec();
            rows.sort_by_key(|&row| (ranks.get(self.records.source(row)).copied().unwrap_or(usize::MAX), row));
            order.extend(rows);
        }
        order
    }
}

/// Which rows of a column have a value.
struct Nulls(Vec<Option<NullBuffer>>);

impl Nulls {
    fn new(batches: &[RecordBatch], at: usize) -> Self {
        Self(column(batches, at).into_iter().map(Array::logical_nulls).collect())
    }

    fn has_value(&self, records: &Records, row: u32) -> bool {
        let (batch, at) = records.place(row);
        self.0[batch as usize].as_ref().is_none_or(|nulls| nulls.is_valid(at as usize))
    }
}
