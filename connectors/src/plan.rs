//! Which columns a read makes: those that came, typed by the contract or by what was seen in them, and those that
//! the contract names and the file lacks.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use trommel_model::{ColumnContract, OnBad, Outcome, SourceSpec};

use crate::drift;
use crate::position;
use crate::sink::Mode;
use crate::values::{Kind, Pattern};
use crate::{Piece, drift::Drifted};

/// One column of the table to make.
#[derive(Debug, Clone)]
pub struct ColumnPlan {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Which field of a record it is; `None` when the file lacks it.
    pub field: Option<usize>,
    /// True when the contract names it; otherwise its type was inferred.
    pub contracted: bool,
    /// Forms of dates and times, tried in order; empty for ISO 8601.
    pub patterns: Vec<Pattern>,
    /// True when a row without a value is held.
    pub required: bool,
    /// What happens to a value that does not fit.
    pub on_bad: OnBad,
}

/// Everything the assembler has to know.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The columns in order, without the position columns.
    pub columns: Vec<ColumnPlan>,
    /// The columns in Arrow, with the position columns.
    pub schema: SchemaRef,
    /// The decimal mark of numbers.
    pub mark: u8,
    /// Texts that mean "no value" in typed columns.
    pub null_words: Vec<Vec<u8>>,
    /// The source's name.
    pub source: String,
    /// The piece's name, for `_file`.
    pub file: String,
    /// Set when the columns drifted and the source asks to hold the rows: why.
    pub drifted: Option<String>,
}

/// Plans the columns of a piece whose fields have these names and types.
pub fn plan(piece: &Piece, spec: &SourceSpec, mode: Mode, fields: &[(String, Kind)]) -> Outcome<Plan> {
    let contract: &[ColumnContract] = if mode == Mode::Strict { &spec.columns } else { &[] };
    let drifted = match drift::compare(piece, spec.drift, contract, fields.iter().map(|f| f.0.as_str()))? {
        Drifted::No => None,
        Drifted::Hold(why) => Some(why),
    };
    let mut columns = Vec::with_capacity(fields.len());
    for (at, (name, kind)) in fields.iter().enumerate() {
        columns.push(match contract.iter().find(|c| c.name == *name) {
            Some(asked) => contracted(asked, Some(at))?,
            None => ColumnPlan {
                name: name.clone(),
                kind: *kind,
                field: Some(at),
                contracted: false,
                patterns: Vec::new(),
                required: false,
                on_bad: OnBad::Quarantine,
            },
        });
    }
    for asked in contract.iter().filter(|c| fields.iter().all(|f| f.0 != c.name)) {
        columns.push(contracted(asked, None)?);
    }
    let mut arrow: Vec<Field> = columns.iter().map(|c| Field::new(&c.name, c.kind.arrow(), true)).collect();
    arrow.extend(position::fields());
    Ok(Plan {
        columns,
        schema: Arc::new(Schema::new(arrow)),
        mark: if spec.csv.decimal_mark == Some(',') { b',' } else { b'.' },
        null_words: spec.csv.null_words.iter().map(|w| w.clone().into_bytes()).collect(),
        source: spec.name.clone(),
        file: piece.name.clone(),
        drifted,
    })
}

fn contracted(asked: &ColumnContract, field: Option<usize>) -> Outcome<ColumnPlan> {
    Ok(ColumnPlan {
        name: asked.name.clone(),
        kind: asked.data_type.into(),
        field,
        contracted: true,
        patterns: asked.formats.iter().map(|f| Pattern::new(f)).collect::<Outcome<_>>()?,
        required: asked.required,
        on_bad: asked.on_bad,
    })
}
