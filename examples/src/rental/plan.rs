//! Who quotes which request, how many records that makes, and on which day each request falls:
//! settled before anything is written, so that exactly the rows that were asked for come out.

use trommel_model::{Cancel, Outcome};

use super::dice::{Dice, Stream};
use super::moment::{Day, day_of};
use super::quote::Broker;
use super::rates;

/// The quotes of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planned {
    /// The records that are delivered, in the order in which they were made.
    pub quotes: Vec<PlannedQuote>,
    /// The broker whose quote was made and booked, but never delivered so far.
    pub withheld: Option<Broker>,
}

/// One quote of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedQuote {
    /// Who makes it.
    pub broker: Broker,
    /// True when the broker quotes the request for a second time.
    pub again: bool,
    /// True when the record comes twice.
    pub redelivered: bool,
}

impl Planned {
    /// The quotes of request number `index`.
    pub fn of(seed: u64, index: u64) -> Self {
        let mut dice = Dice::new(seed, Stream::Plan, index);
        let mut brokers = [Broker::Alpha, Broker::Bravo, Broker::Charlie];
        let number = 1 + dice.weighted([0.25, 0.40, 0.35].into_iter());
        // Fewer than three: the broker left out is drawn by how few customers it has.
        for last in (number..3).rev() {
            let out = dice.weighted([0.28, 0.33, 0.39][..=last].iter().copied());
            brokers.swap(out, last);
        }
        let mut planned = Self::default();
        for &broker in &brokers[..number] {
            planned.quotes.push(PlannedQuote { broker, again: false, redelivered: dice.chance(rates::REDELIVERED) });
            if dice.chance(rates::AGAIN) {
                planned.quotes.push(PlannedQuote { broker, again: true, redelivered: false });
            }
        }
        if dice.chance(rates::WITHHELD) {
            planned.withheld = Some(if dice.chance(0.5) { Broker::Bravo } else { Broker::Charlie });
        }
        planned
    }

    /// How many records the brokers deliver for it.
    pub fn records(&self) -> u64 {
        self.quotes.iter().map(|q| 1 + u64::from(q.redelivered)).sum()
    }

    /// Keeps the first so many records.
    #[must_use]
    pub fn cut(mut self, records: u64) -> Self {
        while self.records() > records {
            match self.quotes.last_mut() {
                Some(last) if last.redelivered => last.redelivered = false,
                _ => drop(self.quotes.pop()),
            }
        }
        self
    }
}

/// Where every request stands in time and in the numbering of quotes.
#[derive(Debug)]
pub struct Calendar {
    /// The first day.
    pub first_day: Day,
    /// For each day the number of its first request; one more at the end.
    pub starts: Vec<u64>,
    /// For each request the number of its first record; one more at the end.
    pub first_record: Vec<u64>,
}

impl Calendar {
    /// Plans requests until `rows` records are reached, and spreads them over days: more on Mondays than on Saturdays,
    /// and slowly more from week to week.
    pub fn of(seed: u64, rows: u64, cancel: &Cancel) -> Outcome<Self> {
        let mut first_record = vec![0];
        let mut records = 0;
        while records < rows {
            let index = first_record.len() as u64 - 1;
            records += Planned::of(seed, index).records();
            first_record.push(records.min(rows));
            if index.is_multiple_of(4_096) {
                cancel.check()?;
            }
        }
        let requests = first_record.len() as u64 - 1;
        let days = (rows / 666).clamp(5, 60) as i64;
        let first_day = day_of(2025, 11, 1);
        let weights: Vec<f64> = (0..days).map(|i| day_weight(first_day + i, i)).collect();
        let total: f64 = weights.iter().sum();
        let mut starts = vec![0];
        let mut sum = 0.0;
        for weight in &weights {
            sum += weight;
            starts.push((requests as f64 * sum / total).round() as u64);
        }
        Ok(Self { first_day, starts, first_record })
    }

    /// How many days there are.
    pub fn days(&self) -> usize {
        self.starts.len() - 1
    }

    /// The last day.
    pub fn last_day(&self) -> Day {
        self.first_day + self.days() as Day - 1
    }

    /// How many requests there are.
    pub fn requests(&self) -> u64 {
        self.first_record.len() as u64 - 1
    }

    /// How many records request number `index` delivers.
    pub fn records_of(&self, index: u64) -> u64 {
        self.first_record[index as usize + 1] - self.first_record[index as usize]
    }
}

fn day_weight(day: Day, since_start: i64) -> f64 {
    const FROM_MONDAY: [f64; 7] = [1.20, 1.12, 1.06, 1.02, 0.95, 0.72, 0.93];
    // 1970-01-01 was a Thursday.
    let weekday = (day + 3).rem_euclid(7) as usize;
    FROM_MONDAY[weekday] * (1.0 + 0.004 * since_start as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_exactly_as_many_as_asked_for() {
        for rows in [1, 2, 100, 20_000] {
            let calendar = Calendar::of(42, rows, &Cancel::new()).unwrap();
            assert_eq!(calendar.first_record.last(), Some(&rows));
            let delivered: u64 = (0..calendar.requests()).map(|i| Planned::of(42, i).cut(calendar.records_of(i)).records()).sum();
            assert_eq!(delivered, rows);
            assert_eq!(calendar.starts.last(), Some(&calendar.requests()));
            assert!(calendar.starts.is_sorted());
        }
    }

    #[test]
    fn cutting_takes_the_second_delivery_first() {
        let quote = |broker, redelivered| PlannedQuote { broker, again: false, redelivered };
        let planned = Planned { quotes: vec![quote(Broker::Alpha, true), quote(Broker::Bravo, true)], withheld: None };
        assert_eq!(planned.clone().cut(4), planned);
        assert_eq!(planned.clone().cut(3).quotes, vec![quote(Broker::Alpha, true), quote(Broker::Bravo, false)]);
        assert_eq!(planned.cut(1).quotes, vec![quote(Broker::Alpha, false)]);
    }
}
