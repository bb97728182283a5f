//! Column types, once: what DuckDB calls them, what DuckLake calls them, what Arrow holds them in.
//!
//! | here | DuckDB | DuckLake 1.0 | Arrow |
//! |---|---|---|---|
//! | `Int(64)` | BIGINT | int64 | Int64 |
//! | `Huge` | HUGEINT | int128 | Decimal128(38,0), marked |
//! | `Decimal(p,s)` | DECIMAL(p,s) | decimal(p,s) | Decimal128(p,s) |
//! | `TimestampTz` | TIMESTAMP WITH TIME ZONE | timestamptz | Timestamp(µs, UTC) |
//! | `Json`, `Uuid` | JSON, UUID | json, uuid | Utf8, marked |
//! | `List`, `Struct`, `Map` | T[], STRUCT(…), MAP(…) | list, struct, map with child columns | the same |
//!
//! What Arrow has no word for is marked in the field's metadata under [`MARK`], so that a schema can
//! travel through Arrow and come back the same.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType as Arrow, Field as ArrowField, IntervalUnit, TimeUnit};
use trommel_model::{Code, DataType, Field, Outcome, Problem};

use crate::sql::ident;

/// Metadata key of an Arrow field that names the DuckLake type when Arrow cannot say it.
pub(crate) const MARK: &str = "trommel:type";

const EXTENSION: &str = "ARROW:extension:name";

/// A column type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Boolean,
    /// Signed, of 8, 16, 32 or 64 bits.
    Int(u8),
    /// Unsigned, of 8, 16, 32 or 64 bits.
    UInt(u8),
    Huge,
    UHuge,
    Float32,
    Float64,
    Decimal(u8, u8),
    Text,
    Blob,
    Date,
    Time,
    TimeTz,
    TimestampS,
    TimestampMs,
    Timestamp,
    TimestampNs,
    TimestampTz,
    Interval,
    Uuid,
    Json,
    List(Box<ColumnType>),
    Struct(Vec<(String, ColumnType)>),
    Map(Box<ColumnType>, Box<ColumnType>),
    /// Something the lake does not store; DuckDB's own name of it.
    Other(String),
}

impl ColumnType {
    /// The type of an Arrow field.
    pub fn of_arrow(field: &ArrowField) -> Self {
        if let Some(marked) = field.metadata().get(MARK).and_then(|mark| Self::of_lake_leaf(mark)) {
            return marked;
        }
        match field.metadata().get(EXTENSION).map(String::as_str) {
            Some("arrow.json") => return Self::Json,
            Some("arrow.uuid") => return Self::Uuid,
            _ => {}
        }
        match field.data_type() {
            Arrow::Boolean => Self::Boolean,
            Arrow::Int8 => Self::Int(8),
            Arrow::Int16 => Self::Int(16),
            Arrow::Int32 => Self::Int(32),
            Arrow::Int64 => Self::Int(64),
            Arrow::UInt8 => Self::UInt(8),
            Arrow::UInt16 => Self::UInt(16),
            Arrow::UInt32 => Self::UInt(32),
            Arrow::UInt64 => Self::UInt(64),
            Arrow::Float16 | Arrow::Float32 => Self::Float32,
            Arrow::Float64 => Self::Float64,
            Arrow::Decimal32(p, s) | Arrow::Decimal64(p, s) | Arrow::Decimal128(p, s) if *s >= 0 => Self::Decimal(*p, *s as u8),
            Arrow::Utf8 | Arrow::LargeUtf8 | Arrow::Utf8View | Arrow::Null => Self::Text,
            Arrow::Binary | Arrow::LargeBinary | Arrow::BinaryView | Arrow::FixedSizeBinary(_) => Self::Blob,
            Arrow::Date32 | Arrow::Date64 => Self::Date,
            Arrow::Time32(_) | Arrow::Time64(_) => Self::Time,
            Arrow::Timestamp(_, Some(_)) => Self::TimestampTz,
            Arrow::Timestamp(TimeUnit::Second, None) => Self::TimestampS,
            Arrow::Timestamp(TimeUnit::Millisecond, None) => Self::TimestampMs,
            Arrow::Timestamp(TimeUnit::Microsecond, None) => Self::Timestamp,
            Arrow::Timestamp(TimeUnit::Nanosecond, None) => Self::TimestampNs,
            Arrow::Interval(_) | Arrow::Duration(_) => Self::Interval,
            Arrow::Dictionary(_, of) => Self::of_arrow(&ArrowField::new("value", of.as_ref().clone(), true)),
            Arrow::List(of) | Arrow::LargeList(of) | Arrow::FixedSizeList(of, _) | Arrow::ListView(of) | Arrow::LargeListView(of) => {
                Self::List(Box::new(Self::of_arrow(of)))
            }
            Arrow::Struct(fields) => Self::Struct(fields.iter().map(|f| (f.name().clone(), Self::of_arrow(f))).collect()),
            Arrow::Map(entries, _) => match entries.data_type() {
                Arrow::Struct(pair) if pair.len() == 2 => Self::Map(Box::new(Self::of_arrow(&pair[0])), Box::new(Self::of_arrow(&pair[1]))),
                other => Self::Other(other.to_string()),
            },
            other => Self::Other(other.to_string()),
        }
    }

