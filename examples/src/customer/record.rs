//! A person as one source has it: some fields, faults of its own, knowledge that may be old.

use super::person::Person;
use super::rates;
use super::source::Source;
use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::{Day, day_of};
use crate::rental::slips::{slip, slip_in_date, slip_in_digits};

/// One record of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub source: Source,
    /// Who it truly is.
    pub person: u64,
    pub given: String,
    pub family: String,
    pub birth: Option<Day>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub street: Option<String>,
    pub postcode: Option<String>,
    pub city: Option<String>,
    pub updated: Day,
    pub fault: Option<Fault>,
    /// Orders the person made through this source: days and cents.
    pub orders: Vec<(Day, i64)>,
    /// It is delivered after the orders that name it.
    pub late: bool,
}

/// Why a record cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No id.
    MissingId,
    /// 31 February.
    ImpossibleDate,
}

impl Fault {
    /// The name in the truth.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingId => "missing_id",
            Self::ImpossibleDate => "impossible_date",
        }
    }
}

/// The records of a person, source after source.
pub fn records(seed: u64, index: u64, person: &Person) -> Vec<Record> {
    let dice = &mut Dice::new(seed, Stream::Records, index);
    let mut found = Vec::new();
    for source in Source::ALL {
        if dice.chance(source.share()) {
            found.push(record(source, index, person, dice));
            if dice.chance(rates::TWICE) {
                found.push(record(source, index, person, dice));
            }
        }
    }
    if found.is_empty() {
        let source = Source::ALL[dice.below(Source::ALL.len())];
        found.push(record(source, index, person, dice));
    }
    found
}

fn record(source: Source, index: u64, person: &Person, dice: &mut Dice) -> Record {
    let details = if dice.chance(rates::KNOWS_OLD) { &person.before } else { &person.after };
    let mut given = person.given.to_owned();
    let mut family = person.family.to_owned();
    if dice.chance(rates::SLIP_GIVEN) {
        given = slip(&given, dice);
    }
    if dice.chance(rates::INITIAL) {
        given = given.chars().take(1).collect();
    }
    if dice.chance(rates::SLIP_FAMILY) {
        family = slip(&family, dice);
    }
    if dice.chance(rates::SWAPPED) {
        std::mem::swap(&mut given, &mut family);
    }
    let missing = source.missing();
    let kept = |share: f64, text: &str, slips: f64, digits: bool, dice: &mut Dice| -> Option<String> {
        if dice.chance(share) {
            return None;
        }
        Some(match (dice.chance(slips), digits) {
            (false, _) => text.to_owned(),
            (true, true) => slip_in_digits(text, dice),
            (true, false) => slip(text, dice),
        })
    };
    let email = kept(missing.email, &details.email, rates::SLIP_EMAIL, false, dice);
    let phone = kept(missing.phone, &details.phone, rates::SLIP_PHONE, true, dice);
    let street = kept(missing.address, &details.street, rates::SLIP_STREET, false, dice);
    let postcode = kept(missing.address, &details.postcode, rates::SLIP_POSTCODE, true, dice);
    let city = kept(missing.address, details.city, rates::SLIP_CITY, false, dice);
    let mut birth = (!dice.chance(missing.birth)).then_some(person.birth);
    if dice.chance(rates::SLIP_BIRTH) {
        birth = birth.map(|day| slip_in_date(day, dice));
    }
    let updated = day_of(2023, 1, 1) + dice.below(1_000) as Day;
    let fault =
        dice.chance(rates::FAULTY).then(|| if dice.chance(0.4) || missing.birth >= 1.0 { Fault::MissingId } else { Fault::ImpossibleDate });
    let orders: Vec<(Day, i64)> = if source.sells() {
        (0..dice.front_heavy(5)).map(|_| (day_of(2025, 1, 1) + dice.below(330) as Day, 500 + dice.front_heavy(40_000) as i64)).collect()
    } else {
        Vec::new()
    };
    let late = source == Source::Shop && fault.is_none() && !orders.is_empty() && dice.chance(rates::LATE);
    Record { source, person: index, given, family, birth, email, phone, street, postcode, city, updated, fault, orders, late }
}
