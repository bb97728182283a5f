//! What columns a table has.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Columns in order. Names are unique.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The columns.
    pub fields: Vec<Field>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
}

/// Types as analysts name them; the engine's own types map onto these.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataType {
    /// True or false.
    Boolean,
    /// Whole number of 64 bits.
    Integer,
    /// Whole number that needs more than 64 bits.
    HugeInteger,
    /// Exact decimal number.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// Floating point number of 64 bits.
    Float,
    /// Text.
    Text,
    /// Calendar day.
    Date,
    /// Time of day.
    Time,
    /// Day and time without a zone, microseconds.
    Timestamp,
    /// Instant, microseconds, in UTC.
    TimestampTz,
    /// Span of time.
    Interval,
    /// Bytes.
    Binary,
    /// 128-bit identifier.
    Uuid,
    /// JSON text.
    Json,
    /// Several values of one type.
    List(Box<DataType>),
    /// Named values.
    Struct(Vec<Field>),
    /// A type we show but do not work with; its engine name.
    Other(String),
}

impl Field {
    /// A column by name and type.
    pub fn new(name: impl Into<String>, data_type: DataType) -> Self {
        Self { name: name.into(), data_type }
    }
}

impl Schema {
    /// A schema of these columns.
    pub fn new(fields: Vec<Field>) -> Self {
        Self { fields }
    }

    /// Where a column stands, by exact name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|f| f.name.as_str())
    }
}

impl DataType {
    /// True for types shown right-aligned and added up.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer | Self::HugeInteger | Self::Decimal { .. } | Self::Float)
    }

    /// True for types that lie on a time axis.
    pub fn is_temporal(&self) -> bool {
        matches!(self, Self::Date | Self::Timestamp | Self::TimestampTz)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::Integer => f.write_str("integer"),
            Self::HugeInteger => f.write_str("huge integer"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Float => f.write_str("float"),
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::TimestampTz => f.write_str("timestamp with zone"),
            Self::Interval => f.write_str("interval"),
            Self::Binary => f.write_str("binary"),
            Self::Uuid => f.write_str("uuid"),
            Self::Json => f.write_str("json"),
            Self::List(of) => write!(f, "list of {of}"),
            Self::Struct(fields) => {
                let names: Vec<_> = fields.iter().map(|x| x.name.as_str()).collect();
                write!(f, "struct({})", names.join(", "))
            }
            Self::Other(name) => f.write_str(name),
        }
    }
}
