//! Arrow values as cells: numbers as numbers, everything else as exact text.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType, IntervalUnit, IntervalYearMonthType,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use trommel_model::Cell;

use super::text::{day, decimal, interval, time, timestamp};

/// The rows of a batch, each as long as its schema.
pub fn cells_of(batch: &RecordBatch) -> Vec<Vec<Cell>> {
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for column in batch.columns() {
        for (row, cells) in rows.iter_mut().enumerate() {
            cells.push(cell_of(column.as_ref(), row));
        }
    }
    rows
}

/// One value. Dates and times are ISO 8601 with a space between day and time, instants carry `+00`,
/// decimals keep their scale, bytes are `\x` and hexadecimal digits, lists and structs are JSON.
pub fn cell_of(array: &dyn Array, row: usize) -> Cell {
    if array.is_null(row) {
        return Cell::Null;
    }
    let whole = |value: i64| Cell::Integer(value);
    match array.data_type() {
        DataType::Null => Cell::Null,
        DataType::Boolean => Cell::Boolean(array.as_boolean().value(row)),
        DataType::Int8 => whole(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => whole(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => whole(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => whole(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => whole(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => whole(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => whole(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::UInt64 => {
            let value = array.as_primitive::<UInt64Type>().value(row);
            i64::try_from(value).map_or_else(|_| Cell::Text(value.to_string()), Cell::Integer)
        }
        DataType::Float16 => float32(array.as_primitive::<Float16Type>().value(row).to_f32()),
        DataType::Float32 => float32(array.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => Cell::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Cell::Text(array.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Cell::Text(array.as_string_view().value(row).to_owned()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            cell_of(dictionary.values().as_ref(), dictionary.normalized_keys()[row])
        }
        _ => Cell::Text(text_of(array, row)),
    }
}

/// The shortest text that reads back as the same 32-bit number, as a 64-bit number: 0.1 stays 0.1.
fn float32(value: f32) -> Cell {
    Cell::Float(value.to_string().parse().unwrap_or(f64::from(value)))
}

fn text_of(array: &dyn Array, row: usize) -> String {
    match array.data_type() {
        DataType::Decimal32(_, scale) => decimal(&array.as_primitive::<Decimal32Type>().value(row).to_string(), *scale),
        DataType::Decimal64(_, scale) => decimal(&array.as_primitive::<Decimal64Type>().value(row).to_string(), *scale),
        DataType::Decimal128(_, scale) => decimal(&array.as_primitive::<Decimal128Type>().value(row).to_string(), *scale),
        DataType::Decimal256(_, scale) => decimal(&array.as_primitive::<Decimal256Type>().value(row).to_string(), *scale),
        DataType::Date32 => day(i64::from(array.as_primitive::<Date32Type>().value(row))),
        DataType::Date64 => day(array.as_primitive::<Date64Type>().value(row).div_euclid(86_400_000)),
        DataType::Time32(TimeUnit::Second) => time(i64::from(array.as_primitive::<Time32SecondType>().value(row)), 1),
        DataType::Time32(_) => time(i64::from(array.as_primitive::<Time32MillisecondType>().value(row)), 1_000),
        DataType::Time64(TimeUnit::Nanosecond) => time(array.as_primitive::<Time64NanosecondType>().value(row), 1_000_000_000),
        DataType::Time64(_) => time(array.as_primitive::<Time64MicrosecondType>().value(row), 1_000_000),
        DataType::Timestamp(unit, zone) => {
            let (value, per_second) = match unit {
                TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().value(row), 1),
                TimeUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().value(row), 1_000),
                TimeUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().value(row), 1_000_000),
                TimeUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().value(row), 1_000_000_000),
            };
            timestamp(value, per_second, zone.is_some())
        }
        DataType::Interval(IntervalUnit::YearMonth) => interval(array.as_primitive::<IntervalYearMonthType>().value(row), 0, 0),
        DataType::Interval(IntervalUnit::DayTime) => {
            let value = array.as_primitive::<IntervalDayTimeType>().value(row);
            interval(0, value.days, i64::from(value.milliseconds) * 1_000_000)
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let value = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
            interval(value.months, value.days, value.nanoseconds)
        }
        DataType::Binary => hexadecimal(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => hexadecimal(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => hexadecimal(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => hexadecimal(array.as_fixed_size_binary().value(row)),
        DataType::List(_) => list(&array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => list(&array.as_fixed_size_list().value(row)),
        DataType::Struct(fields) => {
            let columns = array.as_struct();
            let parts: Vec<_> = fields
                .iter()
                .zip(columns.columns())
                .map(|(f, column)| format!("{}:{}", json_text(f.name()), json(column.as_ref(), row)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let parts: Vec<_> = (0..entries.len())
                .map(|i| format!("{}:{}", json_text(&cell_of(keys.as_ref(), i).text()), json(values.as_ref(), i)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        DataType::Union(..) => {
            let union = array.as_union();
            cell_of(union.value(row).as_ref(), 0).text()
        }
        other => arrow::util::display::array_value_to_string(array, row).unwrap_or_else(|_| format!("({other})")),
    }
}

/// A value inside a list or struct, as JSON.
fn json(array: &dyn Array, row: usize) -> String {
    let nested = matches!(
        array.data_type(),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) | DataType::Struct(_) | DataType::Map(..)
    );
    match cell_of(array, row) {
        Cell::Null => "null".to_owned(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Float(value) if value.is_finite() => value.to_string(),
        Cell::Float(value) => json_text(&value.to_string()),
        Cell::Text(text) if nested => text,
        Cell::Text(text) => json_text(&text),
    }
}

fn list(values: &ArrayRef) -> String {
    let parts: Vec<_> = (0..values.len()).map(|i| json(values.as_ref(), i)).collect();
    format!("[{}]", parts.join(","))
}

fn json_text(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

fn hexadecimal(bytes: &[u8]) -> String {
    format!("\\x{}", hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BinaryArray, Date32Array, Decimal128Array, Float32Array, Int32Array, StringArray, StructArray, Time64MicrosecondArray,
        TimestampMicrosecondArray, UInt64Array,
    };
    use arrow::datatypes::Field;

    use super::*;

    fn check(array: impl Array, expected: Cell) {
        assert_eq!(cell_of(&array, 0), expected, "{:?}", array.data_type());
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn values_read_as_people_write_them() {
        check(Float32Array::from(vec![0.1]), Cell::Float(0.1));
        check(UInt64Array::from(vec![u64::MAX]), text("18446744073709551615"));
        check(Decimal128Array::from(vec![-5]).with_precision_and_scale(10, 2).unwrap(), text("-0.05"));
        check(Decimal128Array::from(vec![12345]).with_precision_and_scale(10, 2).unwrap(), text("123.45"));
        check(Date32Array::from(vec![0]), text("1970-01-01"));
        check(Date32Array::from(vec![-1]), text("1969-12-31"));
        check(Date32Array::from(vec![19_782]), text("2024-02-29"));
        check(Date32Array::from(vec![-719_529]), text("-0001-12-31"));
        check(Time64MicrosecondArray::from(vec![36_672_120_000]), text("10:11:12.12"));
        check(TimestampMicrosecondArray::from(vec![-1]), text("1969-12-31 23:59:59.999999"));
        check(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC"), text("1970-01-01 00:00:00+00"));
        check(BinaryArray::from(vec![&[0xaa_u8, 0][..]]), text("\\xaa00"));
        check(Int32Array::from(vec![None]), Cell::Null);
    }

    #[test]
    fn nested_values_are_json() {
        let a: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        let b: ArrayRef = Arc::new(StringArray::from(vec!["say \"x\""]));
        let fields = [(Arc::new(Field::new("a", DataType::Int32, true)), a), (Arc::new(Field::new("b", DataType::Utf8, true)), b)];
        check(StructArray::from(fields.to_vec()), text(r#"{"a":1,"b":"say \"x\""}"#));
    }
}
