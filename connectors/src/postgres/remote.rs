//! Tables as a query sees them: what may be asked of them, and the rows that come by `COPY`.
//!
//! `COPY` takes no bound values: they stand in the statement as literals of their type, made by [`literal`] from values
//! that were taken apart before.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use sqlx::Row;
use trommel_model::{Cancel, Code, Outcome, Problem, ProgressSlot, Relation, RemoteTotal};

use super::config::{Session, ident, literal};
use super::discover::{bounds, columns};
use super::error;
use super::read::copy_out;
use super::types::{Becomes, Declared, Wire, becomes, numeric_of};
use crate::database::{Column, Reach, Subject};
use crate::layers::Throttle;
use crate::names::unique;
use crate::remote::{self, Asked, Constant, Dialect, Fetched, Form, Kept, RemoteTable, Statement};
use crate::values::Kind;

/// Collations under which texts are equal when their bytes are: the database's own, "C" and "POSIX".
const PLAIN_COLLATIONS: [u32; 3] = [100, 950, 951];
const NUMERIC: u32 = 1700;
const CHAR: u32 = 1042;
const TEXTS: [u32; 2] = [25, 1043];

/// A connection in a transaction that only reads and sees one moment.
pub struct Reader {
    session: Session,
    /// Names of all tables, once they were asked for.
    known: Option<Vec<String>>,
}

/// What is known of a table.
pub struct Facts {
    from: String,
    names: Vec<String>,
    declared: Vec<Declared>,
    /// What each column becomes; none for types that are not read.
    becomes: Vec<Option<Becomes>>,
    /// The collation of each column.
    collations: Vec<u32>,
    is_utf8: bool,
}

impl Reader {
    /// Connects, and begins to read.
    pub fn open(reach: &Reach, cancel: &Cancel) -> Outcome<Self> {
        let mut session = Session::open(reach, cancel)?;
        session.run("SET standard_conforming_strings = on; SET timezone = 'UTC'")?;
        session.begin_reading(None)?;
        Ok(Self { session, known: None })
    }

    /// A table by its name.
    pub fn table(&mut self, path: &[String], wanted: &dyn Fn(&str) -> bool) -> Outcome<RemoteTable> {
        let session = &mut self.session;
        if self.known.is_none() {
            self.known = Some(super::list(session)?.into_iter().map(|t| t.name).collect());
        }
        let known = self.known.as_deref().unwrap_or_default();
        let schemas = session.rows("SELECT unnest(current_schemas(false))::text")?;
        let schemas: Vec<String> = schemas.iter().filter_map(|row| row.try_get(0).ok()).collect();
        let Some(found) = remote::find_table(path, &schemas, known).cloned() else {
            let problem = unknown(session, path, known)?;
            return Err(session.reach.fault(problem));
        };
        let (schema, table) = found.split_once('.').unwrap_or(("public", &found));
        let subject = Subject::Table(Some(schema.to_owned()), table.to_owned());
        let from = subject.from(ident);
        // From here on nobody changes its columns.
        session.rows(&format!("SELECT 1 FROM {from} LIMIT 0"))?;
        let declared = columns(session, &subject)?;
        let name = literal(&from);
        let rows = session.rows(&format!(
            "SELECT a.attname::text, a.attcollation::int8, c.reltuples::float8, current_setting('server_encoding') \
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attrelid = {name}::regclass AND a.attnum > 0"
        ))?;
        let mut collations = HashMap::new();
        let (mut believed, mut is_utf8) = (-1.0, false);
        for row in &rows {
            let fault = |e: sqlx::Error| error::of(&e, &session.reach);
            collations.insert(row.try_get::<String, _>(0).map_err(fault)?, row.try_get::<i64, _>(1).map_err(fault)? as u32);
            believed = row.try_get(2).map_err(fault)?;
            is_utf8 = row.try_get::<String, _>(3).map_err(fault)? == "UTF8";
        }
        let open = |c: &Declared| c.oid == NUMERIC && numeric_of(c.modifier).is_none();
        let asked: Vec<Declared> = declared.iter().filter(|c| open(c) && wanted(&c.name)).cloned().collect();
        let mut bounded = bounds(session, &from, &asked)?.into_iter();
        let settled: Vec<bool> = declared.iter().map(|c| !open(c) || wanted(&c.name)).collect();
        let of = |column: &Declared| {
            let bound = if open(column) && wanted(&column.name) { bounded.next().flatten() } else { None };
            becomes(column, bound)
        };
        let becomes: Vec<Option<Becomes>> = declared.iter().map(of).collect();
        let (names, _) = unique(declared.iter().map(|d| d.name.clone()));
        let kind = |b: &Option<Becomes>| b.as_ref().map_or(Some(Kind::Text), |b| b.kind);
        let fields: Vec<Field> = names.iter().zip(&becomes).map(|(name, b)| Field::new(name, Column::arrow(kind(b)), true)).collect();
        let collations = declared.iter().map(|d| collations.get(&d.name).copied().unwrap_or_default()).collect();
        let facts = Facts { from, names, declared, becomes, collations, is_utf8 };
        let believed = (believed >= 0.0).then_some(believed as u64);
        Ok(RemoteTable::new(found, Arc::new(Schema::new(fields)), believed, settled, remote::Facts::Postgres(facts)))
    }

