//! Typed rows on their way to the sink: what the contract asks for, the rows that do not fit, the position columns.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, StringArray, new_null_array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use serde_json::Value;
use trommel_model::{Code, ColumnContract, HeldAt, OnBad, Outcome, Problem, QuarantinedRow, SourceSpec};

use crate::assemble::Counts;
use crate::drift::{self, Drifted};
use crate::json::row_text;
use crate::sink::{Mode, Sink};
use crate::typed::{Conversion, convert};
use crate::values::{Kind, Pattern};
use crate::{Piece, position};

/// A value that has no place in its column: no value stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Its row in the batch.
    pub row: usize,
    /// Its column among those that came.
    pub column: usize,
    /// What the database shows for it.
    pub raw: String,
}

/// How rows of one table are delivered.
pub struct Delivery<'a> {
    spec: &'a SourceSpec,
    file: String,
    mode: Mode,
    columns: Vec<Planned>,
    schema: SchemaRef,
    came: SchemaRef,
    drifted: Option<String>,
}

struct Planned {
    name: String,
    /// Its place among those that came.
    field: Option<usize>,
    asked: Option<Asked>,
    data_type: DataType,
}

struct Asked {
    kind: Kind,
    patterns: Vec<Pattern>,
    required: bool,
    on_bad: OnBad,
}

/// Why a row is held: stage, column, rule, reason.
type Fault = (HeldAt, Option<String>, String, String);

impl<'a> Delivery<'a> {
    /// Plans the columns of a table that has these.
    pub fn plan(piece: &Piece, spec: &'a SourceSpec, mode: Mode, came: Vec<Field>) -> Outcome<Self> {
        let contract: &[ColumnContract] = if mode == Mode::Strict { &spec.columns } else { &[] };
        let drifted = match drift::compare(piece, spec.drift, contract, came.iter().map(|f| f.name().as_str()))? {
            Drifted::No => None,
            Drifted::Hold(why) => Some(why),
        };
        let mut columns = Vec::new();
        for (at, field) in came.iter().enumerate() {
            let asked = contract.iter().find(|c| c.name == *field.name()).map(Asked::new).transpose()?;
            let data_type = asked.as_ref().map_or_else(|| field.data_type().clone(), |a| a.kind.arrow());
            columns.push(Planned { name: field.name().clone(), field: Some(at), asked, data_type });
        }
        for missing in contract.iter().filter(|c| came.iter().all(|f| *f.name() != c.name)) {
            let asked = Asked::new(missing)?;
            columns.push(Planned { name: missing.name.clone(), field: None, data_type: asked.kind.arrow(), asked: Some(asked) });
        }
        let mut fields: Vec<Field> = columns.iter().map(|c| Field::new(&c.name, c.data_type.clone(), true)).collect();
        fields.extend(position::fields());
        Ok(Self {
            spec,
            file: piece.name.clone(),
            mode,
            columns,
            schema: Arc::new(Schema::new(fields)),
            came: Arc::new(Schema::new(came)),
            drifted,
        })
    }

    /// The columns that will be delivered.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Delivers some rows. `first` is the number of the first of them.
    pub fn hand_on(&self, came: Vec<ArrayRef>, odd: &[Odd], first: u64, part: usize, sink: &dyn Sink) -> Outcome<Counts> {
        let came = RecordBatch::try_new(self.came.clone(), came).map_err(|e| broken(&e))?;
        let rows = came.num_rows();
        let mut counts = Counts::default();
        let mut faults: Vec<Option<Fault>> = vec![None; rows];
        if let Some(why) = &self.drifted {
            faults.fill(Some((HeldAt::Contract, None, "drift".to_owned(), why.clone())));
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len() + 3);
        for column in &self.columns {
            arrays.push(column.made(&came, &mut faults, &mut counts)?);
        }
        arrays.push(Arc::new(std::iter::repeat_n(Some(self.file.as_str()), rows).collect::<StringArray>()));
        arrays.push(Arc::new(Int64Array::from_iter_values((first as i64..).take(rows))));
        arrays.push(self.texts(&came, odd));
        let whole = RecordBatch::try_new(self.schema.clone(), arrays).map_err(|e| broken(&e))?;
        let held = self.held(&came, faults.iter(), odd, first);
        counts.held = held.len() as u64;
        counts.rows_out = rows as u64 - counts.held;
        let out = if held.is_empty() {
            whole
        } else {
            sink.held(held)?;
            let keep: BooleanArray = faults.iter().map(|f| Some(f.is_none())).collect();
            filter_record_batch(&whole, &keep).map_err(|e| broken(&e))?
        };
        if out.num_rows() > 0 {
            sink.batch(part, out)?;
        }
        Ok(counts)
    }

