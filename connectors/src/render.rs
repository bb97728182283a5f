//! The cells of Arrow columns as canonical text, for every writer of text.

use std::fmt::Write;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, BooleanArray, Decimal128Array, LargeBinaryArray, LargeStringArray, StringArray,
    StringViewArray,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::values::{print_date, print_decimal, print_float, print_time, print_timestamp};

/// One column, ready to be read cell by cell.
pub enum Cells {
    /// Text.
    Text(StringArray),
    /// Text with long offsets.
    LongText(LargeStringArray),
    /// Text in views.
    TextView(StringViewArray),
    /// Whole numbers of up to 64 bits.
    Integer(ArrayRef, Vec<i64>),
    /// Whole numbers of 64 bits without sign.
    Unsigned(ArrayRef, Vec<u64>),
    /// Floating point numbers.
    Float(ArrayRef, Vec<f64>),
    /// Decimals and their scale.
    Decimal(Decimal128Array, i8),
    /// True or false.
    Boolean(BooleanArray),
    /// Days since 1970.
    Date(ArrayRef, Vec<i64>),
    /// Microseconds since midnight.
    Time(ArrayRef, Vec<i64>),
    /// Microseconds since 1970; true with a zone.
    Timestamp(ArrayRef, Vec<i64>, bool),
    /// Bytes.
    Binary(BinaryArray),
    /// Lists, structures, intervals and the rest.
    Other(ArrayRef),
}

impl Cells {
    /// Opens a column.
    pub fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        macro_rules! numbers {
            ($kind:ty, $to:ty) => {
                array.as_primitive::<$kind>().values().iter().map(|v| <$to>::from(*v)).collect()
            };
        }
        macro_rules! scaled {
            ($kind:ty, $change:expr) => {
                array.as_primitive::<$kind>().values().iter().map(|v| $change(i64::from(*v))).collect()
            };
        }
        let keep = array.clone();
        let zoned = |zone: &Option<std::sync::Arc<str>>| zone.is_some();
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string::<i32>().clone()),
            DataType::LargeUtf8 => Self::LongText(array.as_string::<i64>().clone()),
            DataType::Utf8View => Self::TextView(array.as_string_view().clone()),
            DataType::Int8 => Self::Integer(keep, numbers!(Int8Type, i64)),
            DataType::Int16 => Self::Integer(keep, numbers!(Int16Type, i64)),
            DataType::Int32 => Self::Integer(keep, numbers!(Int32Type, i64)),
            DataType::Int64 => Self::Integer(keep, numbers!(Int64Type, i64)),
            DataType::UInt8 => Self::Integer(keep, numbers!(UInt8Type, i64)),
            DataType::UInt16 => Self::Integer(keep, numbers!(UInt16Type, i64)),
            DataType::UInt32 => Self::Integer(keep, numbers!(UInt32Type, i64)),
            DataType::UInt64 => Self::Unsigned(keep, numbers!(UInt64Type, u64)),
            DataType::Float32 => Self::Float(keep, array.as_primitive::<Float32Type>().values().iter().map(|v| widen(*v)).collect()),
            DataType::Float64 => Self::Float(keep, numbers!(Float64Type, f64)),
            DataType::Decimal128(_, scale) => Self::Decimal(array.as_primitive().clone(), *scale),
            DataType::Boolean => Self::Boolean(array.as_boolean().clone()),
            DataType::Date32 => Self::Date(keep, numbers!(Date32Type, i64)),
            DataType::Date64 => Self::Date(keep, scaled!(Date64Type, |v: i64| v.div_euclid(86_400_000))),
            DataType::Time32(TimeUnit::Second) => Self::Time(keep, scaled!(Time32SecondType, |v: i64| v.saturating_mul(1_000_000))),
            DataType::Time32(_) => Self::Time(keep, scaled!(Time32MillisecondType, |v: i64| v.saturating_mul(1000))),
            DataType::Time64(TimeUnit::Nanosecond) => Self::Time(keep, scaled!(Time64NanosecondType, |v: i64| v.div_euclid(1000))),
            DataType::Time64(_) => Self::Time(keep, numbers!(Time64MicrosecondType, i64)),
            DataType::Timestamp(TimeUnit::Second, zone) => {
                Self::Timestamp(keep, scaled!(TimestampSecondType, |v: i64| v.saturating_mul(1_000_000)), zoned(zone))
            }
            DataType::Timestamp(TimeUnit::Millisecond, zone) => {
                Self::Timestamp(keep, scaled!(TimestampMillisecondType, |v: i64| v.saturating_mul(1000)), zoned(zone))
            }
            DataType::Timestamp(TimeUnit::Microsecond, zone) => Self::Timestamp(keep, numbers!(TimestampMicrosecondType, i64), zoned(zone)),
            DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
                Self::Timestamp(keep, scaled!(TimestampNanosecondType, |v: i64| v.div_euclid(1000)), zoned(zone))
            }
            DataType::Binary => Self::Binary(array.as_binary::<i32>().clone()),
            DataType::LargeBinary => Self::Binary(of_long(array.as_binary::<i64>())),
            DataType::BinaryView => Self::Binary(of_view(array.as_binary_view())),
            DataType::Dictionary(_, values) => Self::new(&cast(array, values)?)?,
            _ => Self::Other(keep),
        })
    }

    /// True when there is no value.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Text(a) => a.is_null(row),
            Self::LongText(a) => a.is_null(row),
            Self::TextView(a) => a.is_null(row),
            Self::Decimal(a, _) => a.is_null(row),
            Self::Boolean(a) => a.is_null(row),
            Self::Binary(a) => a.is_null(row),
            Self::Integer(a, _)
            | Self::Unsigned(a, _)
            | Self::Float(a, _)
            | Self::Date(a, _)
            | Self::Time(a, _)
            | Self::Timestamp(a, _, _)
            | Self::Other(a) => a.is_null(row),
        }
    }

    /// The text of a text cell; `None` for other types.
    #[inline]
    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Text(a) => Some(a.value(row)),
            Self::LongText(a) => Some(a.value(row)),
            Self::TextView(a) => Some(a.value(row)),
            _ => None,
        }
    }

    /// Appends the canonical text of a cell that has a value.
    pub fn print(&self, row: usize, out: &mut String) {
        match self {
            Self::Text(_) | Self::LongText(_) | Self::TextView(_) => out.push_str(self.text(row).unwrap_or_default()),
            Self::Integer(_, v) => out.push_str(itoa::Buffer::new().format(v[row])),
            Self::Unsigned(_, v) => out.push_str(itoa::Buffer::new().format(v[row])),
            Self::Float(_, v) => out.push_str(&print_float(v[row])),
            Self::Decimal(a, scale) => out.push_str(&print_decimal(a.value(row), *scale)),
            Self::Boolean(a) => out.push_str(if a.value(row) { "true" } else { "false" }),
            Self::Date(_, v) => out.push_str(&print_date(v[row])),
            Self::Time(_, v) => out.push_str(&print_time(v[row])),
            Self::Timestamp(_, v, false) => out.push_str(&print_timestamp(v[row])),
            Self::Timestamp(_, v, true) => {
                out.push_str(&print_timestamp(v[row]).replacen(' ', "T", 1));
                out.push('Z');
            }
            Self::Binary(a) => {
                for byte in a.value(row) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{byte:02x}");
                }
            }
            Self::Other(a) => {
                if let Ok(formatter) = ArrayFormatter::try_new(a.as_ref(), &FormatOptions::default()) {
                    let _ = write!(out, "{}", formatter.value(row));
                }
            }
        }
    }
}

