//! Bounds of floating point columns, taken while they are written.
//!
//! Parquet's statistics leave NaN out of the bounds and say so in a field that few readers know; DuckDB
//! up to 1.5 takes such bounds for the whole truth and skips rows with NaN, which sorts last. So our
//! files carry no bounds for floating point columns. The catalogue does, with whether NaN is there.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type};

use super::columns::{Column, same};
use super::stats::ColumnStats;
use crate::types::ColumnType;

/// What was seen of each floating point column, by identifier.
#[derive(Debug, Default)]
pub(super) struct Floats(HashMap<i64, Seen>);

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    values: u64,
    nulls: u64,
    nan: bool,
    bounds: Option<(f64, f64)>,
}

impl Floats {
    /// Looks at the values of a column, and of the columns within it.
    pub fn see(&mut self, column: &Column, array: &ArrayRef) {
        match array.data_type() {
            DataType::Float32 => {
                let values = array.as_primitive::<Float32Type>();
                self.add(column.id, values.null_count(), values.iter().flatten().map(f64::from));
            }
            DataType::Float64 => {
                let values = array.as_primitive::<Float64Type>();
                self.add(column.id, values.null_count(), values.iter().flatten());
            }
            DataType::Struct(fields) => {
                let parts = array.as_struct();
                for (field, part) in fields.iter().zip(parts.columns()) {
                    if let Some(child) = column.children.iter().find(|c| same(&c.name, field.name())) {
                        self.see(child, part);
                    }
                }
            }
            DataType::List(_) => {
                if let Some(child) = column.children.first() {
                    self.see(child, array.as_list::<i32>().values());
                }
            }
            DataType::Map(..) => {
                let entries = array.as_map().entries();
                for (child, part) in column.children.iter().zip(entries.columns()) {
                    self.see(child, part);
                }
            }
            _ => {}
        }
    }

    /// Completes the statistics that the file's footer has nothing of.
    pub fn complete(&self, stats: &mut [ColumnStats], leaves: &HashMap<i64, &Column>) {
        for one in stats {
            let Some(seen) = self.0.get(&one.column_id) else { continue };
            let text = |x: f64| match leaves.get(&one.column_id).map(|c| &c.column_type) {
                Some(ColumnType::Float32) => (x as f32).to_string(),
                _ => x.to_string(),
            };
            one.values = seen.values;
            one.nulls = seen.nulls;
            one.contains_nan = Some(seen.nan);
            let bounds = seen.bounds.filter(|_| !seen.nan);
            one.min = bounds.map(|(min, _)| text(min));
            one.max = bounds.map(|(_, max)| text(max));
        }
    }

    fn add(&mut self, id: i64, nulls: usize, values: impl Iterator<Item = f64>) {
        let seen = self.0.entry(id).or_default();
        seen.nulls += nulls as u64;
        for value in values {
            seen.values += 1;
            if value.is_nan() {
                seen.nan = true;
            } else {
                seen.bounds = Some(seen.bounds.map_or((value, value), |(min, max)| (min.min(value), max.max(value))));
            }
        }
    }
}
