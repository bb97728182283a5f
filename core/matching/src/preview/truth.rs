//! Labels: who records truly are, or which pairs are one, as far as somebody knows.

use arrow::array::RecordBatch;
use rustc_hash::FxHashMap;
use trommel_model::{Code, MatchSpec, Outcome, Problem, did_you_mean};

use crate::arrays::Text;
use crate::files::Union;
use crate::labels::{Labels, Names, are_pairs};
use crate::records::Records;

/// What is known to be true of the rows of the input.
#[derive(Debug, Clone)]
pub enum Truth {
    /// For each row the number of who it is, where that is known.
    Entities(Vec<Option<u32>>),
    /// Pairs.
    Pairs(Labels),
}

/// The same by canonical rows.
pub(super) enum Known {
    Entities(Vec<Option<u32>>),
    Pairs(Vec<(u32, u32, bool)>),
}

impl Truth {
    pub(super) fn canonical(&self, records: &Records) -> Known {
        match self {
            Self::Entities(truth) => {
                Known::Entities(records.order.iter().map(|&came| truth.get(came as usize).copied().flatten()).collect())
            }
            Self::Pairs(labels) => Known::Pairs(labels.canonical(records)),
        }
    }
}

/// The truth of a table's rows, from labels with the columns `id`, `entity` and, where the model has a source, `source`; or
/// from pairs: `id`, `other_id`, `same`, and `source`, `other_source`.
pub fn truth(spec: &MatchSpec, input: &[RecordBatch], labels: &[RecordBatch]) -> Outcome<Truth> {
    if are_pairs(labels) {
        let place = |name: &str| input.first().and_then(|batch| batch.schema().index_of(name).ok());
        let Some(id) = place(&spec.id) else { return Ok(Truth::Entities(Vec::new())) };
        let names = Names::by_id(input, id, spec.source.as_deref().and_then(place))?;
        return Labels::read(labels, &names).map(Truth::Pairs);
    }
    let keys: &[&str] = if spec.source.is_some() { &["source", "id"] } else { &["id"] };
    let known = read(labels, keys)?;
    let names: Vec<&str> = spec.source.iter().map(String::as_str).chain([spec.id.as_str()]).collect();
    let mut found = Vec::new();
    for batch in input {
        let columns = names.iter().map(|name| column(batch, name)).collect::<Outcome<Vec<_>>>()?;
        found.extend((0..batch.num_rows()).map(|row| known.get(&key(&columns, row)).copied()));
    }
    told(found)
}

/// The truth of the rows of files, from labels with the columns `row` (from 1), `entity` and, of several files, `file`; or
/// from pairs.
pub(super) fn truth_of_files(spec: &MatchSpec, union: &Union, labels: &[RecordBatch]) -> Outcome<Truth> {
    if are_pairs(labels) {
        return union.labels(labels, spec).map(Truth::Pairs);
    }
    let several = union.files.len() > 1;
    let known = read(labels, if several { &["file", "row"] } else { &["row"] })?;
    let mut found = Vec::new();
    for (file, rows) in &union.files {
        let name = |row: usize| if several { vec![file.clone(), row.to_string()] } else { vec![row.to_string()] };
        found.extend((1..=*rows).map(|row| known.get(&name(row)).copied()));
    }
    told(found)
}

fn told(truth: Vec<Option<u32>>) -> Outcome<Truth> {
    if truth.iter().any(Option::is_some) {
        return Ok(Truth::Entities(truth));
    }
    Err(Problem::new(Code::BadLabels, "none of the labels is about a record of this match")
        .next("labels have the columns source (as the records say it), id and entity; of files: row from 1 and entity"))
}

fn read(labels: &[RecordBatch], keys: &[&str]) -> Outcome<FxHashMap<Vec<String>, u32>> {
    let mut numbers: FxHashMap<String, u32> = FxHashMap::default();
    let mut known = FxHashMap::default();
    for batch in labels {
        let columns = keys.iter().map(|name| column(batch, name)).collect::<Outcome<Vec<_>>>()?;
        let entities = column(batch, "entity")?;
        for row in 0..batch.num_rows() {
            if let Some(entity) = entities.get(row) {
                let next = numbers.len() as u32;
                known.insert(key(&columns, row), *numbers.entry(entity.to_owned()).or_insert(next));
            }
        }
    }
    Ok(known)
}

fn key(columns: &[Text], row: usize) -> Vec<String> {
    columns.iter().map(|column| column.get(row).unwrap_or("").to_owned()).collect()
}

fn column(batch: &RecordBatch, name: &str) -> Outcome<Text> {
    let schema = batch.schema();
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let Some(found) = batch.column_by_name(name) else {
        let hint = did_you_mean(name, names.iter().copied());
        let problem = Problem::new(Code::BadLabels, format!("the labels have no column \"{name}\"")).at_field(name);
        return Err(if hint.is_empty() { problem.next(format!("they have: {}", names.join(", "))) } else { problem.next(hint) });
    };
    Text::of(found)
}
