//! What really is: kept beside the sources, where no source reads it, to measure matching and quarantine against.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use trommel_model::{Outcome, Problem};

use super::quote::Quote;

/// The open files under `data/truth`.
#[derive(Debug)]
pub struct Truth {
    quotes: Table,
    faults: Table,
    late: Table,
}

#[derive(Debug)]
struct Table {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Truth {
    /// Opens the files in the folder.
    pub fn open(folder: &Path) -> Outcome<Self> {
        Ok(Self {
            quotes: Table::open(folder.join("quotes.csv"), "broker,quote_id,request_id")?,
            faults: Table::open(folder.join("faults.csv"), "broker,quote_id,request_id,fault,file")?,
            late: Table::open(folder.join("late.csv"), "broker,quote_id,request_id")?,
        })
    }

    /// A record that can be used and is delivered. Called once for a record that comes twice.
    pub fn usable(&mut self, quote: &Quote) -> Outcome<()> {
        self.quotes.line(format_args!("{},{},{}", quote.broker.name(), quote.id, quote.request))
    }

    /// A record with a fault, and the file or table it stands in.
    pub fn faulty(&mut self, quote: &Quote, fault: &str, file: &str) -> Outcome<()> {
        self.faults.line(format_args!("{},{},{},{fault},{file}", quote.broker.name(), quote.id, quote.request))
    }

    /// A quote that waits in `data/late`.
    pub fn late(&mut self, quote: &Quote) -> Outcome<()> {
        self.late.line(format_args!("{},{},{}", quote.broker.name(), quote.id, quote.request))
    }

    /// Writes what is still in memory.
    pub fn close(self) -> Outcome<()> {
        [self.quotes, self.faults, self.late].into_iter().try_for_each(Table::close)
    }
}

impl Table {
    fn open(path: PathBuf, header: &str) -> Outcome<Self> {
        let file = File::create(&path).map_err(|e| Problem::from_io(&e, "write the truth", &path))?;
        let mut table = Self { path, out: BufWriter::new(file) };
        table.line(format_args!("{header}"))?;
        Ok(table)
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) -> Outcome<()> {
        writeln!(self.out, "{line}").map_err(|e| Problem::from_io(&e, "write the truth", &self.path))
    }

    fn close(mut self) -> Outcome<()> {
        self.out.flush().map_err(|e| Problem::from_io(&e, "write the truth", &self.path))
    }
}
