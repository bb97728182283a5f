//! Columns into `COPY … FROM STDIN (FORMAT BINARY)`.
//! <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format".

use arrow::array::{Array, AsArray, BinaryArray, BooleanArray, PrimitiveArray, StringArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use trommel_model::{Code, Outcome, Problem};

use super::copy::{DAYS, MICROS, SIGNATURE};
use super::numeric;
use crate::database::write::{Going, uuid};

/// A column, ready to be written value by value.
enum Values<'a> {
    Boolean(&'a BooleanArray),
    Int2(&'a PrimitiveArray<Int64Type>),
    Int4(&'a PrimitiveArray<Int64Type>),
    Int8(&'a PrimitiveArray<Int64Type>),
    Float4(&'a PrimitiveArray<Float64Type>),
    Float8(&'a PrimitiveArray<Float64Type>),
    Numeric(&'a PrimitiveArray<Decimal128Type>, u8),
    Text(&'a StringArray),
    Jsonb(&'a StringArray),
    Uuid(&'a StringArray),
    Bytes(&'a BinaryArray),
    Date(&'a PrimitiveArray<Date32Type>),
    Time(&'a PrimitiveArray<Time64MicrosecondType>),
    Timestamp(&'a PrimitiveArray<TimestampMicrosecondType>),
}

/// What comes before the first row.
pub fn head(out: &mut Vec<u8>) {
    out.extend_from_slice(SIGNATURE);
    out.extend_from_slice(&[0; 8]);
}

/// What comes after the last row.
pub fn tail(out: &mut Vec<u8>) {
    out.extend_from_slice(&(-1_i16).to_be_bytes());
}

/// Appends the rows of a batch from `first` on, and stops once `out` has `enough` bytes. Gives the row it stopped before.
pub fn rows(batch: &RecordBatch, columns: &[Going], first: usize, enough: usize, out: &mut Vec<u8>) -> Outcome<usize> {
    let values: Vec<(Values<'_>, &dyn Array)> =
        batch.columns().iter().zip(columns).map(|(array, going)| Ok((values(array, going)?, array.as_ref()))).collect::<Outcome<_>>()?;
    let count = (values.len() as i16).to_be_bytes();
    let mut row = first;
    while row < batch.num_rows() && out.len() < enough {
        out.extend_from_slice(&count);
        for (column, array) in &values {
            if array.is_null(row) {
                out.extend_from_slice(&(-1_i32).to_be_bytes());
            } else {
                column.put(row, out)?;
            }
        }
        row += 1;
    }
    Ok(row)
}

/// A column of the plan; its type in Arrow is that of its kind.
fn values<'a>(array: &'a dyn Array, going: &Going) -> Outcome<Values<'a>> {
    let column = &going.column;
    Ok(match (array.data_type(), if column.cast { 25 } else { column.code }) {
        (DataType::Boolean, 16) => Values::Boolean(array.as_boolean()),
        (DataType::Int64, 21) => Values::Int2(array.as_primitive()),
        (DataType::Int64, 23 | 26) => Values::Int4(array.as_primitive()),
        (DataType::Int64, 20) => Values::Int8(array.as_primitive()),
        (DataType::Float64, 700) => Values::Float4(array.as_primitive()),
        (DataType::Float64, 701) => Values::Float8(array.as_primitive()),
        (DataType::Decimal128(_, scale), 1700) => Values::Numeric(array.as_primitive(), u8::try_from(*scale).unwrap_or(0)),
        (DataType::Utf8, 3802) => Values::Jsonb(array.as_string()),
        (DataType::Utf8, 2950) => Values::Uuid(array.as_string()),
        (DataType::Utf8, _) => Values::Text(array.as_string()),
        (DataType::Binary, 17) => Values::Bytes(array.as_binary()),
        (DataType::Date32, 1082) => Values::Date(array.as_primitive()),
        (DataType::Time64(TimeUnit::Microsecond), 1083) => Values::Time(array.as_primitive()),
        (DataType::Timestamp(TimeUnit::Microsecond, _), 1114 | 1184) => Values::Timestamp(array.as_primitive()),
        (data_type, _) => {
            return Err(Problem::new(Code::Internal, format!("{data_type} cannot be written as {}", column.shown)).at_field(&column.name));
        }
    })
}

impl Values<'_> {
    #[inline]
    fn put(&self, row: usize, out: &mut Vec<u8>) -> Outcome<()> {
        match self {
            Self::Boolean(a) => sized(out, &[u8::from(a.value(row))]),
            // That these fit was looked at before.
            Self::Int2(a) => sized(out, &(a.value(row) as i16).to_be_bytes()),
            Self::Int4(a) => sized(out, &(a.value(row) as i32).to_be_bytes()),
            Self::Int8(a) => sized(out, &a.value(row).to_be_bytes()),
            Self::Float4(a) => sized(out, &(a.value(row) as f32).to_be_bytes()),
            Self::Float8(a) => sized(out, &a.value(row).to_be_bytes()),
            Self::Numeric(a, scale) => numeric::put(a.value(row), *scale, out),
            Self::Text(a) => sized(out, a.value(row).as_bytes()),
            Self::Jsonb(a) => {
                let text = a.value(row).as_bytes();
                out.extend_from_slice(&(text.len() as i32 + 1).to_be_bytes());
                out.push(1);
                out.extend_from_slice(text);
            }
            Self::Uuid(a) => {
                let bytes = uuid(a.value(row)).ok_or_else(|| Problem::new(Code::Internal, "a UUID was not looked at"))?;
                sized(out, &bytes);
            }
            Self::Bytes(a) => sized(out, a.value(row)),
            Self::Date(a) => sized(out, &(a.value(row) - DAYS).to_be_bytes()),
            Self::Time(a) => sized(out, &a.value(row).to_be_bytes()),
            Self::Timestamp(a) => sized(out, &(a.value(row) - MICROS).to_be_bytes()),
        }
        Ok(())
    }
}

#[inline]
fn sized(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
    out.extend_from_slice(bytes);
}
