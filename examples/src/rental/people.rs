//! Customers: who they are, and what changed about some of them.

use super::dice::{Dice, Stream};
use super::moment::{Day, day_of};
use super::rates;
use super::slips::without_accents;
use super::words::{FAMILY, GIVEN, MAIL_DOMAINS, TOWNS};

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Given name.
    pub given: &'static str,
    /// Birth date.
    pub birth: Day,
    /// What stood in every form until something changed.
    pub before: Details,
    /// What stands in forms since then; the same for most customers.
    pub after: Details,
}

/// What can change about a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Family name.
    pub family: &'static str,
    /// E-mail address.
    pub email: String,
    /// Telephone number: country code and the nine digits after it.
    pub phone: (u16, u32),
    /// Home town.
    pub town: &'static str,
}

const COUNTRY_CODES: [u16; 8] = [49, 44, 33, 34, 39, 351, 31, 46];

/// Customer number `index` of a seed.
pub fn person(seed: u64, index: u64) -> Person {
    let namesake = index > 0 && Dice::new(seed, Stream::Namesake, index).chance(rates::NAMESAKE);
    let (given, family, birth) = identity(seed, if namesake { index - 1 } else { index });
    let mut dice = Dice::new(seed, Stream::Identity, index);
    let before =
        Details { family, email: email(given, family, birth, &mut dice), phone: phone(&mut dice), town: TOWNS[dice.below(TOWNS.len())] };
    let mut after = before.clone();
    if dice.chance(rates::CHANGED) {
        change(&mut after, given, birth, &mut dice);
    }
    Person { given, birth, before, after }
}

/// What a namesake shares. Drawn from a sequence of its own (the upper half of the index space), so that copying it
/// copies nothing else.
fn identity(seed: u64, index: u64) -> (&'static str, &'static str, Day) {
    let mut dice = Dice::new(seed, Stream::Identity, index | 1 << 63);
    let given = GIVEN[dice.below(GIVEN.len())];
    let family = FAMILY[dice.front_heavy(FAMILY.len())];
    let oldest = day_of(1942, 1, 1);
    let youngest = day_of(2004, 12, 31);
    let birth = oldest + dice.below((youngest - oldest) as usize) as Day;
    (given, family, birth)
}

fn change(details: &mut Details, given: &str, birth: Day, dice: &mut Dice) {
    match dice.below(5) {
        0 => details.town = TOWNS[dice.below(TOWNS.len())],
        1 => details.phone = phone(dice),
        2 => details.email = email(given, details.family, birth, dice),
        3 => {
            details.town = TOWNS[dice.below(TOWNS.len())];
            details.phone = phone(dice);
            details.email = email(given, details.family, birth, dice);
        }
        _ => {
            details.family = FAMILY[dice.front_heavy(FAMILY.len())];
            details.email = email(given, details.family, birth, dice);
        }
    }
}

fn phone(dice: &mut Dice) -> (u16, u32) {
    (COUNTRY_CODES[dice.below(COUNTRY_CODES.len())], 150_000_000 + dice.below(840_000_000) as u32)
}

fn email(given: &str, family: &str, birth: Day, dice: &mut Dice) -> String {
    let plain = |text: &str| -> String { without_accents(text).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect() };
    let (given, family) = (plain(given), plain(family));
    let initial = &given[..given.len().min(1)];
    let year = super::moment::civil(birth).0;
    let number = dice.below(900) + 10;
    let local = match dice.below(6) {
        0 => format!("{given}.{family}"),
        1 => format!("{given}.{family}{}", year % 100),
        2 => format!("{initial}.{family}{number}"),
        3 => format!("{given}{number}"),
        4 => format!("{family}.{given}{number}"),
        _ => format!("{given}_{family}{year}"),
    };
    format!("{local}@{}", MAIL_DOMAINS[dice.front_heavy(MAIL_DOMAINS.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_the_same_each_time() {
        assert_eq!(person(42, 11), person(42, 11));
        assert_ne!(person(42, 11), person(43, 11));
    }

    #[test]
    fn changes_and_namesakes_come_as_often_as_the_readme_says() {
        let n = 50_000_u64;
        let people: Vec<Person> = (0..n).map(|i| person(7, i)).collect();
        let changed = people.iter().filter(|p| p.before != p.after).count() as f64 / n as f64;
        assert!((changed - rates::CHANGED).abs() < 0.005, "{changed}");
        let shared = people
            .windows(2)
            .filter(|w| w[0].given == w[1].given && w[0].before.family == w[1].before.family && w[0].birth == w[1].birth)
            .count() as f64
            / n as f64;
        assert!((shared - rates::NAMESAKE).abs() < 0.002, "{shared}");
        assert!(people.iter().all(|p| p.before.email.ends_with(".example")));
    }
}
