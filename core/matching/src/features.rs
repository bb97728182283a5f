//! The columns a match looks at, read once: what is compared as numbers of distinct values, what blocks as hashes.
//!
//! Each distinct value is normalised, parsed and laid out once, however many rows have it.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::buffer::ScalarBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::{Measure, Normaliser, Outcome};

use crate::arrays::{Text, column, gather, internal, whole_numbers};
use crate::draw::Lots;
use crate::intern::{Interner, hash};
use crate::keys::{RuleKeys, ValueKeys};
use crate::measure::{Place, Texts, Wide, Words};
use crate::normalise::{days, number, prefix};
use crate::normalised::Normalised;
use crate::plan::Plan;
use crate::records::Records;
use crate::watch::{STRETCH, Watch};

/// What the rows have in the columns that are compared and blocked by; rows in canonical order.
pub(crate) struct Features {
    pub compared: Vec<Compared>,
    /// What each rule parts rows by.
    pub keys: Vec<RuleKeys>,
    /// For each rule of sorted neighbourhood the rank of each row's text; empty for the others.
    pub ranks: Vec<Vec<u32>>,
}

/// One comparison's column.
pub(crate) struct Compared {
    /// For each row the number of its value; 0 when missing.
    pub ids: Vec<u32>,
    pub values: Values,
}

/// Distinct values by number, from 1.
pub(crate) enum Values {
    /// Told apart, nothing more; the hash of each gives them an order.
    Tokens(Vec<u64>),
    Texts(Texts),
    Wide(Wide),
    Words(Words),
    /// Numbers, or days.
    Numbers(Vec<f64>),
    Places(Vec<Place>),
}

impl Values {
    pub fn new(measure: Measure, texts: &[&str], watch: &Watch<'_>) -> Outcome<Self> {
        let numbers = |read: fn(&str) -> Option<f64>| each(f64::NAN, texts, |text| read(text).unwrap_or(f64::NAN), watch);
        Ok(match measure {
            Measure::Exact => Self::Tokens(each(0, texts, hash, watch)?),
            Measure::Number | Measure::Ratio => Self::Numbers(numbers(number)?),
            Measure::Date => Self::Numbers(numbers(days)?),
            Measure::Geo => Self::Places(each(Place::NOWHERE, texts, |text| Place::read(text).unwrap_or(Place::NOWHERE), watch)?),
            Measure::Cosine | Measure::Qgram | Measure::TokenSet | Measure::Containment | Measure::Overlap | Measure::Jaccard => {
                Self::Words(Words::new(measure, texts, watch)?)
            }
            Measure::JaroWinkler | Measure::Levenshtein | Measure::Damerau => match Texts::new(texts, watch)? {
                Some(texts) => Self::Texts(texts),
                None => Self::Wide(Wide::new(texts)),
            },
        })
    }

    /// An order of values in which like ones are near, the same for every order of the rows; missing last.
    pub fn order(&self, left: u32, right: u32) -> Ordering {
        match (left, right) {
            (0, 0) => Ordering::Equal,
            (0, _) => Ordering::Greater,
            (_, 0) => Ordering::Less,
            (l, r) if l == r => Ordering::Equal,
            (l, r) => match self {
                Self::Tokens(hashes) => hashes[l as usize].cmp(&hashes[r as usize]),
                Self::Texts(texts) => texts.codes(l).cmp(texts.codes(r)),
                Self::Wide(wide) => wide.get(l).cmp(wide.get(r)),
                Self::Words(words) => words.tokens(l).iter().map(|t| t.0).cmp(words.tokens(r).iter().map(|t| t.0)),
                Self::Numbers(numbers) => numbers[l as usize].total_cmp(&numbers[r as usize]),
                Self::Places(places) => places[l as usize].order(places[r as usize]),
            },
        }
    }
}

/// What stands for "missing", then something of each text.
fn each<T: Send>(missing: T, texts: &[&str], of: impl Fn(&str) -> T + Sync, watch: &Watch<'_>) -> Outcome<Vec<T>> {
    let parts: Vec<Vec<T>> = texts
        .par_chunks(STRETCH / 8)
        .map(|part| {
            watch.check()?;
            Ok(part.iter().map(|text| of(text)).collect())
        })
        .collect::<Outcome<_>>()?;
    Ok(std::iter::once(missing).chain(parts.into_iter().flatten()).collect())
}

/// What one column is needed for.
struct Need {
    column: usize,
    uses: Uses,
}

/// Where values of a column are used.
#[derive(Default)]
struct Uses {
    comparisons: Vec<usize>,
    /// (rule, key of the rule).
    keys: Vec<(usize, usize)>,
}

/// What came of one column.
#[derive(Default)]
struct Read {
    compared: Vec<(usize, Compared)>,
    keys: Vec<((usize, usize), ValueKeys)>,
    ranks: Vec<(usize, Vec<u32>)>,
}

