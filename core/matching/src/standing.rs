//! What stands from before a run: decisions of people, and the names that entities had.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Schema, UInt64Type};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use trommel_model::{Code, DecisionReport, EntityEvent, MatchDecision, Outcome, Problem, RecordKey};

use crate::arrays::{Text, gather, internal};
use crate::cluster::Entities;
use crate::decisions::{Settled, settle};
use crate::given::{self, Given};
use crate::learn::Edge;
use crate::plan::Plan;
use crate::previous::{Previous, RecordMark, of_records, record};
use crate::records::Records;
use crate::resume::Journal;
use crate::review::{ReviewPair, review_queue};
use crate::stable::carry_over_known;
use crate::weighed::{chance, is_doubtful, weight_of};

/// What a run takes over from before.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// What people decided of pairs of records.
    pub decisions: Vec<MatchDecision>,
    /// The entity of each record in the run before.
    pub previous: Previous,
    /// Match only what is new or has changed against the entities of the run before.
    pub known: Option<Known>,
    /// Tell where each value of a golden record is from.
    pub provenance: bool,
    /// Tell so many pairs in doubt.
    pub review: usize,
    /// Pairs in doubt of the run before, as [`MatchOutput::review`](crate::MatchOutput::review) has them: what is not matched
    /// again stays in doubt.
    pub reviewed: Vec<RecordBatch>,
    /// Where what is found is noted, so that a match that was stopped goes on from there.
    pub journal: Option<Arc<dyn Journal>>,
}

/// What is known of the run before besides the names of its entities.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Records that say something else than then.
    pub changed: BTreeSet<RecordKey>,
    /// What was learned then: [`StandingReport::learned`].
    pub learned: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandingReport {
    /// Decisions applied, contradicting and about records that are no more.
    pub decisions: DecisionReport,
    /// What became of the entities of the run before; empty when there was none.
    pub events: Vec<EntityEvent>,
    /// What was learned, as text, for [`Known::learned`] of a later run.
    pub learned: Option<String>,
    /// Rows that were matched, when the others were known from before.
    pub matched_rows: Option<u64>,
    /// Pairs that need not be compared, because a match that was stopped had compared them.
    pub noted_pairs: u64,
}

/// What goes before comparing, from what stands.
pub(crate) fn given(plan: &Plan<'_>, records: &Records, standing: &Standing) -> Outcome<(Given, DecisionReport)> {
    let (settled, report) = settled(plan, records, &standing.decisions)?;
    let previous = &standing.previous;
    let before = if previous.is_empty() {
        Vec::new()
    } else {
        of_records(plan, records, |_, source, id| Some(previous.entity(source, id).map_or(0, |entity| entity + 1)))?
    };
    let carried = standing.known.as_ref().filter(|_| !previous.is_empty()).map(|known| {
        let changed = known.changed.iter().filter_map(|key| previous.entity(&key.source, &key.id));
        given::Carried::new(&before, &records.repeats, previous, changed, &settled, known.learned.clone())
    });
    // More than are told, because pairs that an answer would not change are left out.
    let (doubtful, journal) = (standing.review * 10, standing.journal.clone());
    Ok((Given { settled, before, carried, doubtful, journal, ..Given::default() }, report))
}

