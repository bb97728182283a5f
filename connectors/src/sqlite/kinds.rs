//! The type of each column. SQLite types values, not columns: the type that keeps every value is found by looking at all.

use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row};
use trommel_model::Outcome;

use super::config::ident;
use super::discover::{Declared, Subject};
use super::error;
use super::pages::Value;
use crate::infer::{Seen, Shape};
use crate::values::Kind;

/// Columns asked about in one query; SQLite allows 2,000 results.
const ASKED_AT_ONCE: usize = 200;

/// A column's type, with a remark where it is not the declared one.
pub type Typed = (Kind, Option<String>);

/// What a column holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Held {
    integers: u64,
    reals: u64,
    texts: u64,
    blobs: u64,
    /// Integers other than 0 and 1.
    many: u64,
    /// Reals without an end.
    infinite: u64,
    /// The shapes of texts, for columns declared as a date or time.
    seen: Seen,
}

impl Held {
    /// Adds a value. `forms` says whether the shape of texts is asked for.
    #[inline]
    pub fn add(&mut self, value: Value<'_>, forms: bool) {
        match value {
            Value::Null => {}
            Value::Integer(number) => {
                self.integers += 1;
                self.many += u64::from(!matches!(number, 0 | 1));
            }
            Value::Real(number) => {
                self.reals += 1;
                self.infinite += u64::from(number.is_infinite());
            }
            Value::Text(text) => {
                self.texts += 1;
                if forms && !text.is_empty() && !self.seen.is_text() {
                    self.seen.add(Shape::of(text, b'.'), 1);
                }
            }
            Value::Blob(_) => self.blobs += 1,
        }
    }

    /// True when all values are whole numbers.
    pub fn is_whole(&self) -> bool {
        self.reals + self.texts + self.blobs == 0
    }

    /// True when all values are floating point numbers.
    pub fn is_real(&self) -> bool {
        self.integers + self.texts + self.blobs == 0
    }

    /// True when all values are texts.
    pub fn is_text(&self) -> bool {
        self.integers + self.reals + self.blobs == 0
    }

    /// The type of a column with these values.
    pub fn kind(&self, column: &Declared) -> Typed {
        let mut kind = kind_of(&column.name, &column.data_type, self);
        if self.are_forms(&kind, column) {
            kind.0 = self.seen.kind();
        }
        kind
    }

    fn are_forms(&self, kind: &Typed, column: &Declared) -> bool {
        let others = self.integers + self.reals + self.blobs;
        kind.0 == Kind::Text && has_forms(&column.data_type) && self.texts > 0 && others == 0
    }
}

/// The type of each column and the number of rows, asked from SQLite.
pub async fn ask(path: &Path, connection: &mut SqliteConnection, subject: &Subject, declared: &[Declared]) -> Outcome<(Vec<Typed>, u64)> {
    let (held, total) = survey(path, connection, subject, declared).await?;
    Ok((held.iter().zip(declared).map(|(held, column)| held.kind(column)).collect(), total))
}

/// What each column holds and the number of rows, asked from SQLite.
pub async fn survey(path: &Path, connection: &mut SqliteConnection, subject: &Subject, declared: &[Declared]) -> Outcome<(Vec<Held>, u64)> {
    let mut out = Vec::with_capacity(declared.len());
    let mut total = 0;
    for group in declared.chunks(ASKED_AT_ONCE) {
        let asked: Vec<String> = group
            .iter()
            .map(|d| {
                let name = ident(&d.name);
                let of = |kind: &str| format!("total(typeof({name}) = '{kind}')");
                let many = format!("total(typeof({name}) = 'integer' AND {name} NOT IN (0, 1))");
                let infinite = format!("total({name} IN (9e999, -9e999))");
                format!("{}, {}, {}, {}, {many}, {infinite}", of("integer"), of("real"), of("text"), of("blob"))
            })
            .collect();
        let sql = format!("SELECT count(*), {} FROM ({}\n)", asked.join(", "), subject.from());
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *connection).await.map_err(|e| error::of(&e, path))?;
        let number = |at: usize| row.try_get::<f64, _>(at).unwrap_or_default() as u64;
        total = row.try_get::<i64, _>(0).unwrap_or_default() as u64;
        for (at, column) in group.iter().enumerate() {
            let base = 1 + at * 6;
            let mut held = Held {
                integers: number(base),
                reals: number(base + 1),
                texts: number(base + 2),
                blobs: number(base + 3),
                many: number(base + 4),
                infinite: number(base + 5),
                seen: Seen::default(),
            };
            if held.are_forms(&kind_of(&column.name, &column.data_type, &held), column) {
                held.seen = shapes(connection, subject, &column.name, path).await?;
            }
            out.push(held);
        }
    }
    Ok((out, total))
}

