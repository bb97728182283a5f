//! A quote as a broker writes it down: the request and the customer, with all that goes wrong on the way.

use super::dice::{Dice, Stream};
use super::fault::Fault;
use super::moment::{DAY, Day, HOUR, MINUTE, Moment};
use super::people::Person;
use super::plan::PlannedQuote;
use super::rates::{self, slip};
use super::request::Request;
use super::slips;
use super::words::{CLASSES, PLACES};

/// The three brokers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broker {
    /// A SQLite table with ISO dates.
    Alpha,
    /// Daily CSV files of a German office.
    Bravo,
    /// Daily NDJSON files with nested records.
    Charlie,
}

impl Broker {
    /// The name in bookings, truth and workspace.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alpha => "alpha",
            Self::Bravo => "bravo",
            Self::Charlie => "charlie",
        }
    }

    /// The quote with this record number: numbers do not follow one another, so they tell nothing about requests.
    pub fn quote_id(self, record: u64) -> String {
        // 61,803,399 and 10^8 have no factor in common, so no number comes twice below 10^8 records.
        let number = (record % 100_000_000 * 61_803_399 + 7_654_321) % 100_000_000;
        let over = record / 100_000_000;
        let letter = match self {
            Self::Alpha => 'A',
            Self::Bravo => 'B',
            Self::Charlie => 'C',
        };
        if over == 0 { format!("{letter}{number:08}") } else { format!("{letter}{number:08}-{over}") }
    }
}

/// One record of a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Who made it.
    pub broker: Broker,
    /// Its number.
    pub id: String,
    /// The request it is for: the truth.
    pub request: u64,
    /// When it was made.
    pub at: Moment,
    /// The day it is delivered on.
    pub delivered: Day,
    /// Given name as written.
    pub given: String,
    /// Family name as written.
    pub family: String,
    /// True when given and family name have changed places.
    pub swapped: bool,
    /// Birth date, when it was asked.
    pub birth: Option<Day>,
    /// E-mail address, when known.
    pub email: Option<String>,
    /// Telephone number in the broker's form, when known.
    pub phone: Option<String>,
    /// Home town, when known.
    pub town: Option<String>,
    /// Pick-up place in the broker's words.
    pub place: String,
    /// Vehicle class in the broker's words.
    pub class: String,
    /// Pick-up.
    pub pickup: Moment,
    /// Return.
    pub back: Moment,
    /// Price in cents of a euro.
    pub cents: i64,
    /// What makes the record unusable.
    pub fault: Option<Fault>,
    /// True when it comes twice.
    pub redelivered: bool,
}

/// The quote a broker makes for a request. `record` is the number of the record among all.
pub fn quote(seed: u64, record: u64, request: &Request, person: &Person, planned: PlannedQuote) -> Quote {
    let mut dice = Dice::new(seed, Stream::Quote, record);
    let dice = &mut dice;
    let broker = planned.broker;
    let details = if dice.chance(0.5) { &person.before } else { &person.after };
    let missing = rates::missing(broker);
    let at = made_at(request, planned.again, dice);
    let (pickup, back) = times(request, dice);
    let mut given = name(person.given, slip::GIVEN, broker, dice);
    if dice.chance(rates::INITIAL) {
        given = given.chars().take(1).chain(['.']).collect();
    }
    Quote {
        broker,
        id: broker.quote_id(record),
        request: request.index,
        at,
        delivered: at.day(),
        given,
        family: name(details.family, slip::FAMILY, broker, dice),
        swapped: dice.chance(rates::SWAPPED),
        birth: known(rates::NO_BIRTH, dice)
            .then(|| if dice.chance(slip::BIRTH) { slips::slip_in_date(person.birth, dice) } else { person.birth }),
        email: known(missing.email, dice).then(|| slipped(&details.email, slip::EMAIL, dice)),
        phone: known(missing.phone, dice).then(|| phone(details.phone, broker, dice)),
        town: known(missing.town, dice).then(|| slipped(details.town, slip::TOWN, dice)),
        // Charlie's forms have a list to choose from; the others have a field to type in.
        place: slipped(place(broker, request.place), if broker == Broker::Charlie { 0.0 } else { slip::PLACE }, dice),
        class: class(broker, request.class).to_owned(),
        pickup,
        back,
        cents: cents(request, broker, dice),
        fault: Fault::draw(broker, dice),
        redelivered: planned.redelivered,
    }
}