/// Pairs that were in doubt before, of rows that are not matched now.
pub(crate) fn still_in_doubt(plan: &Plan<'_>, records: &Records, standing: &Standing, given: &Given) -> Outcome<Vec<Edge>> {
    let Some(fresh) = given.fresh().filter(|_| !standing.reviewed.is_empty()) else { return Ok(Vec::new()) };
    let mut pairs: Vec<[RecordMark; 2]> = Vec::new();
    let mut chances: Vec<f64> = Vec::new();
    for batch in &standing.reviewed {
        let texts = (0..4).map(|at| Text::of(batch.column(at))).collect::<Outcome<Vec<_>>>()?;
        let chance = batch.column(4).as_primitive_opt::<Float64Type>();
        let chance = chance.ok_or_else(|| Problem::new(Code::Internal, "a probability of a pair in doubt is no number"))?;
        for row in 0..batch.num_rows() {
            let text = |at: usize| texts[at].get(row).unwrap_or("");
            pairs.push([record(text(0), text(1)), record(text(2), text(3))]);
            chances.push(chance.value(row));
        }
    }
    let rows = rows_of(plan, records, pairs.iter().flatten().copied().collect())?;
    let edge = |(pair, chance): (&[RecordMark; 2], &f64)| {
        let (l, r) = (*rows.get(&pair[0])?, *rows.get(&pair[1])?);
        let known = l != r && !fresh[l as usize] && !fresh[r as usize];
        known.then(|| Edge { left: l.min(r), right: l.max(r), bits: weight_of(plan.spec.score, plan.spec.threshold, *chance) })
    };
    Ok(pairs.iter().zip(&chances).filter_map(edge).collect())
}

/// The first row of each record that is wanted.
fn rows_of(plan: &Plan<'_>, records: &Records, wanted: FxHashSet<RecordMark>) -> Outcome<FxHashMap<RecordMark, u32>> {
    let found = of_records(plan, records, |row, source, id| Some((record(source, id), row)).filter(|(mark, _)| wanted.contains(mark)))?;
    let mut rows: FxHashMap<_, u32> = FxHashMap::default();
    for (mark, row) in found {
        // Of rows that share source and id the first stands for all.
        rows.entry(mark).or_insert(row);
    }
    Ok(rows)
}

/// Decisions as pairs of canonical rows.
fn settled(plan: &Plan<'_>, records: &Records, decisions: &[MatchDecision]) -> Outcome<(Settled, DecisionReport)> {
    if decisions.is_empty() {
        return Ok((Settled::default(), DecisionReport::default()));
    }
    let wanted = decisions.iter().flat_map(|d| [&d.left, &d.right]).map(|key| record(&key.source, &key.id)).collect();
    let rows = rows_of(plan, records, wanted)?;
    Ok(settle(decisions, |key| rows.get(&record(&key.source, &key.id)).copied()))
}

/// The entities' names with those of before carried over.
///
/// An entity that has exactly the records of one before keeps its name, and nothing happened to it. Only the others are
/// held against each other.
pub(crate) fn named(
    plan: &Plan<'_>,
    records: &Records,
    entities: &Entities,
    mut names: Vec<String>,
    previous: &Previous,
    before: &[u32],
) -> Outcome<(Vec<String>, Vec<EntityEvent>)> {
    if previous.is_empty() {
        return Ok((names, Vec::new()));
    }
    let own = |row: u32| records.repeats.binary_search(&row).is_err();
    let as_it_was = |entity: usize| -> Option<u32> {
        let members = entities.members(entity);
        let first = before[members[0] as usize].checked_sub(1)?;
        let same = members.iter().all(|&row| before[row as usize] == first + 1);
        let size = members.iter().filter(|&&row| own(row)).count();
        (same && size == previous.name(first).1 as usize).then_some(first)
    };
    let stayed: Vec<Option<u32>> = (0..entities.len()).into_par_iter().map(as_it_was).collect();
    let mut is_settled = vec![false; previous.entities()];
    stayed.iter().flatten().for_each(|&entity| is_settled[entity as usize] = true);
    let moved: Vec<usize> = (0..entities.len()).filter(|&entity| stayed[entity].is_none()).collect();
    let now = keys(plan, records, moved.iter().map(|&entity| entities.members(entity)))?;
    let known: BTreeSet<&str> = (0..previous.entities() as u32)
        .filter(|&e| !is_settled[e as usize])
        .map(|e| previous.name(e))
        .filter(|(_, size)| *size > 0)
        .map(|(name, _)| name)
        .collect();
    let name_before = |key: &RecordKey| previous.entity(&key.source, &key.id).map(|entity| previous.name(entity).0);
    let fresh: Vec<String> = moved.iter().map(|&entity| names[entity].clone()).collect();
    let carried = carry_over_known(name_before, &known, |name| previous.knows(name), &now, &fresh);
    for (entity, name) in moved.into_iter().zip(carried.names) {
        names[entity] = name;
    }
    for (name, stayed) in names.iter_mut().zip(&stayed) {
        if let Some(entity) = stayed {
            previous.name(*entity).0.clone_into(name);
        }
    }
    Ok((names, carried.events))
}

