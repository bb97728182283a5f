//! The word lists of the generator: names, home towns, pick-up places and vehicle classes.

use std::sync::LazyLock;

/// A pick-up place under the names the brokers know it by.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Three letters; broker charlie's name.
    pub code: &'static str,
    /// English; broker alpha's name and the one the workspace keeps.
    pub english: &'static str,
    /// What people there call it; broker bravo's name.
    pub local: &'static str,
    /// Prices against the average, 1 for average.
    pub price_level: f64,
}

/// A vehicle class under the names the brokers know it by.
#[derive(Debug, Clone, Copy)]
pub struct Class {
    /// Broker alpha's name.
    pub alpha: &'static str,
    /// Broker bravo's code (ACRISS).
    pub bravo: &'static str,
    /// Broker charlie's name.
    pub charlie: &'static str,
    /// Usual price of a day in EUR.
    pub day_price: f64,
    /// How often it is asked for.
    pub share: f64,
}

/// Given names.
pub static GIVEN: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../../words/given.txt").lines().collect());
/// Family names; those in front come more often.
pub static FAMILY: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../../words/family.txt").lines().collect());
/// Where customers live.
pub static TOWNS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../../words/towns.txt").lines().collect());
/// Where cars are picked up.
pub static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| include_str!("../../words/places.txt").lines().filter_map(place).collect());
/// What is rented.
pub static CLASSES: LazyLock<Vec<Class>> = LazyLock::new(|| include_str!("../../words/classes.txt").lines().filter_map(class).collect());

/// Domains of e-mail addresses; `.example` belongs to nobody (RFC 2606).
pub const MAIL_DOMAINS: [&str; 8] = [
    "mail.example",
    "post.example",
    "inbox.example",
    "fastmail.example",
    "webpost.example",
    "home.example",
    "office.example",
    "uni.example",
];

fn place(line: &'static str) -> Option<Place> {
    let mut parts = line.split('|');
    Some(Place {
        code: parts.next()?,
        english: parts.next()?,
        local: parts.next()?,
        price_level: parts.next()?.parse::<f64>().ok()? / 100.0,
    })
}

fn class(line: &'static str) -> Option<Class> {
    // The first part is the name the workspace keeps; no broker uses it.
    let mut parts = line.split('|').skip(1);
    Some(Class {
        alpha: parts.next()?,
        bravo: parts.next()?,
        charlie: parts.next()?,
        day_price: parts.next()?.parse().ok()?,
        share: parts.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_lists_is_read() {
        let lines = |text: &str| text.lines().count();
        assert_eq!(PLACES.len(), lines(include_str!("../../words/places.txt")));
        assert_eq!(CLASSES.len(), lines(include_str!("../../words/classes.txt")));
        assert!(GIVEN.len() > 150 && FAMILY.len() > 300 && TOWNS.len() > 100);
        assert!(GIVEN.iter().chain(FAMILY.iter()).chain(TOWNS.iter()).all(|word| !word.trim().is_empty()));
    }
}
