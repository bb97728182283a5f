//! Customers of the shop.

use super::fault::{self, made};
use super::store::TableSpec;
use super::{DAYS, Record, end};
use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::Moment;
use crate::rental::words::{FAMILY, GIVEN, MAIL_DOMAINS};

/// The table.
pub const TABLE: TableSpec = TableSpec {
    name: "customers",
    columns: &[
        ("customer_id", "BIGINT"),
        ("name", "VARCHAR(200)"),
        ("email", "VARCHAR(200)"),
        ("country", "VARCHAR(60)"),
        ("signed_up_at", "TIMESTAMP"),
        ("updated_at", "TIMESTAMP"),
    ],
    key: &["customer_id"],
};

/// Countries, those in front more often, each with a way it is also written.
pub const COUNTRIES: [(&str, &str); 6] = [
    ("Germany", "Deutschland"),
    ("United Kingdom", "UK"),
    ("France", "france"),
    ("Netherlands", "Holland"),
    ("Spain", "ES"),
    ("Sweden", "SWEDEN"),
];

/// The number customers count from.
pub const FIRST: u64 = 10_001;

/// Customer number `n`.
pub fn customer(seed: u64, n: u64) -> Record {
    let mut dice = Dice::new(seed, Stream::ShopCustomer, n);
    let (given, family) = (GIVEN[dice.below(GIVEN.len())], FAMILY[dice.front_heavy(FAMILY.len())]);
    let plain = |text: &str| crate::rental::without_accents(text).to_lowercase().replace([' ', '\''], "");
    let email = format!("{}.{}{}@{}", plain(given), plain(family), n % 97, MAIL_DOMAINS[dice.below(MAIL_DOMAINS.len())]);
    let (country, variant) = COUNTRIES[dice.front_heavy(COUNTRIES.len())];
    let signed_up = Moment::at(end() - DAYS - 1 - dice.below(700) as i64, dice.below(86_400) as i64);
    let drawn = fault::draw(fault::CUSTOMERS, &mut dice);
    let (mut shown_email, mut shown_country) = (Some(email.clone()), country.to_owned());
    let fault = drawn.map(|kind| match kind.name {
        "missing_email" => {
            shown_email = None;
            made(kind, email.clone())
        }
        "malformed_email" => {
            shown_email = Some(email.replacen('@', if n.is_multiple_of(2) { " at " } else { "" }, 1));
            made(kind, email.clone())
        }
        _ => {
            variant.clone_into(&mut shown_country);
            made(kind, country)
        }
    });
    let id = (FIRST + n).to_string();
    let at = signed_up.iso(" ");
    let cells = vec![Some(id.clone()), Some(format!("{given} {family}")), shown_email, Some(shown_country), Some(at.clone()), Some(at)];
    Record { cells, key: id, fault, twice: false }
}
