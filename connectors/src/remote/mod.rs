//! Tables of databases as a query sees them: the columns, the conditions and the totals that may be asked of them, and the
//! rows that come.
//!
//! What a system is asked is only what it is known to answer as the engine would. A condition goes when the rows for which
//! it holds there are the same as here (*exact*), or more (*wider*): the query looks at it again. Totals and limits go
//! only when all conditions do, exactly.

mod condition;
mod literal;
mod statement;

use std::path::Path;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use trommel_model::{Cancel, Code, ConnectionKind, ConnectionSpec, Outcome, Problem, ProgressSlot, RemoteNeed};

use crate::database::Reach;
use crate::{mysql, parallel, postgres, sqlite};

pub(crate) use condition::{Form, Kept};
pub(crate) use literal::Constant;
pub(crate) use statement::{Asked, Dialect, compose, too_large};
pub use statement::{Fate, Statement, Value};

/// A connection on which one query reads: everything it gives is of one moment.
pub struct Remote {
    line: Line,
}

enum Line {
    Postgres(Box<postgres::Reader>),
    Mysql(Box<mysql::Reader>),
    Sqlite(Box<sqlite::Reader>),
}

/// A table as it was found.
pub struct RemoteTable {
    /// Its name with its schema, as the database has it.
    pub name: String,
    /// Its columns; those of a type that is not read are text here, and a fault when they are read.
    pub columns: SchemaRef,
    /// How many rows the database believes it has.
    pub rows: Option<u64>,
    /// Columns whose type is known; that of others is found out when they are needed.
    pub settled: Vec<bool>,
    facts: Facts,
}

/// What each system knows of a table.
pub(crate) enum Facts {
    Postgres(postgres::Facts),
    Mysql(mysql::Facts),
    Sqlite(sqlite::Facts),
}

/// What was read of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Rows.
    pub rows: u64,
    /// Remarks.
    pub notes: Vec<String>,
}

impl RemoteTable {
    pub(crate) fn new(name: String, columns: SchemaRef, rows: Option<u64>, settled: Vec<bool>, facts: Facts) -> Self {
        Self { name, columns, rows, settled, facts }
    }

    /// How a need is put to its database, and what becomes of each condition.
    pub fn statement(&self, need: &RemoteNeed) -> Outcome<Statement> {
        match &self.facts {
            Facts::Postgres(facts) => compose(facts, need),
            Facts::Mysql(facts) => compose(facts, need),
            Facts::Sqlite(facts) => compose(facts, need),
        }
    }
}

impl Remote {
    /// Connects, and begins to read. `root` is the workspace.
    pub fn open(root: &Path, connection: &ConnectionSpec, cancel: &Cancel) -> Outcome<Self> {
        let line = parallel::guarded(|| match connection.kind {
            ConnectionKind::Postgres => postgres::Reader::open(&Reach::of(root, connection)?, cancel).map(Box::new).map(Line::Postgres),
            ConnectionKind::Mysql => mysql::Reader::open(&Reach::of(root, connection)?, cancel).map(Box::new).map(Line::Mysql),
            ConnectionKind::Sqlite => sqlite::Reader::open(&root.join(&connection.path), cancel).map(Box::new).map(Line::Sqlite),
            ConnectionKind::Folder => Err(Problem::new(Code::BadConfig, format!("connection \"{}\" is a folder", connection.name))
                .why("only databases have tables that a query can name")
                .next("name the file in quotes: from 'orders.csv'")),
        })?;
        Ok(Self { line })
    }

    /// A table by its name, in parts. The types of columns that are not `wanted` may be left open.
    pub fn table(&mut self, path: &[String], wanted: &dyn Fn(&str) -> bool) -> Outcome<RemoteTable> {
        parallel::guarded(|| match &mut self.line {
            Line::Postgres(reader) => reader.table(path, wanted),
            Line::Mysql(reader) => reader.table(path, wanted),
            Line::Sqlite(reader) => reader.table(path, wanted),
        })
    }

    /// Reads what a statement asks for, batch by batch.
    pub fn fetch(
        &mut self,
        table: &RemoteTable,
        statement: &Statement,
        progress: &ProgressSlot,
        each: &mut dyn FnMut(RecordBatch) -> Outcome<()>,
    ) -> Outcome<Fetched> {
        parallel::guarded(|| match (&mut self.line, &table.facts) {
            (Line::Postgres(reader), Facts::Postgres(facts)) => reader.fetch(facts, statement, progress, each),
            (Line::Mysql(reader), Facts::Mysql(facts)) => reader.fetch(facts, statement, progress, each),
            (Line::Sqlite(reader), Facts::Sqlite(facts)) => reader.fetch(facts, statement, progress, each),
            _ => Err(Problem::new(Code::Internal, "a table is read over the connection of another system")),
        })
    }

    /// Where the connection leads, for people.
    pub fn shown(&self) -> String {
        match &self.line {
            Line::Postgres(reader) => reader.shown(),
            Line::Mysql(reader) => reader.shown(),
            Line::Sqlite(reader) => reader.shown(),
        }
    }

    /// Says goodbye; what was to be said was said before.
    pub fn close(self) {
        match self.line {
            Line::Postgres(reader) => reader.close(),
            Line::Mysql(reader) => reader.close(),
            Line::Sqlite(reader) => reader.close(),
        }
    }
}

/// There is no such table; the nearest one is named.
pub(crate) fn unknown_table(name: &str, known: &[String]) -> Problem {
    let bare = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let near = trommel_model::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    // A slip in the schema, or none said, is no reason not to find the table.
    let near = near.or_else(|| {
        let of_table = bare(name);
        let bares: Vec<String> = known.iter().map(|k| bare(k)).collect();
        let found = trommel_model::nearest(&of_table, bares.iter().map(String::as_str))?;
        known.iter().find(|k| bare(k) == found).cloned()
    });
    let next = match near {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if known.is_empty() => "the user may read no table there".to_owned(),
        None => "trommel connect tables lists what there is".to_owned(),
    };
    Problem::new(Code::UnknownName, format!("there is no table \"{name}\" in the database")).next(next)
}

/// The one table that a name means, whatever the case of its letters; `known` are names with schemas. A bare name means
/// the table of the first of `schemas` that has it.
pub(crate) fn find_table<'k>(path: &[String], schemas: &[String], known: &'k [String]) -> Option<&'k String> {
    let candidates: Vec<String> = match path {
        [table] => schemas.iter().map(|schema| format!("{schema}.{table}")).collect(),
        parts => vec![parts.join(".")],
    };
    let exact = candidates.iter().find_map(|c| known.iter().find(|k| *k == c));
    exact.or_else(|| candidates.iter().find_map(|c| known.iter().find(|k| k.eq_ignore_ascii_case(c))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_the_nearest_told() {
        let known: Vec<String> = ["public.Orders", "public.customers", "sales.orders"].map(str::to_owned).to_vec();
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let schemas = ["public".to_owned()];
        for (name, expected) in [
            ("public.orders", Some("public.Orders")),
            ("sales.orders", Some("sales.orders")),
            ("customers", Some("public.customers")),
            ("other.orders", None),
        ] {
            assert_eq!(find_table(&path(name), &schemas, &known).map(String::as_str), expected, "{name}");
        }
        assert_eq!(unknown_table("public.custmers", &known).next.as_deref(), Some("did you mean \"public.customers\"?"));
        assert_eq!(unknown_table("nowhere.customer", &known).next.as_deref(), Some("did you mean \"public.customers\"?"));
    }
}
