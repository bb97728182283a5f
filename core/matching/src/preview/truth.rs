//! Labels: who records truly are, as far as somebody knows.

use arrow::array::RecordBatch;
use rustc_hash::FxHashMap;
use trommel_model::{Code, MatchSpec, Outcome, Problem, did_you_mean};

use crate::arrays::Text;
use crate::intake::FileTable;

/// What is known to be true: for each row of the input the number of who it is, where that is known.
#[derive(Debug, Clone, Default)]
pub struct Truth(pub Vec<Option<u32>>);

/// The truth of a table's rows, from labels with the columns `id`, `entity` and, where the model has a source, `source`.
pub fn truth(spec: &MatchSpec, input: &[RecordBatch], labels: &[RecordBatch]) -> Outcome<Truth> {
    let keys: &[&str] = if spec.source.is_some() { &["source", "id"] } else { &["id"] };
    let known = read(labels, keys)?;
    let names: Vec<&str> = spec.source.iter().map(String::as_str).chain([spec.id.as_str()]).collect();
    let mut found = Vec::new();
    for batch in input {
        let columns = names.iter().map(|name| column(batch, name)).collect::<Outcome<Vec<_>>>()?;
        found.extend((0..batch.num_rows()).map(|row| known.get(&key(&columns, row)).copied()));
    }
    told(Truth(found))
}

/// The truth of the rows of files, from labels with the columns `row` (from 1), `entity` and, of several files, `file`.
pub fn truth_of_files(tables: &[FileTable], labels: &[RecordBatch]) -> Outcome<Truth> {
    let several = tables.len() > 1;
    let known = read(labels, if several { &["file", "row"] } else { &["row"] })?;
    let mut found = Vec::new();
    for table in tables {
        let name = |row: usize| if several { vec![table.name.clone(), row.to_string()] } else { vec![row.to_string()] };
        found.extend((1..=table.rows()).map(|row| known.get(&name(row)).copied()));
    }
    told(Truth(found))
}

fn told(truth: Truth) -> Outcome<Truth> {
    if truth.0.iter().any(Option::is_some) {
        return Ok(truth);
    }
    Err(Problem::new(Code::Usage, "none of the labels is about a record of this match")
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
        let problem = Problem::new(Code::Usage, format!("the labels have no column \"{name}\"")).at_field(name);
        return Err(if hint.is_empty() { problem.next(format!("they have: {}", names.join(", "))) } else { problem.next(hint) });
    };
    Text::of(found)
}
