//! Who is known where, and what each system wrote down.

use super::AT_ONCE;
use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::{Day, day_of};
use crate::rental::people::person;
use crate::rental::slips::{slip, slip_in_digits};

/// Everybody there is.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// The seed.
    pub seed: u64,
    /// How many people.
    pub people: u64,
}

/// A system that knows people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Contacts of the sales team.
    Crm,
    /// Customers of the shop.
    Shop,
    /// Addresses that asked for the newsletter.
    Newsletter,
    /// Cards from fairs, typed in by hand.
    Leads,
}

/// A person as a system knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The person.
    pub person: u64,
    /// The number the system gave.
    pub number: i64,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// E-mail, when it is known.
    pub email: Option<String>,
    /// Telephone, when it is known.
    pub phone: Option<String>,
    /// Home town, when it is known.
    pub town: Option<String>,
    /// Since when.
    pub since: Day,
    /// A coin for what else the system says.
    pub coin: usize,
}

/// The systems.
pub const SYSTEMS: [System; 4] = [System::Crm, System::Shop, System::Newsletter, System::Leads];

impl System {
    /// Its name in the truth.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Shop => "shop",
            Self::Newsletter => "newsletter",
            Self::Leads => "leads",
        }
    }

    /// How many of all people it knows; how often it has no e-mail, telephone, town; how often there is a slip.
    fn rates(self) -> [f64; 5] {
        match self {
            Self::Crm => [0.70, 0.12, 0.20, 0.10, 0.05],
            Self::Shop => [0.60, 0.00, 0.35, 0.02, 0.03],
            Self::Newsletter => [0.45, 0.00, 1.00, 0.40, 0.04],
            Self::Leads => [0.15, 0.25, 0.25, 0.30, 0.12],
        }
    }
}

impl World {
    /// Numbers of people, some at a time.
    pub fn parts(self) -> impl Iterator<Item = std::ops::Range<u64>> {
        (0..self.people).step_by(AT_ONCE as usize).map(move |first| first..(first + AT_ONCE).min(self.people))
    }

    /// Chance that belongs to a person and a use.
    pub fn dice(self, person: u64, use_: u64) -> Dice {
        Dice::new(self.seed, Stream::Marketing, person * 16 + use_)
    }

    /// What a system knows of a person; nothing when it does not know them.
    pub fn record(self, system: System, index: u64) -> Option<Record> {
        let [known, no_email, no_phone, no_town, slips] = system.rates();
        let mut dice = self.dice(index, system as u64);
        if !dice.chance(known) {
            return None;
        }
        let who = person(self.seed, index);
        // Those who changed something are known by the old or the new.
        let details = if dice.chance(0.5) { &who.before } else { &who.after };
        let mut text = |text: &str| if dice.chance(slips) { slip(text, &mut dice) } else { text.to_owned() };
        let (given, family) = (text(who.given), text(details.family));
        let (email, town) = (text(&details.email), text(details.town));
        let digits = format!("+{}{}", details.phone.0, details.phone.1);
        let phone = if dice.chance(slips) { slip_in_digits(&digits, &mut dice) } else { digits };
        let absent = |text: String, rate: f64, dice: &mut Dice| (!dice.chance(rate)).then_some(text);
        Some(Record {
            person: index,
            // Numbers of a system are no numbers of people, and grow all the same.
            number: (index * 7 + 1000 * (system as u64 + 1)) as i64,
            given: if dice.chance(0.05) { given.to_uppercase() } else { given },
            family,
            email: absent(email, no_email, &mut dice),
            phone: absent(phone, no_phone, &mut dice),
            town: absent(town, no_town, &mut dice),
            since: day_of(2021, 1, 1) + dice.below(1_700) as Day,
            coin: dice.below(1000),
        })
    }
}
