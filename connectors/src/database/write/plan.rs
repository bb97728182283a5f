//! Which column of the rows goes to which of the table, and by which way the rows get there.

use arrow::datatypes::{DataType, Field, SchemaRef};
use trommel_model::{Code, OnMisfit, Outcome, Problem, WriteMode, did_you_mean, nearest};

use super::super::shown;
use super::Order;
use crate::values::Kind;

/// A table that is written to, as the database describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its columns in order.
    pub columns: Vec<TargetColumn>,
    /// The columns of its primary key.
    pub key: Vec<String>,
    /// The columns of every unique key without conditions, the primary one included.
    pub unique: Vec<Vec<String>>,
    /// Privileges of `SELECT`, `INSERT`, `UPDATE`, `DELETE` that the user lacks.
    pub denied: Vec<String>,
}

/// A column of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetColumn {
    /// Its name.
    pub name: String,
    /// Its type as people know it, and as SQL writes it.
    pub shown: String,
    /// What its values are; `None` is bytes. `Decimal(0, 0)` stands for any number.
    pub kind: Option<Kind>,
    /// What it takes of them.
    pub bounds: Bounds,
    /// True when it takes no null.
    pub required: bool,
    /// True when rows may leave it out.
    pub optional: bool,
    /// True when the database computes it.
    pub generated: bool,
    /// True when values go as text and the database makes them what they are.
    pub cast: bool,
    /// The database's own number of the type.
    pub code: u32,
}

/// The number of the type of a column that takes anything.
pub const ANY: u32 = u32::MAX;

/// Which values of its kind a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    /// All.
    None,
    /// Whole numbers from … to.
    Whole(i128, i128),
    /// So many characters.
    Characters(usize),
    /// So many bytes.
    Bytes(usize),
    /// JSON.
    Json,
    /// A UUID.
    Uuid,
    /// Days and times of the years from … to, with so many digits after the second.
    Moments(i32, i32, u8),
}

/// A column on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Going {
    /// Where it stands in the rows.
    pub at: usize,
    /// Where it goes.
    pub column: TargetColumn,
    /// What its values are; `None` is bytes.
    pub kind: Option<Kind>,
    /// True for a part of the key.
    pub key: bool,
}

/// How the rows get there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// Straight into the table.
    Straight,
    /// Into a table beside it, and from there.
    Beside,
}

/// The columns of one write.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// In the order of the rows.
    pub columns: Vec<Going>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Fails unless the rows have the columns of the key.
pub(super) fn demand_key(order: &Order<'_>, schema: &SchemaRef) -> Outcome<()> {
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    match order.key.iter().find(|k| !names.contains(&k.as_str())) {
        None => Ok(()),
        Some(key) => Err(fault(order, Code::UnknownName, format!("the rows have no column \"{key}\", which is part of the key")).next(
            nearest(key, names.iter().copied())
                .map_or_else(|| format!("they have {}", names.join(", ")), |near| format!("did you mean \"{near}\"?")),
        )),
    }
}

impl Plan {
    /// Holds the rows' columns against the table's.
    pub fn of(order: &Order<'_>, schema: &SchemaRef, standing: &Standing) -> Outcome<Self> {
        demand_key(order, schema)?;
        let key = key_of(order, schema, standing)?;
        let mut notes = Vec::new();
        let mut columns = Vec::with_capacity(schema.fields().len());
        for (at, field) in schema.fields().iter().enumerate() {
            let column = counterpart(order, field, standing)?;
            let kind = kind_of(order, field, &column)?;
            if column.shown == "real" && matches!(field.data_type(), DataType::Float64) {
                notes.push(format!("\"{}\" is real at {}: it keeps about 7 digits", column.name, order.table));
            }
            let key = key.iter().any(|k| k.eq_ignore_ascii_case(&column.name));
            columns.push(Going { at, column, kind, key });
        }
        let left = standing.columns.iter().find(|c| !c.optional && !c.generated && columns.iter().all(|g: &Going| g.column.name != c.name));
        if let Some(left) = left {
            return Err(fault(
                order,
                Code::BadConfig,
                format!("{} needs a value for \"{}\", which the rows do not have", order.table, left.name),
            )
            .at_field(&left.name)
            .next("add the column to what is written, or give it a default in the database"));
        }
        Ok(Self { columns, notes })
    }

    /// The columns of the key.
    pub fn key(&self) -> impl Iterator<Item = &Going> {
        self.columns.iter().filter(|c| c.key)
    }

    /// By which way rows get there. `empty` says that the table has none.
    pub fn route(&self, order: &Order<'_>, empty: bool) -> Route {
        let casts = self.columns.iter().any(|c| c.column.cast);
        let twins_are_held = order.on_bad == OnMisfit::Quarantine && !order.key.is_empty();
        let straight = match order.mode {
            WriteMode::Append => true,
            WriteMode::Replace | WriteMode::Upsert => empty && !twins_are_held,
        };
        if straight && !casts { Route::Straight } else { Route::Beside }
    }
}

