//! The faults as they were made: kept beside the sources, where no source reads them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use trommel_model::{Outcome, Problem};

use super::fault::Made;

/// `data/truth/errors.csv` being written.
pub struct Truth {
    path: PathBuf,
    out: BufWriter<File>,
    faults: u64,
}

impl Truth {
    /// Opens the file.
    pub fn open(path: &Path) -> Outcome<Self> {
        let file = File::create(path).map_err(|e| Problem::from_io(&e, "write the truth", path))?;
        let mut truth = Self { path: path.to_owned(), out: BufWriter::new(file), faults: 0 };
        truth.line("table,key,column,fault,right_value")?;
        Ok(truth)
    }

    /// Writes a fault down.
    pub fn note(&mut self, table: &str, key: &str, fault: &Made) -> Outcome<()> {
        self.faults += 1;
        let fields = [table, key, fault.column, fault.name, &fault.right].map(quoted);
        self.line(&fields.join(","))
    }

    /// Writes what is still in memory; gives the number of faults.
    pub fn close(mut self) -> Outcome<u64> {
        self.out.flush().map_err(|e| Problem::from_io(&e, "write the truth", &self.path))?;
        Ok(self.faults)
    }

    fn line(&mut self, line: &str) -> Outcome<()> {
        writeln!(self.out, "{line}").map_err(|e| Problem::from_io(&e, "write the truth", &self.path))
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
