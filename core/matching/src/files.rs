//! Files as the tables of a match: one or several, without ids, resolved into a crosswalk of their rows.
//!
//! Columns of several files are those of the first; a column of another file is the one of the same name, or, where
//! no name fits, the one whose words are most alike. Each row gets an id made of its content, so that nothing depends
//! on the order of the rows or on how they are parted into files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::{BlockingEstimate, Cancel, Code, MatchReport, MatchSpec, Outcome, PairExplanation, Pairs, Problem, ProgressSlot};

use crate::arrays::{Text, internal};
use crate::cluster::{Entities, names};
use crate::given::Given;
use crate::intern::{combine, hash};
use crate::learn::{Edge, probability};
use crate::measure::words;
use crate::previous::mark;
use crate::records::Records;
use crate::{estimate, explain, joined, on_threads, report};

/// The id of a row, made of its content.
pub(crate) const RECORD: &str = "_record";
/// The file a row is from.
pub(crate) const FILE: &str = "_file";
/// What people write where they have nothing to say.
const NOTHING: [&str; 7] = ["null", "n/a", "nan", "none", "-", "--", "unknown"];
/// Probability from which on a match tells whether files are lists without duplicates.
const NEAR_CERTAIN: f64 = 0.95;
/// Rows whose words tell which columns of two files are the same.
const ALIGN_ROWS: usize = 2_000;
/// Columns are the same when the cosine of their words is at least this.
const ALIKE: f64 = 0.2;

/// A file, read.
#[derive(Debug, Clone)]
pub struct FileTable {
    /// As it is called in the crosswalk.
    pub name: String,
    /// Its rows in order; at least one batch, which may be empty, so that its columns are known.
    pub batches: Vec<RecordBatch>,
}

/// What the match of files makes.
#[derive(Debug, Clone)]
pub struct FilesOutput {
    /// `file`, `row` (from 1), `entity_id`, `probability` (that the row belongs to its entity): every row once, in
    /// the order of the files.
    pub crosswalk: RecordBatch,
    /// Counts.
    pub report: MatchReport,
}

/// Rows of all files under the first file's columns.
pub(crate) struct Union {
    pub batches: Vec<RecordBatch>,
    /// For each file its name and rows.
    pub files: Vec<(String, usize)>,
}

impl Union {
    pub fn new(tables: &[FileTable]) -> Outcome<Self> {
        let Some(first) = tables.first() else {
            return Err(Problem::new(Code::Usage, "no file is named").next("name one file to find duplicates in, or several to link"));
        };
        let texts: Vec<FileTexts> = tables.iter().map(FileTexts::new).collect::<Outcome<_>>()?;
        let mut columns: Vec<String> = first.names();
        let mut places: Vec<Vec<Option<usize>>> = vec![(0..columns.len()).map(Some).collect()];
        for at in 1..tables.len() {
            let place = align(&mut columns, &texts[0], &tables[at].names(), &texts[at]);
            places.push(place);
        }
        let mut batches = Vec::with_capacity(tables.len());
        let mut times: FxHashMap<u64, u32> = FxHashMap::default();
        let schema = schema(&columns);
        for ((table, texts), place) in tables.iter().zip(&texts).zip(&mut places) {
            place.resize(columns.len(), None);
            batches.push(texts.batch(&table.name, place, &schema, &mut times)?);
        }
        let files = tables.iter().zip(&texts).map(|(table, texts)| (table.name.clone(), texts.rows)).collect();
        Ok(Self { batches, files })
    }

    pub fn rows(&self) -> usize {
        self.files.iter().map(|(_, rows)| rows).sum()
    }
}

impl FileTable {
    fn names(&self) -> Vec<String> {
        let schema = self.batches.first().map(RecordBatch::schema);
        schema.iter().flat_map(|s| s.fields().iter().map(|f| f.name().trim().to_owned()).collect::<Vec<_>>()).collect()
    }
}

/// The cells of a file as text.
struct FileTexts {
    /// Column after column, batch after batch.
    columns: Vec<Vec<Text>>,
    rows: usize,
}