    /// Reads what a statement asks for.
    pub fn fetch(
        &mut self,
        facts: &Facts,
        statement: &Statement,
        progress: &ProgressSlot,
        each: &mut dyn FnMut(RecordBatch) -> Outcome<()>,
    ) -> Outcome<Fetched> {
        let throttle = Throttle::new(self.session.reach.rows_per_s, Instant::now());
        let columns: Vec<Becomes> = statement.places.iter().zip(&statement.kinds).map(|(place, kind)| facts.wire(*place, *kind)).collect();
        let (mut fetched, mut odd) = (Fetched::default(), 0);
        copy_out(&mut self.session, &statement.sql, &columns, &throttle, &mut |rows| {
            let (arrays, strange, count) = rows.finish()?;
            let batch = RecordBatch::try_new(statement.schema.clone(), arrays)
                .map_err(|e| Problem::new(Code::Internal, "rows of a table do not hold together").why(e.to_string()))?;
            odd += strange.len();
            fetched.rows += count as u64;
            progress.update(|p| p.rows = fetched.rows);
            each(batch)?;
            Ok(count as u64)
        })?;
        if odd > 0 {
            fetched.notes.push(format!("{odd} values have no place in their type (infinite dates, NaN); they are null"));
        }
        Ok(fetched)
    }

    /// Where it leads.
    pub fn shown(&self) -> String {
        self.session.reach.shown()
    }

    /// Says goodbye.
    pub fn close(self) {
        self.session.close();
    }
}

/// Why a table is not found: it is not there, or may not be read.
fn unknown(session: &mut Session, path: &[String], known: &[String]) -> Outcome<Problem> {
    let (schema, table) = match path {
        [schema, table] => (Some(schema.as_str()), table.as_str()),
        _ => (None, path.last().map_or("", String::as_str)),
    };
    let of_schema = schema.map_or_else(String::new, |schema| format!(" AND n.nspname = {}", literal(schema)));
    let there = session.rows(&format!(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = {}{of_schema} \
         AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT has_table_privilege(c.oid, 'SELECT')",
        literal(table)
    ))?;
    Ok(if there.is_empty() {
        remote::unknown_table(&path.join("."), known)
    } else {
        Problem::new(Code::Denied, format!("the user may not read \"{}\"", path.join(".")))
            .next("ask the owner for the privilege: GRANT SELECT ON … TO …")
    })
}

impl Facts {
    /// How a column of a statement comes over the wire.
    fn wire(&self, place: Option<usize>, kind: Option<Kind>) -> Becomes {
        let own = place.and_then(|at| self.becomes[at].as_ref());
        let wire = match (own, kind) {
            (Some(own), _) => own.wire,
            (None, Some(Kind::Integer)) => Wire::Integer,
            (None, Some(Kind::Decimal(..))) => Wire::Numeric,
            (None, Some(Kind::Date)) => Wire::Date,
            (None, Some(Kind::Time)) => Wire::Time,
            (None, Some(Kind::Timestamp | Kind::Instant)) => Wire::Timestamp,
            _ => Wire::Text,
        };
        Becomes { wire, kind, asked: String::new() }
    }

    fn of(&self, column: usize) -> Result<&Becomes, Kept> {
        self.becomes[column].as_ref().ok_or(Kept("its type is not read"))
    }

