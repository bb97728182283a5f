//! Products.

use super::fault::{self, made};
use super::store::TableSpec;
use super::{DAYS, Record, end};
use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::Moment;

/// The table.
pub const TABLE: TableSpec = TableSpec {
    name: "products",
    columns: &[
        ("sku", "VARCHAR(20)"),
        ("title", "VARCHAR(200)"),
        ("category", "VARCHAR(60)"),
        ("list_price", "NUMERIC(10,2)"),
        ("active", "SMALLINT"),
        ("updated_at", "TIMESTAMP"),
    ],
    key: &["sku"],
};

/// Categories with what is sold in them, a usual price in cents, and a way the category is also written.
const CATEGORIES: [(&str, &str, &[&str], u32); 6] = [
    ("Kitchen", "kitchen ", &["Kettle", "Pan", "Knife", "Toaster", "Scale"], 3_900),
    ("Garden", "GARDEN", &["Hose", "Spade", "Lantern", "Bench", "Planter"], 5_400),
    ("Audio", "Audio & Hi-Fi", &["Headphones", "Speaker", "Radio", "Turntable"], 9_900),
    ("Toys", "Toy", &["Puzzle", "Blocks", "Kite", "Train"], 2_400),
    ("Office", "Ofice", &["Lamp", "Chair", "Notebook", "Desk pad"], 6_200),
    ("Sport", "Sports", &["Mat", "Ball", "Rope", "Bottle", "Racket"], 2_900),
];
const MAKERS: [&str; 8] = ["Nordholm", "Bellweather", "Atria", "Quillon", "Marlow", "Osier", "Tamsin", "Verano"];

/// The stock-keeping unit of product number `n`.
pub fn sku(n: u64) -> String {
    format!("SKU-{:05}", n + 1)
}

/// The list price of product number `n`, in cents.
pub fn price(seed: u64, n: u64) -> u32 {
    let mut dice = Dice::new(seed, Stream::ShopPrice, n);
    let usual = f64::from(CATEGORIES[category(seed, n)].3);
    // Prices end in 9.
    let cents = (usual * (1.0 + 0.35 * dice.bell()).max(0.3)) as u32;
    cents / 10 * 10 + 9
}

fn category(seed: u64, n: u64) -> usize {
    Dice::new(seed, Stream::ShopCategory, n).below(CATEGORIES.len())
}

/// Cents as a decimal.
pub fn decimal(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Product number `n`.
pub fn product(seed: u64, n: u64) -> Record {
    let mut dice = Dice::new(seed, Stream::ShopProduct, n);
    let (category, variant, things, _) = CATEGORIES[category(seed, n)];
    let title = format!("{} {} {}", MAKERS[dice.below(MAKERS.len())], things[dice.below(things.len())], 100 + dice.below(900));
    let price = decimal(price(seed, n));
    let updated = Moment::at(end() - 1 - dice.below(DAYS as usize) as i64, dice.below(86_400) as i64);
    let drawn = fault::draw(fault::PRODUCTS, &mut dice);
    let (mut shown_category, mut shown_price) = (Some(category.to_owned()), Some(price.clone()));
    let fault = drawn.map(|kind| match kind.name {
        "missing_category" => {
            shown_category = None;
            made(kind, category)
        }
        "category_variant" => {
            shown_category = Some(variant.to_owned());
            made(kind, category)
        }
        _ => {
            shown_price = None;
            made(kind, price.clone())
        }
    });
    let active = if dice.chance(0.93) { "1" } else { "0" };
    let cells = vec![Some(sku(n)), Some(title), shown_category, shown_price, Some(active.to_owned()), Some(updated.iso(" "))];
    Record { cells, key: sku(n), fault, twice: false }
}