impl FileTexts {
    fn new(table: &FileTable) -> Outcome<Self> {
        let width = table.batches.first().map_or(0, RecordBatch::num_columns);
        let column = |at: usize| table.batches.iter().map(|b| Text::of(b.column(at))).collect::<Outcome<Vec<_>>>();
        let columns = (0..width).into_par_iter().map(column).collect::<Outcome<_>>()?;
        Ok(Self { columns, rows: table.batches.iter().map(RecordBatch::num_rows).sum() })
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = Option<&str>> {
        self.columns[column].iter().flat_map(|text| (0..text.len()).map(|row| text.get(row).and_then(said)))
    }

    fn batch(&self, name: &str, place: &[Option<usize>], schema: &SchemaRef, times: &mut FxHashMap<u64, u32>) -> Outcome<RecordBatch> {
        let made: Vec<(StringArray, Vec<u64>)> = place
            .par_iter()
            .enumerate()
            .map(|(at, place)| {
                let mut hashes = vec![0_u64; self.rows];
                let mut texts = StringBuilder::with_capacity(self.rows, self.rows * 8);
                match place {
                    None => texts.append_nulls(self.rows),
                    Some(column) => {
                        for (cell, slot) in self.cells(*column).zip(&mut hashes) {
                            texts.append_option(cell);
                            *slot = cell.map_or(0, |text| combine(at as u64 + 1, hash(text)));
                        }
                    }
                }
                (texts.finish(), hashes)
            })
            .collect();
        let ids = (0..self.rows).map(|row| {
            let content = made.iter().map(|(_, hashes)| hashes[row]).filter(|h| *h != 0).fold(1, combine);
            let nth = times.entry(content).or_default();
            *nth += 1;
            (combine(content, u64::from(*nth)) >> 1) as i64
        });
        let ids: Int64Array = ids.map(Some).collect();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(StringArray::from_iter_values(std::iter::repeat_n(name, self.rows)))];
        columns.extend(made.into_iter().map(|(texts, _)| Arc::new(texts) as ArrayRef));
        RecordBatch::try_new(schema.clone(), columns).map_err(internal)
    }
}

/// A cell's text, unless it says nothing.
fn said(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !NOTHING.iter().any(|n| text.eq_ignore_ascii_case(n))).then_some(text)
}

fn schema(columns: &[String]) -> SchemaRef {
    let mut fields = vec![Field::new(RECORD, DataType::Int64, false), Field::new(FILE, DataType::Utf8, false)];
    let mut taken: FxHashMap<String, u32> = FxHashMap::from_iter([(RECORD.to_owned(), 1), (FILE.to_owned(), 1)]);
    for name in columns {
        let times = taken.entry(name.clone()).or_default();
        *times += 1;
        let name = if *times > 1 { format!("{name}_{times}") } else { name.clone() };
        fields.push(Field::new(name, DataType::Utf8, true));
    }
    Arc::new(Schema::new(fields))
}

/// For each of the columns the one of another file that is the same; those that are none are added.
fn align(columns: &mut Vec<String>, first: &FileTexts, names: &[String], other: &FileTexts) -> Vec<Option<usize>> {
    let plain = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let mut place: Vec<Option<usize>> = vec![None; columns.len()];
    let mut free: Vec<usize> = (0..names.len()).collect();
    for (at, name) in columns.iter().enumerate() {
        if let Some(found) = free.iter().position(|&f| plain(&names[f]) == plain(name)) {
            place[at] = Some(free.remove(found));
        }
    }
    let mut alike: Vec<(f64, usize, usize)> = Vec::new();
    for at in (0..first.columns.len()).filter(|&at| place[at].is_none()) {
        let mine = vocabulary(first, at);
        alike.extend(free.iter().map(|&f| (cosine(&mine, &vocabulary(other, f)), at, f)).filter(|(c, ..)| *c >= ALIKE));
    }
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    for (_, at, found) in alike {
        if place[at].is_none() && free.contains(&found) {
            place[at] = Some(found);
            free.retain(|&f| f != found);
        }
    }
    for f in free {
        columns.push(names[f].clone());
        place.push(Some(f));
    }
    place
}

/// How often each word stands in the first rows of a column.
fn vocabulary(texts: &FileTexts, column: usize) -> FxHashMap<u64, f64> {
    let mut counts = FxHashMap::default();
    for cell in texts.cells(column).flatten().take(ALIGN_ROWS) {
        for word in words(&cell.to_lowercase()) {
            *counts.entry(hash(word)).or_default() += 1.0;
        }
    }
    counts
}