    /// How a text is written that is compared as one; a reason for what only looks like text here.
    fn text(&self, column: usize) -> Result<String, Kept> {
        let (declared, name) = (&self.declared[column], self.name(column));
        match declared.oid {
            oid if TEXTS.contains(&oid) => Ok(name),
            18 | 19 | 2950 => Ok(format!("{name}::text")),
            _ if declared.class == 'e' => Ok(format!("{name}::text")),
            _ => Err(Kept("its text is made while it is read")),
        }
    }

    /// True when two texts of the column are equal exactly when their bytes are.
    fn is_plain(&self, column: usize) -> bool {
        !TEXTS.contains(&self.declared[column].oid) || PLAIN_COLLATIONS.contains(&self.collations[column])
    }

    fn operand(&self, column: usize) -> Result<String, Kept> {
        let becomes = self.of(column)?;
        let name = self.name(column);
        Ok(match becomes.wire {
            Wire::Oid => format!("{name}::int8"),
            Wire::Float => format!("{name}::float8"),
            Wire::Boolean | Wire::Integer | Wire::Numeric | Wire::Date | Wire::Time | Wire::Timestamp => name,
            Wire::Text | Wire::Uuid if self.declared[column].oid == CHAR => name,
            Wire::Text | Wire::Uuid => self.text(column)?,
            Wire::Jsonb | Wire::Bytes => return Err(Kept("its type is not compared")),
        })
    }

    /// A value as the column is compared with it.
    fn value(&self, column: usize, value: &Constant) -> String {
        let is_instant = self.becomes[column].as_ref().is_some_and(|b| b.kind == Some(Kind::Instant));
        match value {
            Constant::Integer(number) => format!("'{number}'::int8"),
            Constant::Decimal(digits) => format!("'{digits}'::numeric"),
            Constant::Float(number) => format!("'{number:e}'::float8"),
            Constant::Boolean(value) => value.to_string(),
            Constant::Text(text) if self.declared[column].oid == CHAR => format!("{}::bpchar", literal(text)),
            Constant::Text(text) => format!("{}::text", literal(text)),
            Constant::Date(text) => format!("'{text}'::date"),
            Constant::Time(text) => format!("'{text}'::time"),
            Constant::Timestamp(text) if is_instant => format!("'{text}+00'::timestamptz"),
            Constant::Timestamp(text) => format!("'{text}'::timestamp"),
        }
    }

    /// A total of the values that have a place here.
    fn filtered(&self, column: usize, function: &str) -> String {
        let name = self.name(column);
        match self.guard(column) {
            Some(guard) => format!("{function}({name}) FILTER (WHERE {guard})"),
            None => format!("{function}({name})"),
        }
    }
}

impl Dialect for Facts {
    fn from(&self) -> String {
        self.from.clone()
    }

    fn quoted(&self, name: &str) -> String {
        ident(name)
    }