fn known(missing: f64, dice: &mut Dice) -> bool {
    !dice.chance(missing)
}

fn slipped(text: &str, rate: f64, dice: &mut Dice) -> String {
    if dice.chance(rate) { slips::slip(text, dice) } else { text.to_owned() }
}

fn made_at(request: &Request, again: bool, dice: &mut Dice) -> Moment {
    // The customer fills in one form after the other; a second quote of the same broker comes later on the same day.
    let minutes = 1 + dice.below(20) as i64 + if again { 15 + dice.below(180) as i64 } else { 0 };
    let at = request.at.plus(minutes * MINUTE + dice.below(60) as i64);
    at.min(Moment::at(request.at.day(), DAY - 1))
}

fn times(request: &Request, dice: &mut Dice) -> (Moment, Moment) {
    const OFF: [i64; 6] = [-DAY, -HOUR, -30 * MINUTE, 30 * MINUTE, HOUR, DAY];
    let (mut pickup, mut back) = (request.pickup, request.back);
    if dice.chance(slip::TIME) {
        let off = OFF[dice.below(OFF.len())];
        let moved = pickup.plus(off);
        if dice.chance(0.5) && moved < back && moved.day() > request.at.day() {
            pickup = moved;
        } else {
            back = back.plus(off.abs());
        }
    }
    (pickup, back)
}

fn name(text: &str, rate: f64, broker: Broker, dice: &mut Dice) -> String {
    let mut written = slipped(text, rate, dice);
    if broker == Broker::Bravo && dice.chance(rates::MOJIBAKE) {
        written = slips::mojibake(&written);
    }
    if dice.chance(rates::SHOUTED) {
        written = if dice.chance(0.5) { written.to_uppercase() } else { format!(" {written}  ") };
    }
    written
}

fn phone((country, number): (u16, u32), broker: Broker, dice: &mut Dice) -> String {
    let (front, rest) = (number / 1_000_000, number % 1_000_000);
    let written = match broker {
        Broker::Alpha => format!("+{country}{number}"),
        Broker::Bravo => format!("0{front} / {rest:06}"),
        Broker::Charlie => format!("00{country} {front}-{:03} {:03}", rest / 1_000, rest % 1_000),
    };
    if dice.chance(slip::PHONE) { slips::slip_in_digits(&written, dice) } else { written }
}

fn place(broker: Broker, place: usize) -> &'static str {
    match broker {
        Broker::Alpha => PLACES[place].english,
        Broker::Bravo => PLACES[place].local,
        Broker::Charlie => PLACES[place].code,
    }
}

fn class(broker: Broker, class: usize) -> &'static str {
    match broker {
        Broker::Alpha => CLASSES[class].alpha,
        Broker::Bravo => CLASSES[class].bravo,
        Broker::Charlie => CLASSES[class].charlie,
    }
}

/// A day's price by class and place, cheaper by the day for long rentals, dearer at short notice; each broker has its
/// own level, and every quote some noise.
fn cents(request: &Request, broker: Broker, dice: &mut Dice) -> i64 {
    let days = ((request.back.0 - request.pickup.0) as f64 / DAY as f64).ceil().max(1.0);
    let lead = (request.pickup.day() - request.at.day()) as f64;
    let level = match broker {
        Broker::Alpha => 1.03,
        Broker::Bravo => 0.98,
        Broker::Charlie => 1.00,
    };
    let long = 1.0 - 0.015 * days.min(14.0);
    let short_notice = 1.0 + 0.25 / (1.0 + lead / 5.0);
    let noise = 1.0 + 0.08 * dice.bell();
    let euros = CLASSES[request.class].day_price * PLACES[request.place].price_level * days * long * short_notice * level * noise;
    // Prices end on .00, .50, .90 or .99.
    let ending = [0, 50, 90, 99][dice.below(4)];
    (euros as i64).max(15) * 100 + ending
}