    /// The record as it came, for rows with an odd value.
    fn texts(&self, came: &RecordBatch, odd: &[Odd]) -> ArrayRef {
        if odd.is_empty() || self.mode == Mode::Lenient {
            return new_null_array(&DataType::Utf8, came.num_rows());
        }
        let mut texts: Vec<Option<String>> = vec![None; came.num_rows()];
        for one in odd {
            texts[one.row].get_or_insert_with(|| record(came, one.row, odd));
        }
        Arc::new(StringArray::from(texts))
    }

    fn held<'f>(
        &self,
        came: &RecordBatch,
        faults: impl Iterator<Item = &'f Option<Fault>>,
        odd: &[Odd],
        first: u64,
    ) -> Vec<QuarantinedRow> {
        let one = |(row, fault): (usize, &Option<Fault>)| {
            let (stage, field, rule, reason) = fault.clone()?;
            Some(QuarantinedRow {
                table: format!("raw.{}", self.spec.name),
                stage,
                source: self.spec.name.clone(),
                file: self.file.clone(),
                line: first + row as u64,
                field,
                rule,
                reason,
                raw: record(came, row, odd),
                waits: None,
            })
        };
        faults.enumerate().filter_map(one).collect()
    }
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

impl Planned {
    /// The column as the contract asks for it.
    fn made(&self, came: &RecordBatch, faults: &mut [Option<Fault>], counts: &mut Counts) -> Outcome<ArrayRef> {
        let (array, misfits) = match (self.field, &self.asked) {
            (Some(field), None) => return Ok(came.column(field).clone()),
            (None, _) => (new_null_array(&self.data_type, came.num_rows()), Vec::new()),
            (Some(field), Some(asked)) => {
                let Conversion { array, misfits } = convert(came.column(field), asked.kind, &asked.patterns)?;
                (array, misfits)
            }
        };
        let Some(asked) = &self.asked else { return Ok(array) };
        for (row, text) in misfits {
            match asked.on_bad {
                OnBad::Null => counts.nulled += 1,
                OnBad::Quarantine => {
                    let complaint = || asked.kind.complaint(text.as_bytes());
                    faults[row].get_or_insert_with(|| (HeldAt::Cast, Some(self.name.clone()), asked.kind.rule(), complaint()));
                }
            }
        }
        if asked.required {
            let empty = faults.iter_mut().enumerate().filter(|(row, fault)| fault.is_none() && array.is_null(*row));
            for (_, fault) in empty {
                let reason = format!("\"{}\" has no value", self.name);
                *fault = Some((HeldAt::Contract, Some(self.name.clone()), "required".to_owned(), reason));
            }
        }
        Ok(array)
    }
}

/// A row as JSON, with odd values as the database shows them.
fn record(came: &RecordBatch, row: usize, odd: &[Odd]) -> String {
    let text = row_text(came, row);
    let of_row: Vec<&Odd> = odd.iter().filter(|o| o.row == row).collect();
    match serde_json::from_str(&text) {
        Ok(Value::Object(mut fields)) if !of_row.is_empty() => {
            for one in of_row {
                let name: &FieldRef = &came.schema_ref().fields()[one.column];
                fields.insert(name.name().clone(), Value::String(one.raw.clone()));
            }
            Value::Object(fields).to_string()
        }
        _ => text,
    }
}

fn broken(error: &arrow::error::ArrowError) -> Problem {
    Problem::new(Code::Internal, "rows of a table do not hold together").why(error.to_string())
}