fn cosine(a: &FxHashMap<u64, f64>, b: &FxHashMap<u64, f64>) -> f64 {
    let length = |v: &FxHashMap<u64, f64>| v.values().map(|x| x * x).sum::<f64>().sqrt();
    let common: f64 = a.iter().filter_map(|(word, x)| b.get(word).map(|y| x * y)).sum();
    common / (length(a) * length(b)).max(f64::MIN_POSITIVE)
}

/// Resolves files by a model. The model leaves out `from`; without `id` each row is a record of its own; `_file` is a
/// column that names the file, and the source when pairs are made across and no other column is.
pub fn run_files(tables: &[FileTable], spec: &MatchSpec, threads: usize, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<FilesOutput> {
    let union = Union::new(tables)?;
    let linked = link(&union, spec, threads, cancel, progress)?;
    Ok(FilesOutput { crosswalk: linked.crosswalk(&union)?, report: linked.report })
}

/// What each blocking rule of a model would cost on files.
pub fn estimate_files(
    tables: &[FileTable],
    spec: &MatchSpec,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Vec<BlockingEstimate>> {
    estimate(&for_files(spec), &Union::new(tables)?.batches, threads, cancel, progress)
}

/// Why two rows of files score what they score; a row is the place of its file and its number in it, both from 0.
pub fn explain_files(tables: &[FileTable], spec: &MatchSpec, left: (usize, u64), right: (usize, u64)) -> Outcome<PairExplanation> {
    let union = Union::new(tables)?;
    let place = |(file, row): (usize, u64)| {
        let rows = union.files.get(file).map_or(0, |(_, rows)| *rows as u64);
        if row >= rows {
            let name = union.files.get(file).map_or("that file", |(name, _)| name.as_str());
            return Err(Problem::new(Code::Usage, format!("{name} has no row {}", row + 1)).next(format!("it has rows 1 to {rows}")));
        }
        Ok(union.files[..file].iter().map(|(_, rows)| *rows as u64).sum::<u64>() + row)
    };
    explain(&for_files(spec), &union.batches, place(left)?, place(right)?)
}

/// A model made fit for files.
pub(crate) fn for_files(spec: &MatchSpec) -> MatchSpec {
    let mut spec = spec.clone();
    if spec.id.is_empty() {
        RECORD.clone_into(&mut spec.id);
    }
    if spec.source.is_none() && (spec.pairs == Pairs::Across || spec.one_to_one) {
        spec.source = Some(FILE.to_owned());
    }
    if spec.from.is_empty() {
        "the file".clone_into(&mut spec.from);
    }
    spec
}

/// Entities of the rows of files, rows counted over all files.
#[derive(Default)]
pub(crate) struct Linked {
    /// For each row its entity.
    pub of_row: Vec<u32>,
    pub names: Vec<String>,
    /// For each row the probability that it belongs to its entity.
    pub probability: Vec<f64>,
    /// Shares of the rows whose best match is in their own file, and in another.
    pub twins: (f64, f64),
    pub report: MatchReport,
}

pub(crate) fn link(union: &Union, spec: &MatchSpec, threads: usize, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Linked> {
    let spec = for_files(spec);
    on_threads(&spec, &union.batches, threads, cancel, progress, |plan, records, watch| {
        let best: Vec<AtomicU32> = (0..records.len()).map(|_| AtomicU32::new(0)).collect();
        // Probabilities are not negative, so their bits are in their order.
        let note = |row: u32, score: f64| best[row as usize].fetch_max((score as f32).to_bits(), Ordering::Relaxed);
        let both = |a: u32, b: u32, score: f64| {
            note(a, score);
            note(b, score);
        };
        let found = joined(plan, records, &Given::default(), watch, both)?;
        let twins = twins(&found.matched, records, union);
        watch.start("grouping rows", records.len() as u64)?;
        let entities = Entities::new(&found.forest, watch)?;
        let mut linked = Linked {
            of_row: vec![0; records.len()],
            names: names(&entities, records, plan.id, watch)?,
            probability: vec![1.0; records.len()],
            twins,
            report: report(records, &entities, found.resolved),
        };
        for (row, &came) in records.order.iter().enumerate() {
            linked.of_row[came as usize] = entities.of_row[row];
            let best = f32::from_bits(best[row].load(Ordering::Relaxed));
            if best > 0.0 {
                linked.probability[came as usize] = f64::from(best);
            }
        }
        Ok(linked)
    })
}

/// A pair that matches counts for its rows when it is the best they have, and near certain.
fn twins(matched: &[Edge], records: &Records<'_>, union: &Union) -> (f64, f64) {
    let files: Vec<u32> = union.files.iter().zip(0..).flat_map(|((_, rows), file)| std::iter::repeat_n(file, *rows)).collect();
    let file = |row: u32| files[records.order[row as usize] as usize];
    let mut best = vec![[0.0_f32; 2]; files.len()];
    for edge in matched.iter().filter(|e| probability(f64::from(e.bits)) >= NEAR_CERTAIN) {
        let other = usize::from(file(edge.left) != file(edge.right));
        for row in [edge.left, edge.right] {
            let slot = &mut best[row as usize][other];
            *slot = slot.max(edge.bits);
        }
    }
    let rows = files.len().max(1) as f64;
    let within = best.iter().filter(|[own, other]| own > other).count() as f64;
    let across = best.iter().filter(|[own, other]| other >= own && *other > 0.0).count() as f64;
    (within / rows, across / rows)
}

impl Linked {
    /// Rows that say the same are one, every other row is on its own; a row that says nothing is like no other.
    pub fn alone(union: &Union) -> Self {
        let (mut of_row, mut names): (Vec<u32>, Vec<String>) = (Vec::with_capacity(union.rows()), Vec::new());
        let mut rows_of: Vec<u64> = Vec::new();
        let mut said: FxHashMap<(u64, u64), u32> = FxHashMap::default();
        for batch in &union.batches {
            let ids = batch.column(0).as_primitive::<Int64Type>();
            let columns: Vec<&StringArray> = batch.columns()[2..].iter().map(AsArray::as_string::<i32>).collect();
            for row in 0..batch.num_rows() {
                let next = names.len() as u32;
                let mut content = (0, 0);
                for (at, column) in (1..).zip(&columns).filter(|(_, column)| column.is_valid(row)) {
                    let (one, other) = mark(column.value(row));
                    content = (combine(content.0, combine(at, one)), combine(content.1, combine(at, other)));
                }
                let entity = if content == (0, 0) { next } else { *said.entry(content).or_insert(next) };
                if entity == next {
                    names.push(format!("{:016x}", ids.value(row)));
                    rows_of.push(0);
                }
                rows_of[entity as usize] += 1;
                of_row.push(entity);
            }
        }
        let (rows, entities) = (of_row.len() as u64, names.len() as u64);
        let report = MatchReport {
            rows,
            entities,
            merged: rows - entities,
            largest_entity: rows_of.into_iter().max().unwrap_or(0),
            rows_without_block: rows,
            ..MatchReport::default()
        };
        Self { probability: vec![1.0; of_row.len()], of_row, names, twins: (0.0, 0.0), report }
    }

    /// The crosswalk of all rows, in the order of the files.
    pub fn crosswalk(&self, union: &Union) -> Outcome<RecordBatch> {
        let schema = Schema::new(vec![
            Field::new("file", DataType::Utf8, false),
            Field::new("row", DataType::Int64, false),
            Field::new("entity_id", DataType::Utf8, false),
            Field::new("probability", DataType::Float64, false),
        ]);
        let files = union.files.iter().flat_map(|(name, rows)| std::iter::repeat_n(name.as_str(), *rows));
        let rows = union.files.iter().flat_map(|(_, rows)| 1..=*rows as i64);
        let entities = self.of_row.iter().map(|&e| self.names[e as usize].as_str());
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(files)),
            Arc::new(Int64Array::from_iter_values(rows)),
            Arc::new(StringArray::from_iter_values(entities)),
            Arc::new(Float64Array::from_iter_values(self.probability.iter().map(|p| (p * 1e6).round() / 1e6))),
        ];
        RecordBatch::try_new(Arc::new(schema), columns).map_err(internal)
    }
}