/// Reads what blocking needs, and what comparing needs if `comparing`.
pub(crate) fn read(plan: &Plan<'_>, records: &Records, comparing: bool, watch: &Watch<'_>) -> Outcome<Features> {
    let needs = needs(plan, comparing);
    watch.start("reading columns", needs.len() as u64)?;
    let read = needs.par_iter().with_max_len(1).map(|need| {
        let read = read_column(plan, records, need, watch);
        watch.advance(1);
        read
    });
    let mut compared: Vec<Option<Compared>> = plan.comparisons.iter().map(|_| None).collect();
    let mut keys: Vec<Vec<Option<ValueKeys>>> = plan.rules.iter().map(|r| r.iter().map(|_| None).collect()).collect();
    let mut ranks: Vec<Vec<u32>> = plan.rules.iter().map(|_| Vec::new()).collect();
    for read in read.collect::<Outcome<Vec<_>>>()? {
        for (at, one) in read.compared {
            compared[at] = Some(one);
        }
        for ((rule, key), one) in read.keys {
            keys[rule][key] = Some(one);
        }
        for (rule, of_rows) in read.ranks {
            ranks[rule] = of_rows;
        }
    }
    let keys = keys.into_iter().map(|of_rule| RuleKeys::new(of_rule.into_iter().flatten().collect())).collect();
    Ok(Features { compared: compared.into_iter().flatten().collect(), keys, ranks })
}

fn needs(plan: &Plan<'_>, comparing: bool) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    let mut at = |column: usize| {
        needs.iter().position(|n| n.column == column).unwrap_or_else(|| {
            needs.push(Need { column, uses: Uses::default() });
            needs.len() - 1
        })
    };
    let comparisons: Vec<usize> = plan.comparisons.iter().filter(|_| comparing).map(|&c| at(c)).collect();
    let keys: Vec<Vec<usize>> = plan.rules.iter().map(|keys| keys.iter().map(|&c| at(c)).collect()).collect();
    for (comparison, need) in comparisons.into_iter().enumerate() {
        needs[need].uses.comparisons.push(comparison);
    }
    for (rule, of_rule) in keys.into_iter().enumerate() {
        for (key, need) in of_rule.into_iter().enumerate() {
            needs[need].uses.keys.push((rule, key));
        }
    }
    needs
}

fn read_column(plan: &Plan<'_>, records: &Records, need: &Need, watch: &Watch<'_>) -> Outcome<Read> {
    let whole = whole_numbers(plan.schema.field(need.column).data_type());
    let (raw, arrays) = if whole { number_whole(records, need.column, watch)? } else { (Vec::new(), texts(records, need.column)?) };
    let (ids, distinct) = number_texts(&arrays, records.len(), watch)?;
    let values: ScalarBuffer<u32> =
        if whole { raw.into_iter().map(|at| if at == 0 { 0 } else { ids[at as usize - 1] }).collect() } else { ids };
    let raw: &[u32] = &values;
    let mut uses: FxHashMap<&[Normaliser], Uses> = FxHashMap::default();
    for &comparison in &need.uses.comparisons {
        uses.entry(&plan.spec.comparisons[comparison].normalise).or_default().comparisons.push(comparison);
    }
    for &(rule, key) in &need.uses.keys {
        uses.entry(&plan.spec.blocking[rule].keys[key].normalise).or_default().keys.push((rule, key));
    }
    let mut read = Read::default();
    for (steps, Uses { comparisons, keys }) in uses {
        let normal = Normalised::new(&distinct, steps, watch)?;
        let lots = keys.iter().any(|&(rule, key)| plan.spec.blocking[rule].keys[key].words.is_some()).then(|| {
            let mut rows_with = vec![0_u32; distinct.len()];
            raw.iter().filter(|&&value| value > 0).for_each(|&value| rows_with[value as usize - 1] += 1);
            Lots::new(&normal, &rows_with)
        });
        // Rules that ask for the same beginnings share their hashes.
        let mut by_prefix: FxHashMap<usize, Arc<Vec<u64>>> = FxHashMap::default();
        for (rule, key) in keys {
            let how = &plan.spec.blocking[rule].keys[key];
            let first = how.prefix.unwrap_or(usize::MAX);
            let hashes = match (&lots, how.words, by_prefix.get(&first)) {
                (Some(lots), Some(_), _) => Arc::new(normal.map(|text| lots.draw(text, plan.expanded.draws[rule]), watch)?),
                _ if how.neighbours.is_some() => {
                    let ranks = ranks(&normal, distinct.len(), first);
                    read.ranks.push((rule, spread(raw, records, watch, |value| ranks[value])?));
                    Arc::new(normal.map(|text| u64::from(!prefix(text, first).trim().is_empty()), watch)?)
                }
                (_, _, Some(known)) => known.clone(),
                _ => {
                    let hashes = Arc::new(normal.map(|text| key_hash(prefix(text, first)), watch)?);
                    by_prefix.insert(first, hashes.clone());
                    hashes
                }
            };
            read.keys.push(((rule, key), ValueKeys { values: values.clone(), hashes }));
        }
        if comparisons.is_empty() {
            continue;
        }
        let (numbers, texts) = normal.numbers(watch)?;
        for comparison in comparisons {
            let values = Values::new(plan.spec.comparisons[comparison].method, &texts, watch)?;
            // What is no number, no date or no place is missing.
            let of_value = |value: usize| match (&values, numbers[value]) {
                (Values::Numbers(read), number) if read[number as usize].is_nan() => 0,
                (Values::Places(read), number) if read[number as usize].nowhere() => 0,
                (_, number) => number,
            };
            let ids = spread(raw, records, watch, of_value)?;
            read.compared.push((comparison, Compared { ids, values }));
        }
    }
    Ok(read)
}

