//! Files as the tables of a match: one or several, without ids, resolved into a crosswalk of their rows.
//!
//! Columns of several files are those of the first; a column of another file is the one of the same name, or, where
//! no name fits, the one whose words are most alike. Each row gets an id made of its content, so that nothing depends
//! on the order of the rows or on how they are parted into files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow::array::{ArrayRef, Float64Array, Int64Array, NullArray, RecordBatch, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use rustc_hash::FxHashMap;
use trommel_model::{Cancel, Code, MatchReport, MatchSpec, Outcome, PairExplanation, Pairs, Problem, ProgressSlot};

use crate::arrays::{Text, coded_type, internal};
use crate::block::Blocks;
use crate::cluster::{Entities, digest, digests};
use crate::coder::one_text;
use crate::cost::{MatchCost, cost};
use crate::given::Given;
use crate::intake::{FileTable, Names};
use crate::intern::{combine, hash};
use crate::labels::Labels;
use crate::learn::{Edge, probability};
use crate::measure::words;
use crate::previous::mark;
use crate::records::Records;
use crate::tested::Tested;
use crate::watch::Watch;
use crate::{explain, joined, on_threads, report};

/// The id of a row, made of its content.
pub(crate) const RECORD: &str = "_record";
/// The file a row is from.
pub(crate) const FILE: &str = "_file";
/// Probability from which on a match tells whether files are lists without duplicates.
const NEAR_CERTAIN: f64 = 0.95;
/// Rows whose words tell which columns of two files are the same.
const ALIGN_ROWS: usize = 2_000;
/// Columns are the same when the cosine of their words is at least this.
const ALIKE: f64 = 0.2;
/// Rows of a crosswalk handed over at once.
const ROWS_AT_ONCE: usize = 65_536;

/// What the match of files makes.
#[derive(Debug)]
pub struct FilesOutput {
    /// Which entity each row is.
    pub crosswalk: Crosswalk,
    /// Counts.
    pub report: MatchReport,
}

/// Rows of all files under the first file's columns, which are coded; a batch for each file.
pub(crate) struct Union {
    pub batches: Vec<RecordBatch>,
    /// For each file its name and rows.
    pub files: Vec<(String, usize)>,
}