/// The type that keeps every value of a column, with a remark where values are not of one kind.
fn kind_of(name: &str, declared: &str, held: &Held) -> Typed {
    let numbers = held.integers + held.reals;
    let all = numbers + held.texts + held.blobs;
    if all == 0 {
        return (affinity(declared), None);
    }
    if held.blobs > 0 {
        return (
            Kind::Text,
            Some(format!("column \"{name}\": {} of {all} values are bytes; they are read as hexadecimal text", held.blobs)),
        );
    }
    if held.texts > 0 {
        let numeric = matches!(affinity(declared), Kind::Integer | Kind::Float);
        let declaration = if declared.is_empty() { String::new() } else { format!(" although it is declared {declared}") };
        let told = numbers > 0 || numeric;
        let note = format!("column \"{name}\": {} of {all} values are text, so the column is text{declaration}", held.texts);
        return (Kind::Text, told.then_some(note));
    }
    if held.infinite > 0 {
        return (Kind::Text, Some(format!("column \"{name}\" holds infinite numbers, so the column is text")));
    }
    if held.reals > 0 {
        return (Kind::Float, None);
    }
    (if declared.contains("BOOL") && held.many == 0 { Kind::Boolean } else { Kind::Integer }, None)
}

/// The type a declaration stands for by the affinity rules of <https://www.sqlite.org/datatype3.html>, §3.1, and by the
/// names that people use beyond those. Used for columns without a value.
fn affinity(declared: &str) -> Kind {
    let has = |word: &str| declared.contains(word);
    if has("INT") {
        Kind::Integer
    } else if has("CHAR") || has("CLOB") || has("TEXT") || has("BLOB") {
        Kind::Text
    } else if has("REAL") || has("FLOA") || has("DOUB") || has("NUMERIC") || has("DECIMAL") {
        Kind::Float
    } else if has("BOOL") {
        Kind::Boolean
    } else if has("TIMESTAMP") || has("DATETIME") {
        Kind::Timestamp
    } else if has("DATE") {
        Kind::Date
    } else if has("TIME") {
        Kind::Time
    } else {
        Kind::Text
    }
}

/// True when SQLite turns whole numbers of a column into floating point ones when it reads them (affinity REAL).
pub fn reads_as_real(declared: &str) -> bool {
    let has = |word: &str| declared.contains(word);
    !["INT", "CHAR", "CLOB", "TEXT", "BLOB"].iter().any(|word| has(word)) && (has("REAL") || has("FLOA") || has("DOUB"))
}

/// True when texts of a column with this declaration may be dates, times or booleans.
pub fn has_forms(declared: &str) -> bool {
    ["DATE", "TIME", "BOOL"].iter().any(|word| declared.contains(word))
}

/// The shapes of all texts of a column declared as a date or time.
async fn shapes(connection: &mut SqliteConnection, subject: &Subject, column: &str, path: &Path) -> Outcome<Seen> {
    let sql = format!("SELECT {0} FROM ({1}\n) WHERE {0} IS NOT NULL", ident(column), subject.from());
    let mut seen = Seen::default();
    let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(|e| error::of(&e, path))? {
        let text: &[u8] = row.try_get_unchecked(0).map_err(|e| error::of(&e, path))?;
        if !text.is_empty() {
            seen.add(Shape::of(text, b'.'), 1);
        }
        if seen.is_text() {
            break;
        }
    }
    Ok(seen)
}
