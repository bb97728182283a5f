//! Tables as a query sees them: what may be asked of them, and the rows that come by a prepared statement.
//!
//! Texts are compared here by their bytes, there by a collation. A relation is therefore sent as one of bytes, and an
//! equality as one by the collation besides, for which there may be an index.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use sqlx::{AssertSqlSafe, Row};
use trommel_model::{Cancel, Code, Outcome, Problem, ProgressSlot, Relation, RemoteTotal};

use super::config::{Session, ident};
use super::discover::{Declared, declared, settle};
use super::error;
use super::read::each as each_row;
use super::types::{Becomes, Open, Wire};
use crate::database::{Column, Reach, Subject};
use crate::layers::Throttle;
use crate::names::unique;
use crate::remote::{self, Asked, Constant, Dialect, Fetched, Form, Kept, RemoteTable, Statement, Value, too_large};
use crate::values::Kind;

/// A connection in a transaction that only reads and sees one moment.
pub struct Reader {
    session: Session,
    known: Option<Vec<String>>,
}

/// What is known of a table.
pub struct Facts {
    from: String,
    names: Vec<String>,
    /// The columns as the server declares them.
    declared: Vec<Declared>,
    /// What each becomes; none for types that are not read.
    becomes: Vec<Option<Becomes>>,
    /// The declared types, in lower case: `year`, `json`, `varchar` ….
    types: Vec<String>,
}

impl Reader {
    /// Connects, and begins to read.
    pub fn open(reach: &Reach, cancel: &Cancel) -> Outcome<Self> {
        let mut session = Session::open(reach, cancel)?;
        session.begin_reading()?;
        Ok(Self { session, known: None })
    }

