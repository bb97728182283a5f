//! A new table on a server, filled with texts bit by bit: how examples come to their data. Nothing that is there is touched.

use trommel_model::{Cancel, Code, ConnectionKind, Outcome, Problem};

use super::{Reach, Server};
use crate::{mysql, postgres};

/// A table being filled.
pub struct Filling {
    line: Line,
    table: String,
    width: usize,
}

/// A connection to either kind of server.
enum Line {
    Postgres(postgres::Session),
    Mysql(mysql::Session),
}

impl Filling {
    /// Makes an empty table; its types are written as all servers understand them. `file-exists` when there is one of that name.
    pub fn create(server: &Server<'_>, table: &str, columns: &[(&str, &str)], key: &[&str], cancel: &Cancel) -> Outcome<Self> {
        let reach = Reach::of(server.root, server.connection)?;
        let known = super::tables(server, cancel)?;
        if let Some(old) = known.iter().find(|t| t.name.rsplit('.').next() == Some(table)) {
            return Err(reach
                .fault(Problem::new(Code::FileExists, format!("there is a table {} already", old.name)).next("give an empty database")));
        }
        let mut line = match reach.kind {
            ConnectionKind::Mysql => Line::Mysql(mysql::Session::open(&reach, cancel)?),
            _ => Line::Postgres(postgres::Session::open(&reach, cancel)?),
        };
        let ident = |name: &str| match &line {
            Line::Postgres(_) => postgres::ident(name),
            Line::Mysql(_) => mysql::ident(name),
        };
        // A timestamp of MySQL has a zone and an end in 2038.
        let declared = |t: &str| if matches!(line, Line::Mysql(_)) { t.replace("TIMESTAMP", "DATETIME") } else { t.to_owned() };
        let mut list: Vec<String> = columns.iter().map(|(name, t)| format!("{} {}", ident(name), declared(t))).collect();
        if !key.is_empty() {
            list.push(format!("PRIMARY KEY ({})", key.iter().map(|k| ident(k)).collect::<Vec<_>>().join(", ")));
        }
        let (sql, table) = (format!("CREATE TABLE {} ({})", ident(table), list.join(", ")), ident(table));
        match &mut line {
            Line::Postgres(session) => session.run(&sql)?,
            Line::Mysql(session) => session.run(&sql)?,
        }
        Ok(Self { line, table, width: columns.len() })
    }

    /// Adds rows, all of them or none. Each has a text or nothing for each column.
    pub fn append(&mut self, rows: &[Vec<Option<String>>]) -> Outcome<()> {
        if let Some(row) = rows.iter().find(|row| row.len() != self.width) {
            return Err(Problem::new(Code::Internal, format!("a row has {} cells, the table has {} columns", row.len(), self.width)));
        }
        match &mut self.line {
            Line::Postgres(session) => postgres::fill(session, &self.table, rows),
            Line::Mysql(session) => mysql::fill(session, &self.table, rows),
        }
    }

    /// Says goodbye.
    pub fn close(self) {
        match self.line {
            Line::Postgres(session) => session.close(),
            Line::Mysql(session) => session.close(),
        }
    }
}
