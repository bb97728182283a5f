//! Rows made into what the table takes, exactly; values that do not fit are named.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, LargeStringArray};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Int64Type, Schema, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use serde::de::IgnoredAny;
use trommel_model::{Code, HeldAt, OnMisfit, Outcome, Problem, QuarantinedRow};

use super::plan::{Bounds, Going, Plan};
use super::{Order, plan};
use crate::json::row_text;
use crate::render::Cells;
use crate::typed::convert;
use crate::values::{Kind, civil, print_time, shorten};

const MICROS_A_DAY: i64 = 86_400_000_000;

/// Rows that fit, and the others.
pub(super) struct Fitted {
    /// The columns of the plan, each in the type of its kind.
    pub batch: RecordBatch,
    /// Rows that do not fit.
    pub held: Vec<QuarantinedRow>,
}

/// What is wrong with a row: the column, the rule, why.
type Misfits = BTreeMap<usize, (String, String, String)>;

/// Makes rows fit. `first` is the number of the first of them.
pub(super) fn fit(order: &Order<'_>, plan: &Plan, batch: &RecordBatch, first: u64) -> Outcome<Fitted> {
    let mut misfits = Misfits::new();
    let mut arrays = Vec::with_capacity(plan.columns.len());
    let mut fields = Vec::with_capacity(plan.columns.len());
    for going in &plan.columns {
        let array = made(going, batch.column(going.at), &mut misfits)?;
        fields.push(Field::new(&going.column.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let whole = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|e| broken(&e))?;
    if misfits.is_empty() {
        return Ok(Fitted { batch: whole, held: Vec::new() });
    }
    if order.on_bad == OnMisfit::Fail
        && let Some((row, (field, _, reason))) = misfits.first_key_value()
    {
        return Err(plan::fault(order, Code::RunFailed, format!("a row does not fit {}", order.table))
            .at_row(first + *row as u64)
            .at_field(field)
            .why(reason.clone())
            .next(plan::mend(order, "mend it in a model")));
    }
    let keep: BooleanArray = (0..batch.num_rows()).map(|row| Some(!misfits.contains_key(&row))).collect();
    let held = misfits.into_iter().map(|(row, (field, rule, reason))| QuarantinedRow {
        table: format!("sink.{}", order.sink),
        stage: HeldAt::Load,
        source: order.sink.to_owned(),
        file: order.table.to_owned(),
        line: first + row as u64,
        field: Some(field),
        rule,
        reason,
        raw: row_text(batch, row),
        waits: None,
    });
    Ok(Fitted { held: held.collect(), batch: filter_record_batch(&whole, &keep).map_err(|e| broken(&e))? })
}

/// A column as the table takes it.
fn made(going: &Going, came: &ArrayRef, misfits: &mut Misfits) -> Outcome<ArrayRef> {
    let column = &going.column;
    let mut complain = |row: usize, rule: &str, reason: String| {
        misfits.entry(row).or_insert_with(|| (column.name.clone(), rule.to_owned(), reason));
    };
    let array = match going.kind {
        None => cast(came, &DataType::Binary).map_err(|e| broken(&e))?,
        Some(kind) => {
            if let Some(array) = quick(came, kind)? {
                array
            } else {
                let converted = convert(came, kind, &[])?.array;
                // Whatever had a value and has none now does not fit.
                if converted.null_count() > came.logical_null_count() {
                    let cells = Cells::new(came).map_err(|e| broken(&e))?;
                    for row in (0..came.len()).filter(|row| converted.is_null(*row) && !cells.is_null(*row)) {
                        let mut text = String::new();
                        cells.print(row, &mut text);
                        complain(row, &kind.rule(), kind.complaint(text.as_bytes()));
                    }
                }
                converted
            }
        }
    };
    if (column.required || going.key) && array.null_count() > 0 {
        let why = if going.key { "it is part of the key" } else { "the table takes none without" };
        for row in (0..array.len()).filter(|row| came.is_null(*row)) {
            complain(row, "required", format!("\"{}\" has no value, and {why}", column.name));
        }
    }
    within(column.bounds, &column.shown, &array, &mut complain);
    Ok(array)
}

/// Conversions that lose nothing and need no look at each value. A time without a zone is one of UTC to a column with one.
fn quick(came: &ArrayRef, kind: Kind) -> Outcome<Option<ArrayRef>> {
    let fits = match (came.data_type(), kind) {
        (DataType::Boolean, Kind::Integer) => true,
        (DataType::Timestamp(TimeUnit::Microsecond, _), Kind::Instant) => {
            return Ok(Some(Arc::new(came.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("UTC"))));
        }
        (DataType::Timestamp(TimeUnit::Microsecond, Some(_)), Kind::Timestamp) => {
            return Ok(Some(Arc::new(came.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(None::<Arc<str>>))));
        }
        (DataType::Decimal128(p, s), Kind::Decimal(precision, scale)) => {
            let (scale, whole) = (i16::from(scale), i16::from(precision) - i16::from(scale));
            scale >= i16::from(*s) && whole >= i16::from(*p) - i16::from(*s)
        }
        (from, Kind::Decimal(precision, scale)) if from.is_integer() => {
            precision >= 20 + scale || (precision == 19 && scale == 0 && *from != DataType::UInt64)
        }
        _ => false,
    };
    if !fits {
        return Ok(None);
    }
    cast(came, &kind.arrow()).map(Some).map_err(|e| broken(&e))
}

/// Looks for values beyond what the column takes.
fn within(bounds: Bounds, shown: &str, array: &ArrayRef, complain: &mut dyn FnMut(usize, &str, String)) {
    let rule = format!("fits({shown})");
    let present = |row: &usize| array.is_valid(*row);
    match bounds {
        Bounds::None => {}
        Bounds::Whole(least, most) => {
            if let Some(values) = array.as_primitive_opt::<Int64Type>() {
                for row in (0..values.len()).filter(present).filter(|row| !(least..=most).contains(&i128::from(values.value(*row)))) {
                    complain(row, &rule, format!("{} is not between {least} and {most}", values.value(row)));
                }
            } else if let Some(values) = array.as_primitive_opt::<Decimal128Type>() {
                for row in (0..values.len()).filter(present).filter(|row| !(least..=most).contains(&values.value(*row))) {
                    complain(row, &rule, format!("{} is not between {least} and {most}", values.value(row)));
                }
            }
        }
        Bounds::Characters(most) => texts(array, |row, text| {
            // Bytes are at least as many as characters.
            if text.len() > most && text.chars().count() > most {
                let reason = format!("\"{}\" has {} characters, {shown} takes {most}", shorten(text.as_bytes()), text.chars().count());
                complain(row, &rule, reason);
            }
        }),
        Bounds::Bytes(most) => {
            texts(array, |row, text| {
                if text.len() > most {
                    complain(row, &rule, format!("the text has {} bytes, {shown} takes {most}", text.len()));
                }
            });
            if let Some(values) = array.as_binary_opt::<i32>() {
                for row in (0..values.len()).filter(present).filter(|row| values.value(*row).len() > most) {
                    complain(row, &rule, format!("the value has {} bytes, {shown} takes {most}", values.value(row).len()));
                }
            }
        }
        Bounds::Json => texts(array, |row, text| {
            if serde_json::from_str::<IgnoredAny>(text).is_err() {
                complain(row, &rule, format!("\"{}\" is not JSON", shorten(text.as_bytes())));
            }
        }),
        Bounds::Uuid => texts(array, |row, text| {
            if uuid(text).is_none() {
                complain(row, &rule, format!("\"{}\" is not a UUID", shorten(text.as_bytes())));
            }
        }),
        Bounds::Moments(least, most, digits) => {
            let unit = 10_i64.pow(6 - u32::from(digits.min(6)));
            let mut look = |row: usize, days: i64, micros: i64| {
                let (year, ..) = civil(days);
                if !(i64::from(least)..=i64::from(most)).contains(&year) {
                    complain(row, &rule, format!("the year {year} is not between {least} and {most}"));
                } else if micros % unit != 0 {
                    complain(row, &rule, format!("{} has more than {digits} digits after the second", print_time(micros)));
                }
            };
            if let Some(values) = array.as_primitive_opt::<Date32Type>() {
                (0..values.len()).filter(present).for_each(|row| look(row, i64::from(values.value(row)), 0));
            } else if let Some(values) = array.as_primitive_opt::<TimestampMicrosecondType>() {
                (0..values.len()).filter(present).for_each(|row| {
                    let moment = values.value(row);
                    look(row, moment.div_euclid(MICROS_A_DAY), moment.rem_euclid(MICROS_A_DAY));
                });
            } else if let Some(values) = array.as_primitive_opt::<Time64MicrosecondType>() {
                // A clock has no year.
                (0..values.len()).filter(present).for_each(|row| look(row, 0, values.value(row)));
            }
        }
    }
}

fn texts(array: &ArrayRef, mut look: impl FnMut(usize, &str)) {
    if let Some(values) = array.as_string_opt::<i32>() {
        values.iter().enumerate().filter_map(|(row, text)| Some((row, text?))).for_each(|(row, text)| look(row, text));
    } else if let Some(values) = array.as_any().downcast_ref::<LargeStringArray>() {
        values.iter().enumerate().filter_map(|(row, text)| Some((row, text?))).for_each(|(row, text)| look(row, text));
    }
}

/// The sixteen bytes of a UUID.
pub(crate) fn uuid(text: &str) -> Option<[u8; 16]> {
    let mut digits = [0_u8; 32];
    let mut count = 0;
    for byte in text.bytes().filter(|b| *b != b'-') {
        *digits.get_mut(count)? = byte;
        count += 1;
    }
    let mut out = [0; 16];
    (count == 32 && matches!(text.len(), 32 | 36)).then_some(())?;
    hex::decode_to_slice(digits, &mut out).ok().map(|()| out)
}

fn broken(error: &arrow::error::ArrowError) -> Problem {
    Problem::new(Code::Internal, "rows to be written do not hold together").why(error.to_string())
}
