//! The one-customer generator: people are known to nine systems, each under an id of its own, each with faults of its own.
//!
//! What a person's records look like depends on the seed and the person's number alone; people are worked out in parallel
//! and written in order, so the bytes do not depend on threads. Memory holds one stretch of people.

mod person;
mod rates;
mod record;
mod source;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;

use rayon::prelude::*;
use trommel_model::{Cancel, Outcome, ProgressSlot};

use record::Record;
use writer::Writer;

/// People worked out at once.
const STRETCH: u64 = 20_000;

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Generated {
    /// Records over all sources.
    pub records: u64,
    /// People behind them.
    pub people: u64,
    /// Records that cannot be used.
    pub faulty: u64,
    /// Orders.
    pub orders: u64,
    /// Customers who are delivered after their orders.
    pub late: u64,
}

/// Makes `rows` records of people under the folder `data`, which exists and is empty.
pub fn generate(data: &Path, rows: u64, seed: u64, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Generated> {
    progress.update(|p| {
        p.doing = "writing customers".into();
        p.rows_total = rows;
    });
    let mut writer = Writer::open(data)?;
    let mut next = 0;
    while writer.made.records < rows {
        let people: Vec<Vec<Record>> = (next..next + STRETCH.min(rows))
            .into_par_iter()
            .map(|index| {
                cancel.check()?;
                Ok(record::records(seed, index, &person::person(seed, index)))
            })
            .collect::<Outcome<_>>()?;
        next += people.len() as u64;
        for records in people {
            let left = rows - writer.made.records;
            writer.person(&records[..records.len().min(left as usize)])?;
            if writer.made.records == rows {
                break;
            }
        }
        let done = writer.made.records;
        progress.update(|p| p.rows = done);
    }
    writer.close(seed)
}
