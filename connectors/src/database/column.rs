//! The growing column of a server's table.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, NullBufferBuilder};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use crate::values::{ColumnBuffer, Kind};

/// Values of one column so far.
pub enum Column {
    /// Of a type that text can have.
    Plain(ColumnBuffer),
    /// Bytes.
    Bytes {
        /// Where each value ends; a zero in front.
        offsets: Vec<i32>,
        /// All of them.
        bytes: Vec<u8>,
        /// Which are absent.
        nulls: NullBufferBuilder,
    },
}

impl Column {
    /// An empty column of a type; `None` for bytes.
    pub fn new(kind: Option<Kind>) -> Self {
        match kind {
            Some(kind) => Self::Plain(ColumnBuffer::new(kind)),
            None => Self::Bytes { offsets: vec![0], bytes: Vec::new(), nulls: NullBufferBuilder::new(0) },
        }
    }

    /// The type in Arrow; `None` is bytes.
    pub fn arrow(kind: Option<Kind>) -> DataType {
        kind.map_or(DataType::Binary, Kind::arrow)
    }

    /// Bytes of text held.
    pub fn size(&self) -> usize {
        match self {
            Self::Plain(buffer) => buffer.text_bytes(),
            Self::Bytes { bytes, .. } => bytes.len(),
        }
    }

    /// Appends no value.
    #[inline]
    pub fn push_null(&mut self) {
        match self {
            Self::Plain(buffer) => buffer.push_null(),
            Self::Bytes { offsets, bytes, nulls } => {
                offsets.push(bytes.len() as i32);
                nulls.append_null();
            }
        }
    }

    /// Appends text or bytes as they are.
    #[inline]
    pub fn push_bytes(&mut self, value: &[u8]) {
        match self {
            Self::Plain(buffer) => buffer.push_text(value),
            Self::Bytes { offsets, bytes, nulls } => {
                bytes.extend_from_slice(value);
                offsets.push(bytes.len() as i32);
                nulls.append_non_null();
            }
        }
    }

    /// Appends a whole number, a clock time or a point in time.
    #[inline]
    pub fn push_long(&mut self, value: i64) {
        if let Self::Plain(buffer) = self {
            buffer.push_long(value);
        }
    }

    /// Appends a floating point number.
    #[inline]
    pub fn push_float(&mut self, value: f64) {
        if let Self::Plain(buffer) = self {
            buffer.push_float(value);
        }
    }

    /// Appends a decimal in units of its scale.
    #[inline]
    pub fn push_decimal(&mut self, value: i128) {
        if let Self::Plain(buffer) = self {
            buffer.push_decimal(value);
        }
    }

    /// Appends true or false.
    #[inline]
    pub fn push_boolean(&mut self, value: bool) {
        if let Self::Plain(buffer) = self {
            buffer.push_boolean(value);
        }
    }

    /// Appends a day.
    #[inline]
    pub fn push_day(&mut self, value: i32) {
        if let Self::Plain(buffer) = self {
            buffer.push_day(value);
        }
    }

    /// Hands the column over as Arrow and starts anew. Fails when text is not UTF-8.
    pub fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Plain(buffer) => buffer.finish(),
            Self::Bytes { offsets, bytes, nulls } => {
                let offsets = OffsetBuffer::new(ScalarBuffer::from(std::mem::replace(offsets, vec![0])));
                let bytes = Buffer::from_vec(std::mem::take(bytes));
                Ok(Arc::new(BinaryArray::try_new(offsets, bytes, nulls.finish())?))
            }
        }
    }
}
