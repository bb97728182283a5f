//! Columns that already have a type, made into the type a contract asks for; values that do not fit are named.

use arrow::array::{Array, ArrayRef};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use trommel_model::{Code, Outcome, Problem};

use crate::render::Cells;
use crate::values::{ColumnBuffer, Kind, Pattern, boolean, date, decimal, float, instant, integer, time, timestamp};

/// A column in its new type.
pub struct Conversion {
    /// The values; null where there was none or it does not fit.
    pub array: ArrayRef,
    /// Rows whose value does not fit, with its text.
    pub misfits: Vec<(usize, String)>,
}

/// Converts a column. What is the same type already, or loses nothing by a plain cast, is cast; the rest goes by way of
/// the value's text, so that the same rules hold as for text files.
pub fn convert(array: &ArrayRef, kind: Kind, patterns: &[Pattern]) -> Outcome<Conversion> {
    let fail = |e: &arrow::error::ArrowError| Problem::new(Code::Internal, "a column cannot be converted").why(e.to_string());
    let target = kind.arrow();
    if *array.data_type() == target {
        return Ok(Conversion { array: array.clone(), misfits: Vec::new() });
    }
    if is_lossless(array.data_type(), kind) {
        return Ok(Conversion { array: cast(array, &target).map_err(|e| fail(&e))?, misfits: Vec::new() });
    }
    let cells = Cells::new(array).map_err(|e| fail(&e))?;
    let mut column = ColumnBuffer::new(kind);
    let mut misfits = Vec::new();
    let mut text = String::new();
    for row in 0..array.len() {
        if cells.is_null(row) {
            column.push_null();
            continue;
        }
        text.clear();
        cells.print(row, &mut text);
        if !push(&mut column, kind, patterns, text.as_bytes()) {
            column.push_null();
            if !text.trim().is_empty() {
                misfits.push((row, text.clone()));
            }
        }
    }
    Ok(Conversion { array: column.finish().map_err(|e| fail(&e))?, misfits })
}

fn is_lossless(from: &DataType, to: Kind) -> bool {
    match to {
        Kind::Integer => {
            matches!(from, DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32)
        }
        Kind::Text => matches!(from, DataType::LargeUtf8 | DataType::Utf8View),
        Kind::Timestamp => matches!(from, DataType::Timestamp(_, None) | DataType::Date32),
        _ => false,
    }
}

/// Appends the value of a text; `false` when it does not fit.
fn push(column: &mut ColumnBuffer, kind: Kind, patterns: &[Pattern], text: &[u8]) -> bool {
    match kind {
        Kind::Text => {
            column.push_text(text);
            true
        }
        Kind::Integer => whole(text).map(|v| column.push_long(v)).is_some(),
        Kind::Float => float(text, b'.').map(|p| column.push_float(p.value)).is_some(),
        Kind::Decimal(precision, scale) => decimal(text, b'.', precision, scale).map(|p| column.push_decimal(p.value)).is_some(),
        Kind::Boolean => boolean(text).map(|p| column.push_boolean(p.value)).is_some(),
        Kind::Date => {
            let day = || timestamp(text).filter(|p| p.value.rem_euclid(86_400_000_000) == 0).map(|p| (p.value / 86_400_000_000) as i32);
            let found = date(text).map(|p| p.value).or_else(|| patterns.iter().find_map(|f| f.date(text)).map(|p| p.value)).or_else(day);
            found.map(|v| column.push_day(v)).is_some()
        }
        Kind::Time => {
            let found = time(text).or_else(|| patterns.iter().find_map(|f| f.time(text)));
            found.map(|p| column.push_long(p.value)).is_some()
        }
        Kind::Timestamp | Kind::Instant => {
            let found = timestamp(text).or_else(|| instant(text)).or_else(|| patterns.iter().find_map(|f| f.timestamp(text)));
            found.map(|p| column.push_long(p.value)).is_some()
        }
    }
}

/// Whole numbers, also written as a float or decimal without a fraction.
fn whole(text: &[u8]) -> Option<i64> {
    integer(text).map(|p| p.value).or_else(|| decimal(text, b'.', 19, 0).and_then(|p| i64::try_from(p.value).ok()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, Int32Array, StringArray};

    use super::*;

    #[test]
    fn values_that_do_not_fit_are_named() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("1"), Some("x"), None, Some("")]));
        let found = convert(&texts, Kind::Integer, &[]).unwrap();
        assert_eq!(found.misfits, [(1, "x".to_owned())]);
        assert_eq!(found.array.null_count(), 3);
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 1.5]));
        assert_eq!(convert(&floats, Kind::Integer, &[]).unwrap().misfits, [(1, "1.5".to_owned())]);
        let small: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
        assert_eq!(convert(&small, Kind::Integer, &[]).unwrap().array.data_type(), &DataType::Int64);
    }
}
