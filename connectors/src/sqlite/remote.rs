//! Tables as a query sees them: what may be asked of them, and the rows that come.
//!
//! SQLite keeps any value in any column. A relation is sent only for a column of which all values are of one kind, which
//! was found by looking at them in the same transaction.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row, TypeInfo, ValueRef};
use tokio::runtime::Runtime;
use trommel_model::{Cancel, Code, Outcome, Problem, ProgressSlot, Relation, RemoteTotal};

use super::config::{begin, close, ident, open, runtime};
use super::discover::{Declared, Subject, columns, list};
use super::error;
use super::kinds::{Held, reads_as_real, survey};
use crate::names::unique;
use crate::remote::{self, Asked, Constant, Dialect, Fetched, Form, Kept, RemoteTable, Statement, Value};
use crate::values::{ColumnBuffer, Kind, boolean, date, instant, print_float, time, timestamp};

/// Rows of a batch …
const BATCH_ROWS: usize = 64 * 1024;
/// … or bytes of text.
const BATCH_BYTES: usize = 32 << 20;
/// Rows between two looks at whether to stop.
const STEP: usize = 1024;

/// A database in a transaction that sees one moment.
pub struct Reader {
    runtime: Runtime,
    connection: SqliteConnection,
    path: PathBuf,
    cancel: Cancel,
}

/// What is known of a table.
pub struct Facts {
    table: String,
    names: Vec<String>,
    declared: Vec<Declared>,
    kinds: Vec<Kind>,
    /// What each column holds; none where nobody looked.
    held: Vec<Option<Held>>,
}

impl Reader {
    /// Opens a database, and begins to read.
    pub fn open(path: &Path, cancel: &Cancel) -> Outcome<Self> {
        let runtime = runtime()?;
        let connection = runtime.block_on(async {
            let mut connection = open(path).await?;
            begin(&mut connection, cancel, path).await?;
            Ok::<_, Problem>(connection)
        })?;
        Ok(Self { runtime, connection, path: path.to_owned(), cancel: cancel.clone() })
    }

    /// A table by its name; `main` in front of it means nothing.
    pub fn table(&mut self, path: &[String], wanted: &dyn Fn(&str) -> bool) -> Outcome<RemoteTable> {
        let Self { runtime, connection, path: file, .. } = self;
        runtime.block_on(async {
            let known = list(connection, file).await?;
            let name = match path {
                [schema, table] if schema.eq_ignore_ascii_case("main") => table.clone(),
                parts => parts.join("."),
            };
            let same = known.iter().find(|k| **k == name).or_else(|| known.iter().find(|k| k.eq_ignore_ascii_case(&name)));
            let table = same.cloned().ok_or_else(|| error::unknown_table(&name, &known, file))?;
            let subject = Subject::Table(table.clone());
            let declared = columns(connection, &subject, file).await?;
            let asked: Vec<Declared> = declared.iter().filter(|c| wanted(&c.name)).cloned().collect();
            let (found, rows) = survey(file, connection, &subject, &asked).await?;
            let mut found = found.into_iter();
            let held: Vec<Option<Held>> = declared.iter().map(|c| wanted(&c.name).then(|| found.next()).flatten()).collect();
            let kinds: Vec<Kind> = declared.iter().zip(&held).map(|(c, held)| held.map_or(Kind::Text, |held| held.kind(c).0)).collect();
            let (names, _) = unique(declared.iter().map(|d| d.name.clone()));
            let fields: Vec<Field> = names.iter().zip(&kinds).map(|(name, kind)| Field::new(name, kind.arrow(), true)).collect();
            let settled = held.iter().map(Option::is_some).collect();
            // Without a column nobody counts.
            let rows = (!asked.is_empty()).then_some(rows);
            let facts = Facts { table: table.clone(), names, declared, kinds, held };
            Ok(RemoteTable::new(table, Arc::new(Schema::new(fields)), rows, settled, remote::Facts::Sqlite(facts)))
        })
    }