    /// The type DuckDB writes as `text`, for instance in the answer of DESCRIBE.
    pub fn of_duckdb(text: &str) -> Self {
        let mut reader = TypeText { text, at: 0 };
        reader.column_type().unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// The type of a DuckLake column that has no child columns.
    pub fn of_lake_leaf(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "int8" => Self::Int(8),
            "int16" => Self::Int(16),
            "int32" => Self::Int(32),
            "int64" => Self::Int(64),
            "uint8" => Self::UInt(8),
            "uint16" => Self::UInt(16),
            "uint32" => Self::UInt(32),
            "uint64" => Self::UInt(64),
            "int128" => Self::Huge,
            "uint128" => Self::UHuge,
            "float32" => Self::Float32,
            "float64" => Self::Float64,
            "varchar" => Self::Text,
            "blob" => Self::Blob,
            "date" => Self::Date,
            "time" => Self::Time,
            "timetz" => Self::TimeTz,
            "timestamp" | "timestamp_us" => Self::Timestamp,
            "timestamp_s" => Self::TimestampS,
            "timestamp_ms" => Self::TimestampMs,
            "timestamp_ns" => Self::TimestampNs,
            "timestamptz" => Self::TimestampTz,
            "interval" => Self::Interval,
            "uuid" => Self::Uuid,
            "json" => Self::Json,
            other => {
                let (p, s) = other.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
                Self::Decimal(p.trim().parse().ok()?, s.trim().parse().ok()?)
            }
        })
    }

    /// What DuckLake calls it; child types are columns of their own there.
    pub fn lake_name(&self) -> Outcome<String> {
        Ok(match self {
            Self::Boolean => "boolean".into(),
            Self::Int(bits) => format!("int{bits}"),
            Self::UInt(bits) => format!("uint{bits}"),
            Self::Huge => "int128".into(),
            Self::UHuge => "uint128".into(),
            Self::Float32 => "float32".into(),
            Self::Float64 => "float64".into(),
            Self::Decimal(p, s) => format!("decimal({p},{s})"),
            Self::Text => "varchar".into(),
            Self::Blob => "blob".into(),
            Self::Date => "date".into(),
            Self::Time => "time".into(),
            Self::TimeTz => "timetz".into(),
            Self::TimestampS => "timestamp_s".into(),
            Self::TimestampMs => "timestamp_ms".into(),
            Self::Timestamp => "timestamp".into(),
            Self::TimestampNs => "timestamp_ns".into(),
            Self::TimestampTz => "timestamptz".into(),
            Self::Interval => "interval".into(),
            Self::Uuid => "uuid".into(),
            Self::Json => "json".into(),
            Self::List(_) => "list".into(),
            Self::Struct(_) => "struct".into(),
            Self::Map(..) => "map".into(),
            Self::Other(name) => {
                return Err(Problem::new(Code::BadSql, format!("a column of type {name} cannot be stored in the lake"))
                    .next("cast it, for instance to varchar"));
            }
        })
    }

    /// Fails when the lake cannot store it, or something within it.
    pub fn storable_in_lake(&self) -> Outcome<()> {
        self.lake_name()?;
        self.children().into_iter().try_for_each(|(_, child)| child.storable_in_lake())
    }

    /// What DuckDB calls it, ready for a CAST.
    pub fn duckdb_name(&self) -> String {
        match self {
            Self::Boolean => "BOOLEAN".into(),
            Self::Int(8) => "TINYINT".into(),
            Self::Int(16) => "SMALLINT".into(),
            Self::Int(32) => "INTEGER".into(),
            Self::Int(_) => "BIGINT".into(),
            Self::UInt(8) => "UTINYINT".into(),
            Self::UInt(16) => "USMALLINT".into(),
            Self::UInt(32) => "UINTEGER".into(),
            Self::UInt(_) => "UBIGINT".into(),
            Self::Huge => "HUGEINT".into(),
            Self::UHuge => "UHUGEINT".into(),
            Self::Float32 => "FLOAT".into(),
            Self::Float64 => "DOUBLE".into(),
            Self::Decimal(p, s) => format!("DECIMAL({p},{s})"),
            Self::Text => "VARCHAR".into(),
            Self::Blob => "BLOB".into(),
            Self::Date => "DATE".into(),
            Self::Time => "TIME".into(),
            Self::TimeTz => "TIME WITH TIME ZONE".into(),
            Self::TimestampS => "TIMESTAMP_S".into(),
            Self::TimestampMs => "TIMESTAMP_MS".into(),
            Self::Timestamp => "TIMESTAMP".into(),
            Self::TimestampNs => "TIMESTAMP_NS".into(),
            Self::TimestampTz => "TIMESTAMP WITH TIME ZONE".into(),
            Self::Interval => "INTERVAL".into(),
            Self::Uuid => "UUID".into(),
            Self::Json => "JSON".into(),
            Self::List(of) => format!("{}[]", of.duckdb_name()),
            Self::Struct(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, t)| format!("{} {}", ident(name), t.duckdb_name())).collect();
                format!("STRUCT({})", fields.join(", "))
            }
            Self::Map(key, value) => format!("MAP({}, {})", key.duckdb_name(), value.duckdb_name()),
            Self::Other(name) => name.clone(),
        }
    }

    /// The type in the words of the model.
    pub fn model(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Int(_) | Self::UInt(8 | 16 | 32) => DataType::Integer,
            Self::UInt(_) | Self::Huge | Self::UHuge => DataType::HugeInteger,
            Self::Float32 | Self::Float64 => DataType::Float,
            Self::Decimal(precision, scale) => DataType::Decimal { precision: *precision, scale: *scale },
            Self::Text => DataType::Text,
            Self::Blob => DataType::Binary,
            Self::Date => DataType::Date,
            Self::Time | Self::TimeTz => DataType::Time,
            Self::TimestampS | Self::TimestampMs | Self::Timestamp | Self::TimestampNs => DataType::Timestamp,
            Self::TimestampTz => DataType::TimestampTz,
            Self::Interval => DataType::Interval,
            Self::Uuid => DataType::Uuid,
            Self::Json => DataType::Json,
            Self::List(of) => DataType::List(Box::new(of.model())),
            Self::Struct(fields) => DataType::Struct(fields.iter().map(|(name, t)| Field::new(name, t.model())).collect()),
            Self::Map(key, value) => {
                DataType::List(Box::new(DataType::Struct(vec![Field::new("key", key.model()), Field::new("value", value.model())])))
            }
            Self::Other(name) => DataType::Other(name.to_lowercase()),
        }
    }

    /// An Arrow field that comes back as this type through [`ColumnType::of_arrow`].
    pub fn arrow_field(&self, name: &str) -> ArrowField {
        let plain = |data_type| ArrowField::new(name, data_type, true);
        let marked = |data_type, mark: &str| plain(data_type).with_metadata(HashMap::from([(MARK.to_owned(), mark.to_owned())]));
        match self {
            Self::Boolean => plain(Arrow::Boolean),
            Self::Int(8) => plain(Arrow::Int8),
            Self::Int(16) => plain(Arrow::Int16),
            Self::Int(32) => plain(Arrow::Int32),
            Self::Int(_) => plain(Arrow::Int64),
            Self::UInt(8) => plain(Arrow::UInt8),
            Self::UInt(16) => plain(Arrow::UInt16),
            Self::UInt(32) => plain(Arrow::UInt32),
            Self::UInt(_) => plain(Arrow::UInt64),
            Self::Huge => marked(Arrow::Decimal128(38, 0), "int128"),
            Self::UHuge => marked(Arrow::Decimal128(38, 0), "uint128"),
            Self::Float32 => plain(Arrow::Float32),
            Self::Float64 => plain(Arrow::Float64),
            Self::Decimal(p, s) => plain(Arrow::Decimal128(*p, *s as i8)),
            Self::Text | Self::Other(_) => plain(Arrow::Utf8),
            Self::Blob => plain(Arrow::Binary),
            Self::Date => plain(Arrow::Date32),
            Self::Time => plain(Arrow::Time64(TimeUnit::Microsecond)),
            Self::TimeTz => marked(Arrow::Time64(TimeUnit::Microsecond), "timetz"),
            Self::TimestampS => plain(Arrow::Timestamp(TimeUnit::Second, None)),
            Self::TimestampMs => plain(Arrow::Timestamp(TimeUnit::Millisecond, None)),
            Self::Timestamp => plain(Arrow::Timestamp(TimeUnit::Microsecond, None)),
            Self::TimestampNs => plain(Arrow::Timestamp(TimeUnit::Nanosecond, None)),
            Self::TimestampTz => plain(Arrow::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
            Self::Interval => plain(Arrow::Interval(IntervalUnit::MonthDayNano)),
            Self::Uuid => marked(Arrow::Utf8, "uuid"),
            Self::Json => marked(Arrow::Utf8, "json"),
            Self::List(of) => plain(Arrow::List(Arc::new(of.arrow_field("element")))),
            Self::Struct(fields) => plain(Arrow::Struct(fields.iter().map(|(child, t)| Arc::new(t.arrow_field(child))).collect())),
            Self::Map(key, value) => {
                let pair = vec![Arc::new(key.arrow_field("key").with_nullable(false)), Arc::new(value.arrow_field("value"))];
                let entries = ArrowField::new("key_value", Arrow::Struct(pair.into()), false);
                plain(Arrow::Map(Arc::new(entries), false))
            }
        }
    }

    /// The child columns DuckLake keeps for it, by name.
    pub fn children(&self) -> Vec<(String, &Self)> {
        match self {
            Self::List(of) => vec![("element".to_owned(), of.as_ref())],
            Self::Struct(fields) => fields.iter().map(|(name, t)| (name.clone(), t)).collect(),
            Self::Map(key, value) => vec![("key".to_owned(), key.as_ref()), ("value".to_owned(), value.as_ref())],
            _ => Vec::new(),
        }
    }

    /// True for types that hold other columns.
    pub fn is_nested(&self) -> bool {
        matches!(self, Self::List(_) | Self::Struct(_) | Self::Map(..))
    }

    /// The type a Parquet file can hold without loss, where that is another one: 128-bit integers go
    /// as decimals of 38 digits.
    pub fn in_parquet(&self) -> Self {
        match self {
            Self::Huge | Self::UHuge => Self::Decimal(38, 0),
            Self::List(of) => Self::List(Box::new(of.in_parquet())),
            Self::Struct(fields) => Self::Struct(fields.iter().map(|(name, t)| (name.clone(), t.in_parquet())).collect()),
            Self::Map(key, value) => Self::Map(Box::new(key.in_parquet()), Box::new(value.in_parquet())),
            other => other.clone(),
        }
    }

    /// True when every value of `narrower` is a value of this type, as DuckLake allows a column to be promoted.
    pub fn widens(&self, narrower: &Self) -> bool {
        match (narrower, self) {
            (a, b) if a == b => true,
            (Self::Int(a), Self::Int(b)) | (Self::UInt(a), Self::UInt(b)) => a < b,
            (Self::UInt(a), Self::Int(b)) => a < b,
            (Self::Float32, Self::Float64) => true,
            _ => false,
        }
    }
}

