//! A column of Arrow arrays: which kind of value stands for its own, and how its values get there.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType as Arrow, Date32Type, Decimal128Type, Field, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use trommel_engine::frame::{cell_of, data_type_of};
use trommel_model::{Cell, Code, DataType, Outcome, Problem, ProfileLevel};

use super::key::{Key, Moment};
use super::state::{Seed, State};

/// A column on its way.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub name: String,
    pub data_type: DataType,
    pub arrow: Arrow,
    pub values: Values,
}

/// The state of a column, by the kind of its values.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Whole(State<i64>),
    Wide(State<i128>),
    Real(State<f64>),
    Moment(State<Moment>),
    Text(State<Box<str>>),
}

impl Column {
    pub(super) fn new(field: &Field, level: ProfileLevel, seed: Option<&Seed>) -> Self {
        let values = match field.data_type() {
            Arrow::Boolean | Arrow::Int8 | Arrow::Int16 | Arrow::Int32 | Arrow::Int64 | Arrow::UInt8 | Arrow::UInt16 | Arrow::UInt32 => {
                Values::Whole(State::new(level, seed))
            }
            Arrow::Decimal128(precision, _) if *precision <= 18 => Values::Whole(State::new(level, seed)),
            Arrow::UInt64 | Arrow::Decimal128(..) => Values::Wide(State::new(level, seed)),
            Arrow::Float16 | Arrow::Float32 | Arrow::Float64 => Values::Real(State::new(level, seed)),
            Arrow::Date32 | Arrow::Timestamp(..) => Values::Moment(State::new(level, seed)),
            _ => Values::Text(State::new(level, seed)),
        };
        Self { name: field.name().clone(), data_type: data_type_of(field), arrow: field.data_type().clone(), values }
    }

    /// What the column begins with in other parts of the table.
    pub(super) fn seed(&self) -> Option<Seed> {
        match &self.values {
            Values::Whole(state) => state.seed(),
            Values::Wide(state) => state.seed(),
            Values::Real(state) => state.seed(),
            Values::Moment(state) => state.seed(),
            Values::Text(state) => state.seed(),
        }
    }

    /// Digits behind the point that whole numbers stand for.
    pub(super) fn scale(&self) -> i8 {
        match self.arrow {
            Arrow::Decimal128(_, scale) => scale,
            _ => 0,
        }
    }

    /// Takes in the rows of one batch.
    pub(super) fn absorb(&mut self, array: &ArrayRef) -> Outcome<()> {
        let array = match array.data_type() {
            Arrow::Dictionary(_, of) => &converted(array, of)?,
            _ => array,
        };
        match (&mut self.values, array.data_type()) {
            (Values::Whole(state), Arrow::Decimal128(..)) => each::<Decimal128Type>(array, |v| match v {
                Some(v) => state.see(&(v as i64)),
                None => state.see_null(),
            }),
            (Values::Whole(state), Arrow::Int64) => each::<Int64Type>(array, |v| match v {
                Some(v) => state.see(&v),
                None => state.see_null(),
            }),
            (Values::Whole(state), _) => each::<Int64Type>(&converted(array, &Arrow::Int64)?, |v| match v {
                Some(v) => state.see(&v),
                None => state.see_null(),
            }),
            (Values::Wide(state), Arrow::Decimal128(..)) => each::<Decimal128Type>(array, |v| match v {
                Some(v) => state.see(&v),
                None => state.see_null(),
            }),
            (Values::Wide(state), _) => each::<Decimal128Type>(&converted(array, &Arrow::Decimal128(20, 0))?, |v| match v {
                Some(v) => state.see(&v),
                None => state.see_null(),
            }),
            (Values::Real(state), Arrow::Float64) => each::<Float64Type>(array, |v| match v {
                Some(v) => state.see(&v),
                None => state.see_null(),
            }),
            (Values::Real(state), _) => each::<Float64Type>(&converted(array, &Arrow::Float64)?, |v| match v {
                Some(v) => state.see(&v),
                None => state.see_null(),
            }),
            (Values::Moment(state), Arrow::Date32) => each::<Date32Type>(array, |v| match v {
                // The engine keeps infinite days at the ends of their range.
                Some(i32::MAX) => state.see(&Moment(i64::MAX)),
                Some(v) if v <= -i32::MAX => state.see(&Moment(-i64::MAX)),
                Some(v) => state.see(&Moment(v.into())),
                None => state.see_null(),
            }),
            (Values::Moment(state), Arrow::Timestamp(unit, _)) => {
                let see = |v: Option<i64>| match v {
                    Some(v) => state.see(&Moment(v)),
                    None => state.see_null(),
                };
                match unit {
                    TimeUnit::Second => each::<TimestampSecondType>(array, see),
                    TimeUnit::Millisecond => each::<TimestampMillisecondType>(array, see),
                    TimeUnit::Microsecond => each::<TimestampMicrosecondType>(array, see),
                    TimeUnit::Nanosecond => each::<TimestampNanosecondType>(array, see),
                }
            }
            (Values::Text(state), Arrow::Utf8) => each_text(array.as_string::<i32>().iter(), state),
            (Values::Text(state), Arrow::LargeUtf8) => each_text(array.as_string::<i64>().iter(), state),
            (Values::Text(state), Arrow::Utf8View) => each_text(array.as_string_view().iter(), state),
            (Values::Text(state), _) => {
                for row in 0..array.len() {
                    match cell_of(array.as_ref(), row) {
                        Cell::Null => state.see_null(),
                        other => state.see(&other.text()),
                    }
                }
            }
            (Values::Moment(_), other) => {
                return Err(Problem::new(Code::Internal, format!("the column \"{}\" changed its type to {other}", self.name)));
            }
        }
        Ok(())
    }

