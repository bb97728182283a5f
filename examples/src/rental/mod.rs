//! The car-rental generator: customers request cars, three brokers quote, some quotes are booked.
//!
//! Settled first is how many records each request makes ([`plan`]), then the days are written one after the other,
//! their requests worked out in parallel. What a request looks like depends on the seed and its number alone, so
//! neither the number of threads nor the order of work shows in the bytes. Memory holds one day and what comes late.

mod alpha;
mod booking;
mod bravo;
mod charlie;
mod day;
mod deliveries;
pub(crate) mod dice;
mod fault;
pub(crate) mod moment;
pub(crate) mod people;
mod plan;
mod quote;
mod rates;
mod request;
pub(crate) mod slips;
#[cfg(test)]
mod tests;
mod truth;
pub(crate) mod words;

pub(crate) use slips::without_accents;

use std::path::Path;

use trommel_model::{Cancel, Outcome, ProgressSlot};

use deliveries::Deliveries;
use plan::Calendar;
use request::World;

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Generated {
    /// Requests, each with one or more quotes.
    pub requests: u64,
    /// Quote records in the brokers' tables and files.
    pub records: u64,
    /// Records that cannot be used.
    pub faulty: u64,
    /// Bookings.
    pub bookings: u64,
    /// Quotes that were booked and have not been delivered yet.
    pub withheld: u64,
    /// Days.
    pub days: u64,
}

/// Makes `rows` quote records and their bookings under the folder `data`, which exists and is empty.
pub fn generate(data: &Path, rows: u64, seed: u64, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Generated> {
    progress.update(|p| {
        p.doing = "planning requests".into();
        p.rows_total = rows;
    });
    let calendar = Calendar::of(seed, rows, cancel)?;
    let world = World { seed, people: people_for(calendar.requests()) };
    let mut deliveries = Deliveries::open(data, &calendar)?;
    for position in 0..calendar.days() {
        let day = day::day(world, &calendar, position, rows, cancel)?;
        deliveries.deliver(calendar.first_day + position as i64, day)?;
        let records = calendar.first_record[calendar.starts[position + 1] as usize];
        progress.update(|p| {
            p.doing = "writing quotes".into();
            p.rows = records;
        });
    }
    let mut generated = deliveries.close()?;
    generated.requests = calendar.requests();
    generated.days = calendar.days() as u64;
    Ok(generated)
}

/// Some customers ask more than once.
fn people_for(requests: u64) -> u64 {
    (requests * 62 / 100).max(1)
}
