//! One day: all requests made on it with their quotes and bookings, worked out in parallel.

use rayon::prelude::*;
use trommel_model::{Cancel, Outcome};

use super::booking::{Booking, bookings, delivery};
use super::people::person;
use super::plan::{Calendar, Planned, PlannedQuote};
use super::quote::{Quote, quote};
use super::request::{World, request};

/// What one request led to.
#[derive(Debug, Clone)]
pub struct Case {
    /// The quotes that are delivered.
    pub quotes: Vec<Quote>,
    /// The quote that was booked and is not delivered.
    pub withheld: Option<Quote>,
    /// The bookings.
    pub bookings: Vec<Booking>,
}

/// The cases of the day at `position`, in the order of requests.
pub fn day(world: World, calendar: &Calendar, position: usize, rows: u64, cancel: &Cancel) -> Outcome<Vec<Case>> {
    let (first, end) = (calendar.starts[position], calendar.starts[position + 1]);
    (first..end)
        .into_par_iter()
        .map(|index| {
            cancel.check()?;
            Ok(case(world, calendar, position, index, rows))
        })
        .collect()
}

fn case(world: World, calendar: &Calendar, position: usize, index: u64, rows: u64) -> Case {
    let seed = world.seed;
    let asked = request(world, index, calendar.first_day + position as i64, calendar.starts[position]);
    let customer = person(seed, asked.person);
    let planned = Planned::of(seed, index).cut(calendar.records_of(index));
    let mut record = calendar.first_record[index as usize];
    let mut quotes = Vec::with_capacity(planned.quotes.len() + 1);
    for one in &planned.quotes {
        quotes.push(quote(seed, record, &asked, &customer, *one));
        record += 1 + u64::from(one.redelivered);
    }
    // Quotes that are not delivered are numbered behind all others.
    let withheld = planned.withheld.map(|broker| {
        let mut quote = quote(seed, rows + index, &asked, &customer, PlannedQuote { broker, again: false, redelivered: false });
        quote.fault = None;
        quote
    });
    quotes.extend(withheld.clone());
    let bookings = bookings(seed, &quotes, withheld.is_some(), calendar.last_day());
    if withheld.is_some() {
        quotes.pop();
    }
    for quote in &mut quotes {
        let booked = bookings.iter().find(|b| b.quote_id == quote.id).map(|b| b.at);
        quote.delivered = delivery(quote, booked, seed).min(calendar.last_day());
    }
    // A withheld quote counts only when its booking is known.
    Case { quotes, withheld: withheld.filter(|_| !bookings.is_empty()), bookings }
}
