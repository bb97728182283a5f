//! Bookings: what became of a request. They come from a system of their own, which does not wait for quotes.

use super::dice::{Dice, Stream};
use super::moment::{DAY, Day, HOUR, MINUTE, Moment};
use super::quote::{Broker, Quote};
use super::rates;

/// One booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Its number.
    pub id: String,
    /// The broker whose quote was booked.
    pub broker: Broker,
    /// The number of the quote.
    pub quote_id: String,
    /// When.
    pub at: Moment,
    /// The price in cents of a euro.
    pub cents: i64,
    /// True when it was cancelled later.
    pub cancelled: bool,
}

/// The bookings of one request, given its quotes; the last of `quotes` is certain to be booked when `certain` says so.
/// Only what has happened by the end of `last_day` is known.
pub fn bookings(seed: u64, quotes: &[Quote], certain: bool, last_day: Day) -> Vec<Booking> {
    let usable: Vec<&Quote> = quotes.iter().filter(|q| q.fault.is_none()).collect();
    let Some(last) = usable.last() else { return Vec::new() };
    let mut dice = Dice::new(seed, Stream::Booking, last.request);
    let cheapest = usable.iter().map(|q| q.cents).min().unwrap_or(last.cents);
    let days = (last.back.0 - last.pickup.0) / DAY;
    // Short rentals are booked more readily, and so are requests that several brokers answered.
    let likely = 0.13 + 0.05 * usable.len() as f64 - 0.006 * days as f64;
    if !certain && !dice.chance(likely) {
        return Vec::new();
    }
    let chosen = if certain {
        last
    } else {
        // The cheapest quote has the best chance; ten per cent more than the cheapest halves it.
        let appeal = usable.iter().map(|q| (cheapest as f64 / q.cents as f64).powi(7));
        usable[dice.weighted(appeal)]
    };
    let mut all = vec![booking(chosen, 'K', &mut dice)];
    if dice.chance(rates::CANCELLED) {
        all[0].cancelled = true;
        if dice.chance(0.4) {
            let other = usable[dice.below(usable.len())];
            let mut next = booking(other, 'L', &mut dice);
            next.at = all[0].at.plus(HOUR + dice.below(20) as i64 * HOUR).max(next.at);
            if next.at < last.pickup.plus(-HOUR) {
                all.push(next);
            }
        }
    }
    all.retain(|b| b.at.day() <= last_day);
    all
}

/// The day a quote is delivered on, given when it was booked.
pub fn delivery(quote: &Quote, booked: Option<Moment>, seed: u64) -> Day {
    let mut dice = Dice::new(seed ^ 0xD311_7E4D, Stream::Quote, quote.request ^ (quote.broker as u64) << 60);
    let days = 1 + dice.below(3) as Day;
    match booked {
        Some(at) if dice.chance(rates::LATE_WHEN_BOOKED) => at.day() + days,
        None if dice.chance(rates::LATE) => quote.at.day() + days,
        _ => quote.at.day(),
    }
}

fn booking(quote: &Quote, letter: char, dice: &mut Dice) -> Booking {
    // Within a quarter of an hour, or after sleeping on it, but before the car is due.
    let wait = if dice.chance(0.45) { 2 * MINUTE + dice.below(15) as i64 * MINUTE } else { HOUR + dice.below(70) as i64 * HOUR };
    let latest = quote.pickup.plus(-2 * HOUR);
    let at = quote.at.plus(wait + dice.below(60) as i64).min(latest).max(quote.at.plus(MINUTE));
    Booking {
        id: format!("{letter}{}", &quote.id),
        broker: quote.broker,
        quote_id: quote.id.clone(),
        at,
        cents: quote.cents,
        cancelled: false,
    }
}