/// Pairs in doubt by the worth of an answer, most first. Left out are pairs that a person has decided, and those whose
/// rows are one entity by other pairs.
pub(crate) fn in_doubt(
    plan: &Plan<'_>,
    records: &Records,
    entities: &Entities,
    settled: &Settled,
    matched: &[Edge],
    doubtful: &[Edge],
) -> Vec<ReviewPair> {
    let decided: BTreeSet<(u32, u32)> = settled.together.iter().chain(&settled.apart).copied().collect();
    let entity = |row: u32| entities.of_row[row as usize];
    let size = |row: u32| entities.members(entity(row) as usize).len() as u32;
    let undecided = |e: &&Edge| !decided.contains(&(e.left, e.right)) && records.repeats.binary_search(&e.right).is_err();
    let joins = doubtful.iter().filter(|e| entity(e.left) != entity(e.right));
    let chance = |e: &Edge| chance(plan.spec.score, plan.spec.threshold, e.bits);
    let doubted = |(_, _, chance): &(u32, u32, f64)| is_doubtful(*chance);
    let pairs: Vec<(u32, u32, f64)> =
        matched.iter().chain(joins).filter(undecided).map(|e| (e.left, e.right, chance(e))).filter(doubted).collect();
    let rows = |left: u32, right: u32| {
        // What an answer would take out of an entity is one row at least, and the rest stays.
        if entity(left) == entity(right) { (1, (size(left) - 1).max(1)) } else { (size(left), size(right)) }
    };
    review_queue(&pairs, rows)
}

/// The same as a table: `source`, `id`, `other_source`, `other_id`, `probability`, `rows` and `other_rows` of the
/// entities they are in, `worth`.
pub(crate) fn review(
    plan: &Plan<'_>,
    records: &Records,
    entities: &Entities,
    given: &Given,
    matched: &[Edge],
    doubtful: &[Edge],
) -> Outcome<Vec<RecordBatch>> {
    if given.doubtful == 0 {
        return Ok(Vec::new());
    }
    let mut queue = in_doubt(plan, records, entities, &given.settled, matched, doubtful);
    queue.truncate(given.doubtful / 10);
    let column = |of: &dyn Fn(&ReviewPair) -> u32| -> Outcome<[ArrayRef; 2]> {
        let rows: Vec<u32> = queue.iter().map(of).collect();
        let ids = Text::of(&gather(&records.batches(), plan.id, &records.places_of(&rows))?)?;
        let sources = StringArray::from_iter_values(rows.iter().map(|&row| records.source(row)));
        let ids = StringArray::from_iter_values((0..rows.len()).map(|at| ids.get(at).unwrap_or("")));
        Ok([Arc::new(sources), Arc::new(ids)])
    };
    let [source, id] = column(&|p| p.left)?;
    let [other_source, other_id] = column(&|p| p.right)?;
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let number = |name: &str, of: DataType| Field::new(name, of, false);
    let schema = Schema::new(vec![
        text("source"),
        text("id"),
        text("other_source"),
        text("other_id"),
        number("probability", DataType::Float64),
        number("rows", DataType::Int64),
        number("other_rows", DataType::Int64),
        number("worth", DataType::Float64),
    ]);
    let columns: Vec<ArrayRef> = vec![
        source,
        id,
        other_source,
        other_id,
        Arc::new(Float64Array::from_iter_values(queue.iter().map(|p| p.probability))),
        Arc::new(Int64Array::from_iter_values(queue.iter().map(|p| i64::from(p.rows.0)))),
        Arc::new(Int64Array::from_iter_values(queue.iter().map(|p| i64::from(p.rows.1)))),
        Arc::new(Float64Array::from_iter_values(queue.iter().map(|p| p.worth))),
    ];
    Ok(vec![RecordBatch::try_new(Arc::new(schema), columns).map_err(internal)?])
}

