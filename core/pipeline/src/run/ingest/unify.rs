//! One schema for the files of a source, whatever each of them looked like by itself.
//!
//! Columns go by name, in the order in which they first appear. A column that a file lacks is null there. Where types
//! differ they widen: whole numbers → decimals → floats → text, dates → timestamps → text, anything else → text. A column without
//! a single value says nothing about its type. Widening is associative, so that it does not matter whether files come
//! one by one or all at once.

use std::sync::Arc;

use arrow::datatypes::{DataType as Arrow, Field, Schema, SchemaRef, TimeUnit};
use trommel_connectors::is_position;
use trommel_engine::frame::data_type_of;
use trommel_model::{Code, ColumnContract, ContractType, DataType, Drift, OnBad, Outcome, Problem, SourceSpec};

/// The columns of one file, or of the rows that are in the lake already.
#[derive(Debug, Clone)]
pub(super) struct Came {
    /// What it is, for people.
    pub name: String,
    /// The columns.
    pub columns: Vec<Column>,
}

/// One column as it came.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The column.
    pub field: Field,
    /// True when no row has a value.
    pub empty: bool,
}

/// The columns all have in common.
#[derive(Debug, Clone)]
pub(super) struct Unified {
    /// The columns, those of position at the end.
    pub schema: SchemaRef,
    /// Remarks on what had to widen.
    pub notes: Vec<String>,
}

/// Finds the schema that fits all.
pub(super) fn unify(all: &[Came]) -> Outcome<Unified> {
    let mut columns: Vec<Merged> = Vec::new();
    let mut positions: Vec<Field> = Vec::new();
    for came in all {
        for column in &came.columns {
            let name = column.field.name();
            if is_position(name) {
                if positions.iter().all(|f| f.name() != name) {
                    positions.push(column.field.clone());
                }
                continue;
            }
            match columns.iter_mut().find(|m| m.field.name().eq_ignore_ascii_case(name)) {
                Some(merged) if merged.field.name() != name => return Err(only_case(merged, name, came)),
                Some(merged) => merged.join(column, &came.name),
                None => columns.push(Merged::new(column, &came.name)),
            }
        }
    }
    let notes = columns.iter().filter_map(Merged::note).collect();
    let fields: Vec<Field> = columns.into_iter().map(|m| m.field.with_nullable(true)).chain(positions).collect();
    Ok(Unified { schema: Arc::new(Schema::new(fields)), notes })
}

impl Unified {
    /// True when a schema has exactly these columns, in this order and layout.
    pub fn same_columns(&self, schema: &SchemaRef) -> bool {
        let of = |schema: &SchemaRef| -> Vec<(String, Arrow)> {
            schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect()
        };
        of(schema) == of(&self.schema)
    }
}

impl Came {
    /// True when its columns have the types of the common schema, so that its rows can stay as they are.
    pub fn fits(&self, unified: &SchemaRef) -> bool {
        self.columns.iter().all(|c| unified.field_with_name(c.field.name()).is_ok_and(|f| data_type_of(f) == data_type_of(&c.field)))
    }
}

/// The source with a contract that says every column's common type, so that a file is read again with exactly these.
pub(super) fn forced(source: &SourceSpec, unified: &SchemaRef) -> SourceSpec {
    let mut forced = source.clone();
    if source.columns.is_empty() {
        // Without a contract there is nothing to drift from; the types alone are said here.
        forced.drift = Drift::Evolve;
    }
    for field in unified.fields().iter().filter(|f| !is_position(f.name())) {
        let agreed = forced.columns.iter().any(|c| c.name == *field.name());
        if let Some(data_type) = contract_type(&data_type_of(field)).filter(|_| !agreed) {
            forced.columns.push(ColumnContract {
                name: field.name().clone(),
                data_type,
                required: false,
                on_bad: OnBad::Quarantine,
                formats: Vec::new(),
                description: String::new(),
            });
        }
    }
    forced
}

