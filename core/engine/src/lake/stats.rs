//! What the catalogue keeps about the values of a column, read from the file's own footer.
//!
//! DuckDB's `COPY … (RETURN_STATS)` reports the numbers it writes into the footer; reading the footer
//! gives the same for its files and for ours, once. Readers prune files by these numbers, so what is
//! not known for certain is left out: a bound of a shortened text, a bound beside NaN.

use std::cmp::Ordering;
use std::collections::HashMap;

use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;

use super::columns::Column;
use crate::frame::text;
use crate::types::ColumnType;

/// What one file says of one column that holds values (columns within lists and structs count on their own).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnStats {
    /// The column's identifier in its table.
    pub column_id: i64,
    /// Bytes it takes in the file.
    pub bytes: u64,
    /// Values that are not null.
    pub values: u64,
    /// Nulls.
    pub nulls: u64,
    /// Smallest value as DuckLake writes it, when it is known exactly.
    pub min: Option<String>,
    /// Largest value.
    pub max: Option<String>,
    /// Whether NaN is among the values; nothing for types that have none.
    pub contains_nan: Option<bool>,
}

/// The statistics of a file whose columns are `columns`.
pub(super) fn of_footer(footer: &ParquetMetaData, columns: &[Column]) -> Vec<ColumnStats> {
    let leaves: HashMap<i64, &Column> = columns.iter().flat_map(Column::leaves).map(|c| (c.id, c)).collect();
    let descriptor = footer.file_metadata().schema_descr();
    // DuckDB leaves the bounds of a column out when NaN is among its values, and has no other way to say it.
    let duckdb = footer.file_metadata().created_by().is_some_and(|name| name.starts_with("DuckDB"));
    let mut all = Vec::new();
    for (i, leaf) in descriptor.columns().iter().enumerate() {
        let info = leaf.self_type().get_basic_info();
        let Some(column) = info.has_id().then(|| leaves.get(&i64::from(info.id()))).flatten() else { continue };
        let mut seen = Seen::default();
        for group in footer.row_groups() {
            let chunk = group.column(i);
            seen.bytes += chunk.compressed_size().unsigned_abs();
            seen.add(chunk.statistics(), chunk.num_values().unsigned_abs(), &column.column_type, leaf, duckdb);
        }
        all.push(seen.finish(column));
    }
    all
}

#[derive(Default)]
struct Seen {
    bytes: u64,
    values: u64,
    nulls: u64,
    nan: bool,
    bounds_missing: bool,
    min: Option<Bound>,
    max: Option<Bound>,
}

impl Seen {
    fn add(&mut self, statistics: Option<&Statistics>, slots: u64, column_type: &ColumnType, leaf: &ColumnDescriptor, duckdb: bool) {
        let nulls = statistics.and_then(Statistics::null_count_opt);
        let values = slots - nulls.unwrap_or_default().min(slots);
        self.values += values;
        self.nulls += nulls.unwrap_or_default();
        if values == 0 && nulls.is_some() {
            return;
        }
        let (min, max) = statistics.map_or((None, None), |s| {
            let whole_texts = !matches!(s, Statistics::ByteArray(_)) || matches!(column_type, ColumnType::Decimal(..));
            let exact = |flag: bool| flag || whole_texts;
            (
                s.min_bytes_opt().filter(|_| exact(s.min_is_exact())).and_then(|bytes| Bound::of_bytes(bytes, column_type, leaf)),
                s.max_bytes_opt().filter(|_| exact(s.max_is_exact())).and_then(|bytes| Bound::of_bytes(bytes, column_type, leaf)),
            )
        });
        if matches!(column_type, ColumnType::Float32 | ColumnType::Float64) {
            self.nan |= match statistics.and_then(Statistics::nan_count_opt) {
                Some(count) => count > 0,
                None => !duckdb || min.is_none(),
            };
        }
        match (min, max) {
            (Some(min), Some(max)) => {
                if self.min.as_ref().is_none_or(|known| min.is_below(known)) {
                    self.min = Some(min);
                }
                if self.max.as_ref().is_none_or(|known| known.is_below(&max)) {
                    self.max = Some(max);
                }
            }
            _ => self.bounds_missing = true,
        }
    }