impl Union {
    pub fn new(tables: Vec<FileTable>, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Self> {
        let Some(first) = tables.first() else {
            return Err(Problem::new(Code::Usage, "no file is named").next("name one file to find duplicates in, or several to link"));
        };
        let mut columns: Vec<String> = first.names();
        let mut places: Vec<Vec<Option<usize>>> = vec![(0..columns.len()).map(Some).collect()];
        for other in &tables[1..] {
            places.push(align(&mut columns, &tables[0], other)?);
        }
        let looked_at = |at: usize| {
            tables.iter().zip(&places).any(|(table, place)| place.get(at).copied().flatten().is_some_and(|c| table.columns[c].1.is_some()))
        };
        let schema = schema(&columns, looked_at);
        let files: Vec<(String, usize)> = tables.iter().map(|table| (table.name.clone(), table.rows())).collect();
        let mut ids = ids(&tables, &Watch::new(cancel, progress))?.into_iter();
        let mut batches = Vec::with_capacity(tables.len());
        for (table, place) in tables.into_iter().zip(places) {
            let rows = table.rows();
            let own = Int64Array::from_iter_values(ids.by_ref().take(rows));
            let mut arrays: Vec<ArrayRef> = vec![Arc::new(own), one_text(&table.name, rows)?];
            for (at, field) in schema.fields().iter().skip(2).enumerate() {
                arrays.push(match place.get(at).copied().flatten() {
                    _ if field.data_type() == &DataType::Null => Arc::new(NullArray::new(rows)),
                    Some(column) => table.column(column)?,
                    None => one_text("", rows)?,
                });
            }
            batches.push(RecordBatch::try_new(schema.clone(), arrays).map_err(internal)?);
        }
        Ok(Self { batches, files })
    }

    /// Labels about rows of these files.
    pub fn labels(&self, labels: &[RecordBatch], spec: &MatchSpec) -> Outcome<Labels> {
        let place = |name: &str| self.batches.first().and_then(|batch| batch.schema().index_of(name).ok());
        Labels::of_files(labels, self, place(&spec.id), spec.source.as_deref().and_then(place))
    }

    pub fn rows(&self) -> usize {
        self.files.iter().map(|(_, rows)| rows).sum()
    }
}

/// An id for each row, made of its content; rows that say the same are numbered.
fn ids(tables: &[FileTable], watch: &Watch<'_>) -> Outcome<Vec<i64>> {
    let contents: Vec<u64> = tables.iter().flat_map(|table| table.contents.iter().copied()).collect();
    let id = |content: u64, nth: u64| (combine(content, nth) >> 1) as i64;
    let mut ids: Vec<i64> = contents.iter().map(|content| id(*content, 1)).collect();
    let same = Blocks::new(&contents, |at| at as u32, watch)?;
    for rows in (0..same.len()).map(|block| &same.rows[same.range(block)]) {
        for (nth, &row) in (1..).zip(rows) {
            ids[row as usize] = id(contents[row as usize], nth);
        }
    }
    Ok(ids)
}

fn schema(columns: &[String], looked_at: impl Fn(usize) -> bool) -> SchemaRef {
    let mut fields = vec![Field::new(RECORD, DataType::Int64, false), Field::new(FILE, coded_type(), true)];
    let mut names = Names::default();
    for (at, name) in columns.iter().enumerate() {
        let data_type = if looked_at(at) { coded_type() } else { DataType::Null };
        fields.push(Field::new(names.unique(name), data_type, true));
    }
    Arc::new(Schema::new(fields))
}

/// For each of the columns the one of another file that is the same; those that are none are added.
fn align(columns: &mut Vec<String>, first: &FileTable, other: &FileTable) -> Outcome<Vec<Option<usize>>> {
    let names = other.names();
    let plain = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let mut place: Vec<Option<usize>> = vec![None; columns.len()];
    let mut free: Vec<usize> = (0..names.len()).collect();
    for (at, name) in columns.iter().enumerate() {
        if let Some(found) = free.iter().position(|&f| plain(&names[f]) == plain(name)) {
            place[at] = Some(free.remove(found));
        }
    }
    let mut alike: Vec<(f64, usize, usize)> = Vec::new();
    let open: Vec<usize> = (0..first.columns.len()).filter(|&at| place[at].is_none()).collect();
    let theirs = free.iter().filter(|_| !open.is_empty()).map(|&f| Ok((f, vocabulary(other, f)?))).collect::<Outcome<Vec<_>>>()?;
    for at in open {
        let mine = vocabulary(first, at)?;
        for (f, theirs) in &theirs {
            let (f, likeness) = (*f, cosine(&mine, theirs));
            alike.extend((likeness >= ALIKE).then_some((likeness, at, f)));
        }
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
    Ok(place)
}

/// How often each word stands in the first rows of a column.
fn vocabulary(table: &FileTable, column: usize) -> Outcome<FxHashMap<u64, f64>> {
    let texts = Text::of(&table.column(column)?)?;
    let mut counts = FxHashMap::default();
    for cell in (0..texts.len()).filter_map(|row| texts.get(row)).take(ALIGN_ROWS) {
        for word in words(&cell.to_lowercase()) {
            *counts.entry(hash(word)).or_default() += 1.0;
        }
    }
    Ok(counts)
}

fn cosine(a: &FxHashMap<u64, f64>, b: &FxHashMap<u64, f64>) -> f64 {
    let length = |v: &FxHashMap<u64, f64>| v.values().map(|x| x * x).sum::<f64>().sqrt();
    let common: f64 = a.iter().filter_map(|(word, x)| b.get(word).map(|y| x * y)).sum();
    common / (length(a) * length(b)).max(f64::MIN_POSITIVE)
}

/// Resolves files by a model. The model leaves out `from`; without `id` each row is a record of its own; `_file` is a
/// column that names the file, and the source when pairs are made across and no other column is.
pub fn run_files(
    tables: Vec<FileTable>,
    spec: &MatchSpec,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<FilesOutput> {
    run_labelled(tables, spec, None, threads, cancel, progress)
}

/// The same, held against pairs of which somebody says whether they are one: `labels` have the columns `file`, `row`,
/// `other_file`, `other_row` (or `id` and `other_id` where the model has an id) and `same`. They choose the threshold when
/// the model has none, and correct the weights of `logistic`.
pub fn run_labelled(
    tables: Vec<FileTable>,
    spec: &MatchSpec,
    labels: Option<&[RecordBatch]>,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<FilesOutput> {
    let union = Union::new(tables, cancel, progress)?;
    let labels = labels.map(|labels| union.labels(labels, spec)).transpose()?;
    let Union { batches, files } = union;
    Ok(link(batches, &files, spec, labels.as_ref(), threads, cancel, progress)?.output(files))
}

/// The columns of a file that a model looks at.
pub fn looked_at(spec: &MatchSpec) -> impl Iterator<Item = String> {
    let compared = spec.comparisons.iter().map(|c| &c.column);
    let keys = spec.blocking.iter().flat_map(|rule| &rule.keys).map(|key| &key.column);
    [&spec.id].into_iter().chain(&spec.source).chain(compared).chain(keys).cloned()
}

/// What a match of files by a model would cost.
pub fn cost_of_files(
    tables: Vec<FileTable>,
    spec: &MatchSpec,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<MatchCost> {
    cost(&for_files(spec), &Union::new(tables, cancel, progress)?.batches, threads, cancel, progress)
}

/// Why two rows of files score what they score; a row is the place of its file and its number in it, both from 0.
pub fn explain_files(
    tables: Vec<FileTable>,
    spec: &MatchSpec,
    (left, right): ((usize, u64), (usize, u64)),
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<PairExplanation> {
    let union = Union::new(tables, cancel, progress)?;
    let place = |(file, row): (usize, u64)| {
        let rows = union.files.get(file).map_or(0, |(_, rows)| *rows as u64);
        if row >= rows {
            let name = union.files.get(file).map_or("that file", |(name, _)| name.as_str());
            return Err(Problem::new(Code::Usage, format!("{name} has no row {}", row + 1)).next(format!("it has rows 1 to {rows}")));
        }
        Ok(union.files[..file].iter().map(|(_, rows)| *rows as u64).sum::<u64>() + row)
    };
    explain(&for_files(spec), &union.batches, (place(left)?, place(right)?), threads, cancel, progress)
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
#[derive(Debug, Default)]
pub(crate) struct Linked {
    /// For each row its entity.
    pub of_row: Vec<u32>,
    /// Names of the entities.
    pub names: Vec<u128>,
    /// For each row the probability that it belongs to its entity.
    pub probability: Vec<f32>,
    /// Shares of the rows whose best match is in their own file, and in another.
    pub twins: (f64, f64),
    pub report: MatchReport,
}

/// Resolves the rows of a union, given as its batches and files; the batches are given up once they are read.
pub(crate) fn link(
    batches: Vec<RecordBatch>,
    files: &[(String, usize)],
    spec: &MatchSpec,
    labels: Option<&Labels>,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Linked> {
    let spec = for_files(spec);
    on_threads(&spec, batches, threads, cancel, progress, |plan, records, watch| {
        let best: Vec<AtomicU32> = (0..records.len()).map(|_| AtomicU32::new(0)).collect();
        // Probabilities are not negative, so their bits are in their order.
        let note = |row: u32, score: f64| best[row as usize].fetch_max((score as f32).to_bits(), Ordering::Relaxed);
        let both = |a: u32, b: u32, score: f64| {
            note(a, score);
            note(b, score);
        };
        let labelled = labels.map(|labels| labels.canonical(records)).unwrap_or_default();
        let given = Given { labels: labelled, matched: files.len() > 1, ids_only: true, ..Given::default() };
        let found = joined(plan, records, &given, watch, both)?;
        let twins = twins(&found.matched, records, files);
        watch.start("grouping rows", records.len() as u64)?;
        let entities = Entities::new(&found.forest, watch)?;
        let mut linked = Linked {
            of_row: vec![0; records.len()],
            names: digests(&entities, records, plan.id, watch)?,
            probability: vec![1.0; records.len()],
            twins,
            report: report(records, &entities, found.resolved),
        };
        for (row, &came) in records.order.iter().enumerate() {
            linked.of_row[came as usize] = entities.of_row[row];
            let best = f32::from_bits(best[row].load(Ordering::Relaxed));
            if best > 0.0 {
                linked.probability[came as usize] = best;
            }
        }
        if let Some(labels) = labels {
            linked.measure(labels);
        }
        Ok(linked)
    })
}

/// A pair that matches counts for its rows when it is the best they have, and near certain.
fn twins(matched: &[Edge], records: &Records, files: &[(String, usize)]) -> (f64, f64) {
    if matched.is_empty() {
        return (0.0, 0.0);
    }
    let files: Vec<u32> = files.iter().zip(0..).flat_map(|((_, rows), file)| std::iter::repeat_n(file, *rows)).collect();
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
    /// Holds the entities against labels.
    pub fn measure(&mut self, Labels(pairs): &Labels) {
        let tested = Tested::of(pairs, |left, right| self.of_row[left as usize] == self.of_row[right as usize]);
        let report = self.report.labels.get_or_insert_default();
        report.pairs = pairs.len() as u64;
        report.same = pairs.iter().filter(|label| label.2).count() as u64;
        (report.entities, report.entities_f1) = (tested.quality(), tested.f1_interval());
    }

    /// Rows that say the same are one, every other row is on its own; a row that says nothing is like no other.
    pub fn alone(union: &Union) -> Outcome<Self> {
        let (mut of_row, mut names): (Vec<u32>, Vec<u128>) = (Vec::with_capacity(union.rows()), Vec::new());
        let mut rows_of: Vec<u64> = Vec::new();
        let mut said: FxHashMap<(u64, u64), u32> = FxHashMap::default();
        for batch in &union.batches {
            let ids = Text::of(batch.column(0))?;
            let columns: Vec<Text> = batch.columns()[2..].iter().map(Text::of).collect::<Outcome<_>>()?;
            for row in 0..batch.num_rows() {
                let next = names.len() as u32;
                let mut content = (0, 0);
                for (at, text) in (1..).zip(&columns).filter_map(|(at, column)| Some((at, column.get(row)?))) {
                    let (one, other) = mark(text);
                    content = (combine(content.0, combine(at, one)), combine(content.1, combine(at, other)));
                }
                let entity = if content == (0, 0) { next } else { *said.entry(content).or_insert(next) };
                if entity == next {
                    names.push(digest("", ids.get(row).unwrap_or_default()));
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
        Ok(Self { probability: vec![1.0; of_row.len()], of_row, names, twins: (0.0, 0.0), report })
    }

    pub fn output(self, files: Vec<(String, usize)>) -> FilesOutput {
        let Self { of_row, names, probability, report, .. } = self;
        FilesOutput { crosswalk: Crosswalk { files, of_row, names, probability }, report }
    }
}

/// Which entity each row of the files is.
#[derive(Debug)]
pub struct Crosswalk {
    files: Vec<(String, usize)>,
    of_row: Vec<u32>,
    names: Vec<u128>,
    probability: Vec<f32>,
}

impl Crosswalk {
    /// `file`, `row` (from 1), `entity_id`, `probability` (that the row belongs to its entity).
    pub fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("file", DataType::Utf8, false),
            Field::new("row", DataType::Int64, false),
            Field::new("entity_id", DataType::Utf8, false),
            Field::new("probability", DataType::Float64, false),
        ]))
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.of_row.len()
    }

    /// Every row once, in the order of the files.
    pub fn batches(&self) -> impl Iterator<Item = Outcome<RecordBatch>> {
        let schema = Self::schema();
        let ends = self.files.iter().scan(0, |end, (_, rows)| {
            *end += rows;
            Some(*end)
        });
        let stretches = self.files.iter().zip(ends).flat_map(|((name, rows), end)| {
            let first = end - rows;
            (first..end).step_by(ROWS_AT_ONCE).map(move |from| (name.as_str(), first, from..end.min(from + ROWS_AT_ONCE)))
        });
        stretches.map(move |(name, first, rows)| {
            let numbers = rows.clone().map(|row| (row - first + 1) as i64);
            let mut entities = StringBuilder::with_capacity(rows.len(), rows.len() * 32);
            let mut digits = [0; 32];
            for &entity in &self.of_row[rows.clone()] {
                entities.append_value(hexadecimal(self.names[entity as usize], &mut digits)?);
            }
            let probability = self.probability[rows.clone()].iter().map(|p| (f64::from(*p) * 1e6).round() / 1e6);
            let columns: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from_iter_values(std::iter::repeat_n(name, rows.len()))),
                Arc::new(Int64Array::from_iter_values(numbers)),
                Arc::new(entities.finish()),
                Arc::new(Float64Array::from_iter_values(probability)),
            ];
            RecordBatch::try_new(schema.clone(), columns).map_err(internal)
        })
    }
}

/// The 32 hexadecimal digits of a name.
fn hexadecimal(name: u128, digits: &mut [u8; 32]) -> Outcome<&str> {
    let broken = |e: &dyn std::fmt::Display| Problem::new(Code::Internal, e.to_string());
    hex::encode_to_slice(name.to_be_bytes(), digits).map_err(|e| broken(&e))?;
    std::str::from_utf8(digits).map_err(|e| broken(&e))
}