/// For each of some groups of rows their (source, id), each once.
fn keys<'g>(plan: &Plan<'_>, records: &Records, groups: impl Iterator<Item = &'g [u32]> + Clone) -> Outcome<Vec<Vec<RecordKey>>> {
    let rows = groups.clone().collect::<Vec<_>>().concat();
    let ids = Text::of(&gather(&records.batches(), plan.id, &records.places_of(&rows))?)?;
    let key = |(at, &row): (usize, &u32)| RecordKey { source: records.source(row).to_owned(), id: ids.get(at).unwrap_or("").to_owned() };
    let mut keys = rows.iter().enumerate().map(key);
    let of_group = |rows: &[u32]| {
        let mut keys: Vec<RecordKey> = keys.by_ref().take(rows.len()).collect();
        keys.dedup();
        keys
    };
    Ok(groups.map(of_group).collect())
}

/// The entity of each record, from the crosswalk of a run before.
pub fn entities_of(crosswalk: &[RecordBatch]) -> Outcome<BTreeMap<RecordKey, String>> {
    let mut names = BTreeMap::new();
    for batch in crosswalk {
        let (sources, ids, entities) = (Text::of(batch.column(0))?, Text::of(batch.column(1))?, Text::of(batch.column(2))?);
        for row in 0..batch.num_rows() {
            let text = |of: &Text| of.get(row).unwrap_or("").to_owned();
            names.insert(RecordKey { source: text(&sources), id: text(&ids) }, text(&entities));
        }
    }
    Ok(names)
}

/// Records that are in both tables and say different things, and how many are in the second only. A table is source, id and a
/// hash of everything else.
pub fn changed(before: &[RecordBatch], now: &[RecordBatch]) -> Outcome<(BTreeSet<RecordKey>, usize)> {
    let sums = |batches: &[RecordBatch]| -> Outcome<FxHashMap<(u64, u64), u64>> {
        let mut sums = FxHashMap::default();
        each(batches, |source, id, hash| {
            // A record that came more than once is the same whatever the order.
            let sum: &mut u64 = sums.entry(record(source, id)).or_default();
            *sum = sum.wrapping_add(hash);
        })?;
        Ok(sums)
    };
    let (before, sums_now) = (sums(before)?, sums(now)?);
    let mut changed = BTreeSet::new();
    each(now, |source, id, _| {
        let mark = record(source, id);
        if before.get(&mark).is_some_and(|then| sums_now.get(&mark) != Some(then)) {
            changed.insert(RecordKey { source: source.to_owned(), id: id.to_owned() });
        }
    })?;
    let new = sums_now.keys().filter(|mark| !before.contains_key(*mark)).count();
    Ok((changed, new))
}

/// Source, id and hash of each row.
fn each(batches: &[RecordBatch], mut tell: impl FnMut(&str, &str, u64)) -> Outcome<()> {
    for batch in batches {
        let (sources, ids) = (Text::of(batch.column(0))?, Text::of(batch.column(1))?);
        let hashes = batch.column(2).as_primitive_opt::<UInt64Type>();
        let hashes = hashes.ok_or_else(|| Problem::new(Code::Internal, "a hash of a record is no whole number"))?;
        for row in 0..batch.num_rows() {
            tell(sources.get(row).unwrap_or(""), ids.get(row).unwrap_or(""), hashes.value(row));
        }
    }
    Ok(())
}
