//! The shopsphere generator: a shop's orders, its catalogue, and what marketing exports, with one record in twenty at fault.
//!
//! What a record looks like depends on the seed and its number alone. The faults are written down in `data/truth`, with the
//! value each cell should have, so that whatever finds or repairs them can be measured.

mod catalogue;
mod fault;
mod marketing;
mod orders;
mod people;
mod store;
#[cfg(test)]
mod tests;
mod truth;

use std::path::Path;

use trommel_model::{Cancel, ConnectionSpec, Outcome, ProgressSlot};

use crate::rental::moment::{Day, day_of};
use store::{Store, TableSpec};
use truth::Truth;

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Generated {
    /// Customers.
    pub customers: u64,
    /// Products.
    pub products: u64,
    /// Orders.
    pub orders: u64,
    /// Lines of orders, some of them twice.
    pub lines: u64,
    /// Rows of marketing's exports.
    pub exports: u64,
    /// Records with a fault.
    pub faults: u64,
}

/// Where the databases are.
#[derive(Debug, Clone, Copy)]
pub struct Servers<'a> {
    /// The PostgreSQL server of the catalogue; without it a SQLite file.
    pub postgres: Option<&'a ConnectionSpec>,
    /// The MariaDB or MySQL server of the orders; without it a SQLite file.
    pub mysql: Option<&'a ConnectionSpec>,
}

/// Records by kind for so many lines of orders.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    customers: u64,
    products: u64,
    orders: u64,
}

/// Days the shop is open, the last one included.
const DAYS: i64 = 120;

/// The first day after the last.
fn end() -> Day {
    day_of(2025, 11, 1)
}

/// Records of one transaction.
const PART: u64 = 5_000;

/// A record of one table: its cells, its key, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    cells: Vec<Option<String>>,
    key: String,
    fault: Option<fault::Made>,
    /// True when it comes twice.
    twice: bool,
}

/// Makes about `rows` lines of orders and all that belongs to them under the folder `data`, which exists and is empty.
pub fn generate(data: &Path, rows: u64, seed: u64, servers: Servers<'_>, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Generated> {
    let orders = (rows / 3).max(20);
    let sizes = Sizes { customers: orders / 3 + 20, products: 150 + orders / 100, orders };
    progress.update(|p| p.rows_total = rows);
    let truth_folder = data.join("truth");
    std::fs::create_dir_all(&truth_folder)
        .map_err(|e| trommel_model::Problem::from_io(&e, "make the folder of the truth", &truth_folder))?;
    let mut truth = Truth::open(&truth_folder.join("errors.csv"))?;
    let mut made = Generated { customers: sizes.customers, products: sizes.products, orders, ..Generated::default() };
    let mut job = Job { truth: &mut truth, cancel, progress };

    let catalogue = Store::open(data, "catalogue.sqlite", servers.postgres);
    job.fill(&catalogue, &catalogue::TABLE, (0..sizes.products).map(|n| catalogue::product(seed, n)))?;
    let shop = Store::open(data, "orders.sqlite", servers.mysql);
    job.fill(&shop, &people::TABLE, (0..sizes.customers).map(|n| people::customer(seed, n)))?;
    job.fill(&shop, &orders::ORDERS, (0..sizes.orders).map(|n| orders::order(seed, n, sizes.orders, sizes.customers)))?;
    made.lines = job.fill(&shop, &orders::LINES, (0..sizes.orders).flat_map(|n| orders::lines(seed, n, sizes.orders, sizes.products)))?;
    made.exports = marketing::write(&data.join("marketing"), seed, job.truth)?;
    made.faults = truth.close()?;
    Ok(made)
}

struct Job<'a> {
    truth: &'a mut Truth,
    cancel: &'a Cancel,
    progress: &'a ProgressSlot,
}

impl Job<'_> {
    /// Makes a table of records and writes their faults down. Gives the rows written.
    fn fill(&mut self, store: &Store<'_>, table: &TableSpec, records: impl Iterator<Item = Record>) -> Outcome<u64> {
        self.progress.update(|p| p.doing = format!("making {}", table.name));
        let mut writer = store.create(table, self.cancel)?;
        let (mut written, mut part) = (0, Vec::new());
        for record in records {
            if let Some(fault) = &record.fault {
                self.truth.note(table.name, &record.key, fault)?;
            }
            if record.twice {
                part.push(record.cells.clone());
            }
            part.push(record.cells);
            if part.len() as u64 >= PART {
                self.cancel.check()?;
                written += part.len() as u64;
                writer.append(std::mem::take(&mut part))?;
                self.progress.update(|p| p.rows += PART);
            }
        }
        written += part.len() as u64;
        writer.append(part)?;
        writer.finish()?;
        Ok(written)
    }
}