/// The key by which rows are told apart: the one of the sink; for a replace the table's own where the rows have it.
fn key_of(order: &Order<'_>, schema: &SchemaRef, standing: &Standing) -> Outcome<Vec<String>> {
    let same = |a: &[String], b: &[String]| a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| y.eq_ignore_ascii_case(x)));
    let has = |name: &String| schema.fields().iter().any(|f| f.name().eq_ignore_ascii_case(name));
    match order.mode {
        WriteMode::Append => Ok(Vec::new()),
        WriteMode::Replace if order.key.is_empty() => Ok(if standing.key.iter().all(has) { standing.key.clone() } else { Vec::new() }),
        _ if standing.unique.iter().any(|unique| same(unique, order.key)) => Ok(order.key.to_vec()),
        _ => {
            let list = order.key.join(", ");
            Err(fault(order, Code::BadConfig, format!("{} has no unique key of {list}", order.table))
                .why("only with one the database can tell which row is meant, whoever else writes")
                .next(format!("let the owner make it: CREATE UNIQUE INDEX … ON {} ({list})", order.table)))
        }
    }
}

/// The column of the table that a column of the rows goes to.
fn counterpart(order: &Order<'_>, field: &Field, standing: &Standing) -> Outcome<TargetColumn> {
    let name = field.name();
    let mut alike = standing.columns.iter().filter(|c| c.name.eq_ignore_ascii_case(name));
    let exact = standing.columns.iter().find(|c| c.name == *name);
    let found = match (exact, alike.next(), alike.next()) {
        (Some(exact), _, _) => exact,
        (None, Some(only), None) => only,
        _ => {
            let names: Vec<&str> = standing.columns.iter().map(|c| c.name.as_str()).collect();
            let hint = did_you_mean(name, names.iter().copied());
            let problem = fault(order, Code::UnknownName, format!("{} has no column \"{name}\"", order.table)).at_field(name);
            return Err(if hint.is_empty() { problem.next(format!("it has {}", names.join(", "))) } else { problem.next(hint) });
        }
    };
    if found.generated {
        return Err(fault(order, Code::BadConfig, format!("\"{name}\" of {} is computed by the database", order.table))
            .at_field(name)
            .next("leave it out of what is written"));
    }
    Ok(found.clone())
}

/// What the values of a column become.
fn kind_of(order: &Order<'_>, field: &Field, column: &TargetColumn) -> Outcome<Option<Kind>> {
    let bytes = matches!(field.data_type(), DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_));
    match (column.kind, bytes) {
        _ if column.code == ANY => Ok(natural(field)),
        (None, true) => Ok(None),
        (None, false) | (Some(_), true) => {
            let what = format!("\"{}\" is {} in the rows and {} at {}", field.name(), field.data_type(), column.shown, order.table);
            Err(fault(order, Code::BadConfig, what).at_field(field.name()).next("make the column of one kind in the model"))
        }
        // Any number: as many digits as the rows' type has.
        (Some(Kind::Decimal(0, 0)), false) => Ok(Some(match field.data_type() {
            DataType::Decimal128(precision, scale) if *scale >= 0 => Kind::Decimal(*precision, *scale as u8),
            DataType::UInt64 => Kind::Decimal(20, 0),
            data_type if data_type.is_integer() => Kind::Decimal(19, 0),
            _ => Kind::Decimal(38, 15),
        })),
        (Some(kind), false) => Ok(Some(kind)),
    }
}

/// What values of a column are by themselves; `None` is bytes.
fn natural(field: &Field) -> Option<Kind> {
    Some(match field.data_type() {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => return None,
        DataType::Boolean => Kind::Boolean,
        DataType::UInt64 => Kind::Decimal(20, 0),
        data_type if data_type.is_integer() => Kind::Integer,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Kind::Float,
        DataType::Decimal128(precision, scale) if *scale >= 0 => Kind::Decimal(*precision, *scale as u8),
        DataType::Date32 | DataType::Date64 => Kind::Date,
        DataType::Time32(_) | DataType::Time64(_) => Kind::Time,
        DataType::Timestamp(_, None) => Kind::Timestamp,
        DataType::Timestamp(_, Some(_)) => Kind::Instant,
        _ => Kind::Text,
    })
}

/// A fault of this write.
pub(super) fn fault(order: &Order<'_>, code: Code, what: String) -> Problem {
    let problem = Problem::new(code, what);
    if order.sink.is_empty() { problem.in_file(shown(order.connection)) } else { problem.in_file(format!("sinks/{}.toml", order.sink)) }
}

/// What to do about rows that do not fit.
pub(super) fn mend(order: &Order<'_>, mend: &str) -> String {
    if order.sink.is_empty() {
        return mend.to_owned();
    }
    format!("{mend}; or say on_bad = \"quarantine\" in sinks/{}.toml to hold such rows", order.sink)
}
