//! The growing column of one type that readers append to.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Date32Array, Decimal128Array, Float64Array, Int64Array, NullBufferBuilder, StringArray,
    Time64MicrosecondArray, TimestampMicrosecondArray,
};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;

use super::Kind;

/// Values of one column so far, and which of them are absent.
#[derive(Debug)]
pub struct ColumnBuffer {
    kind: Kind,
    values: Values,
    nulls: NullBufferBuilder,
}

/// The values by their storage; absent ones hold a zero.
#[derive(Debug)]
enum Values {
    Text { offsets: Vec<i32>, bytes: Vec<u8> },
    Long(Vec<i64>),
    Float(Vec<f64>),
    Decimal(Vec<i128>),
    Boolean(BooleanBufferBuilder),
    Day(Vec<i32>),
}

impl ColumnBuffer {
    /// An empty column.
    pub fn new(kind: Kind) -> Self {
        Self { kind, values: Values::new(kind), nulls: NullBufferBuilder::new(0) }
    }

    /// Bytes of text held; 0 for other types.
    pub fn text_bytes(&self) -> usize {
        match &self.values {
            Values::Text { bytes, .. } => bytes.len(),
            _ => 0,
        }
    }

    /// Appends no value.
    #[inline]
    pub fn push_null(&mut self) {
        self.nulls.append_null();
        match &mut self.values {
            Values::Text { offsets, bytes } => offsets.push(bytes.len() as i32),
            Values::Long(v) => v.push(0),
            Values::Float(v) => v.push(0.0),
            Values::Decimal(v) => v.push(0),
            Values::Boolean(v) => v.append(false),
            Values::Day(v) => v.push(0),
        }
    }

    /// Appends text, which must be UTF-8; [`Self::finish`] checks.
    #[inline]
    pub fn push_text(&mut self, text: &[u8]) {
        if let Values::Text { offsets, bytes } = &mut self.values {
            bytes.extend_from_slice(text);
            offsets.push(bytes.len() as i32);
            self.nulls.append_non_null();
        }
    }

    /// Appends a whole number, a clock time or a point in time.
    #[inline]
    pub fn push_long(&mut self, value: i64) {
        if let Values::Long(v) = &mut self.values {
            v.push(value);
            self.nulls.append_non_null();
        }
    }

    /// Appends a floating point number.
    #[inline]
    pub fn push_float(&mut self, value: f64) {
        if let Values::Float(v) = &mut self.values {
            v.push(value);
            self.nulls.append_non_null();
        }
    }

    /// Appends a decimal in units of its scale.
    #[inline]
    pub fn push_decimal(&mut self, value: i128) {
        if let Values::Decimal(v) = &mut self.values {
            v.push(value);
            self.nulls.append_non_null();
        }
    }

    /// Appends true or false.
    #[inline]
    pub fn push_boolean(&mut self, value: bool) {
        if let Values::Boolean(v) = &mut self.values {
            v.append(value);
            self.nulls.append_non_null();
        }
    }

    /// Appends a day.
    #[inline]
    pub fn push_day(&mut self, value: i32) {
        if let Values::Day(v) = &mut self.values {
            v.push(value);
            self.nulls.append_non_null();
        }
    }

    /// Hands the column over as Arrow and starts anew. Fails when text is not UTF-8.
    pub fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let nulls = self.nulls.finish();
        let values = std::mem::replace(&mut self.values, Values::new(self.kind));
        Ok(match (values, self.kind) {
            (Values::Text { offsets, bytes }, _) => {
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls)?)
            }
            (Values::Long(v), Kind::Time) => Arc::new(Time64MicrosecondArray::try_new(v.into(), nulls)?),
            (Values::Long(v), Kind::Timestamp) => Arc::new(TimestampMicrosecondArray::try_new(v.into(), nulls)?),
            (Values::Long(v), Kind::Instant) => Arc::new(TimestampMicrosecondArray::try_new(v.into(), nulls)?.with_timezone("UTC")),
            (Values::Long(v), _) => Arc::new(Int64Array::try_new(v.into(), nulls)?),
            (Values::Float(v), _) => Arc::new(Float64Array::try_new(v.into(), nulls)?),
            (Values::Decimal(v), kind) => {
                let array = Decimal128Array::try_new(v.into(), nulls)?;
                Arc::new(array.with_data_type(kind.arrow()))
            }
            (Values::Boolean(mut v), _) => Arc::new(BooleanArray::new(v.finish(), nulls)),
            (Values::Day(v), _) => Arc::new(Date32Array::try_new(v.into(), nulls)?),
        })
    }
}

impl Values {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text { offsets: vec![0], bytes: Vec::new() },
            Kind::Integer | Kind::Time | Kind::Timestamp | Kind::Instant => Self::Long(Vec::new()),
            Kind::Float => Self::Float(Vec::new()),
            Kind::Decimal(..) => Self::Decimal(Vec::new()),
            Kind::Boolean => Self::Boolean(BooleanBufferBuilder::new(0)),
            Kind::Date => Self::Day(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_makes_its_arrow_type_and_starts_anew() {
        for kind in [
            Kind::Text,
            Kind::Integer,
            Kind::Float,
            Kind::Decimal(10, 2),
            Kind::Boolean,
            Kind::Date,
            Kind::Time,
            Kind::Timestamp,
            Kind::Instant,
        ] {
            let mut column = ColumnBuffer::new(kind);
            column.push_null();
            let array = column.finish().unwrap();
            assert_eq!((array.data_type(), array.len(), array.null_count()), (&kind.arrow(), 1, 1));
            assert_eq!(column.finish().unwrap().len(), 0);
        }
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        let mut column = ColumnBuffer::new(Kind::Text);
        column.push_text(b"\xff");
        assert!(column.finish().is_err());
    }
}