fn texts(records: &Records, at: usize) -> Outcome<Vec<Text>> {
    column(&records.batches(), at).into_iter().map(Text::of).collect()
}

/// Numbers the distinct texts of a column from 1; 0 is null. Rows in the order they came.
fn number_texts<'a>(arrays: &'a [Text], rows: usize, watch: &Watch<'_>) -> Outcome<(ScalarBuffer<u32>, Vec<&'a str>)> {
    if let [Text::Coded(numbers, texts)] = arrays {
        // They are numbered already.
        return Ok((numbers.clone(), (1..texts.len()).map(|at| texts.value(at)).collect()));
    }
    let mut interner = Interner::default();
    let mut raw = Vec::with_capacity(rows);
    for array in arrays {
        if let Text::Coded(numbers, texts) = array {
            watch.check()?;
            let renumbered: Vec<u32> = (0..texts.len()).map(|at| if at == 0 { 0 } else { interner.id(texts.value(at)) }).collect();
            raw.extend(numbers.iter().map(|&number| renumbered[number as usize]));
            continue;
        }
        for row in 0..array.len() {
            if row % STRETCH == 0 {
                watch.check()?;
            }
            raw.push(array.get(row).map_or(0, |text| interner.id(text)));
            if raw.len() == STRETCH {
                interner.expect(rows);
            }
        }
    }
    Ok((raw.into(), interner.into_texts()))
}

/// The same for a column of whole numbers, dates or times, of which only distinct values become texts.
fn number_whole(records: &Records, at: usize, watch: &Watch<'_>) -> Outcome<(Vec<u32>, Vec<Text>)> {
    let mut ids: FxHashMap<i64, u32> = FxHashMap::default();
    let mut firsts: Vec<(usize, usize)> = Vec::new();
    let mut raw = Vec::with_capacity(records.len());
    for (batch, array) in column(&records.batches(), at).into_iter().enumerate() {
        let array = cast(array, &DataType::Int64).map_err(internal)?;
        for (row, value) in array.as_primitive::<Int64Type>().iter().enumerate() {
            if row % STRETCH == 0 {
                watch.check()?;
            }
            raw.push(value.map_or(0, |value| {
                *ids.entry(value).or_insert_with(|| {
                    firsts.push((batch, row));
                    firsts.len() as u32
                })
            }));
        }
    }
    let texts = if firsts.is_empty() { Vec::new() } else { vec![Text::of(&gather(&records.batches(), at, &firsts)?)?] };
    Ok((raw, texts))
}

/// Hands each row, in canonical order, what its value has; null has the default, 0.
fn spread<T: Copy + Default + Send>(
    raw: &[u32],
    records: &Records,
    watch: &Watch<'_>,
    of_value: impl Fn(usize) -> T + Sync,
) -> Outcome<Vec<T>> {
    let mut out = vec![T::default(); raw.len()];
    out.par_chunks_mut(STRETCH).zip(records.order.par_chunks(STRETCH)).try_for_each(|(out, order)| {
        watch.check()?;
        for (slot, &row) in out.iter_mut().zip(order) {
            let value = raw[row as usize];
            if value > 0 {
                *slot = of_value(value as usize - 1);
            }
        }
        Ok(())
    })?;
    Ok(out)
}

/// For each text its place among the sorted texts.
fn ranks(normal: &Normalised<'_>, texts: usize, first: usize) -> Vec<u32> {
    let mut order: Vec<(&str, usize)> = (0..texts).map(|at| (prefix(normal.get(at).unwrap_or(""), first), at)).collect();
    order.par_sort_unstable();
    let mut ranks = vec![0; texts];
    for (rank, same) in order.chunk_by(|a, b| a.0 == b.0).enumerate() {
        for (_, at) in same {
            ranks[*at] = rank as u32;
        }
    }
    ranks
}

/// The hash of a key; spaces around it do not count, and nothing else is no key.
fn key_hash(key: &str) -> u64 {
    let key = key.trim();
    if key.is_empty() { 0 } else { hash(key) }
}