/// One column over all files so far.
struct Merged {
    field: Field,
    empty: bool,
    /// Each type met, with the first file that had it.
    met: Vec<(DataType, String)>,
}

impl Merged {
    fn new(column: &Column, from: &str) -> Self {
        let met = if column.empty { Vec::new() } else { vec![(data_type_of(&column.field), from.to_owned())] };
        Self { field: column.field.clone(), empty: column.empty, met }
    }

    fn join(&mut self, column: &Column, from: &str) {
        if column.empty {
            return;
        }
        let new = data_type_of(&column.field);
        if self.met.iter().all(|(t, _)| *t != new) {
            self.met.push((new.clone(), from.to_owned()));
        }
        if self.empty {
            self.field = column.field.clone();
            self.empty = false;
            return;
        }
        if self.field.data_type() != column.field.data_type() {
            let wide = widen(&data_type_of(&self.field), &new);
            let arrow = arrow_of(&wide).unwrap_or_else(|| self.field.data_type().clone());
            self.field = Field::new(self.field.name(), arrow, true);
        }
    }

    fn note(&self) -> Option<String> {
        if self.met.len() < 2 {
            return None;
        }
        let met: Vec<String> = self.met.iter().map(|(t, from)| format!("{t} in {from}")).collect();
        Some(format!("column \"{}\" is {}: {}", self.field.name(), data_type_of(&self.field), met.join(", ")))
    }
}

/// The narrowest type that holds the values of both.
fn widen(a: &DataType, b: &DataType) -> DataType {
    use DataType as T;
    match (a, b) {
        (a, b) if a == b => a.clone(),
        (T::Date, T::Timestamp) | (T::Timestamp, T::Date) => T::Timestamp,
        (T::Float, T::Integer | T::Decimal { .. }) | (T::Integer | T::Decimal { .. }, T::Float) => T::Float,
        _ => match (digits(a), digits(b)) {
            (Some((whole, scale)), Some((other_whole, other_scale))) => {
                let (whole, scale) = (whole.max(other_whole), scale.max(other_scale));
                if whole + scale <= 38 { T::Decimal { precision: whole + scale, scale } } else { T::Float }
            }
            _ => T::Text,
        },
    }
}

/// Digits before and after the point that an exact number may have.
fn digits(data_type: &DataType) -> Option<(u8, u8)> {
    match data_type {
        DataType::Integer => Some((19, 0)),
        DataType::Decimal { precision, scale } => Some((precision - scale, *scale)),
        _ => None,
    }
}

/// The one Arrow type that stands for a type where files differ in theirs.
fn arrow_of(data_type: &DataType) -> Option<Arrow> {
    Some(match data_type {
        DataType::Boolean => Arrow::Boolean,
        DataType::Integer => Arrow::Int64,
        DataType::Float => Arrow::Float64,
        DataType::Decimal { precision, scale } => Arrow::Decimal128(*precision, *scale as i8),
        DataType::Date => Arrow::Date32,
        DataType::Time => Arrow::Time64(TimeUnit::Microsecond),
        DataType::Timestamp => Arrow::Timestamp(TimeUnit::Microsecond, None),
        DataType::Text => Arrow::Utf8,
        _ => return None,
    })
}

/// True when values of one Arrow type become the other without a change that anybody could see.
pub(super) fn becomes(from: &Field, to: &Field) -> bool {
    from.data_type() == to.data_type()
        || (data_type_of(from) == data_type_of(to) && arrow_of(&data_type_of(to)).as_ref() == Some(to.data_type()))
}

fn contract_type(data_type: &DataType) -> Option<ContractType> {
    Some(match data_type {
        DataType::Text => ContractType::Text,
        DataType::Integer => ContractType::Integer,
        DataType::Float => ContractType::Float,
        DataType::Decimal { precision, scale } => ContractType::Decimal { precision: *precision, scale: *scale },
        DataType::Boolean => ContractType::Boolean,
        DataType::Date => ContractType::Date,
        DataType::Time => ContractType::Time,
        DataType::Timestamp => ContractType::Timestamp,
        _ => return None,
    })
}