    /// Reads what a statement asks for.
    pub fn fetch(
        &mut self,
        _facts: &Facts,
        statement: &Statement,
        progress: &ProgressSlot,
        each: &mut dyn FnMut(RecordBatch) -> Outcome<()>,
    ) -> Outcome<Fetched> {
        let Self { runtime, connection, path, cancel } = self;
        runtime.block_on(async {
            let kinds: Vec<Kind> = statement.kinds.iter().map(|kind| kind.unwrap_or(Kind::Text)).collect();
            let mut query = sqlx::query(AssertSqlSafe(statement.sql.clone())).persistent(false);
            for value in &statement.values {
                query = match value {
                    Value::Integer(number) => query.bind(*number),
                    Value::Float(number) => query.bind(*number),
                    Value::Text(text) => query.bind(text.clone()),
                };
            }
            let mut rows = query.fetch(&mut *connection);
            let mut buffers: Vec<ColumnBuffer> = kinds.iter().map(|kind| ColumnBuffer::new(*kind)).collect();
            let (mut fetched, mut waiting) = (Fetched::default(), 0);
            let mut hand_on = |buffers: &mut Vec<ColumnBuffer>, waiting: &mut usize, fetched: &mut Fetched| {
                let arrays = buffers.iter_mut().map(ColumnBuffer::finish).collect::<Result<_, ArrowError>>();
                let batch = arrays.and_then(|arrays| RecordBatch::try_new(statement.schema.clone(), arrays));
                let batch = batch.map_err(|e| Problem::new(Code::Internal, "rows of a table do not hold together").why(e.to_string()))?;
                fetched.rows += std::mem::take(waiting) as u64;
                progress.update(|p| p.rows = fetched.rows);
                each(batch)
            };
            while let Some(row) = rows.try_next().await.map_err(|e| error::of(&e, path))? {
                for (at, (buffer, kind)) in buffers.iter_mut().zip(&kinds).enumerate() {
                    push(&row, at, *kind, buffer).map_err(|e| error::of(&e, path))?;
                }
                waiting += 1;
                if waiting % STEP == 0 {
                    cancel.check()?;
                    let bytes: usize = buffers.iter().map(ColumnBuffer::text_bytes).sum();
                    if waiting >= BATCH_ROWS || bytes >= BATCH_BYTES {
                        hand_on(&mut buffers, &mut waiting, &mut fetched)?;
                    }
                }
            }
            if waiting > 0 {
                hand_on(&mut buffers, &mut waiting, &mut fetched)?;
            }
            Ok(fetched)
        })
    }

    /// Where it lies.
    pub fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Lets go of the database.
    pub fn close(self) {
        self.runtime.block_on(close(self.connection));
    }
}

/// Takes a value into its column, as a source would that reads the whole table.
fn push(row: &SqliteRow, at: usize, kind: Kind, buffer: &mut ColumnBuffer) -> Result<(), sqlx::Error> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        buffer.push_null();
        return Ok(());
    }
    let stored = value.type_info();
    match stored.name() {
        "INTEGER" | "BOOLEAN" => {
            let number: i64 = row.try_get_unchecked(at)?;
            match kind {
                Kind::Integer => buffer.push_long(number),
                Kind::Float => buffer.push_float(number as f64),
                Kind::Boolean => buffer.push_boolean(number != 0),
                _ => buffer.push_text(itoa::Buffer::new().format(number).as_bytes()),
            }
        }
        "REAL" => {
            let number: f64 = row.try_get_unchecked(at)?;
            if kind == Kind::Float { buffer.push_float(number) } else { buffer.push_text(print_float(number).as_bytes()) }
        }
        "BLOB" => {
            let bytes: &[u8] = row.try_get_unchecked(at)?;
            buffer.push_text(hex::encode(bytes).as_bytes());
        }
        _ => push_text(row.try_get_unchecked(at)?, kind, buffer),
    }
    Ok(())
}

/// Text in a column of dates, times or booleans is one of them, or stands for none.
fn push_text(text: &[u8], kind: Kind, buffer: &mut ColumnBuffer) {
    let pushed = match kind {
        Kind::Date => date(text).map(|p| buffer.push_day(p.value)),
        Kind::Time => time(text).map(|p| buffer.push_long(p.value)),
        Kind::Timestamp => timestamp(text).map(|p| buffer.push_long(p.value)),
        Kind::Instant => instant(text).map(|p| buffer.push_long(p.value)),
        Kind::Boolean => boolean(text).map(|p| buffer.push_boolean(p.value)),
        _ => {
            match std::str::from_utf8(text) {
                Ok(sound) if !sound.contains('\0') => buffer.push_text(text),
                _ => buffer.push_text(String::from_utf8_lossy(text).replace('\0', "\u{FFFD}").as_bytes()),
            }
            Some(())
        }
    };
    if pushed.is_none() {
        buffer.push_null();
    }
}

