//! Rows in columns, as the connectors take them.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, Outcome, Problem};

use crate::rental::moment::Day;

/// One column.
pub struct Column(&'static str, ArrayRef);

/// Whole numbers.
pub fn numbers(name: &'static str, values: impl Iterator<Item = i64>) -> Column {
    Column(name, Arc::new(values.collect::<Int64Array>()))
}

/// Texts, some of them absent.
pub fn texts<'a>(name: &'static str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    Column(name, Arc::new(values.collect::<StringArray>()))
}

/// Days.
pub fn days(name: &'static str, values: impl Iterator<Item = Day>) -> Column {
    Column(name, Arc::new(values.map(|day| Some(day as i32)).collect::<Date32Array>()))
}

/// True or false.
pub fn flags(name: &'static str, values: impl Iterator<Item = bool>) -> Column {
    Column(name, Arc::new(values.map(Some).collect::<BooleanArray>()))
}

/// Amounts in cents.
pub fn amounts(name: &'static str, cents: impl Iterator<Item = i64>) -> Outcome<Column> {
    let array = cents.map(|c| Some(i128::from(c))).collect::<Decimal128Array>().with_precision_and_scale(10, 2).map_err(|e| broken(&e))?;
    Ok(Column(name, Arc::new(array)))
}

/// Columns side by side.
pub fn sheet(columns: Vec<Column>) -> Outcome<RecordBatch> {
    let fields: Vec<Field> = columns.iter().map(|Column(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    RecordBatch::try_new(schema, columns.into_iter().map(|Column(_, array)| array).collect()).map_err(|e| broken(&e))
}

fn broken(error: &arrow::error::ArrowError) -> Problem {
    Problem::new(Code::Internal, "rows of the example do not form a table").why(error.to_string())
}
