//! Tables whose columns have types of their own (Parquet, Arrow): what becomes of them, and casts that a contract asks for.

mod convert;
mod types;

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, StringArray, new_null_array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use trommel_model::{ColumnContract, HeldAt, OnBad, Outcome, Problem, QuarantinedRow};

pub use convert::{Conversion, convert};

use self::types::Becomes;
use crate::assemble::Counts;
use crate::drift::{self, Drifted};
use crate::json::row_text;
use crate::names::unique;
use crate::position;
use crate::read::Job;
use crate::sink::{Mode, Sink};
use crate::values::{Kind, Pattern};

/// One column of the result.
struct Column {
    name: String,
    /// Its place in the file.
    field: Option<usize>,
    /// What the contract asks for.
    asked: Option<Asked>,
    data_type: DataType,
    /// What becomes of the file's values when the contract is silent.
    becomes: Becomes,
}

/// Why a row is held: stage, column, rule, reason.
type Fault = (HeldAt, Option<String>, String, String);

struct Asked {
    kind: Kind,
    patterns: Vec<Pattern>,
    required: bool,
    on_bad: OnBad,
}

/// The columns of a table, planned.
pub struct Columns {
    list: Vec<Column>,
    /// Set when the columns drifted and the source asks to hold the rows: why.
    drifted: Option<String>,
    /// The columns in Arrow, with the position columns.
    pub schema: SchemaRef,
    /// Remarks.
    pub notes: Vec<String>,
}

/// Plans the columns of a table that has these.
pub fn plan(job: &Job<'_>, schema: &SchemaRef) -> Outcome<Columns> {
    let (names, mut notes) = unique(schema.fields().iter().map(|f| f.name().clone()));
    let contract: &[ColumnContract] = if job.mode == Mode::Strict { &job.spec.columns } else { &[] };
    let drifted = match drift::compare(job.piece, job.spec.drift, contract, names.iter().map(String::as_str))? {
        Drifted::No => None,
        Drifted::Hold(why) => Some(why),
    };
    let mut columns = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let asked = contract.iter().find(|c| c.name == *name).map(Asked::new).transpose()?;
        let own = schema.field(at).data_type();
        let becomes = types::becomes(own);
        if asked.is_none() {
            notes.extend(types::remark(name, own, &becomes));
        }
        let data_type = asked.as_ref().map_or_else(|| becomes.data_type(), |a| a.kind.arrow());
        columns.push(Column { name: name.clone(), field: Some(at), asked, data_type, becomes });
    }
    for asked in contract.iter().filter(|c| !names.contains(&c.name)) {
        let wanted = Asked::new(asked)?;
        columns.push(Column {
            name: asked.name.clone(),
            field: None,
            data_type: wanted.kind.arrow(),
            becomes: Becomes::Text,
            asked: Some(wanted),
        });
    }
    Ok(Columns { schema: schema_of(&columns), list: columns, drifted, notes })
}

impl Asked {
    fn new(contract: &ColumnContract) -> Outcome<Self> {
        Ok(Self {
            kind: contract.data_type.into(),
            patterns: contract.formats.iter().map(|f| Pattern::new(f)).collect::<Outcome<_>>()?,
            required: contract.required,
            on_bad: contract.on_bad,
        })
    }
}

fn schema_of(columns: &[Column]) -> SchemaRef {
    let mut fields: Vec<Field> = columns.iter().map(|c| Field::new(&c.name, c.data_type.clone(), true)).collect();
    fields.extend(position::fields());
    Arc::new(Schema::new(fields))
}

/// Casts one batch, whose first row has a number, and hands on what fits. `fail` words a failure of the library.
pub fn deliver(
    job: &Job<'_>,
    plan: &Columns,
    batch: &RecordBatch,
    first: i64,
    (part, sink): (usize, &dyn Sink),
    fail: &dyn Fn(ArrowError) -> Problem,
) -> Outcome<Counts> {
    let rows = batch.num_rows();
    let mut counts = Counts::default();
    let mut faults: Vec<Option<Fault>> = vec![None; rows];
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(plan.list.len() + 3);
    if let Some(why) = &plan.drifted {
        faults.fill(Some((HeldAt::Contract, None, "drift".to_owned(), why.clone())));
    }
    for column in &plan.list {
        let Some(field) = column.field else {
            if column.asked.as_ref().is_some_and(|a| a.required) {
                require(column, &mut faults, |_| true);
            }
            arrays.push(new_null_array(&column.data_type, rows));
            continue;
        };
        let came = batch.column(field);
        let Some(asked) = &column.asked else {
            arrays.push(types::convert(came, &column.becomes).map_err(|e| fail(e).at_field(&column.name))?);
            continue;
        };
        let Conversion { array, misfits } = convert(came, asked.kind, &asked.patterns)?;
        for (row, text) in misfits {
            match asked.on_bad {
                OnBad::Null => counts.nulled += 1,
                OnBad::Quarantine if faults[row].is_none() => {
                    let complaint = asked.kind.complaint(text.as_bytes());
                    faults[row] = Some((HeldAt::Cast, Some(column.name.clone()), asked.kind.rule(), complaint));
                }
                OnBad::Quarantine => {}
            }
        }
        if asked.required {
            require(column, &mut faults, |row| array.is_null(row));
        }
        arrays.push(array);
    }
    arrays.push(Arc::new(std::iter::repeat_n(Some(job.piece.name.as_str()), rows).collect::<StringArray>()));
    arrays.push(Arc::new(Int64Array::from_iter_values((0..rows as i64).map(|n| first + n))));
    arrays.push(new_null_array(&DataType::Utf8, rows));
    let whole = RecordBatch::try_new(plan.schema.clone(), arrays).map_err(fail)?;
    let mut held = Vec::new();
    for (row, fault) in faults.iter().enumerate() {
        let Some((stage, field, rule, reason)) = fault else { continue };
        held.push(QuarantinedRow {
            table: format!("raw.{}", job.spec.name),
            stage: *stage,
            source: job.spec.name.clone(),
            file: job.piece.name.clone(),
            line: (first + row as i64) as u64,
            field: field.clone(),
            rule: rule.clone(),
            reason: reason.clone(),
            raw: row_text(batch, row),
            waits: None,
        });
    }
    counts.held = held.len() as u64;
    counts.rows_out = rows as u64 - counts.held;
    let out = if held.is_empty() {
        whole
    } else {
        sink.held(held)?;
        let keep: BooleanArray = faults.iter().map(|f| Some(f.is_none())).collect();
        filter_record_batch(&whole, &keep).map_err(fail)?
    };
    if out.num_rows() > 0 {
        sink.batch(part, out)?;
    }
    Ok(counts)
}

fn require(column: &Column, faults: &mut [Option<Fault>], lacks: impl Fn(usize) -> bool) {
    for (row, fault) in faults.iter_mut().enumerate().filter(|(_, f)| f.is_none()) {
        if lacks(row) {
            let reason = format!("\"{}\" has no value", column.name);
            *fault = Some((HeldAt::Contract, Some(column.name.clone()), "required".to_owned(), reason));
        }
    }
}