/// The double that reads as the float does: 0.1 stays 0.1.
fn widen(value: f32) -> f64 {
    if value.is_finite() { value.to_string().parse().unwrap_or_else(|_| f64::from(value)) } else { f64::from(value) }
}

fn of_long(array: &LargeBinaryArray) -> BinaryArray {
    array.iter().collect()
}

fn of_view(array: &BinaryViewArray) -> BinaryArray {
    array.iter().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, Float32Array, Float64Array, Int64Array, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn canonical_texts() {
        let columns: Vec<(ArrayRef, &str)> = vec![
            (Arc::new(Int64Array::from(vec![-7])), "-7"),
            (Arc::new(Float64Array::from(vec![12.0])), "12.0"),
            (Arc::new(Float32Array::from(vec![0.1])), "0.1"),
            (Arc::new(BooleanArray::from(vec![true])), "true"),
            (Arc::new(Date32Array::from(vec![19_782])), "2024-02-29"),
            (Arc::new(TimestampMicrosecondArray::from(vec![0])), "1970-01-01 00:00:00"),
            (Arc::new(TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC")), "1970-01-01T00:00:00Z"),
            (Arc::new(BinaryArray::from(vec![&b"\x01\xff"[..]])), "01ff"),
            (Arc::new(StringArray::from(vec!["é"])), "é"),
        ];
        for (array, expected) in columns {
            let mut out = String::new();
            Cells::new(&array).unwrap().print(0, &mut out);
            assert_eq!(out, expected);
        }
    }
}
