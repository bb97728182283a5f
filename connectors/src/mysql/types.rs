//! What each type of MySQL becomes.

use sqlx::mysql::MySqlTypeInfo;
use sqlx::{MySql, Type, TypeInfo};

use crate::values::Kind;

/// How values of a column come over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// One to eight bytes with a sign.
    Integer,
    /// One to eight bytes without one.
    Unsigned,
    /// Four or eight bytes.
    Float,
    /// Its text.
    Decimal,
    /// Up to eight bytes, the highest first.
    Bits,
    /// Text or bytes as they are.
    Bytes,
    /// Year, month, day, and the time where there is one.
    Moment,
    /// A span of time.
    Time,
}

/// What a column becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Becomes {
    /// Its name in the database.
    pub name: String,
    /// How it comes.
    pub wire: Wire,
    /// What it is in a table; `None` is bytes.
    pub kind: Option<Kind>,
}

/// What has to be found out about the values of a column before it has a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// Digits before and after the point.
    Digits,
    /// Whether all are times of a day.
    Clock,
}

/// What a column becomes, and what is open about it; `None` for types that have no place in a table.
pub fn becomes(name: &str, data_type: &MySqlTypeInfo) -> Option<(Becomes, Option<Open>)> {
    let unsigned = <u64 as Type<MySql>>::compatible(data_type);
    let text = <str as Type<MySql>>::compatible(data_type);
    let of = |wire, kind| Some((Becomes { name: name.to_owned(), wire, kind }, None));
    let open = |wire, kind, what| Some((Becomes { name: name.to_owned(), wire, kind: Some(kind) }, Some(what)));
    match data_type.name() {
        "BIGINT UNSIGNED" => of(Wire::Unsigned, Some(Kind::Decimal(20, 0))),
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" if !unsigned => of(Wire::Integer, Some(Kind::Integer)),
        "BOOLEAN" | "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "YEAR" => {
            of(Wire::Unsigned, Some(Kind::Integer))
        }
        "FLOAT" | "DOUBLE" => of(Wire::Float, Some(Kind::Float)),
        "DECIMAL" => open(Wire::Decimal, Kind::Text, Open::Digits),
        "BIT" => of(Wire::Bits, Some(Kind::Integer)),
        "DATE" => of(Wire::Moment, Some(Kind::Date)),
        "DATETIME" => of(Wire::Moment, Some(Kind::Timestamp)),
        "TIMESTAMP" => of(Wire::Moment, Some(Kind::Instant)),
        "TIME" => open(Wire::Time, Kind::Text, Open::Clock),
        "ENUM" | "SET" | "JSON" | "NULL" => of(Wire::Bytes, Some(Kind::Text)),
        _ if text => of(Wire::Bytes, Some(Kind::Text)),
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => of(Wire::Bytes, None),
        _ => None,
    }
}
