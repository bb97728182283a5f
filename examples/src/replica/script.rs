//! The rows of the replica as SQL that PostgreSQL, MySQL and MariaDB read.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use trommel_model::{ConnectionKind, Outcome, Problem};

use super::shop::{Row, Table};

/// Rows of one statement.
const ROWS: usize = 500;

/// A script being written.
pub struct Script {
    path: PathBuf,
    out: BufWriter<File>,
    kind: ConnectionKind,
}

impl Script {
    /// Starts one for a kind of server.
    pub fn create(path: &Path, kind: ConnectionKind) -> Outcome<Self> {
        let file = File::create(path).map_err(|e| Problem::from_io(&e, "write the example", path))?;
        let mut script = Self { path: path.to_owned(), out: BufWriter::new(file), kind };
        script.put("-- The replica of the reporting example. It replaces the tables it makes.\n")?;
        script.put("BEGIN;\n")?;
        Ok(script)
    }

    /// Makes a table anew.
    pub fn table(&mut self, table: &Table) -> Outcome<()> {
        // MySQL's TIMESTAMP depends on the session's zone.
        let declared = |kind: &str| if kind == "TIMESTAMP" && self.kind == ConnectionKind::Mysql { "DATETIME" } else { kind }.to_owned();
        let columns: Vec<String> = table.columns.iter().map(|(name, kind)| format!("{name} {}", declared(kind))).collect();
        self.put(&format!("DROP TABLE IF EXISTS {0};\nCREATE TABLE {0} ({1});\n", table.name, columns.join(", ")))
    }

    /// Adds rows.
    pub fn rows(&mut self, table: &Table, rows: &[Row]) -> Outcome<()> {
        for part in rows.chunks(ROWS) {
            let values: Vec<String> = part
                .iter()
                .map(|row| {
                    let cells: Vec<String> = row
                        .iter()
                        .zip(table.columns)
                        .map(|(cell, (_, kind))| match cell {
                            None => "NULL".to_owned(),
                            Some(number) if *kind == "INTEGER" => number.clone(),
                            Some(text) => format!("'{}'", text.replace('\'', "''")),
                        })
                        .collect();
                    format!("({})", cells.join(","))
                })
                .collect();
            self.put(&format!("INSERT INTO {} VALUES\n{};\n", table.name, values.join(",\n")))?;
        }
        Ok(())
    }

    /// Completes it.
    pub fn finish(mut self) -> Outcome<()> {
        self.put("COMMIT;\n")?;
        self.out.flush().map_err(|e| Problem::from_io(&e, "write the example", &self.path))
    }

    fn put(&mut self, text: &str) -> Outcome<()> {
        self.out.write_all(text.as_bytes()).map_err(|e| Problem::from_io(&e, "write the example", &self.path))
    }
}