/// A cursor over the text of a type.
struct TypeText<'a> {
    text: &'a str,
    at: usize,
}

impl TypeText<'_> {
    fn column_type(&mut self) -> Option<ColumnType> {
        let mut found = self.base()?;
        loop {
            if !self.take("[") {
                return Some(found);
            }
            let digits = self.text[self.at..].bytes().take_while(u8::is_ascii_digit).count();
            self.at += digits;
            if !self.take("]") {
                return None;
            }
            found = ColumnType::List(Box::new(found));
        }
    }

    fn base(&mut self) -> Option<ColumnType> {
        let start = self.at;
        // The type of a bare NULL, which becomes an INTEGER in a table.
        if self.take("\"NULL\"") {
            return Some(ColumnType::Int(32));
        }
        let word = self.word();
        Some(match word.to_ascii_uppercase().as_str() {
            "BOOLEAN" => ColumnType::Boolean,
            "TINYINT" => ColumnType::Int(8),
            "SMALLINT" => ColumnType::Int(16),
            "INTEGER" => ColumnType::Int(32),
            "BIGINT" => ColumnType::Int(64),
            "UTINYINT" => ColumnType::UInt(8),
            "USMALLINT" => ColumnType::UInt(16),
            "UINTEGER" => ColumnType::UInt(32),
            "UBIGINT" => ColumnType::UInt(64),
            "HUGEINT" => ColumnType::Huge,
            "UHUGEINT" => ColumnType::UHuge,
            "FLOAT" => ColumnType::Float32,
            "DOUBLE" => ColumnType::Float64,
            "VARCHAR" => ColumnType::Text,
            "BLOB" => ColumnType::Blob,
            "DATE" => ColumnType::Date,
            "TIME" => {
                if self.take(" WITH TIME ZONE") {
                    ColumnType::TimeTz
                } else {
                    ColumnType::Time
                }
            }
            "TIMESTAMP" => {
                if self.take(" WITH TIME ZONE") {
                    ColumnType::TimestampTz
                } else {
                    ColumnType::Timestamp
                }
            }
            "TIMESTAMP_S" => ColumnType::TimestampS,
            "TIMESTAMP_MS" => ColumnType::TimestampMs,
            "TIMESTAMP_NS" => ColumnType::TimestampNs,
            "INTERVAL" => ColumnType::Interval,
            "UUID" => ColumnType::Uuid,
            "JSON" => ColumnType::Json,
            "DECIMAL" => {
                let inner = self.parenthesised()?;
                let (p, s) = inner.split_once(',')?;
                ColumnType::Decimal(p.trim().parse().ok()?, s.trim().parse().ok()?)
            }
            "STRUCT" => {
                let mut fields = Vec::new();
                if !self.take("(") {
                    return None;
                }
                loop {
                    let name = self.name()?;
                    self.spaces();
                    fields.push((name, self.column_type()?));
                    if self.take(", ") || self.take(",") {
                        continue;
                    }
                    if self.take(")") {
                        break ColumnType::Struct(fields);
                    }
                    return None;
                }
            }
            "MAP" => {
                if !self.take("(") {
                    return None;
                }
                let key = self.column_type()?;
                if !(self.take(", ") || self.take(",")) {
                    return None;
                }
                let value = self.column_type()?;
                if !self.take(")") {
                    return None;
                }
                ColumnType::Map(Box::new(key), Box::new(value))
            }
            // Shown and stored as what people read in it.
            "ENUM" => {
                self.parenthesised()?;
                ColumnType::Text
            }
            "" => return None,
            _ => {
                if self.text[self.at..].starts_with('(') {
                    self.parenthesised()?;
                }
                ColumnType::Other(self.text[start..self.at].to_owned())
            }
        })
    }

    fn word(&mut self) -> &str {
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    fn name(&mut self) -> Option<String> {
        if !self.take("\"") {
            return Some(self.word().to_owned()).filter(|w| !w.is_empty());
        }
        let mut name = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find('"')?;
            name.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.take("\"") {
                return Some(name);
            }
            name.push('"');
        }
    }

    /// The text between a parenthesis and its partner, quotes respected.
    fn parenthesised(&mut self) -> Option<String> {
        let rest = &self.text[self.at..];
        let (mut depth, mut quote) = (0u32, None);
        for (i, c) in rest.char_indices() {
            match (quote, c) {
                (Some(q), c) if q == c => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += i + 1;
                        return Some(rest[1..i].to_owned());
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn spaces(&mut self) {
        while self.take(" ") {}
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: ColumnType) {
        assert_eq!(ColumnType::of_duckdb(text), expected, "{text}");
        assert_eq!(ColumnType::of_duckdb(&expected.duckdb_name()), expected, "there and back");
        if expected.storable_in_lake().is_ok() {
            assert_eq!(ColumnType::of_arrow(&expected.arrow_field("x")), expected, "through Arrow");
        }
    }

    #[test]
    fn types_go_there_and_back() {
        use ColumnType::{Blob, Decimal, Float64, Huge, Int, Json, List, Map, Other, Struct, Text, TimeTz, TimestampTz, UInt, Uuid};
        check("BIGINT", Int(64));
        check("UTINYINT", UInt(8));
        check("HUGEINT", Huge);
        check("DECIMAL(18,3)", Decimal(18, 3));
        check("DOUBLE[]", List(Box::new(Float64)));
        check("INTEGER[3]", List(Box::new(Int(32))));
        check("TIMESTAMP WITH TIME ZONE", TimestampTz);
        check("TIME WITH TIME ZONE[]", List(Box::new(TimeTz)));
        check("UUID", Uuid);
        check("JSON", Json);
        check("BLOB", Blob);
        check("STRUCT(a INTEGER, \"b \"\"c\" VARCHAR[])[]", {
            List(Box::new(Struct(vec![("a".into(), Int(32)), ("b \"c".into(), List(Box::new(Text)))])))
        });
        check("MAP(VARCHAR, DECIMAL(4,1))", Map(Box::new(Text), Box::new(Decimal(4, 1))));
        check("GEOMETRY('OGC:CRS84')[]", List(Box::new(Other("GEOMETRY('OGC:CRS84')".into()))));
        assert_eq!(ColumnType::of_duckdb("ENUM('a', 'b)')[]"), List(Box::new(Text)));
    }

    #[test]
    fn only_widening_changes_keep_old_files_readable() {
        assert!(ColumnType::Int(64).widens(&ColumnType::Int(32)));
        assert!(ColumnType::Int(64).widens(&ColumnType::UInt(32)));
        assert!(!ColumnType::Int(32).widens(&ColumnType::Int(64)));
        assert!(!ColumnType::Text.widens(&ColumnType::Int(32)));
    }
}