impl Facts {
    fn value(value: &Constant) -> Result<Value, Kept> {
        match value {
            Constant::Integer(number) => Ok(Value::Integer(*number)),
            Constant::Float(number) => Ok(Value::Float(*number)),
            Constant::Boolean(value) => Ok(Value::Integer(i64::from(*value))),
            // A text that is no UTF-8 is mended here, and then has this sign in it.
            Constant::Text(text) if !text.contains('\u{FFFD}') => Ok(Value::Text(text.clone())),
            _ => Err(Kept("its value has no type of its own there")),
        }
    }
}

impl Dialect for Facts {
    fn from(&self) -> String {
        ident(&self.table)
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
        Ok(Asked { sql: self.name(column), kind: Some(self.kinds[column]) })
    }

    fn kind(&self, column: usize) -> Result<Kind, Kept> {
        let held = self.held[column].ok_or(Kept("nobody looked at its values"))?;
        let is_real = held.is_real() || (reads_as_real(&self.declared[column].data_type) && !held.is_text());
        match self.kinds[column] {
            kind @ (Kind::Integer | Kind::Boolean) if held.is_whole() => Ok(kind),
            Kind::Float if is_real => Ok(Kind::Float),
            Kind::Text if held.is_text() => Ok(Kind::Text),
            Kind::Date | Kind::Time | Kind::Timestamp | Kind::Instant => Err(Kept("SQLite keeps dates and times as text")),
            _ => Err(Kept("its values are of several kinds")),
        }
    }

    fn guard(&self, _column: usize) -> Option<String> {
        None
    }

    fn nulls(&self, column: usize) -> Result<(), Kept> {
        self.kind(column).map(drop)
    }

    fn compare(&self, column: usize, relation: Relation, value: &Constant) -> Result<Form, Kept> {
        let (name, operator, bound) = (self.name(column), relation.sql(), Self::value(value)?);
        match (self.kind(column)?, relation) {
            (Kind::Text, Relation::Equal) => Ok(Form::exact(format!("{name} = ? COLLATE BINARY"), vec![bound])),
            (Kind::Text, _) => Err(Kept("texts that are no UTF-8 are mended here")),
            _ => Ok(Form::exact(format!("{name} {operator} ?"), vec![bound])),
        }
    }

    fn within(&self, column: usize, values: &[Constant]) -> Result<Form, Kept> {
        let forms = values.iter().map(|value| self.compare(column, Relation::Equal, value)).collect::<Result<Vec<_>, _>>()?;
        let bound = forms.iter().flat_map(|f| f.values.iter().cloned()).collect();
        let marks = vec!["?"; forms.len()].join(", ");
        let collation = if self.kind(column)? == Kind::Text { " COLLATE BINARY" } else { "" };
        Ok(Form::exact(format!("{}{collation} IN ({marks})", self.name(column)), bound))
    }

    fn like(&self, _column: usize, _pattern: &str) -> Result<Form, Kept> {
        Err(Kept("upper and lower case are the same to it there"))
    }

    fn is_true(&self, column: usize) -> Result<Form, Kept> {
        match self.kind(column)? {
            Kind::Boolean => Ok(Form::exact(format!("{} <> 0", self.name(column)), Vec::new())),
            _ => Err(Kept("it is not a boolean there")),
        }
    }

    fn order(&self, column: usize) -> Result<String, Kept> {
        match self.kind(column)? {
            Kind::Text => Err(Kept("texts that are no UTF-8 are mended here")),
            _ => Ok(self.name(column)),
        }
    }

    fn group(&self, column: usize) -> Result<Asked, Kept> {
        match self.kind(column)? {
            kind @ (Kind::Integer | Kind::Boolean) => Ok(Asked { sql: self.name(column), kind: Some(kind) }),
            Kind::Text => Err(Kept("texts that are no UTF-8 are mended here")),
            _ => Err(Kept("groups of floating point numbers are not the same everywhere")),
        }
    }

    fn total(&self, total: RemoteTotal) -> Result<Asked, Kept> {
        let number = |sql: String| Ok(Asked { sql, kind: Some(Kind::Integer) });
        match total {
            RemoteTotal::Rows => number("count(*)".to_owned()),
            RemoteTotal::Count(column) => self.kind(column).and_then(|_| number(format!("count({})", self.name(column)))),
            RemoteTotal::Sum(_) => Err(Kept("sums end at 64 bits there")),
            RemoteTotal::Min(column) | RemoteTotal::Max(column) => match self.kind(column)? {
                Kind::Integer => {
                    let function = if matches!(total, RemoteTotal::Min(_)) { "min" } else { "max" };
                    number(format!("{function}({})", self.name(column)))
                }
                _ => Err(Kept("its values are in another order there")),
            },
        }
    }
}