    fn finish(self, column: &Column) -> ColumnStats {
        let known = !self.bounds_missing && !self.nan;
        let text = |bound: Option<Bound>| bound.filter(|_| known).and_then(|b| b.text(&column.column_type));
        let (min, max) = (text(self.min), text(self.max));
        let both = min.is_some() && max.is_some();
        ColumnStats {
            column_id: column.id,
            bytes: self.bytes,
            values: self.values,
            nulls: self.nulls,
            min: min.filter(|_| both),
            max: max.filter(|_| both),
            contains_nan: matches!(column.column_type, ColumnType::Float32 | ColumnType::Float64).then_some(self.nan),
        }
    }
}

/// A smallest or largest value, comparable with others of its column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    /// Whole numbers, decimals without their point, days, microseconds.
    Whole(i128),
    Float(f64),
    Bytes(Vec<u8>),
}

impl Bound {
    fn of_bytes(bytes: &[u8], column_type: &ColumnType, leaf: &ColumnDescriptor) -> Option<Self> {
        Some(match column_type {
            ColumnType::Float32 => Self::Float(f64::from(f32::from_le_bytes(bytes.try_into().ok()?))),
            ColumnType::Float64 => Self::Float(f64::from_le_bytes(bytes.try_into().ok()?)),
            ColumnType::Boolean => Self::Whole(i128::from(*bytes.first()? != 0)),
            ColumnType::Text | ColumnType::Json | ColumnType::Uuid | ColumnType::Blob => Self::Bytes(bytes.to_vec()),
            ColumnType::Decimal(..) if matches!(leaf.logical_type_ref(), Some(LogicalType::Decimal(_))) => {
                Self::Whole(if matches!(leaf.physical_type(), parquet::basic::Type::INT32 | parquet::basic::Type::INT64) {
                    signed(bytes)?
                } else {
                    big_endian(bytes)?
                })
            }
            ColumnType::UInt(_) => Self::Whole(unsigned(bytes)?),
            ColumnType::Int(_) | ColumnType::Date => Self::Whole(signed(bytes)?),
            ColumnType::Time
            | ColumnType::Timestamp
            | ColumnType::TimestampS
            | ColumnType::TimestampMs
            | ColumnType::TimestampNs
            | ColumnType::TimestampTz => {
                let unit = match leaf.logical_type_ref()? {
                    LogicalType::Time(time) => &time.unit,
                    LogicalType::Timestamp(timestamp) => &timestamp.unit,
                    _ => return None,
                };
                let nanoseconds = match unit {
                    TimeUnit::MILLIS => 1_000_000,
                    TimeUnit::MICROS => 1_000,
                    TimeUnit::NANOS => 1,
                };
                Self::Whole(signed(bytes)? * nanoseconds)
            }
            _ => return None,
        })
    }

    /// The value as DuckLake writes it; nothing for what it could misread.
    fn text(&self, column_type: &ColumnType) -> Option<String> {
        Some(match (self, column_type) {
            (Self::Float(x), ColumnType::Float32) => (*x as f32).to_string(),
            (Self::Float(x), _) => x.to_string(),
            (Self::Whole(n), ColumnType::Boolean | ColumnType::Int(_) | ColumnType::UInt(_)) => n.to_string(),
            (Self::Whole(n), ColumnType::Decimal(_, scale)) => text::decimal(&n.to_string(), *scale as i8),
            (Self::Whole(n), ColumnType::Date) => text::day(in_calendar(i64::try_from(*n).ok()?)?),
            (Self::Whole(n), ColumnType::Time) => text::time(i64::try_from(*n).ok()?, 1_000_000_000),
            (Self::Whole(n), kind) => {
                in_calendar(i64::try_from(n.div_euclid(86_400_000_000_000)).ok()?)?;
                let zoned = matches!(kind, ColumnType::TimestampTz);
                // Beyond the range of nanoseconds in 64 bits there are still microseconds.
                match i64::try_from(*n) {
                    Ok(nanoseconds) => text::timestamp(nanoseconds, 1_000_000_000, zoned),
                    Err(_) => text::timestamp(i64::try_from(n / 1_000).ok()?, 1_000_000, zoned),
                }
            }
            (Self::Bytes(bytes), ColumnType::Blob) => hex::encode_upper(bytes),
            (Self::Bytes(bytes), ColumnType::Uuid) if bytes.len() == 16 => {
                let digits = hex::encode(bytes);
                format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
            }
            (Self::Bytes(bytes), _) => String::from_utf8(bytes.clone()).ok().filter(|text| !text.contains('\0'))?,
        })
    }

