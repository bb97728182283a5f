//! Which columns are worth a dictionary: one whose values hardly repeat costs a look-up for each value and saves nothing.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use parquet::file::properties::WriterPropertiesBuilder;
use parquet::schema::types::ColumnPath;
use rustc_hash::{FxBuildHasher, FxHashSet};

/// Values of a column that are looked at …
const LOOKED_AT: usize = 8192;
/// … and so many at least, for fewer say nothing.
const ENOUGH: usize = 1024;

/// Switches dictionaries off for the columns of which most values of a first batch differ.
pub fn where_worth_it(mut properties: WriterPropertiesBuilder, first: &RecordBatch) -> WriterPropertiesBuilder {
    for (field, column) in first.schema().fields().iter().zip(first.columns()) {
        if differs_mostly(column.as_ref()) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(vec![field.name().clone()]), false);
        }
    }
    properties
}

fn differs_mostly(column: &dyn Array) -> bool {
    match column.data_type() {
        DataType::Utf8 => {
            let texts = column.as_string::<i32>();
            mostly(column, |row| texts.value(row))
        }
        DataType::Int32 => {
            let values = column.as_primitive::<Int32Type>().values();
            mostly(column, |row| values[row])
        }
        DataType::Decimal128(..) => {
            let values = column.as_primitive::<Decimal128Type>().values();
            mostly(column, |row| values[row])
        }
        DataType::Int64 => {
            let values = column.as_primitive::<Int64Type>().values();
            mostly(column, |row| values[row])
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>().values();
            mostly(column, |row| values[row].to_bits())
        }
        DataType::Date32 => {
            let values = column.as_primitive::<Date32Type>().values();
            mostly(column, |row| values[row])
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            let values = column.as_primitive::<Time64MicrosecondType>().values();
            mostly(column, |row| values[row])
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let values = column.as_primitive::<TimestampMicrosecondType>().values();
            mostly(column, |row| values[row])
        }
        _ => false,
    }
}

fn mostly<T: std::hash::Hash + Eq>(column: &dyn Array, value: impl Fn(usize) -> T) -> bool {
    let step = column.len().div_ceil(LOOKED_AT).max(1);
    let mut seen = FxHashSet::with_capacity_and_hasher(LOOKED_AT, FxBuildHasher);
    let mut values = 0;
    for row in (0..column.len()).step_by(step).filter(|row| column.is_valid(*row)) {
        values += 1;
        seen.insert(value(row));
    }
    values >= ENOUGH && seen.len() * 2 > values
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use parquet::file::properties::WriterProperties;

    use super::*;

    #[test]
    fn only_columns_that_repeat_get_one() {
        let rows = 20_000;
        let columns: [(&str, ArrayRef); 3] = [
            ("id", Arc::new(Int64Array::from_iter_values(0..rows))),
            ("country", Arc::new(StringArray::from_iter_values((0..rows).map(|n| ["DE", "FR", "IT"][n as usize % 3])))),
            ("empty", Arc::new(StringArray::new_null(rows as usize))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let properties = where_worth_it(WriterProperties::builder(), &batch).build();
        let on = |name: &str| properties.dictionary_enabled(&ColumnPath::from(vec![name.to_owned()]));
        assert_eq!([on("id"), on("country"), on("empty")], [false, true, true]);
        // A few rows say nothing.
        let few = where_worth_it(WriterProperties::builder(), &batch.slice(0, 5)).build();
        assert!(few.dictionary_enabled(&ColumnPath::from(vec!["id".to_owned()])));
    }
}
