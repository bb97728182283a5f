//! Arrow columns as this crate needs them: their text, chosen rows of them, and an order over any type.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, RecordBatch, StringArray, StringBuilder, StringViewArray};
use arrow::buffer::ScalarBuffer;
use arrow::compute::{can_cast_types, cast, interleave};
use arrow::datatypes::{DataType, UInt32Type};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use trommel_model::{Code, Outcome, Problem};

/// A column of one batch as text; null stays null.
pub(crate) enum Text {
    Small(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
    /// Numbers of texts, of which number 0 is null.
    Coded(ScalarBuffer<u32>, LargeStringArray),
}

impl Text {
    /// Numbers in plain digits, dates and times in ISO 8601.
    pub fn of(array: &ArrayRef) -> Outcome<Self> {
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Small(array.as_string::<i32>().clone()),
            DataType::LargeUtf8 => Self::Large(array.as_string::<i64>().clone()),
            DataType::Utf8View => Self::View(array.as_string_view().clone()),
            coded if is_coded(coded) && array.null_count() == 0 => {
                let array = array.as_dictionary::<UInt32Type>();
                Self::Coded(array.keys().values().clone(), array.values().as_string::<i64>().clone())
            }
            DataType::Null => Self::Small(StringArray::new_null(array.len())),
            nested if nested.is_nested() || !can_cast_types(nested, &DataType::Utf8) => Self::Small(formatted(array)?),
            _ => Self::Small(cast(array, &DataType::Utf8).map_err(internal)?.as_string::<i32>().clone()),
        })
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Small(a) => a.len(),
            Self::Large(a) => a.len(),
            Self::View(a) => a.len(),
            Self::Coded(numbers, _) => numbers.len(),
        }
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Small(a) => a.is_valid(row).then(|| a.value(row)),
            Self::Large(a) => a.is_valid(row).then(|| a.value(row)),
            Self::View(a) => a.is_valid(row).then(|| a.value(row)),
            Self::Coded(numbers, texts) => {
                let number = numbers[row] as usize;
                texts.is_valid(number).then(|| texts.value(number))
            }
        }
    }
}

fn formatted(array: &ArrayRef) -> Outcome<StringArray> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array, &options).map_err(internal)?;
    let mut out = StringBuilder::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            out.append_null();
        } else {
            write!(out, "{}", formatter.value(row)).map_err(|e| Problem::new(Code::Internal, e.to_string()))?;
            out.append_value("");
        }
    }
    Ok(out.finish())
}

/// The type of a coded column: numbers of texts, of which number 0 is null.
pub(crate) fn coded_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::LargeUtf8))
}

/// True for the type of coded columns.
pub(crate) fn is_coded(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Dictionary(numbers, texts) if **numbers == DataType::UInt32 && **texts == DataType::LargeUtf8)
}

/// True for types whose values are whole numbers of at most 64 bits, with sign, whatever they stand for.
pub(crate) fn whole_numbers(data_type: &DataType) -> bool {
    use DataType::{Date32, Date64, Int8, Int16, Int32, Int64, Timestamp, UInt8, UInt16, UInt32};
    matches!(data_type, Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | Date32 | Date64 | Timestamp(..))
}

/// One column over all batches, the batches' own order.
pub(crate) fn column(batches: &[RecordBatch], at: usize) -> Vec<&ArrayRef> {
    batches.iter().map(|b| b.column(at)).collect()
}

/// Rows of one column, given as (batch, row), as one array of the same type; coded columns become texts.
pub(crate) fn gather(batches: &[RecordBatch], at: usize, places: &[(usize, usize)]) -> Outcome<ArrayRef> {
    if batches.iter().any(|b| is_coded(b.column(at).data_type())) {
        let texts = batches.iter().map(|b| Text::of(b.column(at))).collect::<Outcome<Vec<_>>>()?;
        return Ok(Arc::new(places.iter().map(|&(batch, row)| texts[batch].get(row)).collect::<LargeStringArray>()));
    }
    let arrays: Vec<&dyn Array> = batches.iter().map(|b| b.column(at).as_ref()).collect();
    interleave(&arrays, places).map_err(|e| match e {
        ArrowError::OffsetOverflowError(_) => {
            Problem::new(Code::TooLarge, format!("texts of column \"{}\" do not fit into one batch", batches[0].schema().field(at).name()))
                .next("leave the column out of the match and join it afterwards")
        }
        other => internal(other),
    })
}

/// Arrays of equal length as rows that compare like their values, nulls first; types without an order compare as text.
pub(crate) fn comparable(columns: &[ArrayRef]) -> Outcome<Rows> {
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for column in columns {
        let (field, array) = sortable(column)?;
        fields.push(field);
        arrays.push(array);
    }
    let converter = RowConverter::new(fields).map_err(internal)?;
    converter.convert_columns(&arrays).map_err(internal)
}

/// An array that has an order, and its sort field.
pub(crate) fn sortable(array: &ArrayRef) -> Outcome<(SortField, ArrayRef)> {
    let field = SortField::new(array.data_type().clone());
    if RowConverter::supports_fields(std::slice::from_ref(&field)) {
        return Ok((field, array.clone()));
    }
    Ok((SortField::new(DataType::Utf8), Arc::new(formatted(array)?)))
}

/// A fault of Arrow's that no input should cause.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub(crate) fn internal(error: ArrowError) -> Problem {
    Problem::new(Code::Internal, "a column could not be handled").why(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, ListArray, TimestampMicrosecondArray};
    use arrow::datatypes::Int32Type;

    use super::*;

    #[test]
    fn every_type_has_a_text() {
        let decimal = Decimal128Array::from(vec![Some(1250), None]).with_precision_and_scale(9, 2).unwrap();
        let cases: Vec<(ArrayRef, &str)> = vec![
            (Arc::new(Int64Array::from(vec![Some(-7), None])), "-7"),
            (Arc::new(Float64Array::from(vec![Some(2.5), None])), "2.5"),
            (Arc::new(BooleanArray::from(vec![Some(true), None])), "true"),
            (Arc::new(decimal), "12.50"),
            (Arc::new(Date32Array::from(vec![Some(14_953), None])), "2010-12-10"),
            (Arc::new(TimestampMicrosecondArray::from(vec![Some(0), None])), "1970-01-01T00:00:00"),
            (Arc::new(StringViewArray::from(vec![Some("é"), None])), "é"),
            (Arc::new(LargeStringArray::from(vec![Some("x"), None])), "x"),
            (Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), Some(2)]), None])), "[1, 2]"),
        ];
        for (array, expected) in cases {
            let text = Text::of(&array).unwrap();
            assert_eq!((text.get(0), text.get(1), text.len()), (Some(expected), None, 2));
        }
    }
}