fn only_case(merged: &Merged, name: &str, came: &Came) -> Problem {
    Problem::new(Code::Drift, format!("\"{name}\" in {} and \"{}\" in another file differ in case only", came.name, merged.field.name()))
        .why("SQL does not tell such names apart")
        .next("make the files agree on one name")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn came(name: &str, columns: &[(&str, Arrow, bool)]) -> Came {
        let column = |(n, t, empty): &(&str, Arrow, bool)| Column { field: Field::new(*n, t.clone(), true), empty: *empty };
        Came { name: name.to_owned(), columns: columns.iter().map(column).collect() }
    }

    fn check(all: &[Came], expected: &[(&str, DataType)]) {
        let unified = unify(all).unwrap();
        let found: Vec<(String, DataType)> = unified.schema.fields().iter().map(|f| (f.name().clone(), data_type_of(f))).collect();
        let expected: Vec<(String, DataType)> = expected.iter().map(|(n, t)| ((*n).to_owned(), t.clone())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn columns_go_by_name_and_positions_stand_last() {
        check(
            &[
                came("a.csv", &[("x", Arrow::Int64, false), ("_file", Arrow::Utf8, false)]),
                came("b.csv", &[("y", Arrow::Utf8, false), ("x", Arrow::Float64, false), ("_file", Arrow::Utf8, false)]),
            ],
            &[("x", DataType::Float), ("y", DataType::Text), ("_file", DataType::Text)],
        );
    }

    #[test]
    fn an_empty_column_says_nothing() {
        let (empty, full) = (came("a", &[("x", Arrow::Utf8, true)]), came("b", &[("x", Arrow::Int64, false)]));
        check(&[empty.clone(), full.clone()], &[("x", DataType::Integer)]);
        check(&[full, empty.clone()], &[("x", DataType::Integer)]);
        check(&[empty], &[("x", DataType::Text)]);
    }

    #[test]
    fn names_that_differ_in_case_only_are_refused() {
        let problem = unify(&[came("a", &[("Qty", Arrow::Int64, false)]), came("b", &[("qty", Arrow::Int64, false)])]).unwrap_err();
        assert_eq!(problem.code, Code::Drift);
    }

    #[test]
    fn what_widened_is_said() {
        let all = [came("a.csv", &[("x", Arrow::Int64, false)]), came("b.csv", &[("x", Arrow::Utf8, false)])];
        assert_eq!(unify(&all).unwrap().notes, ["column \"x\" is text: integer in a.csv, text in b.csv"]);
    }

    fn any_column() -> impl Strategy<Value = (Arrow, bool)> {
        let types = vec![
            Arrow::Int64,
            Arrow::Int32,
            Arrow::Float64,
            Arrow::Decimal128(10, 2),
            Arrow::Decimal128(38, 20),
            Arrow::Utf8,
            Arrow::Date32,
            Arrow::Timestamp(TimeUnit::Microsecond, None),
            Arrow::Boolean,
        ];
        (prop::sample::select(types), any::<bool>()).prop_map(|(t, e)| (t.clone(), e && t == Arrow::Utf8))
    }

    proptest! {
        #[test]
        fn one_by_one_or_all_at_once_is_the_same(columns in prop::collection::vec(any_column(), 1..6)) {
            let all: Vec<Came> = columns.iter().map(|(t, e)| came("f", &[("x", t.clone(), *e)])).collect();
            let at_once = unify(&all).unwrap().schema;
            let mut so_far = all[0].clone();
            for next in &all[1..] {
                let joined = unify(&[so_far.clone(), next.clone()]).unwrap().schema;
                let empty = so_far.columns[0].empty && next.columns[0].empty;
                so_far = Came { name: "lake".into(), columns: vec![Column { field: joined.field(0).clone(), empty }] };
            }
            prop_assert_eq!(data_type_of(at_once.field(0)), data_type_of(&so_far.columns[0].field));
        }
    }
}