    fn name(&self, column: usize) -> String {
        ident(&self.declared[column].name)
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn asked(&self, column: usize) -> Outcome<Asked> {
        let declared = &self.declared[column];
        let becomes = self.becomes[column].as_ref().ok_or_else(|| error::unknown_type(&declared.name, &declared.data_type))?;
        let named = format!(" AS {}", ident(&declared.name));
        let sql = becomes.asked.strip_suffix(&named).unwrap_or(&becomes.asked).to_owned();
        Ok(Asked { sql, kind: becomes.kind })
    }

    fn kind(&self, column: usize) -> Result<Kind, Kept> {
        self.of(column)?.kind.ok_or(Kept("bytes are not compared"))
    }

    fn guard(&self, column: usize) -> Option<String> {
        let name = self.name(column);
        match self.becomes[column].as_ref()?.wire {
            // One without bounds was looked at: it has none.
            Wire::Numeric if numeric_of(self.declared[column].modifier).is_some() => Some(format!("{name} <> 'NaN'")),
            Wire::Date | Wire::Timestamp => Some(format!("isfinite({name})")),
            Wire::Time => Some(format!("{name} < '24:00:00'")),
            _ => None,
        }
    }

    fn compare(&self, column: usize, relation: Relation, value: &Constant) -> Result<Form, Kept> {
        let (operand, value, operator) = (self.operand(column)?, self.value(column, value), relation.sql());
        let plain = |exact| Ok(Form { sql: format!("{operand} {operator} {value}"), values: Vec::new(), exact });
        if self.kind(column)? != Kind::Text {
            return plain(true);
        }
        let is_char = self.declared[column].oid == CHAR;
        match relation {
            Relation::Equal => plain(!is_char && self.is_plain(column)),
            _ if is_char => Err(Kept("blanks at the end of char(n) do not count there")),
            Relation::NotEqual if self.is_plain(column) => plain(true),
            Relation::NotEqual => Err(Kept("its collation tells texts apart less finely")),
            _ if self.is_utf8 => Ok(Form::exact(format!("{operand} COLLATE \"C\" {operator} {value}"), Vec::new())),
            _ => Err(Kept("texts are in another order there")),
        }
    }

    fn within(&self, column: usize, values: &[Constant]) -> Result<Form, Kept> {
        let first = self.compare(column, Relation::Equal, values.first().ok_or(Kept("there is no value"))?)?;
        let list: Vec<String> = values.iter().map(|value| self.value(column, value)).collect();
        Ok(Form { sql: format!("{} IN ({})", self.operand(column)?, list.join(", ")), ..first })
    }

    fn like(&self, column: usize, pattern: &str) -> Result<Form, Kept> {
        let operand = self.text(column)?;
        if !self.is_plain(column) || !self.is_utf8 {
            return Err(Kept("its collation or encoding matches other texts"));
        }
        Ok(Form::exact(format!("{operand} LIKE {}::text", literal(pattern)), Vec::new()))
    }

    fn is_true(&self, column: usize) -> Result<Form, Kept> {
        match self.kind(column)? {
            Kind::Boolean => Ok(Form::exact(self.name(column), Vec::new())),
            _ => Err(Kept("it is not a boolean")),
        }
    }

    fn order(&self, column: usize) -> Result<String, Kept> {
        let operand = self.operand(column)?;
        match self.kind(column)? {
            Kind::Text if self.declared[column].oid == CHAR => Err(Kept("blanks at the end of char(n) do not count there")),
            Kind::Text if self.is_utf8 => Ok(format!("{operand} COLLATE \"C\"")),
            Kind::Text => Err(Kept("texts are in another order there")),
            _ => Ok(operand),
        }
    }

    fn group(&self, column: usize) -> Result<Asked, Kept> {
        let kind = self.of(column)?.kind;
        let sql = match self.kind(column)? {
            Kind::Float => return Err(Kept("groups of floating point numbers are not the same everywhere")),
            Kind::Text if self.declared[column].oid == CHAR || !self.is_plain(column) => {
                return Err(Kept("its collation tells texts apart less finely"));
            }
            Kind::Text => self.text(column)?,
            _ => self.operand(column)?,
        };
        let sql = self.guard(column).map_or(sql.clone(), |guard| format!("CASE WHEN {guard} THEN {sql} END"));
        Ok(Asked { sql, kind })
    }

    fn total(&self, total: RemoteTotal) -> Result<Asked, Kept> {
        let number = |sql: String| Ok(Asked { sql, kind: Some(Kind::Integer) });
        let ordered = |column: usize, function: &str| match self.kind(column)? {
            Kind::Text => Err(Kept("texts are in another order there")),
            Kind::Float => Err(Kept("floating point numbers that are none are in another order elsewhere")),
            Kind::Boolean => Err(Kept("booleans have no order there")),
            kind @ Kind::Decimal(precision, scale) => {
                Ok(Asked { sql: format!("({})::numeric({precision}, {scale})", self.filtered(column, function)), kind: Some(kind) })
            }
            Kind::Integer if self.of(column)?.wire == Wire::Oid => Err(Kept("it is not a number there")),
            kind => Ok(Asked { sql: self.filtered(column, function), kind: Some(kind) }),
        };
        match total {
            RemoteTotal::Rows => number("count(*)".to_owned()),
            RemoteTotal::Count(column) => self.of(column).and_then(|_| number(self.filtered(column, "count"))),
            RemoteTotal::Sum(column) => {
                let scale = match self.kind(column)? {
                    Kind::Integer if self.of(column)?.wire == Wire::Integer => 0,
                    Kind::Decimal(_, scale) => scale,
                    _ => return Err(Kept("the sum depends on the order of the rows")),
                };
                let sql = format!("({})::numeric(38, {scale})", self.filtered(column, "sum"));
                Ok(Asked { sql, kind: Some(Kind::Decimal(38, scale)) })
            }
            RemoteTotal::Min(column) => ordered(column, "min"),
            RemoteTotal::Max(column) => ordered(column, "max"),
        }
    }
}
