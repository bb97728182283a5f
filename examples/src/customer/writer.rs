//! The files of the example: a folder a source, orders, what comes late, corrected records, a table of one's own, the truth.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use trommel_model::{Outcome, Problem};

use super::Generated;
use super::record::{Fault, Record};
use super::source::Source;
use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::iso_day;
use crate::rental::words::GIVEN;

/// Regions of postcodes, by their first two digits.
const REGIONS: [&str; 6] = ["North", "East", "South", "West", "Coast", "Hills"];

/// Everything that is being written.
pub struct Writer {
    data: PathBuf,
    sources: Vec<Lines>,
    /// Records of each source so far; ids count up.
    numbers: [u64; Source::ALL.len()],
    orders: Lines,
    late: Lines,
    corrected: Lines,
    truth: Lines,
    faults: Lines,
    pub made: Generated,
}

impl Writer {
    /// Makes folders and files under `data`.
    pub fn open(data: &Path) -> Outcome<Self> {
        for folder in Source::ALL.iter().map(|s| s.name()).chain(["late", "corrected", "own", "truth"]) {
            let path = data.join(folder);
            fs::create_dir_all(&path).map_err(|e| Problem::from_io(&e, "make a folder of the example", &path))?;
        }
        let source = |s: &Source| Lines::open(data.join(format!("{}/{}.{}", s.name(), s.name(), s.ending())), s.header());
        Ok(Self {
            data: data.to_owned(),
            sources: Source::ALL.iter().map(source).collect::<Outcome<_>>()?,
            numbers: [0; Source::ALL.len()],
            orders: Lines::open(data.join("orders.csv"), Some("order_id,source,customer_id,ordered_on,amount"))?,
            late: Lines::open(data.join("late/shop_late.csv"), Source::Shop.header())?,
            corrected: Lines::open(data.join("corrected/crm_corrected.csv"), Source::Crm.header())?,
            truth: Lines::open(data.join("truth/people.csv"), Some("source,id,entity"))?,
            faults: Lines::open(data.join("truth/faults.csv"), Some("source,id,entity,fault"))?,
            made: Generated::default(),
        })
    }

    /// Writes the records of a person.
    pub fn person(&mut self, records: &[Record]) -> Outcome<()> {
        self.made.people += 1;
        for record in records {
            let at = record.source as usize;
            self.numbers[at] += 1;
            let id = record.source.id(self.numbers[at]);
            let line = record.source.line(record, &id);
            self.made.records += 1;
            if record.late {
                self.made.late += 1;
                self.late.line(&line)?;
            } else {
                self.sources[at].line(&line)?;
            }
            let name = record.source.name();
            match record.fault {
                None => self.truth.line(&format!("{name},{id},{}", record.person))?,
                Some(fault) => {
                    self.made.faulty += 1;
                    self.faults.line(&format!("{name},{id},{},{}", record.person, fault.name()))?;
                    if record.source == Source::Crm && fault == Fault::ImpossibleDate {
                        self.corrected.line(&record.source.line(&Record { fault: None, ..record.clone() }, &id))?;
                    }
                }
            }
            if record.fault != Some(Fault::MissingId) {
                for (day, cents) in &record.orders {
                    self.made.orders += 1;
                    let order = format!("O{:09},{name},{id},{},{}.{:02}", self.made.orders, iso_day(*day), cents / 100, cents % 100);
                    self.orders.line(&order)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the table of one's own and what is still in memory.
    pub fn close(self, seed: u64) -> Outcome<Generated> {
        let mut regions = Lines::open(self.data.join("own/regions.csv"), Some("postcode_area,region,manager"))?;
        let mut dice = Dice::new(seed, Stream::Regions, 0);
        for area in 0..100 {
            let manager = GIVEN[dice.below(GIVEN.len())];
            regions.line(&format!("{area:02},{},{manager}", REGIONS[area / 17]))?;
        }
        let all = [self.orders, self.late, self.corrected, self.truth, self.faults, regions];
        self.sources.into_iter().chain(all).try_for_each(Lines::close)?;
        Ok(self.made)
    }
}

/// A file of lines.
struct Lines {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Lines {
    fn open(path: PathBuf, header: Option<&str>) -> Outcome<Self> {
        let file = File::create(&path).map_err(|e| Problem::from_io(&e, "write the example", &path))?;
        let mut lines = Self { path, out: BufWriter::with_capacity(1 << 20, file) };
        header.map_or(Ok(()), |header| lines.line(header))?;
        Ok(lines)
    }

    fn line(&mut self, line: &str) -> Outcome<()> {
        let written = self.out.write_all(line.as_bytes()).and_then(|()| self.out.write_all(b"\n"));
        written.map_err(|e| Problem::from_io(&e, "write the example", &self.path))
    }

    fn close(mut self) -> Outcome<()> {
        self.out.flush().map_err(|e| Problem::from_io(&e, "write the example", &self.path))
    }
}
