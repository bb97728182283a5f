//! The types a column of text can take, and what they are in Arrow.

use arrow::datatypes::{DataType, TimeUnit};
use trommel_model::ContractType;

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// As it came.
    Text,
    /// Whole number of 64 bits.
    Integer,
    /// Floating point number of 64 bits.
    Float,
    /// Exact decimal number: digits in all, digits after the point.
    Decimal(u8, u8),
    /// True or false.
    Boolean,
    /// Days since 1970.
    Date,
    /// Microseconds since midnight.
    Time,
    /// Microseconds since 1970, no zone.
    Timestamp,
    /// Microseconds since 1970 in UTC.
    Instant,
}

impl Kind {
    /// The type in Arrow.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Decimal(precision, scale) => DataType::Decimal128(precision, scale as i8),
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Time => DataType::Time64(TimeUnit::Microsecond),
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    /// The rule a value breaks when it does not fit, for instance `cast(integer)`.
    pub fn rule(self) -> String {
        match self {
            Self::Decimal(precision, scale) => format!("cast(decimal({precision},{scale}))"),
            other => format!("cast({})", other.noun()),
        }
    }

    /// `"12x" is not an integer`.
    pub fn complaint(self, text: &[u8]) -> String {
        let shown = shorten(text);
        match self {
            Self::Decimal(precision, scale) => format!("\"{shown}\" is not a decimal({precision},{scale})"),
            Self::Integer => format!("\"{shown}\" is not an integer"),
            other => format!("\"{shown}\" is not a {}", other.noun()),
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Decimal(..) => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp | Self::Instant => "timestamp",
        }
    }
}

impl From<ContractType> for Kind {
    fn from(asked: ContractType) -> Self {
        match asked {
            ContractType::Text => Self::Text,
            ContractType::Integer => Self::Integer,
            ContractType::Float => Self::Float,
            ContractType::Decimal { precision, scale } => Self::Decimal(precision, scale),
            ContractType::Boolean => Self::Boolean,
            ContractType::Date => Self::Date,
            ContractType::Time => Self::Time,
            ContractType::Timestamp => Self::Timestamp,
        }
    }
}

/// A value as a reason shows it: at most 80 characters, invalid bytes replaced.
pub fn shorten(text: &[u8]) -> String {
    let head = &text[..text.len().min(400)];
    let shown = String::from_utf8_lossy(head);
    match shown.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None if head.len() < text.len() => format!("{shown}…"),
        None => shown.into_owned(),
    }
}