    /// A table by its name.
    pub fn table(&mut self, path: &[String], wanted: &dyn Fn(&str) -> bool) -> Outcome<RemoteTable> {
        let session = &mut self.session;
        if self.known.is_none() {
            self.known = Some(super::list(session)?.into_iter().map(|t| t.name).collect());
        }
        let known = self.known.as_deref().unwrap_or_default();
        let schemas: Vec<String> = session.reach.database.iter().cloned().collect();
        let found = remote::find_table(path, &schemas, known).cloned();
        let found = found.ok_or_else(|| session.reach.fault(remote::unknown_table(&path.join("."), known)))?;
        let (schema, table) = found.split_once('.').unwrap_or(("", &found));
        let from = Subject::Table(Some(schema.to_owned()), table.to_owned()).from(ident);
        let declared = declared(session, &from)?;
        let rows = session.rows(
            "SELECT c.column_name, LOWER(c.data_type), CAST(c.numeric_precision AS SIGNED), CAST(c.numeric_scale AS SIGNED), \
             CAST(t.table_rows AS SIGNED) FROM information_schema.columns c \
             JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
             WHERE c.table_schema = ? AND c.table_name = ?",
            &[schema, table],
        )?;
        let (mut facts, mut believed) = (HashMap::new(), None);
        for row in &rows {
            let fault = |e: sqlx::Error| error::of(&e, &session.reach);
            let digits: (Option<i64>, Option<i64>) = (row.try_get(2).map_err(fault)?, row.try_get(3).map_err(fault)?);
            facts.insert(row.try_get::<String, _>(0).map_err(fault)?, (row.try_get::<String, _>(1).map_err(fault)?, digits));
            believed = row.try_get::<Option<i64>, _>(4).map_err(fault)?;
        }
        let mut settled = vec![true; declared.len()];
        let mut open = Vec::new();
        let mut becomes: Vec<Option<Becomes>> = Vec::new();
        for (at, column) in declared.iter().enumerate() {
            let digits = facts.get(&column.name).map(|f| f.1);
            becomes.push(column.known.as_ref().map(|(becomes, question)| match (question, digits) {
                (None, _) => becomes.clone(),
                // A table's decimals say how long they are.
                (Some(Open::Digits), Some((Some(precision @ 1..=38), Some(scale @ 0..=38)))) => {
                    Becomes { kind: Some(Kind::Decimal(precision as u8, scale as u8)), ..becomes.clone() }
                }
                (Some(question), _) if wanted(&column.name) => {
                    open.push((at, (becomes.clone(), Some(*question))));
                    becomes.clone()
                }
                (Some(_), _) => {
                    settled[at] = false;
                    becomes.clone()
                }
            }));
        }
        let (places, questions): (Vec<usize>, Vec<_>) = open.into_iter().unzip();
        if !questions.is_empty() {
            for (at, found) in places.into_iter().zip(settle(session, &from, questions)?) {
                becomes[at] = Some(found);
            }
        }
        let (names, _) = unique(declared.iter().map(|d| d.name.clone()));
        let kind = |b: &Option<Becomes>| b.as_ref().map_or(Some(Kind::Text), |b| b.kind);
        let fields: Vec<Field> = names.iter().zip(&becomes).map(|(name, b)| Field::new(name, Column::arrow(kind(b)), true)).collect();
        let types = declared.iter().map(|d| facts.get(&d.name).map_or_else(String::new, |f| f.0.clone())).collect();
        let facts = Facts { from, names, declared, becomes, types };
        let believed = believed.and_then(|rows| u64::try_from(rows).ok());
        Ok(RemoteTable::new(found, Arc::new(Schema::new(fields)), believed, settled, remote::Facts::Mysql(facts)))
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
        let columns: Vec<Becomes> = statement
            .places
            .iter()
            .zip(&statement.kinds)
            .zip(statement.schema.fields())
            .map(|((place, kind), field)| facts.wire(*place, *kind, field.name()))
            .collect();
        let mut query = sqlx::query(AssertSqlSafe(statement.sql.clone())).persistent(false);
        for value in &statement.values {
            query = match value {
                Value::Integer(number) => query.bind(*number),
                Value::Float(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.clone()),
            };
        }
        let (mut fetched, mut odd) = (Fetched::default(), 0);
        each_row(&mut self.session, query, &columns, &throttle, &mut |rows| {
            let (arrays, strange, count) = rows.finish()?;
            if let Some(one) = strange.iter().find(|one| statement.places[one.column].is_none()) {
                return Err(too_large(statement.schema.field(one.column).name()));
            }
            let batch = RecordBatch::try_new(statement.schema.clone(), arrays)
                .map_err(|e| Problem::new(Code::Internal, "rows of a table do not hold together").why(e.to_string()))?;
            odd += strange.len();
            fetched.rows += count as u64;
            progress.update(|p| p.rows = fetched.rows);
            each(batch)?;
            Ok(count as u64)
        })?;
        if odd > 0 {
            fetched.notes.push(format!("{odd} values have no place in their type (zero dates); they are null"));
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

impl Facts {
    /// How a column of a statement comes over the wire.
    fn wire(&self, place: Option<usize>, kind: Option<Kind>, name: &str) -> Becomes {
        let wire = match (place.and_then(|at| self.becomes[at].as_ref()), kind) {
            (Some(own), _) => own.wire,
            (None, Some(Kind::Integer)) => Wire::Integer,
            (None, Some(Kind::Decimal(..))) => Wire::Decimal,
            (None, Some(Kind::Date | Kind::Timestamp | Kind::Instant)) => Wire::Moment,
            _ => Wire::Bytes,
        };
        Becomes { name: name.to_owned(), wire, kind }
    }

    fn of(&self, column: usize) -> Result<&Becomes, Kept> {
        self.becomes[column].as_ref().ok_or(Kept("its type is not read"))
    }

    /// The bytes of a text as they come here.
    fn bytes(&self, column: usize) -> String {
        format!("CAST(CONVERT({} USING utf8mb4) AS BINARY)", self.name(column))
    }

    /// The place of a value, and the value.
    fn place(&self, column: usize, value: &Constant) -> (String, Value) {
        let is_date = self.becomes[column].as_ref().is_some_and(|b| b.kind == Some(Kind::Date));
        match value {
            Constant::Integer(number) => ("?".to_owned(), Value::Integer(*number)),
            Constant::Float(number) => ("?".to_owned(), Value::Float(*number)),
            Constant::Boolean(value) => ("?".to_owned(), Value::Integer(i64::from(*value))),
            Constant::Decimal(digits) => {
                let scale = digits.split_once('.').map_or(0, |(_, places)| places.len().min(30));
                (format!("CAST(? AS DECIMAL(65, {scale}))"), Value::Text(digits.clone()))
            }
            Constant::Text(text) => ("CAST(? AS BINARY)".to_owned(), Value::Text(text.clone())),
            Constant::Date(text) => ("CAST(? AS DATE)".to_owned(), Value::Text(text.clone())),
            Constant::Time(text) => ("CAST(? AS TIME(6))".to_owned(), Value::Text(text.clone())),
            Constant::Timestamp(text) if is_date => ("CAST(? AS DATE)".to_owned(), Value::Text(text.clone())),
            Constant::Timestamp(text) => ("CAST(? AS DATETIME(6))".to_owned(), Value::Text(text.clone())),
        }
    }

    fn filtered(&self, column: usize, function: &str) -> String {
        let name = self.name(column);
        match self.guard(column) {
            Some(guard) => format!("{function}(IF({guard}, {name}, NULL))"),
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
        Ok(Asked { sql: self.name(column), kind: becomes.kind })
    }

    fn kind(&self, column: usize) -> Result<Kind, Kept> {
        let becomes = self.of(column)?;
        match (becomes.wire, self.types[column].as_str()) {
            (Wire::Bits, _) => Err(Kept("bits are compared otherwise there")),
            (Wire::Time, _) => Err(Kept("times of day are spans of time there")),
            (_, "year") => Err(Kept("a year of two digits is one of this century there")),
            (_, "json" | "") => Err(Kept("its text is made while it is read")),
            // The column holds the number with the precision of four bytes, and is compared with it as it prints.
            (_, "float") => Err(Kept("numbers of four bytes are compared otherwise there")),
            _ => becomes.kind.ok_or(Kept("bytes are not compared")),
        }
    }

    fn guard(&self, column: usize) -> Option<String> {
        let name = self.name(column);
        let moment = self.becomes[column].as_ref()?.wire == Wire::Moment;
        // Days that no calendar has are null here.
        moment.then(|| format!("DAYOFMONTH({name}) BETWEEN 1 AND DAYOFMONTH(LAST_DAY({name}))"))
    }

    fn compare(&self, column: usize, relation: Relation, value: &Constant) -> Result<Form, Kept> {
        let operator = relation.sql();
        let ((place, value), name) = (self.place(column, value), self.name(column));
        if self.kind(column)? != Kind::Text {
            return Ok(Form::exact(format!("{name} {operator} {place}"), vec![value]));
        }
        let bytes = format!("{} {operator} {place}", self.bytes(column));
        Ok(match relation {
            Relation::Equal => Form::exact(format!("({name} = ? AND {bytes})"), vec![value.clone(), value]),
            _ => Form::exact(bytes, vec![value]),
        })
    }

    fn within(&self, column: usize, values: &[Constant]) -> Result<Form, Kept> {
        let (places, bound): (Vec<String>, Vec<Value>) = values.iter().map(|value| self.place(column, value)).unzip();
        let places = places.join(", ");
        if self.kind(column)? != Kind::Text {
            return Ok(Form::exact(format!("{} IN ({places})", self.name(column)), bound));
        }
        let marks = vec!["?"; bound.len()].join(", ");
        let sql = format!("({} IN ({marks}) AND {} IN ({places}))", self.name(column), self.bytes(column));
        Ok(Form::exact(sql, bound.iter().chain(&bound).cloned().collect()))
    }

    fn like(&self, column: usize, pattern: &str) -> Result<Form, Kept> {
        if self.kind(column)? != Kind::Text {
            return Err(Kept("it is not a text there"));
        }
        let sql = format!("CONVERT({} USING utf8mb4) COLLATE utf8mb4_bin LIKE ?", self.name(column));
        Ok(Form::exact(sql, vec![Value::Text(pattern.to_owned())]))
    }

    fn is_true(&self, _column: usize) -> Result<Form, Kept> {
        Err(Kept("there are no booleans there"))
    }

    fn order(&self, column: usize) -> Result<String, Kept> {
        Ok(if self.kind(column)? == Kind::Text { self.bytes(column) } else { self.name(column) })
    }

    fn group(&self, column: usize) -> Result<Asked, Kept> {
        let kind = self.of(column)?.kind;
        let sql = match self.kind(column)? {
            Kind::Float => return Err(Kept("groups of floating point numbers are not the same everywhere")),
            Kind::Text => self.bytes(column),
            _ => self.name(column),
        };
        let sql = self.guard(column).map_or(sql.clone(), |guard| format!("IF({guard}, {sql}, NULL)"));
        Ok(Asked { sql, kind })
    }

    fn total(&self, total: RemoteTotal) -> Result<Asked, Kept> {
        let number = |sql: String| Ok(Asked { sql, kind: Some(Kind::Integer) });
        let ordered = |column: usize, function: &str| match self.kind(column)? {
            Kind::Text => Err(Kept("texts are in another order there")),
            Kind::Float => Err(Kept("floating point numbers that are none are in another order elsewhere")),
            kind @ Kind::Integer if self.of(column)?.wire == Wire::Unsigned => {
                Ok(Asked { sql: format!("CAST({} AS SIGNED)", self.filtered(column, function)), kind: Some(kind) })
            }
            kind => Ok(Asked { sql: self.filtered(column, function), kind: Some(kind) }),
        };
        match total {
            RemoteTotal::Rows => number("COUNT(*)".to_owned()),
            RemoteTotal::Count(column) => self.of(column).and_then(|_| number(self.filtered(column, "COUNT"))),
            RemoteTotal::Sum(column) => match self.kind(column)? {
                Kind::Integer => Ok(Asked { sql: self.filtered(column, "SUM"), kind: Some(Kind::Decimal(38, 0)) }),
                Kind::Decimal(_, scale) => Ok(Asked { sql: self.filtered(column, "SUM"), kind: Some(Kind::Decimal(38, scale)) }),
                _ => Err(Kept("the sum depends on the order of the rows")),
            },
            RemoteTotal::Min(column) => ordered(column, "MIN"),
            RemoteTotal::Max(column) => ordered(column, "MAX"),
        }
    }
}
