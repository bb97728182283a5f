//! Tables in SQLite databases, as brokers and booking systems keep them.

use std::path::Path;

use trommel_connectors::sqlite::TableWriter;
use trommel_model::{Cell, Outcome};

/// A table being filled.
pub struct Table(TableWriter);

impl Table {
    /// Makes a database with one table. Each column has the type it is declared with; SQLite keeps what does not fit as text.
    pub fn create(path: &Path, name: &str, columns: &[(&str, &str)]) -> Outcome<Self> {
        TableWriter::create(path, name, columns).map(Self)
    }

    /// Adds a table to a database that is there.
    pub fn add(path: &Path, name: &str, columns: &[(&str, &str)]) -> Outcome<Self> {
        TableWriter::add(path, name, columns, &[]).map(Self)
    }

    /// Adds rows in one transaction; each row has a cell for each column.
    pub fn append(&mut self, rows: impl Iterator<Item = Vec<Option<String>>>) -> Outcome<()> {
        let mut rows = rows.map(|row| row.into_iter().map(|cell| cell.map_or(Cell::Null, Cell::Text)).collect());
        self.0.append(&mut rows)
    }

    /// Closes the database.
    pub fn finish(self) -> Outcome<()> {
        self.0.finish()
    }
}
