//! The types columns get: those of the file, where engine and lake have them; else the nearest that loses nothing.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use arrow::error::ArrowError;

use crate::render::Cells;

/// What becomes of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Becomes {
    /// It is taken as this type.
    Type(DataType),
    /// It is shown as text.
    Text,
}

impl Becomes {
    /// The type in Arrow.
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Type(data_type) => data_type.clone(),
            Self::Text => DataType::Utf8,
        }
    }
}

/// What a person has to know about a column that does not keep its type.
pub fn remark(name: &str, came: &DataType, becomes: &Becomes) -> Option<String> {
    match (came, becomes) {
        (_, Becomes::Text) => Some(format!("column \"{name}\" has values of type {came}; they are read as text")),
        (DataType::Timestamp(TimeUnit::Nanosecond, _) | DataType::Time64(TimeUnit::Nanosecond), _) => {
            Some(format!("column \"{name}\" is in nanoseconds; it is kept in microseconds"))
        }
        _ => None,
    }
}

/// The type a column gets.
pub fn becomes(came: &DataType) -> Becomes {
    plain(came).map_or(Becomes::Text, Becomes::Type)
}

/// The array in the type it gets.
pub fn convert(array: &ArrayRef, to: &Becomes) -> Result<ArrayRef, ArrowError> {
    match to {
        Becomes::Type(to) if array.data_type() == to => Ok(array.clone()),
        Becomes::Type(to) => cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() }),
        Becomes::Text => texts(array).map(|texts| Arc::new(texts) as ArrayRef),
    }
}

/// The values of a column as canonical text.
fn texts(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    let cells = Cells::new(array)?;
    // Arrays of type Null have no map of absent values, yet no values.
    let nulls = array.logical_nulls();
    let mut text = String::new();
    let shown = (0..array.len()).map(|row| {
        if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            return None;
        }
        text.clear();
        cells.print(row, &mut text);
        Some(text.clone())
    });
    Ok(shown.collect())
}

/// `None`: there is no type that keeps the values; they become text.
fn plain(came: &DataType) -> Option<DataType> {
    Some(match came {
        DataType::Dictionary(_, values) => plain(values)?,
        DataType::RunEndEncoded(_, values) => plain(values.data_type())?,
        DataType::Null | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Float16 => DataType::Float32,
        DataType::Date64 => DataType::Date32,
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        // A moment is kept as such whatever zone it was written for; the zone's name is not.
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.as_ref().map(|_| "UTC".into())),
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) | DataType::Decimal128(precision, scale)
            if *scale >= 0 && *scale as u8 <= *precision =>
        {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::List(of) | DataType::LargeList(of) | DataType::FixedSizeList(of, _) => DataType::List(plain_field(of)?),
        DataType::Struct(fields) if !fields.is_empty() => {
            DataType::Struct(fields.iter().map(plain_field).collect::<Option<Vec<_>>>()?.into())
        }
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float32
        | DataType::Float64
        | DataType::Date32
        | DataType::Utf8
        | DataType::Binary => came.clone(),
        _ => return None,
    })
}

fn plain_field(field: &FieldRef) -> Option<FieldRef> {
    Some(Arc::new(Field::new(field.name(), plain(field.data_type())?, true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_stay_and_types_that_change() {
        let list = |of: DataType| DataType::List(Arc::new(Field::new("item", of, true)));
        let dictionary = |of: DataType| DataType::Dictionary(Box::new(DataType::Int32), Box::new(of));
        for (came, expected) in [
            (DataType::UInt64, Some(DataType::UInt64)),
            (dictionary(DataType::LargeUtf8), Some(DataType::Utf8)),
            (DataType::Timestamp(TimeUnit::Nanosecond, None), Some(DataType::Timestamp(TimeUnit::Microsecond, None))),
            (
                DataType::Timestamp(TimeUnit::Millisecond, Some("Europe/Rome".into())),
                Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
            ),
            (DataType::Decimal64(9, 2), Some(DataType::Decimal128(9, 2))),
            (DataType::Decimal128(9, -2), None),
            (DataType::Decimal256(60, 2), None),
            (list(dictionary(DataType::Utf8)), Some(list(DataType::Utf8))),
            (list(DataType::Decimal256(60, 2)), None),
            (DataType::Duration(TimeUnit::Second), None),
        ] {
            assert_eq!(becomes(&came), expected.map_or(Becomes::Text, Becomes::Type), "{came}");
        }
    }
}