    /// Reads what DuckLake wrote; nothing for what cannot be compared with certainty.
    pub fn of_text(text: &str, column_type: &ColumnType) -> Option<Self> {
        Some(match column_type {
            ColumnType::Boolean | ColumnType::Int(_) | ColumnType::UInt(_) => Self::Whole(text.parse().ok()?),
            ColumnType::Float32 | ColumnType::Float64 => Self::Float(text.parse().ok().filter(|x: &f64| !x.is_nan())?),
            ColumnType::Decimal(_, scale) => {
                let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
                let scale = usize::from(*scale);
                if fraction.len() > scale {
                    return None;
                }
                Self::Whole(format!("{whole}{fraction:0<scale$}").parse().ok()?)
            }
            ColumnType::Date
            | ColumnType::Time
            | ColumnType::Timestamp
            | ColumnType::TimestampS
            | ColumnType::TimestampMs
            | ColumnType::TimestampNs
            | ColumnType::TimestampTz => {
                // ISO text sorts like time as long as the year has four digits.
                let time = matches!(column_type, ColumnType::Time);
                let plain = text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains('(');
                if !plain || (!time && text.as_bytes().get(4) != Some(&b'-')) {
                    return None;
                }
                Self::Bytes(text.as_bytes().to_vec())
            }
            ColumnType::Text | ColumnType::Json | ColumnType::Uuid | ColumnType::Blob => Self::Bytes(text.as_bytes().to_vec()),
            _ => return None,
        })
    }

    /// True when this value sorts before `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        let ordering = match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => Ordering::Equal,
        };
        ordering == Ordering::Less
    }
}

/// Days within the years 1 to 9999, which every reader writes and reads alike.
fn in_calendar(days: i64) -> Option<i64> {
    (-719_162..=2_932_896).contains(&days).then_some(days)
}

fn signed(bytes: &[u8]) -> Option<i128> {
    Some(match bytes.len() {
        4 => i32::from_le_bytes(bytes.try_into().ok()?).into(),
        8 => i64::from_le_bytes(bytes.try_into().ok()?).into(),
        _ => return None,
    })
}

fn unsigned(bytes: &[u8]) -> Option<i128> {
    Some(match bytes.len() {
        4 => u32::from_le_bytes(bytes.try_into().ok()?).into(),
        8 => u64::from_le_bytes(bytes.try_into().ok()?).into(),
        _ => return None,
    })
}

fn big_endian(bytes: &[u8]) -> Option<i128> {
    if bytes.is_empty() || bytes.len() > 16 {
        return None;
    }
    let sign = if bytes[0] & 0x80 == 0 { 0 } else { 0xff };
    let mut wide = [sign; 16];
    wide[16 - bytes.len()..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(wide))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(a: &str, b: &str, t: &str) -> bool {
        let column_type = ColumnType::of_duckdb(t);
        Bound::of_text(a, &column_type).unwrap().is_below(&Bound::of_text(b, &column_type).unwrap())
    }

    #[test]
    fn bounds_compare_by_value_and_not_by_text() {
        assert!(below("9", "10", "BIGINT"));
        assert!(below("-2.50", "-2.5", "DECIMAL(9,3)") == below("-2.5", "-2.50", "DECIMAL(9,3)"));
        assert!(below("-10.5", "9.25", "DECIMAL(9,3)"));
        assert!(below("-1e300", "2", "DOUBLE"));
        assert!(below("2020-01-01 00:00:00+00", "2020-01-01 00:00:00.5+00", "TIMESTAMP WITH TIME ZONE"));
        assert!(below("A", "a", "VARCHAR"));
        assert!(Bound::of_text("0044-03-15 (BC)", &ColumnType::Date).is_none());
        assert!(Bound::of_text("infinity", &ColumnType::Timestamp).is_none());
    }

    #[test]
    fn decimals_of_any_width_keep_their_sign() {
        assert_eq!(big_endian(&[0xff, 0x38]), Some(-200));
        assert_eq!(big_endian(&[0x00, 0xc8]), Some(200));
        assert_eq!(Bound::Whole(-200).text(&ColumnType::Decimal(5, 2)).as_deref(), Some("-2.00"));
    }
}
