//! Where a table goes: a SQLite file of the example, or a database server that was named.

use std::path::{Path, PathBuf};

use trommel_connectors::database::{Filling, Server};
use trommel_connectors::sqlite::TableWriter;
use trommel_model::{Cancel, Cell, ConnectionSpec, Outcome};

/// A table to make.
pub struct TableSpec {
    /// Its name.
    pub name: &'static str,
    /// Its columns with their types, which all three databases understand.
    pub columns: &'static [(&'static str, &'static str)],
    /// Its primary key.
    pub key: &'static [&'static str],
}

/// A database.
pub enum Store<'a> {
    /// A file.
    File(PathBuf),
    /// A server.
    Server(Server<'a>),
}

/// A table being filled.
pub enum Filler {
    File(TableWriter),
    Server(Box<Filling>),
}

impl<'a> Store<'a> {
    /// The database: the server when one is named, else a file in the folder.
    pub fn open(folder: &'a Path, file: &str, server: Option<&'a ConnectionSpec>) -> Self {
        match server {
            Some(connection) => Self::Server(Server { root: folder, connection }),
            None => Self::File(folder.join(file)),
        }
    }

    /// Makes an empty table. On a server, one of that name that was made before is replaced.
    pub fn create(&self, table: &TableSpec, cancel: &Cancel) -> Outcome<Filler> {
        match self {
            Self::File(path) => TableWriter::add(path, table.name, table.columns, table.key).map(Filler::File),
            Self::Server(server) => {
                Filling::create(server, table.name, table.columns, table.key, cancel).map(|f| Filler::Server(Box::new(f)))
            }
        }
    }
}

impl Filler {
    /// Adds rows, all of them or none.
    pub fn append(&mut self, rows: Vec<Vec<Option<String>>>) -> Outcome<()> {
        match self {
            Self::File(writer) => {
                let mut rows = rows.into_iter().map(|row| row.into_iter().map(|cell| cell.map_or(Cell::Null, Cell::Text)).collect());
                writer.append(&mut rows)
            }
            Self::Server(filling) => filling.append(&rows),
        }
    }

    /// Closes it.
    pub fn finish(self) -> Outcome<()> {
        match self {
            Self::File(writer) => writer.finish(),
            Self::Server(filling) => {
                filling.close();
                Ok(())
            }
        }
    }
}