    /// Adds what another state has seen of the rows behind these.
    pub(super) fn merge(&mut self, other: &Self) {
        match (&mut self.values, &other.values) {
            (Values::Whole(mine), Values::Whole(theirs)) => mine.merge(theirs),
            (Values::Wide(mine), Values::Wide(theirs)) => mine.merge(theirs),
            (Values::Real(mine), Values::Real(theirs)) => mine.merge(theirs),
            (Values::Moment(mine), Values::Moment(theirs)) => mine.merge(theirs),
            (Values::Text(mine), Values::Text(theirs)) => mine.merge(theirs),
            // Both come from one schema, so their kinds agree.
            _ => {}
        }
    }
}

fn each<T: ArrowPrimitiveType>(array: &ArrayRef, mut see: impl FnMut(Option<T::Native>)) {
    let array = array.as_primitive::<T>();
    if array.null_count() == 0 {
        array.values().iter().for_each(|v| see(Some(*v)));
    } else {
        array.iter().for_each(see);
    }
}

fn each_text<'a>(texts: impl Iterator<Item = Option<&'a str>>, state: &mut State<Box<str>>) {
    for text in texts {
        match text {
            Some(text) => state.see(text),
            None => state.see_null(),
        }
    }
}

fn converted(array: &ArrayRef, to: &Arrow) -> Outcome<ArrayRef> {
    cast(array, to).map_err(|e| Problem::new(Code::Internal, "the engine's values cannot be read").why(e.to_string()))
}

/// A value of a column as people see it.
pub(super) trait Shown: Key {
    fn cell(&self, column: &Column) -> Cell;
}

impl Shown for i64 {
    fn cell(&self, column: &Column) -> Cell {
        match column.arrow {
            Arrow::Boolean => Cell::Boolean(*self != 0),
            Arrow::Decimal128(precision, scale) => {
                shown_as(arrow::array::Decimal128Array::from(vec![i128::from(*self)]).with_precision_and_scale(precision, scale))
            }
            _ => Cell::Integer(*self),
        }
    }
}

impl Shown for i128 {
    fn cell(&self, column: &Column) -> Cell {
        match column.arrow {
            Arrow::Decimal128(precision, scale) if scale != 0 => {
                shown_as(arrow::array::Decimal128Array::from(vec![*self]).with_precision_and_scale(precision, scale))
            }
            _ => i64::try_from(*self).map_or_else(|_| Cell::Text(self.to_string()), Cell::Integer),
        }
    }
}

impl Shown for f64 {
    fn cell(&self, column: &Column) -> Cell {
        match column.arrow {
            // The shortest text that reads back as the same number of fewer bits: 0.1 stays 0.1.
            Arrow::Float16 | Arrow::Float32 => Cell::Float((*self as f32).to_string().parse().unwrap_or(*self)),
            _ => Cell::Float(*self),
        }
    }
}

impl Shown for Moment {
    fn cell(&self, column: &Column) -> Cell {
        let array: ArrayRef = match &column.arrow {
            Arrow::Date32 => {
                let day = i32::try_from(self.0).unwrap_or(if self.0 > 0 { i32::MAX } else { -i32::MAX });
                std::sync::Arc::new(arrow::array::Date32Array::from(vec![day]))
            }
            other => match cast(&arrow::array::Int64Array::from(vec![self.0]), other) {
                Ok(array) => array,
                Err(_) => return Cell::Null,
            },
        };
        cell_of(array.as_ref(), 0)
    }
}

impl Shown for Box<str> {
    fn cell(&self, _: &Column) -> Cell {
        Cell::Text(super::report::cut(self))
    }
}

fn shown_as(array: Result<arrow::array::Decimal128Array, arrow::error::ArrowError>) -> Cell {
    array.map_or(Cell::Null, |array| cell_of(&array, 0))
}
