//! People as they truly are, before and after something about them changed.

use super::rates;
use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::{Day, civil, day_of};
use crate::rental::slips::without_accents;
use crate::rental::words::{FAMILY, GIVEN, MAIL_DOMAINS, TOWNS};

/// Words that streets are named after.
const STREETS: [&str; 24] = [
    "Mill", "Church", "Station", "Garden", "Lime", "Oak", "Castle", "Market", "School", "River", "Forest", "Bridge", "Hill", "Rose",
    "Meadow", "Harbour", "Chapel", "Tower", "Sun", "Mountain", "Lake", "Birch", "King", "Abbey",
];
const WAYS: [&str; 6] = ["Street", "Road", "Lane", "Avenue", "Square", "Way"];

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Given name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Birth date.
    pub birth: Day,
    /// What stood everywhere until something changed.
    pub before: Details,
    /// What stands since then; the same for most.
    pub after: Details,
}

/// What can change about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Address of e-mail.
    pub email: String,
    /// Telephone number, national, with trunk zero.
    pub phone: String,
    /// Street and number.
    pub street: String,
    /// Postcode: the first two digits are the region.
    pub postcode: String,
    /// Town.
    pub city: &'static str,
}

/// Person number `index` of a seed.
pub fn person(seed: u64, index: u64) -> Person {
    let namesake = index > 0 && Dice::new(seed, Stream::Namesake, index).chance(rates::NAMESAKE);
    let (given, family, birth) = identity(seed, if namesake { index - 1 } else { index });
    let mut dice = Dice::new(seed, Stream::Identity, index);
    let before = details(given, family, birth, &mut dice);
    let mut after = before.clone();
    if dice.chance(rates::MOVED) {
        let moved = details(given, family, birth, &mut dice);
        (after.street, after.postcode, after.city) = (moved.street, moved.postcode, moved.city);
    }
    if dice.chance(rates::OTHER_CONTACT) {
        let other = details(given, family, birth, &mut dice);
        if dice.chance(0.5) {
            after.phone = other.phone;
        } else {
            after.email = other.email;
        }
    }
    Person { given, family, birth, before, after }
}

/// What a namesake shares, from a sequence of its own.
fn identity(seed: u64, index: u64) -> (&'static str, &'static str, Day) {
    let mut dice = Dice::new(seed, Stream::Identity, index | 1 << 63);
    let given = GIVEN[dice.below(GIVEN.len())];
    let family = FAMILY[dice.front_heavy(FAMILY.len())];
    let (oldest, youngest) = (day_of(1930, 1, 1), day_of(2006, 12, 31));
    (given, family, oldest + dice.below((youngest - oldest) as usize) as Day)
}

fn details(given: &str, family: &str, birth: Day, dice: &mut Dice) -> Details {
    let plain = |text: &str| -> String { without_accents(text).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect() };
    let (given, family) = (plain(given), plain(family));
    let number = dice.below(9_000) + 10;
    let local = match dice.below(4) {
        0 => format!("{given}.{family}{}", civil(birth).0 % 100),
        1 => format!("{}{family}{number}", &given[..given.len().min(1)]),
        2 => format!("{given}{number}"),
        _ => format!("{family}.{given}{number}"),
    };
    let town = dice.below(TOWNS.len());
    Details {
        email: format!("{local}@{}", MAIL_DOMAINS[dice.front_heavy(MAIL_DOMAINS.len())]),
        phone: format!("0{}", 150_000_000 + dice.below(840_000_000)),
        street: format!("{} {} {}", STREETS[dice.below(STREETS.len())], WAYS[dice.front_heavy(WAYS.len())], dice.below(220) + 1),
        postcode: format!("{:05}", 1_000 + town * 620 + dice.below(600)),
        city: TOWNS[town],
    }
}
