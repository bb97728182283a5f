//! How records reach the workspace: tables of two databases, a file a day from two brokers, some of it late.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use trommel_model::{Outcome, Problem};

use super::day::Case;
use super::moment::{Day, iso_day};
use super::plan::Calendar;
use super::quote::{Broker, Quote};
use super::truth::Truth;
use super::{Generated, alpha, bravo, charlie};
use crate::tables::Table;

/// Everything that is being written.
pub struct Deliveries {
    data: PathBuf,
    last_day: Day,
    alpha: Table,
    bookings: Table,
    truth: Truth,
    /// Records of broker bravo and charlie by the day they are due on.
    due: BTreeMap<Day, Vec<Quote>>,
    withheld: Vec<Quote>,
    counts: Generated,
}

const BOOKING_COLUMNS: [(&str, &str); 6] =
    [("booking_id", "TEXT"), ("broker", "TEXT"), ("quote_id", "TEXT"), ("booked_at", "TEXT"), ("price_eur", "NUMERIC"), ("status", "TEXT")];

impl Deliveries {
    /// Makes folders, databases and truth files under `data`.
    pub fn open(data: &Path, calendar: &Calendar) -> Outcome<Self> {
        for folder in ["bravo", "charlie", "late/bravo", "late/charlie", "truth"] {
            let path = data.join(folder);
            fs::create_dir_all(&path).map_err(|e| Problem::from_io(&e, "make a folder of the example", &path))?;
        }
        Ok(Self {
            data: data.to_owned(),
            last_day: calendar.last_day(),
            alpha: Table::create(&data.join("alpha.sqlite"), alpha::TABLE, &alpha::COLUMNS)?,
            bookings: Table::create(&data.join("bookings.sqlite"), "bookings", &BOOKING_COLUMNS)?,
            truth: Truth::open(&data.join("truth"))?,
            due: BTreeMap::new(),
            withheld: Vec::new(),
            counts: Generated::default(),
        })
    }

    /// Takes the cases of a day, and writes all that is due on it.
    pub fn deliver(&mut self, day: Day, cases: Vec<Case>) -> Outcome<()> {
        let mut quotes = Vec::new();
        let mut bookings = Vec::new();
        for case in cases {
            quotes.extend(case.quotes);
            bookings.extend(case.bookings);
            self.withheld.extend(case.withheld);
        }
        quotes.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        bookings.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        self.counts.bookings += bookings.len() as u64;
        self.bookings.append(bookings.iter().map(|b| {
            let status = if b.cancelled { "cancelled" } else { "confirmed" };
            [b.id.clone(), b.broker.name().to_owned(), b.quote_id.clone(), b.at.iso(" "), alpha::euros(b.cents), status.to_owned()]
                .map(Some)
                .to_vec()
        }))?;
        self.record_truth(&quotes)?;
        let (of_alpha, of_others): (Vec<Quote>, Vec<Quote>) = quotes.into_iter().partition(|q| q.broker == Broker::Alpha);
        self.alpha.append(of_alpha.iter().flat_map(|q| (0..=usize::from(q.redelivered)).map(|_| alpha::cells(q))))?;
        for quote in of_others {
            if quote.redelivered {
                self.due.entry((quote.delivered + 1).min(self.last_day)).or_default().push(quote.clone());
            }
            self.due.entry(quote.delivered).or_default().push(quote);
        }
        let due = self.due.remove(&day).unwrap_or_default();
        self.write_files("", day, due)
    }

    /// Writes what was withheld, and closes everything.
    pub fn close(mut self) -> Outcome<Generated> {
        let withheld = std::mem::take(&mut self.withheld);
        for quote in &withheld {
            self.truth.late(quote)?;
        }
        self.counts.withheld = withheld.len() as u64;
        self.write_files("late/", self.last_day + 1, withheld)?;
        self.alpha.finish()?;
        self.bookings.finish()?;
        self.truth.close()?;
        Ok(self.counts)
    }

    fn record_truth(&mut self, quotes: &[Quote]) -> Outcome<()> {
        for quote in quotes {
            self.counts.records += 1 + u64::from(quote.redelivered);
            if let Some(fault) = quote.fault {
                self.counts.faulty += 1 + u64::from(quote.redelivered);
                self.truth.faulty(quote, fault.name(), &file(quote.broker, quote.delivered))?;
            } else {
                self.truth.usable(quote)?;
            }
        }
        Ok(())
    }

    fn write_files(&self, under: &str, day: Day, mut quotes: Vec<Quote>) -> Outcome<()> {
        quotes.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        for broker in [Broker::Bravo, Broker::Charlie] {
            let mut out = Vec::new();
            if broker == Broker::Bravo {
                bravo::encode(bravo::HEADER, &mut out);
            }
            for quote in quotes.iter().filter(|q| q.broker == broker) {
                match broker {
                    Broker::Bravo => bravo::line(quote, &mut out),
                    _ => charlie::line(quote, &mut out),
                }
            }
            let path = self.data.join(format!("{under}{}", file(broker, day)));
            fs::write(&path, out).map_err(|e| Problem::from_io(&e, "write quotes", &path))?;
        }
        Ok(())
    }
}

/// The file or table a broker delivers in on a day, relative to `data`.
fn file(broker: Broker, day: Day) -> String {
    match broker {
        Broker::Alpha => "alpha.sqlite".to_owned(),
        Broker::Bravo => format!("bravo/quotes_{}.csv", iso_day(day)),
        Broker::Charlie => format!("charlie/quotes_{}.ndjson", iso_day(day)),
    }
}
